"""Numbers of rules become coefficients and numbers again; which of them have a slope."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from evometa.language.adjoint import adjoint_program
from evometa.language.lifting import Lifted, Place, lift, numbers_of, with_numbers
from evometa.language.program import compile_loss, compile_rule, evaluate
from evometa.language.signals import INPUTS, SLOTS
from evometa.language.text import parse_rule
from evometa.language.tree import Tree
from evometa.spec.states import MEMORY
from tests.language.samples import SPECIAL, same_bits, trees

RULES = st.fixed_dictionaries(
    {"update": trees(leaves=8)},
    optional={
        **{slot: trees(leaves=5) for slot in MEMORY}, "loss": trees(SLOTS["loss"].signals, leaves=5),
    },
)  # fmt: skip


def signals(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {name: np.where(rng.random(32) < 0.3, rng.choice(SPECIAL, 32), rng.normal(size=32)) for name in INPUTS}


def held(lifted: Lifted) -> dict[str, np.float32]:
    """The coefficients that stand for numbers, and their values."""
    return dict(zip(lifted.names, map(np.float32, lifted.values), strict=True))


def outputs(rule: dict[str, Tree], known: dict[str, Any]) -> dict[str, Any]:
    with np.errstate(all="ignore"):
        found = evaluate(compile_rule(rule), known)
        return found | (evaluate(compile_loss(rule["loss"]), known) if "loss" in rule else {})


@given(RULES, st.integers(0, 2**16), st.integers(0, 20))
def test_lifted_rules_compute_the_same_bits_and_are_lowered_to_what_they_were(
    rule: dict[str, Tree], seed: int, turn: int
) -> None:
    lifted = lift(rule, turn=turn)
    known = signals(seed)
    before, after = outputs(rule, known), outputs(lifted.rule, known | held(lifted))
    assert before.keys() == after.keys()
    assert all(same_bits(before[name], after[name]) for name in before if name != "derivative")
    assert lifted.lowered(lifted.values) == rule


@given(RULES, st.lists(st.floats(width=32, allow_nan=False), min_size=8, max_size=8))
def test_tuned_rules_are_read_as_they_are_printed(rule: dict[str, Tree], tuned: list[float]) -> None:
    lifted = lift(rule)
    values = tuned[: len(lifted.names)]
    new = lifted.lowered(values)
    assert parse_rule({slot: str(tree) for slot, tree in new.items()}) == new
    for (part, at), value in zip(lifted.places, values, strict=True):
        assert new[part][at].value == (value if np.isfinite(value) else rule[part][at].value)
    assert numbers_of(new) == numbers_of(rule)


def test_numbers_that_no_weight_depends_on_are_left_alone() -> None:
    rule = parse_rule({"update": "2*grad + s1*3", "s1": "0.5*s1", "s2": "0.25*s2", "loss": "4*output"})
    assert numbers_of(rule) == [Place("update", 2), Place("update", 6), Place("s1", 1), Place("loss", 1)]
    assert numbers_of(parse_rule({"s1": "0.5*s1"})) == []


def test_numbers_take_turns_for_free_coefficients() -> None:
    text = " + ".join(f"{k}*c{k}*w" for k in range(6))
    rule = parse_rule({"update": text})
    turns = [lift(rule, turn=turn) for turn in range(4)]
    assert {lifted.names for lifted in turns} == {("c6", "c7")}
    assert {lifted.left for lifted in turns} == {4}
    values = [[rule[p.part][p.at].value for p in lifted.places] for lifted in turns]
    assert values == [[0, 1], [2, 3], [4, 5], [0, 1]]
    full = lift(parse_rule({"update": " + ".join(f"c{k}" for k in range(8)) + "*2"}), turn=3)
    assert (full.places, full.left, full.rule) == ((), 1, full.original)


def test_coefficients_that_a_rule_does_not_read_are_lent() -> None:
    lifted = lift(parse_rule({"update": "c1*grad*0.5", "loss": "c0*square(output - target)"}), [Place("update", 4)])
    assert (lifted.names, lifted.values) == (("c2",), [0.5])
    assert str(lifted.rule["update"]) == "mul(mul(c1, grad), c2)"


def test_what_is_not_finite_enters_no_rule() -> None:
    rule = parse_rule({"update": "2*grad + 3*w"})
    two, three = numbers_of(rule)
    found = with_numbers(rule, {two: float("nan"), three: -4e38})
    assert found == rule
    assert str(with_numbers(rule, {two: -3e38, three: 0.1})["update"]) == "add(mul(-3e+38, grad), mul(0.1, w))"


@given(RULES, st.integers(0, 2**16))
def test_a_number_has_the_adjoint_of_the_coefficient_that_stands_for_it(rule: dict[str, Tree], seed: int) -> None:
    """One number moved to c0, all others as they are: the adjoint is the same, whichever others are lifted with it."""
    rule = {slot: tree for slot, tree in rule.items() if slot != "loss"}
    several = lift(rule)
    known = signals(seed) | {f"d_{slot}": np.float32(1 + k) for k, slot in enumerate(SLOTS)}
    if not several.places:
        return
    one = lift(rule, several.places[:1])
    with np.errstate(all="ignore"):
        found = [evaluate(adjoint_program(each.rule), known | held(each)) for each in (several, one)]
    name = several.names[0]
    assert one.names == (name,)
    both = [np.asarray(each.get(name, np.float32(0))) for each in found]
    finite = np.isfinite(both[0]) & np.isfinite(both[1])
    first, second = (np.broadcast_to(each, finite.shape)[finite] for each in both)
    assert np.allclose(first, second, rtol=1e-3, atol=1e-30)
