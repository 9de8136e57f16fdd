"""Which numbers of rules can be tuned by a slope, and what is said of those that cannot."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.language.adjoint import ADJOINTS, adjoint_program, loss_adjoint_program
from evometa.language.library import RULES
from evometa.language.lifting import lift, numbers_of
from evometa.language.program import evaluate
from evometa.language.signals import INPUTS, SLOTS
from evometa.language.text import parse, parse_rule
from evometa.language.tree import Tree, constant
from evometa.language.tunability import (
    flat_activation,
    flat_loss,
    flat_score,
    numbers_with_slope,
    only_cancelled,
    reach,
    tunable,
    why_not,
)
from evometa.spec import ACTIVATIONS, SCORES
from evometa.spec.states import MEMORY
from tests.language.samples import trees

ALL_SLOTS = st.fixed_dictionaries(
    {"update": trees(leaves=8)},
    optional={**{slot: trees(leaves=5) for slot in MEMORY}, "loss": trees(SLOTS["loss"].signals, leaves=5)},
)


def felt(rule: dict[str, Tree], seed: int) -> set[str]:
    """Signals whose adjoint is not 0 somewhere, over three updates back from a change of weights."""
    rng = np.random.default_rng(seed)
    adjoint, found = adjoint_program(rule), set[str]()
    carried: dict[str, Any] = {f"d_{slot}": np.zeros(64) for slot in MEMORY}
    for _ in range(3):
        known = {name: rng.normal(size=64).astype(np.float32) for name in INPUTS} | carried
        with np.errstate(all="ignore"):
            given = evaluate(adjoint, known)
        # a not-a-number or an infinity is one of the numbers drawn, not a slope
        found |= {name for name, value in given.items() if (np.isfinite(value) & (np.asarray(value) != 0)).any()}
        carried |= {f"d_{slot}": np.nan_to_num(given.get(slot, np.zeros(64)), posinf=0, neginf=0) for slot in MEMORY}
        carried |= {f"d_{slot}": np.zeros(64) for slot in MEMORY if slot not in rule}
    return found


@given(ALL_SLOTS, st.integers(0, 2**16))
def test_what_has_a_slope_in_some_life_is_tunable(rule: dict[str, Tree], seed: int) -> None:
    known = tunable(rule)
    assert felt(rule, seed) <= known
    for name in ADJOINTS:
        assert (why_not(rule, name) == "") == (name in known)


@given(ALL_SLOTS)
def test_numbers_with_a_slope_are_those_whose_coefficients_have_one(rule: dict[str, Tree]) -> None:
    places = numbers_with_slope(rule)
    assert set(places) <= set(numbers_of(rule))
    for place in numbers_of(rule):
        lifted = lift(rule, [place])
        if lifted.names:
            assert (lifted.names[0] in tunable(lifted.rule)) == (place in places)


@pytest.mark.parametrize("name", [name for name in RULES if name not in ("lion", "powersign", "addsign")])
def test_classic_rules_have_the_slopes_that_their_adjoints_give(name: str) -> None:
    adjoint = adjoint_program(RULES[name].slots)
    given = {name for name, register in zip(adjoint.names, adjoint.outputs, strict=True) if register >= 0}
    assert tunable(RULES[name].slots) == given


REASONS = [
    ({"update": "c0*sign(c1*grad)"}, "c1", "c1 stands only within sign, whose slope is 0"),
    ({"update": "select(c1 - w, grad, 0)"}, "c1", "c1 stands only within the condition of select, whose slope is 0"),
    ({"update": "sign(c1) + step(square(c1))"}, "c1", "c1 stands only within sign, step, whose slope is 0"),
    ({"update": "sign(s1)", "s1": "c1*s1 + grad"}, "c1",
     "c1 stands in `s1` alone, which changes weights through flat primitives or thresholds only"),
    ({"update": "grad", "gate": "c1*gate"}, "c1",
     "c1 stands in `gate` alone, which changes weights through flat primitives or thresholds only"),
    ({"update": "grad", "s2": "c1"}, "c1", "no slot that weight changes depend on reads c1"),
    ({"s1": "c1"}, "c1", "the rule has no slot `update`, so no weight changes"),
    ({"update": "grad", "loss": "square(output - target) + c1"}, "c1",
     "c1 stands in the loss alone, and errors do not depend on it with a slope"),
    ({"update": "sign(grad)", "loss": "c1*square(output - target)"}, "c1",
     "c1 stands in the loss alone, which changes weights through flat primitives or thresholds only"),
]  # fmt: skip


@pytest.mark.parametrize(("slots", "name", "reason"), REASONS)
def test_reasons_name_what_is_flat(slots: dict[str, str], name: str, reason: str) -> None:
    assert why_not(parse_rule(slots), name) == reason


@pytest.mark.parametrize(
    ("slots", "name"),
    [
        ({"update": "c1*sign(grad)"}, "c1"),
        ({"update": "s1", "s1": "s2", "s2": "s2 + c1"}, "c1"),
        ({"update": "grad*gate", "gate": "tanh(c1)"}, "c1"),
        ({"update": "err*pre", "loss": "c1*square(output - target)"}, "c1"),
        ({"update": "err*pre", "loss": "abs(output - target)*c1"}, "c1"),
    ],
)
def test_what_is_tunable_has_no_reason(slots: dict[str, str], name: str) -> None:
    assert why_not(parse_rule(slots), name) == ""


def test_a_coefficient_of_a_loss_is_tunable_where_its_adjoint_says_so() -> None:
    for text in ("c0*square(output - target) + c1", "c0 + abs(c1*output)", "sign(output*c0)", "output*target + c0"):
        adjoint = loss_adjoint_program(parse(text))
        given = {name for name, register in zip(adjoint.names, adjoint.outputs, strict=True) if register >= 0}
        assert tunable({"update": parse("grad"), "loss": parse(text)}) - {"grad"} == given - {"output"}


def test_flat_rows_are_named() -> None:
    assert flat_activation("step") == "units of activation step have slope 0"
    assert [flat_activation(name) for name in ACTIVATIONS if name != "step"] == [""] * (len(ACTIVATIONS) - 1)
    assert flat_score("accuracy") == "accuracy changes in steps, so that its slope is 0"
    assert [flat_score(name) for name in SCORES if name != "accuracy"] == [""] * (len(SCORES) - 1)
    assert flat_loss(parse("square(output - target)")) == ""
    assert flat_loss(parse("step(output) - target")).startswith("the loss sub(step(output), target) has slope 0")


def test_slopes_reach_states_by_way_of_others() -> None:
    found = reach(parse_rule({"update": "s1", "s1": "s2", "s2": "sign(s1)*c0", "gate": "pre"}))
    assert found.keys() == {"update", "s1", "s2"}
    assert found["s2"] == {0, 1, 3}


@pytest.mark.parametrize("name", RULES)
def test_dials_whose_coefficient_is_an_inverse_are_those_that_quotients_cancel(name: str) -> None:
    rule = RULES[name]
    inverse = {dial.coefficient for dial in rule.dials if dial.inverse}
    assert only_cancelled(rule.slots) == inverse
    for large in (True, False):
        written = dict.fromkeys(inverse, 100000000.0 if large else 3.0)
        slots = {
            slot: Tree(constant(written[item.name]) if item.name in written else item for item in tree)
            for slot, tree in rule.slots.items()
        }
        found = [slots[slot][at].value for slot, at in numbers_with_slope(slots)]
        assert (1e8 in found) is False
        assert (3.0 in found) == (bool(inverse) and not large)


def test_a_factor_of_one_side_alone_is_not_cancelled() -> None:
    assert only_cancelled(parse_rule({"update": "aq(c0*grad, c0*w) + aq(c1*s1, w) + aq(c2, c3)"})) == {"c0"}
    assert only_cancelled(parse_rule({"update": "aq(c0*grad, c0*w) - c0"})) == frozenset()
    assert only_cancelled(parse_rule({"update": "aq(c0*grad, 1 + c0*w)"})) == frozenset()
