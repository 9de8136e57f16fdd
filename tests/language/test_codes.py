"""Trees as numbers: there and back, and what is no tree."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.language import codes
from evometa.language.codes import CONSTANT, SIGNAL, Trees, arities, translated, tree_of, vocabulary
from evometa.language.signals import SIGNALS
from evometa.language.text import parse
from evometa.language.tree import Tree, node
from evometa.spec.primitives import PRIMITIVES

TEXTS = ("mul(pre, sub(target, post))", "add(mul(0.9, s1), grad)", "-0.001", "1e-45", "select(w, c0, -2)", "w", "-0.0")
trees = st.lists(st.sampled_from(TEXTS).map(parse), min_size=1, max_size=8)


@given(trees)
def test_trees_come_back_node_by_node(some: list[Tree]) -> None:
    batch = Trees.of(some)
    batch.check()
    assert list(batch) == some
    for tree, back in zip(some, batch, strict=True):
        assert all(one is other for one, other in zip(tree, back, strict=True))
    assert batch.sizes.tolist() == [len(tree) for tree in some]
    assert arities(batch.codes).tolist() == [item.arity for tree in some for item in tree]


def test_codes_are_what_they_are_said_to_be() -> None:
    assert max(row.opcode for row in PRIMITIVES.values()) < SIGNAL
    tree = Tree((node("add"), node("w"), *parse("0.5")))
    bits = int(np.float32(0.5).view(np.uint32))
    assert Trees.of([tree]).codes.tolist() == [
        PRIMITIVES["add"].opcode,
        SIGNAL + SIGNALS["w"].register,
        CONSTANT + bits,
    ]


@given(trees, st.lists(st.integers(0, 7)))
def test_some_of_a_batch_and_several_batches(some: list[Tree], rows: list[int]) -> None:
    rows = [row % len(some) for row in rows]
    batch = Trees.of(some)
    assert list(batch.take(np.array(rows, np.int64))) == [some[row] for row in rows]
    assert list(Trees.join([batch, batch[1:], batch])) == [*some, *some[1:], *some]
    assert batch[-1] == some[-1]
    with pytest.raises(IndexError):
        batch[len(some)]


@pytest.mark.parametrize(
    ("codes", "begins", "problem"),
    [
        ([66, 67], [0, 3], "one behind the other"),
        ([66, 67], [1, 2], "one behind the other"),
        ([66, 67], [0, 0, 2], "one behind the other"),
        ([66, 67], [], "one behind the other"),
        ([66, 67], [0, 2], "not whole"),
        ([0, 66, 67, 68], [0, 4], "not whole"),
        ([0, 66], [0, 2], "not whole"),
        ([0, 66, 67], [0, 2, 3], "not whole"),
        ([63], [0, 1], "no node"),
        ([-1], [0, 1], "no node"),
        ([SIGNAL + 99], [0, 1], "no node"),
        ([CONSTANT - 1], [0, 1], "no node"),
        ([CONSTANT + 0x7F800000], [0, 1], "no node"),
        ([2 * CONSTANT], [0, 1], "no node"),
        ([PRIMITIVES["neg"].opcode] * 101 + [66], [0, 102], "deeper"),
        ([PRIMITIVES["neg"].opcode] * 4000 + [66], [0, 4001], "more than 4000"),
    ],
)
def test_what_is_no_tree_is_refused(codes: list[int], begins: list[int], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Trees(np.array(codes, np.int64), np.array(begins, np.int64)).check()
    with pytest.raises(ValueError, match="one behind the other"):
        Trees(np.array([66.0]), np.array([0, 1])).check()  # type: ignore[arg-type]


def test_a_code_of_nothing_is_no_node() -> None:
    with pytest.raises(KeyError):
        tree_of(np.array([63]))


def test_stored_codes_have_their_names_and_outlive_other_registers(monkeypatch: pytest.MonkeyPatch) -> None:
    trees = Trees.of([parse("mul(pre, sub(target, 0.5))"), parse("w")])
    columns = {"rule": trees.codes, "names": vocabulary([trees.codes])}
    assert np.array_equal(translated(columns, "rule"), trees.codes)
    moved = {**codes._CODES, "pre": codes._CODES["w"], "w": codes._CODES["target"], "target": codes._CODES["pre"]}
    monkeypatch.setattr(codes, "_CODES", moved)
    by_code = {code: name for name, code in codes._CODES.items()}
    then = [by_code[code] if code < CONSTANT else "" for code in translated(columns, "rule").tolist()]
    assert then == ["mul", "pre", "sub", "target", "", "w"]
    assert translated(columns, "rule")[4] == trees.codes[4]
    for odd in ({"unheard of": 3}, {"pre": 2**62}, {"pre": -1}, [1], "pre"):
        spoiled = {**columns, "names": np.frombuffer(json.dumps(odd).encode(), np.uint8)}
        with pytest.raises((KeyError, ValueError, TypeError)):
            translated(spoiled, "rule")
