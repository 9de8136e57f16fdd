"""Formulas become trees again, and compute what they computed."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from hypothesis import example, given
from hypothesis import strategies as st

from evometa.language.algebra import readable, simplify, to_sympy
from evometa.language.conversion import from_sympy
from evometa.language.library import RULES
from evometa.language.program import compile_rule, evaluate
from evometa.language.signals import INPUTS
from evometa.language.text import parse
from evometa.language.tree import Tree, join, leaf
from evometa.spec.primitives import PRIMITIVES
from tests.properties import examples

RNG = np.random.default_rng(5)
PROBES = {name: RNG.uniform(-2, 2, 400).astype(np.float32) for name in INPUTS}


def values(tree: Tree) -> np.ndarray:
    with np.errstate(all="ignore"):
        found = evaluate(compile_rule({"update": tree}), PROBES)["update"]
    return np.broadcast_to(found, 400).astype(np.float64)


def alike(one: Tree, other: Tree) -> bool:
    a, b = values(one), values(other)
    sound = np.isfinite(a) & np.isfinite(b) & (np.abs(a) < 1e6)
    return bool(np.allclose(a[sound], b[sound], rtol=1e-3, atol=1e-4)) and bool(sound.mean() > 0.2 or not sound.any())


@pytest.mark.parametrize("name", RULES)
def test_classic_rules_come_back(name: str) -> None:
    rule = RULES[name]
    for tree in rule.slots.values():
        assert alike(tree, from_sympy(to_sympy(tree)))
        assert alike(tree, from_sympy(to_sympy(tree, {})))


@pytest.mark.parametrize(
    ("text", "back"),
    [
        ("pre * post", "mul(post, pre)"),
        ("aq(pre, w)", "aq(pre, w)"),
        ("aq(1, 2 * w)", "aq(1, mul(2, w))"),
        ("neg(pre)", "neg(pre)"),
        ("pre * pre * pre", "mul(square(pre), pre)"),
        ("div(pre, w)", "div(pre, w)"),
        ("sqrtabs(w)", "sqrtabs(abs(w))"),
        ("tanh(min(pre, 0.5))", "tanh(min(pre, 0.5))"),
        ("2.5", "2.5"),
    ],
)
def test_forms(text: str, back: str) -> None:
    assert str(from_sympy(to_sympy(parse(text)))) == back
    assert alike(parse(text), parse(back))


SMOOTH = ("add", "sub", "mul", "aq", "neg", "abs", "min", "max", "square", "tanh", "sigmoid", "relu")
CORNERED = ("sign", "step", "select", "sqrtabs", "log", "sin", "cos")
ENDS = st.sampled_from([leaf(name) for name in ("pre", "post", "w", "target", "age", 0.5, -2.25, 1.0)])


def formulas(names: tuple[str, ...]) -> st.SearchStrategy[Tree]:
    """Random trees over some primitives."""

    def grown(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
        return st.sampled_from(names).flatmap(
            lambda name: st.tuples(*[inner] * PRIMITIVES[name].arity).map(lambda parts: join(name, *parts))
        )

    return st.recursive(ENDS, grown, max_leaves=8)


@examples(120)
@given(formulas(SMOOTH).filter(readable))
def test_random_formulas_come_back(tree: Tree) -> None:
    back = from_sympy(to_sympy(tree))
    assert alike(tree, back), (str(tree), str(back))
    rounded = from_sympy(simplify(tree))  # to four digits
    a, b = values(tree), values(rounded)
    sound = np.isfinite(a) & (np.abs(a) < 1e6)
    assert np.abs(a - b)[sound].max(initial=0) <= 0.01 * np.abs(a[sound]).max(initial=1), (str(tree), str(rounded))


@examples(80)
@example(parse("sqrtabs(pre*pre)"))
@given(formulas(SMOOTH[:8] + CORNERED).filter(readable))
def test_formulas_with_corners_come_back_but_for_single_numbers(tree: Tree) -> None:
    for form in (to_sympy(tree), simplify(tree)):
        a, b = values(tree), values(from_sympy(form))
        sound = np.isfinite(a) & np.isfinite(b) & (np.abs(a) < 1e6)
        same = np.isclose(a[sound], b[sound], rtol=1e-2, atol=1e-2)  # at a corner a rounding makes all the difference
        assert sound.sum() < 20 or same.mean() > 0.9, (str(tree), str(form))


@pytest.mark.parametrize(
    "expression",
    [
        sympy.Symbol("∞", real=True),
        sympy.Symbol("w", real=True) ** sympy.Rational(1, 3),
        sympy.Symbol("w", real=True) ** sympy.Symbol("pre", real=True),
        sympy.Symbol("w", real=True) ** 65,
        sympy.Function("zeta")(sympy.Symbol("w", real=True)),
        sympy.Float(1e60),
    ],
)
def test_what_the_language_cannot_say_is_refused(expression: sympy.Expr) -> None:
    with pytest.raises(ValueError, match=r"no signal|power|primitive|finite"):
        from_sympy(expression)


def test_long_sums_are_not_deep() -> None:
    symbols = [sympy.Symbol(name, real=True) for name in ("pre", "post", "w", "target", "s1", "s2", "w0", "age")]
    long = sympy.Add(*(a * b * (k + 2) for k, a in enumerate(symbols) for b in symbols))
    assert from_sympy(long).depth < 12


def test_a_wrong_tree_would_be_noticed() -> None:
    assert not alike(parse("pre * w"), parse("pre * w + 0.01"))
