"""The compiler's rewrites: those stated are made, and none changes a bit."""

from __future__ import annotations

import pytest

from evometa.language.program import compile_rule, evaluate
from evometa.language.text import parse
from evometa.language.tree import Tree, constant, join, leaf
from evometa.spec.primitives import PRIMITIVES
from tests.language.samples import SPECIAL, by_hand, operands, same_bits


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("pre*1", "pre"),
        ("1*pre", "pre"),
        ("pre - 0", "pre"),
        ("pre + -0.0", "pre"),
        ("div(pre, 1)", "pre"),
        ("aq(pre, 0)", "pre"),
        ("-1*pre", "neg(pre)"),
        ("neg(neg(pre))", "pre"),
        ("pre*pre", "square(pre)"),
        ("square(-pre)", "square(pre)"),
        ("abs(abs(pre))", "abs(pre)"),
        ("abs(square(pre))", "square(pre)"),
        ("relu(abs(pre))", "abs(pre)"),
        ("relu(relu(pre))", "relu(pre)"),
        ("sign(sign(pre))", "sign(pre)"),
        ("log(abs(pre))", "log(pre)"),
        ("tanh(-pre)", "-tanh(pre)"),
        ("pre - -post", "pre + post"),
        ("-pre + post", "post - pre"),
        ("-pre - -post", "post - pre"),
        ("(-pre)*post", "-(pre*post)"),
        ("(-pre)*(-post)", "pre*post"),
        ("aq(pre, -post)", "aq(pre, post)"),
        ("-(pre*0.5)", "pre*-0.5"),
        ("-(c0*pre)", "(-c0)*pre"),
        ("min(pre, pre)", "pre"),
        ("select(w, pre, pre)", "pre"),
        ("select(2, pre, post)", "pre"),
        ("select(0, pre, post)", "post"),
        ("pre*(2*0.5)", "pre"),
        ("exp(0)*w", "w"),
    ],
)
def test_exact_rewrites(one: str, two: str) -> None:
    assert compile_rule({"update": parse(one)}).key == compile_rule({"update": parse(two)}).key


@pytest.mark.parametrize(
    ("one", "two"), [("pre + 0", "pre"), ("pre*0", "0"), ("pre - pre", "0"), ("-(pre - post)", "post - pre"),
     ("abs(relu(pre))", "relu(pre)"), ("relu(-pre)", "-relu(pre)"), ("sigmoid(-pre)", "-sigmoid(pre)")],
)  # fmt: skip
def test_rewrites_that_are_not_exact_are_not_made(one: str, two: str) -> None:
    first, second = (compile_rule({"update": parse(text)}) for text in (one, two))
    assert first.key != second.key
    values = {"pre": SPECIAL, "post": SPECIAL}
    assert not same_bits(evaluate(first, values)["update"], evaluate(second, values)["update"])


def pairs() -> list[Tree]:
    """Every primitive over every primitive of one argument and over every telling constant, in each place."""
    x, y = leaf("pre"), leaf("w")
    one = [p.name for p in PRIMITIVES.values() if p.arity == 1]
    two = [p.name for p in PRIMITIVES.values() if p.arity == 2]
    inner = [join(name, x) for name in one] + [join(name, x, other) for name in two for other in (x, y)]
    inner += [Tree((constant(k),)) for k in (0.0, -0.0, 1.0, -1.0, 2.0, 3e38)]
    found = [join(name, i) for name in one for i in inner]
    found += [join(name, *arguments) for name in two for i in inner for o in (x, y, join("neg", y), join("neg", x))
              for arguments in ((i, o), (o, i))]  # fmt: skip
    return found + [join("select", *arguments) for i in inner for arguments in ((i, x, y), (x, i, i), (y, x, i))]


def test_no_rewrite_changes_a_bit() -> None:
    a, b, _ = operands(11, 50)
    values = {"pre": a, "w": b}
    for tree in pairs():
        found = evaluate(compile_rule({"update": tree}), values)["update"]
        assert same_bits(found, by_hand(tree, values)), str(tree)
