"""Text both ways, and what the parser says about text that is none."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.errors import InputError
from evometa.language.signals import SLOTS
from evometa.language.text import parse, parse_rule
from evometa.language.tree import MAX_DEPTH, Tree, constant
from tests.language.samples import FINITE, trees
from tests.properties import examples


@given(trees())
@examples(300)
def test_printed_and_parsed_is_the_same_tree(tree: Tree) -> None:
    assert parse(str(tree)) == tree
    assert str(parse(str(tree))) == str(tree)


@given(FINITE)
@examples(500)
def test_constants_keep_their_bits(value: float) -> None:
    (found,) = parse(constant(value).name)
    assert found is constant(value)
    assert found.bits == int(np.float32(value).view(np.uint32))


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("c0*pre*(target-post)", "mul(mul(c0, pre), sub(target, post))"),
        ("pre - post - w", "sub(sub(pre, post), w)"),
        ("pre + post * w", "add(pre, mul(post, w))"),
        ("-pre*post", "mul(neg(pre), post)"),
        ("-(0.5)", "neg(0.5)"),
        ("-0.5", "-0.5"),
        ("1 - 0.5", "sub(1, 0.5)"),
        ("2*-3", "mul(2, -3)"),
        ("--pre", "neg(neg(pre))"),
        ("--0.5", "neg(-0.5)"),
        ("−pre · (post × 2)", "mul(neg(pre), mul(post, 2))"),
        (" select( pre ,1e-3,.5 ) ", "select(pre, 0.001, 0.5)"),
        ("mul(pre, target - post)", "mul(pre, sub(target, post))"),
        ("((w))", "w"),
        ("tanh(neg(-2))", "tanh(neg(-2))"),
    ],
)
def test_infix(text: str, canonical: str) -> None:
    assert str(parse(text)) == canonical


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("", 1, ["a number, a name or an opening parenthesis", "the end"]),
        ("mul(pre", 8, ["a comma", "mul takes 2 arguments", "the end"]),
        ("mul(pre)", 8, ["mul takes 2 arguments, 1 given", "')'"]),
        ("mul(pre, post, w)", 14, ["closing parenthesis", "','"]),
        ("neg(pre", 8, ["closing parenthesis", "the end"]),
        ("mull(pre, post)", 1, ["'mull'", "Nearest: mul"]),
        ("mul(pre, pots)", 10, ["'pots'", "Nearest: post"]),
        ("pre post", 5, ["an operator", "'post'"]),
        ("pre / post", 5, ["'/'", "aq(a, b)"]),
        ("pre $ post", 5, ["'$'"]),
        ("mul", 1, ["an opening parenthesis after mul", "2 arguments"]),
        ("nan", 1, ["a finite number", "'nan'"]),
        ("add(1, inf)", 8, ["a finite number"]),
        ("1e39", 1, ["a finite number", "1e39"]),
        ("pre(post)", 1, ["a primitive before the parenthesis", "'pre'"]),
        ("add(pre, )", 10, ["a number, a name", "')'"]),
        ("pre +", 6, ["the end"]),
        ("(pre", 5, ["a closing parenthesis", "the end"]),
        ("__import__('os')", 12, ["a number, a name, or one of"]),
        ("pre.__class__", 4, ["'.'"]),
    ],
)
def test_errors_say_where_and_what(text: str, position: int, words: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        parse(text, where="the rule")
    message = str(caught.value)
    for word in words:
        assert word in message
    assert f"the rule, character {position}:" in message


def test_names_that_may_not_occur_here() -> None:
    with pytest.raises(InputError, match=r"a signal that may be read here \(output, target"):
        parse("pre", SLOTS["loss"].signals)
    with pytest.raises(InputError, match="a primitive of this recipe"):
        parse("sin(pre)", primitives=("add", "mul"))
    with pytest.raises(InputError, match="a primitive of this recipe"):
        parse("pre - post", primitives=("add", "mul"))
    with pytest.raises(InputError, match="a primitive of this recipe"):
        parse("-pre", primitives=("add", "mul"))


def test_too_large_and_too_deep_texts_are_refused() -> None:
    fine = "neg(" * MAX_DEPTH + "pre" + ")" * MAX_DEPTH
    assert parse(fine).depth == MAX_DEPTH
    for text in (f"neg({fine})", "(" * 5000 + "pre" + ")" * 5000, "-" * 5000 + "pre", "pre" + "+pre" * 200):
        with pytest.raises(InputError, match="depth of at most 100"):
            parse(text)
    with pytest.raises(InputError, match="nodes"):
        parse("+".join(["(pre+post)"] * 2000))
    with pytest.raises(InputError, match="characters"):
        parse(" " * 200_000)


@given(st.text(max_size=40) | st.text("admulsbpreot(),+-*0.5 e", max_size=40))
@examples(500)
def test_any_text_is_a_tree_or_an_input_error(text: str) -> None:
    with suppress(InputError):
        assert parse(text).whole


def test_rules_are_parsed_slot_by_slot() -> None:
    rule = parse_rule({"update": "-c0*s1", "s1": "0.9*s1 + grad"}, "momentum")
    assert {slot: str(tree) for slot, tree in rule.items()} == {
        "update": "mul(neg(c0), s1)", "s1": "add(mul(0.9, s1), grad)",
    }  # fmt: skip
    with pytest.raises(InputError, match=r"momentum: expected a slot .*found 'updat'.*Nearest: update"):
        parse_rule({"updat": "pre"}, "momentum")
    with pytest.raises(InputError, match="mine, slot loss, character 1"):
        parse_rule({"loss": "pre"}, "mine")
