"""Derivatives of whole trees against differences in float64, and their simplification."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from evometa.language.calculus import derivative
from evometa.language.program import compile_rule, evaluate
from evometa.language.text import parse
from evometa.language.tree import Tree, join, leaf
from tests.language.test_primitives import MATH
from tests.properties import examples

SMOOTH = ("add", "sub", "mul", "aq", "neg", "square", "tanh", "sigmoid", "sin", "cos")
ENDS = st.sampled_from([leaf("output"), leaf("target"), *map(leaf, (0.5, -2.0))])


def _grown(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    one = st.tuples(st.sampled_from([n for n in SMOOTH if n not in ("add", "sub", "mul", "aq")]), inner)
    two = st.tuples(st.sampled_from(["add", "sub", "mul", "aq"]), inner, inner)
    return (one | two).map(lambda parts: join(*parts))


def value(tree: Tree, point: dict[str, float]) -> float:
    """The tree in float64."""
    stack: list[float] = []
    for item in reversed(tree):
        if item.arity:
            stack.append(MATH[item.name](*(stack.pop() for _ in range(item.arity))))
        else:
            stack.append(float(item.value) if item.constant else point[item.name])
    return stack[0]


@given(st.recursive(ENDS, _grown, max_leaves=8), st.floats(-1, 1), st.floats(-1, 1))
@examples(300)
def test_chain_rule(tree: Tree, output: float, target: float) -> None:
    step = 1e-6
    try:
        ends = [value(tree, {"output": output + s, "target": target}) for s in (-step, step)]
    except OverflowError:
        assume(False)
    difference = (ends[1] - ends[0]) / (2 * step)
    assume(max(abs(e) for e in ends) < 1e3 and math.isfinite(difference))
    slope = derivative(tree, "output")
    assert slope.whole
    found = evaluate(compile_rule({"update": slope}), {"output": output, "target": target})["update"]
    assert found == pytest.approx(difference, rel=1e-2, abs=1e-2)


@pytest.mark.parametrize(
    ("text", "slope"),
    [
        ("output", "1"),
        ("target", "0"),
        ("0.5", "0"),
        ("output + target", "1"),
        ("target - output", "neg(1)"),
        ("output*target", "target"),
        ("square(output)", "mul(2, output)"),
        ("neg(neg(output))", "1"),
        ("c0*output", "c0"),
        ("div(output, 1)", "1"),
        ("aq(output, target)", "aq(1, target)"),
        ("tanh(target)", "0"),
        ("aq(0, output)", "0"),
        ("min(0, output)", "select(output, 0, 1)"),
        ("sign(output)", "0"),
        ("step(output - target)", "0"),
        ("relu(output)", "select(output, 1, 0)"),
        ("select(target, output, 0)", "select(target, 1, 0)"),
    ],
)
def test_zeros_and_ones_are_left_out(text: str, slope: str) -> None:
    assert str(derivative(parse(text), "output")) == slope


def test_unused_branches_do_not_poison_the_slope() -> None:
    tree = parse("select(output, output, div(1, output - output))")
    found = evaluate(compile_rule({"update": derivative(tree, "output")}), {"output": 1.0})["update"]
    assert found == 1
