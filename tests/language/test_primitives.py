"""The table itself: positions, meanings, NaN policy, symmetry claims, derivatives against differences."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from evometa.language import generated_numpy as apply
from evometa.language.calculus import derivative
from evometa.language.generated_numpy import FUNCTIONS
from evometa.language.native import select
from evometa.language.program import compile_rule, evaluate
from evometa.language.tree import join, leaf
from evometa.spec.primitives import PRIMITIVES, Primitive
from tests.language.samples import SPECIAL, operands, same_bits
from tests.language.test_slopes import EXACT

ALL = list(PRIMITIVES.values())
NAMES = [p.name for p in ALL]


def test_positions_are_opcodes() -> None:
    assert [p.opcode for p in ALL] == list(range(len(ALL)))
    assert [p.name for p in ALL] == [f.__name__.removeprefix("op_") for f in FUNCTIONS]
    assert NAMES[:3] == ["add", "sub", "mul"]


def test_stock_primitives() -> None:
    assert {p.name for p in ALL if not p.stock} >= {"div", "sin", "cos"}


@pytest.mark.parametrize("primitive", ALL, ids=NAMES)
def test_results_are_float32(primitive: Primitive) -> None:
    a, b, c = operands(0, 100)
    assert FUNCTIONS[primitive.opcode](*(a, b, c)[: primitive.arity]).dtype == np.float32
    scalar = FUNCTIONS[primitive.opcode](*[np.float32(0.7)] * primitive.arity)
    assert isinstance(scalar, np.float32)


@pytest.mark.parametrize("primitive", [p for p in ALL if p.name != "select"], ids=lambda p: p.name)
def test_nan_stays_nan(primitive: Primitive) -> None:
    for place in range(primitive.arity):
        arguments = [SPECIAL] * primitive.arity
        arguments[place] = np.full_like(SPECIAL, np.nan)
        assert np.all(np.isnan(FUNCTIONS[primitive.opcode](*arguments)))


def test_select_with_a_nan_condition_gives_the_third() -> None:
    assert apply.op_select(np.float32(np.nan), np.float32(1), np.float32(2)) == 2


@pytest.mark.parametrize("primitive", [p for p in ALL if p.commutes], ids=lambda p: p.name)
def test_commuting_changes_no_bit(primitive: Primitive) -> None:
    a, b, _ = operands(1)
    apply_it = FUNCTIONS[primitive.opcode]
    assert same_bits(apply_it(a, b), apply_it(b, a))


MATH: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b,
    "aq": lambda a, b: a / math.sqrt(1 + b * b), "div": lambda a, b: a / b, "neg": lambda a: -a, "abs": abs,
    "sign": lambda a: float(a > 0) - float(a < 0), "min": min, "max": max, "square": lambda a: a * a,
    "sqrtabs": lambda a: math.sqrt(abs(a)), "exp": math.exp, "log": lambda a: math.log(abs(a)), "tanh": math.tanh,
    "sigmoid": lambda a: 1 / (1 + math.exp(-a)), "relu": lambda a: max(a, 0.0), "step": lambda a: float(a > 0),
    "select": lambda a, b, c: b if a > 0 else c, "sin": math.sin, "cos": math.cos,
}  # fmt: skip


@pytest.mark.parametrize("primitive", ALL, ids=NAMES)
def test_values_are_those_of_the_mathematics(primitive: Primitive) -> None:
    rng = np.random.default_rng(primitive.opcode)
    for arguments in rng.normal(size=(200, primitive.arity)):
        exact = MATH.get(primitive.name, EXACT[primitive.name])(*(float(np.float32(x)) for x in arguments))
        assert FUNCTIONS[primitive.opcode](*arguments.astype(np.float32)) == pytest.approx(exact, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("primitive", ALL, ids=NAMES)
def test_derivatives_are_slopes(primitive: Primitive) -> None:
    rng = np.random.default_rng(primitive.opcode)
    names = ("pre", "post", "w")[: primitive.arity]
    tree = join(primitive.name, *(leaf(name) for name in names))
    exact, step = MATH.get(primitive.name, EXACT[primitive.name]), 1e-6
    for place, name in enumerate(names):
        slope = compile_rule({"update": derivative(tree, name)})
        for point in rng.normal(size=(50, primitive.arity)):
            if np.abs(point).min() < 0.01 or np.ptp(point) < 0.01 < primitive.arity - 1:
                continue
            aside = np.eye(primitive.arity)[place] * step
            difference = (exact(*(point + aside)) - exact(*(point - aside))) / (2 * step)
            found = evaluate(slope, dict(zip(names, point, strict=True)))["update"]
            assert found == pytest.approx(difference, rel=1e-3, abs=1e-4)


def test_derivatives_at_the_awkward_points() -> None:
    for text, point, expected in [("sqrtabs", 0.0, 0.0), ("log", 0.0, 0.0), ("abs", 0.0, 0.0), ("log", 1e-45, 0.0)]:
        slope = compile_rule({"update": derivative(join(text, leaf("w")), "w")})
        assert evaluate(slope, {"w": np.float32(point)})["update"] == expected


@pytest.mark.parametrize("name", ["min", "max"])
def test_slopes_of_equal_arguments_add_up_to_one(name: str) -> None:
    tree = join(name, leaf("pre"), leaf("post"))
    total = sum(
        evaluate(compile_rule({"update": derivative(tree, s)}), {"pre": np.float32(1), "post": np.float32(1)})["update"]
        for s in ("pre", "post")
    )
    assert total == 1


def test_min_and_max_choose() -> None:
    a, b, _ = operands(2)
    known = ~(np.isnan(a) | np.isnan(b))
    assert np.array_equal(apply.op_min(a, b)[known], np.minimum(a, b)[known])
    assert np.array_equal(apply.op_max(a, b)[known], np.maximum(a, b)[known])
    assert same_bits(apply.op_relu(a), select(a < 0, np.float32(0), a))
