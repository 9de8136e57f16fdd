"""Every row's differentials, first and second, over all of float32, against differences in 250 digits."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import mpmath
import numpy as np
import pytest

from evometa.language.calculus import derivative
from evometa.language.program import compile_rule, evaluate
from evometa.language.text import parse
from evometa.language.tree import join, leaf
from evometa.spec.primitives import ARGUMENTS, PRIMITIVES, Primitive

MP = mpmath.mp.clone()
MP.dps = 250
MOST, LEAST = float(np.finfo(np.float32).max), float(np.finfo(np.float32).tiny)
NAMES = ("pre", "post", "w")
ALL = list(PRIMITIVES.values())
KINKS = (0.0, LEAST, 1.0, 8.1, 44.0, 87.0, 88.0, 32768.0, 1.8446743e19, float(np.nextafter(np.float32(MOST), 0)))


def held(low: float, high: float, a: Any) -> Any:
    """A number within two others."""
    return min(max(a, low), high)


# The words of the table's expressions, as mathematics has them.
WORDS: dict[str, Any] = {
    "F": lambda x: MP.mpf(float(np.float32(x))), "select": lambda condition, x, y: x if condition else y,
    "sqrt": MP.sqrt, "fabs": abs, "exp_f": lambda x: MP.exp(held(-87, 88, x)),
    "log_f": lambda x: MP.log(max(abs(x), MP.mpf(LEAST))), "tanh_f": MP.tanh,
    "sigmoid_f": lambda x: 1 / (1 + MP.exp(-x)),
    "sin_f": lambda x: MP.sin(held(-32768, 32768, x)), "cos_f": lambda x: MP.cos(held(-32768, 32768, x)),
}  # fmt: skip


def exact_of(primitive: Primitive) -> Callable[..., Any]:
    """What a row computes, in 250 digits: its own expression, so that a new row is tested without more ado."""
    function: Callable[..., Any] = eval(
        f"lambda {', '.join(ARGUMENTS[: primitive.arity])}: {primitive.expression}", WORDS
    )
    if primitive.name == "aq":  # whose b² is beyond float32 sooner than b
        return lambda a, b: function(a, b) if b * b < MOST else MP.mpf(0)
    return function


EXACT = {primitive.name: exact_of(primitive) for primitive in PRIMITIVES.values()}


def numbers(seed: int) -> list[np.float32]:
    """Float32 of every size, ordinary ones, the places where a primitive changes, and their neighbours."""
    rng = np.random.default_rng(seed)
    bits = rng.integers(0, 2**32, 60, dtype=np.uint32).view(np.float32)
    near = [np.nextafter(np.float32(k), np.float32(end)) for k in KINKS for end in (-np.inf, np.inf)]
    found = np.concatenate(
        [bits[np.isfinite(bits)], rng.normal(0, 3, 40), rng.uniform(-100, 100, 40), near, KINKS]
    ).astype(np.float32)
    found = np.concatenate([found, -found[-30:]])
    return list(rng.permutation(found))


def slopes(f: Callable[[Any], Any], x: float, order: int) -> tuple[Any, Any]:
    """The one-sided differences of a function on the left and on the right."""
    step = abs(MP.mpf(x)) * MP.mpf("1e-30") if x else MP.mpf("1e-60")
    found = []
    for side in (-step, step):
        values = [f(MP.mpf(x) + k * side) for k in range(order + 1)]
        for _ in range(order):
            values = [(b - a) / side for a, b in pairwise(values)]
        found.append(values[0])
    return min(found), max(found)


def points(primitive: Primitive) -> list[tuple[np.float32, ...]]:
    """Arguments; equal ones, too, where there are two."""
    columns = [numbers(seed) for seed in range(primitive.arity)]
    some = list(zip(*columns, strict=False))
    return some + [(a,) * primitive.arity for a in columns[0][:20] if primitive.arity == 2]


def agrees(found: float, low: Any, high: Any, relative: float, absolute: float) -> bool:
    """Whether a number lies between two others, with tolerances; beyond float32 it may be infinite, at a jump 0."""
    if np.isinf(found):
        return bool(high > 0.99 * MOST if found > 0 else low < -0.99 * MOST)
    if low > 1e50 and found == 0:
        return True
    slack = relative * max(abs(low), abs(high)) + absolute
    return bool(low - slack <= found <= high + slack)


@pytest.mark.parametrize("primitive", ALL, ids=[p.name for p in ALL])
def test_slopes_over_all_of_float32(primitive: Primitive) -> None:
    names = NAMES[: primitive.arity]
    tree, exact = join(primitive.name, *map(leaf, names)), EXACT[primitive.name]
    absolute = 1e-6 if primitive.name in ("sin", "cos") else 3 * LEAST
    for place, name in enumerate(names):
        program = compile_rule({"update": derivative(tree, name)})
        for point in points(primitive):
            if primitive.name == "div" and point[1] == 0:
                continue  # there is no slope
            whole = [MP.mpf(float(x)) for x in point]

            def along(x: Any, whole: list[Any] = whole, place: int = place) -> Any:
                return exact(*whole[:place], x, *whole[place + 1 :])

            low, high = slopes(along, float(point[place]), 1)
            with np.errstate(all="ignore"):
                found = float(evaluate(program, dict(zip(names, point, strict=True)))["update"])
            assert agrees(found, low, high, 3e-6, absolute), (point, found, float(low), float(high))


@pytest.mark.parametrize("primitive", [p for p in ALL if p.arity == 1], ids=lambda p: p.name)
def test_second_slopes_over_all_of_float32(primitive: Primitive) -> None:
    tree, exact = join(primitive.name, leaf("w")), EXACT[primitive.name]
    program = compile_rule({"update": derivative(derivative(tree, "w"), "w")})
    for point in numbers(3):
        low, high = slopes(exact, float(point), 2)
        jump = low < -1e25 or high > 1e25  # a corner has no second slope, and 1/√x³ is soon beyond float32
        with np.errstate(all="ignore"):
            found = float(evaluate(program, {"w": point})["update"])
        assert jump or agrees(found, low, high, 1e-4, 1e-6), (point, found, float(low), float(high))
        assert not np.isnan(found)


@pytest.mark.parametrize("primitive", [p for p in ALL if p.arity == 2], ids=lambda p: p.name)
def test_mixed_second_slopes(primitive: Primitive) -> None:
    names, exact, rng = NAMES[:2], EXACT[primitive.name], np.random.default_rng(4)
    tree = join(primitive.name, *map(leaf, names))
    for first in (0, 1):
        for second in (0, 1):
            program = compile_rule({"update": derivative(derivative(tree, names[first]), names[second])})
            for point in rng.uniform(0.1, 50, (20, 2)).astype(np.float32):

                def along(x: Any, point: Any = point, first: int = first, second: int = second) -> Any:
                    at = [MP.mpf(float(p)) for p in point]
                    at[second] = x
                    step = MP.mpf("1e-60")
                    aside = [p + step * (k == first) for k, p in enumerate(at)]
                    return (exact(*aside) - exact(*at)) / step

                low, high = slopes(along, float(point[second]), 1)
                found = float(evaluate(program, dict(zip(names, point, strict=True)))["update"])
                assert agrees(found, low, high, 1e-4, 1e-5), (point, found, float(low), float(high))


@pytest.mark.parametrize("name", ["abs", "square", "sqrtabs", "exp", "log", "tanh", "sigmoid", "sin", "cos"])
def test_not_a_number_has_no_slope(name: str) -> None:
    program = compile_rule({"update": derivative(join(name, leaf("w")), "w")})
    if "w" in program.reads:
        assert np.isnan(evaluate(program, {"w": np.float32(np.nan)})["update"])


@pytest.mark.parametrize("scale", [1.0, 2300.0, 1e30])
@pytest.mark.parametrize("name", ["tanh", "sigmoid", "exp"])
def test_what_is_held_or_saturated_has_no_slope_however_steep_its_argument(name: str, scale: float) -> None:
    program = compile_rule({"update": derivative(parse(f"{name}(c0*w)"), "w")})
    for w in (-1.0, -1e-3, 1e-3, 1.0):
        inner = MP.mpf(float(np.float32(np.float32(scale) * np.float32(w))))
        low, high = slopes(EXACT[name], float(inner), 1)
        with np.errstate(all="ignore"):
            found = float(evaluate(program, {"w": np.float32(w), "c0": np.float32(scale)})["update"])
        assert agrees(found, low * scale, high * scale, 1e-5, 1e-6), (w, found, float(low * scale))


@pytest.mark.parametrize("text", ["min(w, div(1, w - w))", "max(div(-1, w - w), w)", "select(w, w, div(1, w - w))"])
def test_what_is_not_chosen_does_not_poison_the_slope(text: str) -> None:
    program = compile_rule({"update": derivative(parse(text), "w")})
    with np.errstate(all="ignore"):
        assert evaluate(program, {"w": np.float32(2)})["update"] == 1


def test_a_wrong_slope_would_be_noticed() -> None:
    low, high = slopes(EXACT["tanh"], 9.0, 1)
    assert not agrees(1.2e-7, low, high, 3e-6, 3 * LEAST)
    assert agrees(float(1 / MP.cosh(9) ** 2), low, high, 3e-6, 3 * LEAST)
