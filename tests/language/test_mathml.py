"""Rules as MathML: well formed, the same form as the text, nothing left over."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given

from evometa.language.algebra import formula
from evometa.language.mathml import mathml
from evometa.language.text import parse
from evometa.language.tree import Tree
from tests.language.samples import trees

HOLDERS = {"math", "mrow", "mfrac", "msqrt", "msup", "msub"}  # of elements, not of words
INVISIBLE = "\u2061"


def read(rule: str, **coefficients: float) -> str:
    """Return what is read of a formula, signs only."""
    (text,) = mathml({"update": parse(rule)}, coefficients)
    return "".join(ElementTree.fromstring(text).itertext()).replace(INVISIBLE, "")


@pytest.mark.parametrize(
    ("rule", "seen"),
    [
        ("mul(mul(c0, pre), sub(target, post))", "Δw=2.1·pre·(target−post)"),
        ("neg(mul(w, w))", "Δw=−w2"),
        ("div(1, w)", "Δw=1w"),
        ("mul(1e-7, grad)", "Δw=10−7·grad"),
        ("sigmoid(add(p0, 1))", "Δw=σ(1+p0)"),
        ("max(pre, min(w, 0.25))", "Δw=max(pre,min(w,0.25))"),
        ("log(w)", "Δw=ln|w|"),
    ],
)
def test_formulas_read_as_people_write_them(rule: str, seen: str) -> None:
    assert read(rule, c0=2.1) == seen


def test_quotients_roots_and_powers_are_elements() -> None:
    (text,) = mathml({"update": parse("div(sqrtabs(w), square(add(w, pre)))")})
    tags = {element.tag for element in ElementTree.fromstring(text).iter()}
    assert {"mfrac", "msqrt", "msup"} <= tags


def test_each_slot_has_its_element_and_large_ones_have_none() -> None:
    rule = {"update": parse("neg(s1)"), "s1": parse("grad"), "loss": parse("square(sub(output, target))")}
    assert [re.sub("<[^>]*>", "", text) for text in mathml(rule)] == ["Δw=−s1", "s1←grad", "loss=(output−target)2"]
    assert mathml({"update": Tree(parse("add(pre, " * 70 + "w" + ")" * 70))}) == []


@given(trees())
def test_every_rule_is_well_formed(tree: Tree) -> None:
    for text in mathml({"update": tree}):
        root = ElementTree.fromstring(text)
        loose = [
            e.tag
            for e in root.iter()
            if e.tag in ("math", "mrow", "mfrac", "msqrt", "msup", "msub") and (e.text or "").strip()
        ]
        assert loose == []
        assert not [e.tag for e in root.iter() if (e.tail or "").strip()]
        if "NaN" not in formula({"update": tree}):
            assert "".join(root.itertext()).startswith("Δw=")
