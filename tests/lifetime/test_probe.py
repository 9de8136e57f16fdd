"""Rules that change weights alike in a short life are taken for one rule, whatever they look like; others are not."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.language.library import RULES
from evometa.language.liveness import ROOTS
from evometa.language.program import birth_states, compile_rule, evaluate
from evometa.language.signals import COEFFICIENTS, SIGNALS, TASKS
from evometa.language.text import parse_rule
from evometa.language.tree import Tree
from evometa.lifetime import Plan
from evometa.lifetime.probe import SYNAPSES, UPDATES, answers, probe_inputs
from evometa.spec.states import MEMORY
from tests.language.samples import trees
from tests.lifetime.strategies import random_rule
from tests.properties import examples

NUMBERS = np.linspace(0.5, 0.95, len(COEFFICIENTS)).astype(np.float32)


def felt(*rules: dict[str, Tree]) -> np.ndarray:
    return answers([compile_rule(rule) for rule in rules], np.tile(NUMBERS, (len(rules), 1)))


def expected(rule: dict[str, Tree]) -> np.ndarray:
    """What is felt of a short life in the slow interpreter, f32[ROOTS, UPDATES, SYNAPSES]."""
    rows = dict(zip((*SIGNALS, *TASKS), probe_inputs().swapaxes(0, 1), strict=True))
    states = birth_states(rows["w0"][0], rows["gate"][0] == 0)
    program, named = compile_rule(rule), dict(zip(COEFFICIENTS, NUMBERS, strict=True))
    found = np.zeros((len(ROOTS), UPDATES, SYNAPSES), np.float32)
    for update in range(UPDATES):
        given = evaluate(program, {**{name: row[update] for name, row in rows.items()}, **named, **states})
        given = {name: np.broadcast_to(value, SYNAPSES) for name, value in given.items()}
        if "update" in given:
            found[0, update] = given["update"] + np.float32(0)
            states["w"] = np.clip(states["w"] + given["update"], -Plan.bound, Plan.bound).astype(np.float32)
        if "gate" in given:
            found[1, update] = given["gate"] > 0
        states |= {name: given[name] for name in MEMORY if name in given}
    return np.where(np.isnan(found), np.float32(np.nan), found)


def digest(felt: np.ndarray, rule: dict[str, Tree]) -> np.ndarray:
    """A digest over the updates, of what the rule gives: each word is mixed in by steps that can be undone."""
    found = np.full((len(ROOTS), SYNAPSES), 2_166_136_261, np.uint32)
    for root, slot in enumerate(ROOTS):
        for row in felt[root].view(np.uint32) if slot in rule else ():
            found[root] = (found[root] ^ row) * np.uint32(0x9E37_79B1)
            found[root] ^= found[root] >> np.uint32(15)
    return found


@examples(60)
@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=3), trees(leaves=6))
def test_a_short_life_is_that_of_the_slow_interpreter(seeds: list[int], state: Tree) -> None:
    rules = [random_rule(np.random.default_rng(seed), True) for seed in seeds]
    exchanged = parse_rule({"s1": "s2"}) | {"s2": state}
    rules += [{"update": state}, {"s1": state, "gate": state}, {**rules[0], **exchanged}]
    with np.errstate(all="ignore"):
        wanted = [digest(expected(rule), rule) for rule in rules]
    assert np.array_equal(felt(*rules), wanted)


ALIKE = {
    "written otherwise": ({"update": "pre * (target - post)"}, {"update": "(target - post) * pre"}),
    "twice negated": ({"update": "neg(neg(grad))"}, {"update": "grad"}),
    "a number for its coefficient": ({"update": "c0 * grad"}, {"update": "0.5 * grad"}),
    "a zero of the other sign": ({"update": "neg(0 * age)"}, {"update": "0 * age"}),
    "not a number of another kind": ({"update": "div(0 * age, 0)"}, {"update": "exp(100) * 9 * 0 * pre - pre"}),
    "a state that nothing reads": ({"update": "grad", "s1": "0.9*s1 + grad"}, {"update": "grad"}),
    "states that read each other alone": ({"update": "grad", "s1": "s2", "s2": "s1 + w"}, {"update": "grad"}),
    "a state of the other sign": (
        {"update": "-c0*s1", "s1": "0.9*s1 + grad"}, {"update": "c0*s1", "s1": "0.9*s1 - grad"}),
    "a state in another unit": (
        {"update": "-c0*s1", "s1": "0.9*s1 + grad"}, {"update": "-c0*(4*s1)", "s1": "0.9*s1 + 0.25*grad"}),
    "the other state": (
        {"update": "-c0*s1", "s1": "0.9*s1 + grad"}, {"update": "-c0*s2", "s2": "0.9*s2 + grad"}),
    "a gate as open": ({"update": "grad", "gate": "grad"}, {"update": "grad", "gate": "3*grad"}),
    "no update": ({"s1": "grad"}, {"s1": "w"}),
}  # fmt: skip
DIFFERENT = {
    "signs alone, always": ({"update": "w0"}, {"update": "abs(w0)"}),
    "another sign": ({"update": "pre * (target - post)"}, {"update": "pre * (post - target)"}),
    "from the second update on": ({"update": "grad"}, {"update": "grad + 0*s1 + s2", "s2": "s1", "s1": "grad"}),
    "weights as they became": ({"update": "grad + w0"}, {"update": "grad + w"}),
    "a number": ({"update": "-c0*s1", "s1": "0.9*s1 + grad"}, {"update": "-c0*s1", "s1": "0.9000001*s1 + grad"}),
    "when a gate opens": ({"update": "grad", "gate": "grad"}, {"update": "grad", "gate": "grad + s1", "s1": "grad"}),
    "what a gate remembers": ({"update": "gate*grad", "gate": "grad"}, {"update": "gate*grad", "gate": "3*grad"}),
    "the start of a life": ({"update": "grad"}, {"update": "select(age, grad, 0)"}),
    "small errors": ({"update": "max(grad, 0.01) - 0.01"}, {"update": "max(grad, 0.001) - 0.001"}),
}  # fmt: skip


@pytest.mark.parametrize("name", [*ALIKE, *DIFFERENT])
def test_who_is_taken_for_one(name: str) -> None:
    one, other = felt(*map(parse_rule, {**ALIKE, **DIFFERENT}[name]))
    assert (one.tobytes() == other.tobytes()) == (name in ALIKE)


def test_rules_may_differ_from_the_second_update_on() -> None:
    one, other = map(expected, map(parse_rule, DIFFERENT["from the second update on"]))
    assert np.array_equal(one[:, 0], other[:, 0])
    assert not np.array_equal(one[:, 1], other[:, 1])


def test_classic_rules_are_told_apart() -> None:
    found = felt(*(rule.slots for rule in RULES.values()))
    assert len({each.tobytes() for each in found}) == len(RULES)


def test_inputs_are_those_of_lives() -> None:
    rows = {name: probe_inputs()[:, signal.register] for name, signal in SIGNALS.items()}
    assert np.isfinite(probe_inputs()).all()
    assert all(
        np.array_equal(rows[name][one], rows[name][two])
        for name in ("w0", "p0")
        for one, two in pairwise(range(UPDATES))
    )
    assert (np.diff(rows["age"], axis=0) >= 0).all()
    lived = {name: row[:, SYNAPSES // 2 :] for name, row in rows.items()}
    assert np.array_equal(lived["grad"], lived["err"] * lived["pre"])
    assert (np.abs(lived["pre"]) <= 1).all()
    assert (lived["age"][[0, -1]] == [[0], [1]]).all()
