"""What learning feels of a rule: the same weight changes, bit for bit, with less."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.language.algebra import formula
from evometa.language.library import RULES
from evometa.language.liveness import folded, living
from evometa.language.program import compile_rule, evaluate
from evometa.language.signals import INPUTS
from evometa.language.text import parse, parse_rule
from evometa.language.tree import Tree
from tests.language.samples import SPECIAL, same_bits, trees
from tests.properties import examples

READ = ("grad", "w", "age", "c0", "s1", "s2")

CASES: list[tuple[dict[str, str], dict[str, str]]] = [
    ({"update": "-c0*grad", "s1": "-0.773", "s2": "s2"}, {"update": "mul(neg(c0), grad)"}),
    ({"update": "s1*grad", "s1": "-0.773"}, {"update": "mul(-0.773, grad)"}),
    ({"update": "s1*s1*grad", "s1": "c0"}, {"update": "mul(mul(c0, c0), grad)"}),
    ({"update": "s1*grad", "s1": "max(s1, 0.5)"}, {"update": "mul(0.5, grad)"}),
    ({"update": "s1 - grad"}, {"update": "sub(0, grad)"}),
    ({"update": "s1 - grad", "s1": "s2*0.9", "s2": "neg(neg(s1))"}, {"update": "sub(0, grad)"}),
    ({"update": "-0.1*s1", "s1": "0.3*grad"}, {"update": "mul(-0.1, mul(0.3, grad))"}),
    ({"update": "s2", "s2": "s1 + grad", "s1": "-0.773"}, {"update": "s2", "s1": "-0.773", "s2": "add(s1, grad)"}),
    ({"update": "s2", "s2": "s1 + w", "s1": "0*grad"},
     {"update": "s2", "s1": "mul(0, grad)", "s2": "add(s1, w)"}),  # 0·NaN is no 0
    ({"update": "s1 + w", "s1": "neg(s1)"}, {"update": "add(s1, w)", "s1": "neg(s1)"}),  # −0, and then 0 again
    ({"update": "w*(2*3)", "loss": "square(output)"}, {"update": "mul(w, 6)"}),
    ({"update": "s1", "s1": "err", "loss": "square(output - 2*3)"},
     {"update": "err", "loss": "square(sub(output, 6))"}),
    ({"update": "select(1, w, grad)", "loss": "square(output)"}, {"update": "w"}),
    ({"update": "mul(1e38, 1e38)*w"}, {"update": "mul(mul(1e+38, 1e+38), w)"}),
    ({"s1": "grad", "loss": "output"}, {}),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "left"), CASES, ids=[str(list(rule.values())) for rule, _ in CASES])
def test_what_is_left(rule: dict[str, str], left: dict[str, str]) -> None:
    assert {slot: str(tree) for slot, tree in living(parse_rule(rule)).items()} == left


@pytest.mark.parametrize("name", RULES)
def test_classic_rules_live_in_all_their_parts(name: str) -> None:
    assert living(RULES[name].slots) == RULES[name].slots


STATEFUL = st.sampled_from(
    ["s1", "s2", "0", "-0.773", "neg(s1)", "max(s1, 0.5)", "min(s2, s1)", "0.9*s1", "s1*s2", "age", "c0", "s1 + 0.25"]
).map(parse)


def lived(rule: dict[str, Tree], signals: list[dict[str, np.ndarray]]) -> list[np.ndarray]:
    """The weight changes of a life that begins with states at 0."""
    program, states = compile_rule(rule), {name: np.zeros(len(SPECIAL), np.float32) for name in ("s1", "s2")}
    found = []
    for moment in signals:
        with np.errstate(all="ignore"):
            results = evaluate(program, {**moment, **states})
        found.append(np.broadcast_to(results["update"], len(SPECIAL)))
        states |= {name: np.broadcast_to(results[name], len(SPECIAL)) for name in states if name in results}
    return found


@examples(400)
@given(trees(READ, 8), STATEFUL | trees(READ, 6), STATEFUL | trees(READ, 6), st.integers(0, 2**32 - 1))
def test_every_weight_change_has_the_same_bits(update: Tree, s1: Tree, s2: Tree, seed: int) -> None:
    rule, rng = {"update": update, "s1": s1, "s2": s2}, np.random.default_rng(seed)
    signals = [{name: rng.permutation(SPECIAL) for name in INPUTS} for _ in range(5)]
    less = living(rule)
    assert sum(map(len, less.values())) <= sum(map(len, rule.values()))
    for whole, part in zip(lived(rule, signals), lived(less, signals), strict=True):
        assert same_bits(whole, part)


def test_a_state_that_another_reads_is_not_written_out() -> None:
    rule = parse_rule({"update": "s1 + s2", "s1": "grad + grad", "s2": "s1"})
    assert living(rule) == rule


@examples(200)
@given(trees(READ, 10))
def test_living_twice_is_living_once(update: Tree) -> None:
    once = living({"update": update, "s1": update, "s2": parse("s1 + grad")})
    assert living(once) == once


def test_constants_are_folded_as_they_run() -> None:
    assert str(folded(parse("exp(1) + 1e8*1e-8"))) == str(np.float32(3.7182817))
    assert str(folded(parse("w + exp(100)"))) == "add(w, 1.6516363e+38)"


@pytest.mark.parametrize("text", ["w*(1e38*1e38)", "w*1e38*1e38", "w - div(1, 0)", "w*(div(0, 0))", "exp(100)*4*grad"])
def test_no_formula_has_a_number_beyond_float32(text: str) -> None:
    shown = formula(living(parse_rule({"update": text})))
    assert "∞" not in shown
    assert "NaN" not in shown
    assert "e+76" not in shown
    assert shown == f"Δw = {folded(parse(text))}"


def test_coefficients_never_make_a_formula_endless() -> None:
    shown = formula(parse_rule({"update": "-c0*grad"}), {"c0": 1e308})
    assert shown == "Δw = mul(neg(c0), grad)"
