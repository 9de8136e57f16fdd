"""Formulas for people: right, short, and never long in coming."""

from __future__ import annotations

import math
import re
import time

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from evometa.language.algebra import formula, latex, readable, simplify, substitute, tame, terms, to_sympy
from evometa.language.library import RULES
from evometa.language.printer import show
from evometa.language.text import parse, parse_rule
from evometa.language.tree import Tree, join, leaf
from tests.language.samples import trees
from tests.language.test_calculus import value
from tests.properties import examples


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("mul(2.1, mul(pre, sub(target, post)))", "2.1·pre·(target − post)"),
        ("pre*target - pre*post", "pre·(target − post)"),
        ("2*pre*target - post*(pre + pre)", "2·pre·(target − post)"),
        ("(pre + 0.5)*(target - post)", "(0.5 + pre)·(target − post)"),
        ("0.1*w + pre*post - 0.1*w", "pre·post"),
        ("w - w", "0"),
        ("0.1*(0.7*(0.3*w)) + pre - 0.3*(0.7*(0.1*w))", "pre"),
        ("-(post - target)*pre", "pre·(target − post)"),
        ("-0.1*pre*(post + target)", "−0.1·pre·(post + target)"),
        ("-0.5*w", "−0.5·w"),
        ("0.30000001*w", "0.3·w"),
        ("1e-8*w", "1e−8·w"),
        ("square(w)*w", "w³"),
        ("aq(grad, w)", "grad/√(1 + w²)"),
        ("div(pre, post*w)", "pre/(post·w)"),
        ("div(1, w)", "1/w"),
        ("sqrtabs(w)", "√(|w|)"),
        ("log(w)", "ln|w|"),
        ("abs(-2*w)", "2·|w|"),
        ("abs(abs(w) - abs(pre))", "abs(|w| − |pre|)"),
        ("abs(abs(w))", "|w|"),
        ("sign(-2*w)", "−sign(w)"),
        ("select(pre, -0.5*post, tanh(w))", "select(pre, −0.5·post, tanh(w))"),
        ("sigmoid(w)", "σ(w)"),
        ("exp(0)*max(w, 1)", "max(w, 1)"),
        ("w*div(1, 0)", "mul(w, div(1, 0))"),
        ("w*(p0*(pre*post))", "p0·pre·post·w"),
    ],
)
def test_formulas(text: str, shown: str) -> None:
    assert formula({"update": parse(text)}) == f"Δw = {shown}"


def test_formulas_of_several_slots() -> None:
    rule = parse_rule({"update": "-c0*s1", "s1": "c1*s1 + grad"})
    assert formula(rule) == "Δw = −c0·s1; s1 ← grad + c1·s1"
    assert formula(rule, {"c0": 0.1, "c1": 0.9}) == "Δw = −0.1·s1; s1 ← grad + 0.9·s1"
    assert formula(parse_rule({"loss": "square(output - target)"})) == "loss = (output − target)²"


def test_latex() -> None:
    rule = parse_rule({"update": "-c0*aq(s1, 2*sqrtabs(s2))", "s1": "0.9*s1 + grad"})
    assert latex(rule) == (
        r"\Delta w = -\frac{c_{0} \, s_{1}}{\sqrt{1 + 4 \, \left|s_{2}\right|}} \\ s_{1} \leftarrow g + 0.9 \, s_{1}"
    )
    assert latex({"update": parse("err*exp(1e8*w)")}) == r"\Delta w = \delta \, \exp\left(10^{8} \, w\right)"
    assert latex({"update": parse("2e10*log(pre)")}) == r"\Delta w = 2 \cdot 10^{10} \, \ln\left|\mathrm{pre}\right|"
    assert latex({"update": parse("min(sigmoid(w), step(p1))")}) == (
        r"\Delta w = \min\left(\sigma\left(w\right), \operatorname{step}\left(p_{1}\right)\right)"
    )


@pytest.mark.parametrize("name", RULES)
def test_classic_rules_have_formulas(name: str) -> None:
    rule = RULES[name]
    assert "c0" in formula(rule.slots)
    assert "c_{0}" in latex(rule.slots)
    assert "c0" not in formula(rule.slots, rule.coefficients)
    assert "c_{0}" not in latex(rule.slots, rule.coefficients)


