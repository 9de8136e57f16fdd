"""Adjoints of rules and losses: exact to the last digit of real arithmetic, small, and run by every interpreter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from evometa.errors import InputError
from evometa.language.adjoint import ADJOINTS, DATA, LOSS_ADJOINTS, adjoint_of, adjoint_program, loss_adjoint_program
from evometa.language.library import RULES
from evometa.language.liveness import ROOTS
from evometa.language.program import Program, compile_loss, compile_rule, evaluate
from evometa.language.signals import INPUTS, SEEDS, SIGNAL_COUNT, SIGNALS, SLOTS
from evometa.language.text import parse, parse_rule
from evometa.language.tree import Tree, join, leaf, node
from evometa.spec.primitives import PRIMITIVES
from evometa.spec.states import MEMORY, RULE
from tests.language.test_slopes import EXACT, MP
from tests.properties import examples

STEP = MP.mpf("1e-60")
NAMES, ARITY = tuple(PRIMITIVES), [row.arity for row in PRIMITIVES.values()]
QUARTERS = st.integers(-12, 12).map(lambda k: leaf(k / 4))  # no rounding where constants are folded
SEED = st.integers(0, 2**16)


def grown(signals: tuple[str, ...], leaves: int) -> st.SearchStrategy[Tree]:
    """Random trees over all primitives; constants are quarters."""

    def larger(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
        return st.sampled_from(list(PRIMITIVES.values())).flatmap(
            lambda p: st.tuples(*[inner] * p.arity).map(lambda arguments: join(p.name, *arguments))
        )

    return st.recursive(st.sampled_from(signals).map(leaf) | QUARTERS, larger, max_leaves=leaves)


RULES_OF_ALL_SLOTS = st.fixed_dictionaries(
    {"update": grown(SLOTS["update"].signals, 10)},
    optional={slot: grown(SLOTS[slot].signals, 6) for slot in MEMORY},
)


def drawn(seed: int) -> dict[str, Any]:
    """Numbers for all inputs of programs, in 250 digits, but such as float32 has."""
    rng = np.random.default_rng(seed)
    return {name: MP.mpf(float(np.float32(rng.uniform(-2, 2)))) for name in INPUTS}


def exactly(program: Program, known: Mapping[str, Any]) -> dict[str, Any]:
    """What a program gives in 250 digits."""
    held = {INPUTS[name].register: known[name] for name in program.reads}
    held |= {SIGNAL_COUNT + k: MP.mpf(float(c)) for k, c in enumerate(program.constants)}
    for op, target, *operands in program.code.tolist():
        held[target] = EXACT[NAMES[op]](*(held[r] for r in operands[: ARITY[op]]))
    return {name: held[r] for name, r in zip(program.names, program.outputs.tolist(), strict=True) if r >= 0}


def felt(program: Program, known: Mapping[str, Any], seeds: Mapping[str, str]) -> Any:
    """What the seeds make of what a program gives: the number whose slopes adjoints are."""
    return sum((known[seeds[name]] * x for name, x in exactly(program, known).items() if name in seeds), MP.mpf(0))


def compare(program: Program, known: Mapping[str, Any], seeds: Mapping[str, str]) -> None:
    """Compare all adjoints with differences; a place where those of both sides differ, or that is none, is passed."""
    adjoint = adjoint_of(program)
    try:
        found, here = exactly(adjoint, known), felt(program, known, seeds)
        for name in adjoint.names:
            left, right = (
                (felt(program, {**known, name: known[name] + side}, seeds) - here) / side for side in (-STEP, STEP)
            )
            if not abs(left - right) <= 1e-20 * (1 + abs(left)):
                continue
            assert abs(found.get(name, MP.mpf(0)) - right) <= 1e-25 * (1 + abs(right)), (name, found.get(name), right)
    except (ZeroDivisionError, OverflowError):
        assume(False)  # a quotient by 0: there is no slope


@given(RULES_OF_ALL_SLOTS, SEED)
@examples(300)
def test_adjoints_of_random_rules(rule: dict[str, Tree], seed: int) -> None:
    # nothing may hang on a state: then it has no adjoint, whatever its seed
    own = dict.fromkeys((f"d_{slot}" for slot in MEMORY if slot not in ROOTS), MP.mpf(0))
    compare(compile_rule(rule), drawn(seed) | own, {slot: f"d_{slot}" for slot in RULE})


@given(RULES_OF_ALL_SLOTS, SEED)
@examples(150)
def test_adjoints_of_random_rules_that_hang_on_all_their_states(rule: dict[str, Tree], seed: int) -> None:
    kept = {slot: join("add", leaf(slot), tree) for slot, tree in rule.items() if slot in MEMORY}
    update = rule["update"]
    for slot in kept:
        update = join("add", update, leaf(slot))
    compare(compile_rule({"update": update, **kept}), drawn(seed), {slot: f"d_{slot}" for slot in RULE})


def test_a_state_that_nothing_hangs_on_is_not_differentiated() -> None:
    slots = {"update": "p0*grad + s2", "s1": "div(grad, s1)", "s2": "s2 + pre"}
    found = evaluate(adjoint_program(parse_rule(slots)), {"p0": 2, "d_update": 10, "d_s2": 0, "s1": 0, "grad": 3})
    assert found["grad"] == 20  # 0 times an infinite slope would have made it NaN
    assert "s1" not in found
    follows = {"update": "grad*s1", "s1": "s1 + s2", "s2": "div(grad, s2)"}  # s1 hangs on s2, and the weight on s1
    assert {"s1", "s2"} <= given_by(adjoint_program(parse_rule(follows)))


@given(grown(SLOTS["loss"].signals, 8), SEED)
@examples(150)
def test_adjoints_of_random_losses(tree: Tree, seed: int) -> None:
    compare(compile_loss(tree), drawn(seed), {"derivative": "d_loss"})


@pytest.mark.parametrize("name", RULES)
def test_adjoints_of_classic_rules(name: str) -> None:
    program = compile_rule(RULES[name].slots)
    for seed in range(5):
        known = drawn(seed) | {"age": MP.mpf(0.5)}
        known |= {c: MP.mpf(float(np.float32(value))) for c, value in RULES[name].values(20).items()}
        compare(program, known, {slot: f"d_{slot}" for slot in RULE})


def test_a_wrong_adjoint_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    program = compile_rule(parse_rule({"update": "tanh(w)*pre", "s1": "s1*w"}))
    wrong = adjoint_of(compile_rule(parse_rule({"update": "sigmoid(w)*pre", "s1": "s1*w"})))
    monkeypatch.setattr("tests.language.test_adjoint.adjoint_of", lambda _: wrong)
    with pytest.raises(AssertionError):
        compare(program, drawn(0), {slot: f"d_{slot}" for slot in RULE})


def given_by(program: Program) -> set[str]:
    return {name for name, register in zip(program.names, program.outputs, strict=True) if register >= 0}


def test_states_are_read_as_they_were_and_as_they_have_become() -> None:
    adjoint = adjoint_program(parse_rule({"update": "s1*w", "s1": "s1 + grad"}))
    found = evaluate(adjoint, {"s1": 2, "grad": 3, "w": 7, "d_update": 10, "d_s1": 100})
    assert found == {"grad": 170, "s1": 170, "w": 50}


@pytest.mark.parametrize(
    ("slots", "names"),
    [
        ({"update": "pre*(target - post)"}, {"pre", "post"}),
        ({"update": "sign(grad)*c0"}, {"c0"}),
        ({"update": "select(w, p0, p1)"}, {"p0", "p1"}),
        ({"update": "step(w) + target*age"}, set()),
        ({"update": "0.5", "gate": "gate + reward"}, {"gate", "reward"}),
        ({"s1": "s2", "s2": "w0"}, set()),
        ({}, set()),
    ],
)
def test_what_has_no_part_has_no_adjoint(slots: dict[str, str], names: set[str]) -> None:
    adjoint = adjoint_program(parse_rule(slots))
    assert given_by(adjoint) == names
    assert adjoint.names == ADJOINTS


def test_every_signal_of_a_learner_has_an_adjoint() -> None:
    assert set(ADJOINTS) | set(DATA) == set(SLOTS["update"].signals)
    text = " + ".join(f"square({name})" for name in SLOTS["update"].signals)
    assert given_by(adjoint_program({"update": parse(text)})) == set(ADJOINTS)
    text = " + ".join(f"square(output*{name})" for name in SLOTS["loss"].signals)
    assert given_by(loss_adjoint_program(parse(text))) == set(LOSS_ADJOINTS)


def test_seeds_lie_behind_all_signals_and_have_no_names_in_rules() -> None:
    assert [signal.register for signal in INPUTS.values()] == list(range(SIGNAL_COUNT))
    assert not SEEDS.keys() & SIGNALS.keys()
    for name in SEEDS:
        with pytest.raises(InputError, match="a signal"):
            parse(name)
        with pytest.raises(KeyError):
            node(name)


def test_squared_error_bends_by_two() -> None:
    found = evaluate(loss_adjoint_program(parse("c0*square(output - target)")),
                     {"output": 3, "target": 1, "c0": 5, "d_loss": 7})  # fmt: skip
    assert found == {"output": 70, "c0": 28}


def test_adjoints_are_linear_in_the_size_of_rules() -> None:
    text, sizes = "w", []
    for _ in range(30):
        text = f"tanh(p0*{text} + pre)"
        sizes.append(len(adjoint_program({"update": parse(text)}).code))
    assert np.diff(sizes).max() == np.diff(sizes)[1:].min() < 20  # each level adds as many instructions


def test_equal_programs_have_one_adjoint() -> None:
    one, other = (adjoint_program({"update": parse(text)}) for text in ("pre*tanh(w)", "tanh(w)*pre"))
    assert one is other
    assert adjoint_of(compile_loss(parse("output"))).names == LOSS_ADJOINTS