ARITHMETIC = ("add", "sub", "mul", "neg", "square", "aq", "abs")
LEAVES = st.sampled_from([leaf("output"), leaf("target"), *map(leaf, (0.5, 2.0, -1.0))])


def _grown(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    one = st.tuples(st.sampled_from(["neg", "square", "abs"]), inner)
    two = st.tuples(st.sampled_from(["add", "sub", "mul", "aq"]), inner, inner)
    return (one | two).map(lambda parts: join(*parts))


@given(st.recursive(LEAVES, _grown, max_leaves=8), st.floats(-2, 2), st.floats(-2, 2))
@examples(150)
def test_simplified_is_equal(tree: Tree, output: float, target: float) -> None:
    import sympy

    point = {"output": output, "target": target}
    expected = value(tree, point)
    names = {sympy.Symbol(k, real=True): v for k, v in point.items()}
    size = sympy.Function("abs", real=True, nonnegative=True)
    for form in (to_sympy(tree), simplify(tree)):
        found = float(form.replace(size, sympy.Abs).subs(names))
        assert math.isclose(found, expected, rel_tol=5e-3, abs_tol=5e-3 * max(1.0, abs(expected)))


@given(st.recursive(LEAVES, _grown, max_leaves=8), st.floats(-2, 2), st.floats(-2, 2))
@examples(150)
def test_printed_text_means_what_the_tree_means(tree: Tree, output: float, target: float) -> None:
    import sympy

    text = show(simplify(tree))
    text = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda m: "**" + m[0].translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")), text)
    text = re.sub(r"√(\w+)", r"sqrt(\1)", re.sub(r"\|([^|]*)\|", r"(Abs(\1))", text))
    text = text.replace("·", "*").replace("−", "-").replace("√", "sqrt").replace("abs", "Abs")
    found = float(sympy.sympify(text, {"output": output, "target": target}))
    expected = value(tree, {"output": output, "target": target})
    assert math.isclose(found, expected, rel_tol=5e-3, abs_tol=5e-3 * max(1.0, abs(expected)))


def test_terms() -> None:
    found = {str(m): v for m, v in terms(to_sympy(parse("2*(pre + 3)*(pre - w)"))).items()}
    assert found == {"pre**2": 2.0, "pre*w": -2.0, "pre": 6.0, "w": -6.0}
    assert terms(to_sympy(parse("tanh(pre) - tanh(pre)"))) == {}


def test_substitute() -> None:
    tree = substitute(parse("mul(pre, sub(s1, pre))"), {"pre": parse("w + 1"), "s1": leaf(0.0)})
    assert str(tree) == "mul(add(w, 1), sub(0, add(w, 1)))"


@given(st.dictionaries(st.sampled_from(["update", "s1"]), trees(leaves=50), min_size=1))
@examples(150, suppress_health_check=list(HealthCheck))
def test_any_rule_has_a_formula_soon(rule: dict[str, Tree]) -> None:
    begin = time.process_time()
    assert formula(rule)
    assert latex(rule)
    assert time.process_time() - begin < 20


def _nested(text: str, times: int, inner: str) -> Tree:
    for _ in range(times):
        inner = text.format(inner)
    return parse(inner)


@pytest.mark.parametrize(
    "tree",
    [
        _nested("square({})", 57, "w + w"),
        _nested("square({} + pre)", 18, "w"),
        _nested("exp({})", 50, "pre"),
        _nested("exp({} + 1000)", 20, "pre"),
        _nested("{}*(pre + w)", 15, "post"),
        parse("pre*(" + "+".join(["(target - post)"] * 90) + ")"),
    ],
    ids=str,
)
def test_monsters_are_shown_as_they_stand(tree: Tree) -> None:
    begin = time.process_time()
    assert formula({"update": tree}).startswith("Δw = ")
    assert latex({"update": tree}).startswith(r"\Delta w = ")
    assert time.process_time() - begin < 20
    if not readable(tree):
        assert str(tree) in formula({"update": tree})
        assert not tame(tree)
