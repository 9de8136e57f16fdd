"""Operators on trees: whole trees within the limits, of the words allowed, always the same from one seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.errors import InputError
from evometa.language.text import parse
from evometa.language.tree import Tree
from operators.rules import (
    CHANCES,
    cxSubtree,
    genRule,
    mutBlock,
    mutConstant,
    mutInsert,
    mutNode,
    mutShrink,
    mutSubtree,
    within,
)
from operators.vocabulary import Limits, Vocabulary

WORDS = ("add", "mul", "neg", "select")
BLOCKS = tuple(map(parse, ("mul(0.9, w)", "neg(grad)", "select(w, grad, 1)", "add(neg(w), mul(w, add(w, 2)))")))
VOCABULARY = Vocabulary(("grad", "w"), WORDS, (-2.0, 2.0), BLOCKS)
LIMITS = {"max_nodes": 12, "max_depth": 4}
CLOSE = Limits(12, 4, CHANCES)

MUTATIONS: dict[str, Callable[..., tuple[Tree, ...]]] = {
    "subtree": partial(mutSubtree, vocabulary=VOCABULARY),
    "node": partial(mutNode, vocabulary=VOCABULARY),
    "insert": partial(mutInsert, vocabulary=VOCABULARY),
    "shrink": mutShrink,
    "constant": partial(mutConstant, sigma=0.1),
    "block": partial(mutBlock, vocabulary=VOCABULARY),
}


@pytest.fixture(autouse=True)
def _seeded() -> Iterator[None]:
    state = random.getstate()
    random.seed(1)
    yield
    random.setstate(state)


def drawn(seed: int) -> Tree:
    return genRule(VOCABULARY, 1, 4, LIMITS["max_nodes"], random.Random(seed))


trees = st.integers(0, 10**6).map(drawn)


def check(tree: Tree) -> None:
    assert isinstance(tree, Tree)
    assert tree.whole
    for item in tree:
        assert item.constant or item.name in (*WORDS, "grad", "w")
    assert parse(str(tree)) == tree


@given(trees)
def test_random_trees_are_whole_and_within_the_limits(tree: Tree) -> None:
    check(tree)
    assert len(tree) <= LIMITS["max_nodes"]
    for item in tree:
        if item.constant:
            assert -2 <= float(item.value) <= 2


def test_random_trees_shrink_to_a_leaf_where_no_more_is_allowed() -> None:
    assert {len(genRule(VOCABULARY, 1, 4, 1)) for _ in range(50)} == {1}


@pytest.mark.parametrize("name", MUTATIONS)
@given(tree=trees, seed=st.integers(0, 10**6))
def test_mutants_are_whole_and_parents_untouched(name: str, tree: Tree, seed: int) -> None:
    before = str(tree)
    state = random.getstate()
    (child,) = MUTATIONS[name](tree, rng=random.Random(seed))
    check(child)
    assert str(tree) == before
    assert MUTATIONS[name](tree, rng=random.Random(seed)) == (child,)
    assert random.getstate() == state  # whoever gives a generator does not touch everybody's


@pytest.mark.parametrize("name", MUTATIONS)
def test_mutations_change_something(name: str) -> None:
    tree = parse("add(mul(grad, 0.5), neg(w))")
    assert len({str(MUTATIONS[name](tree)[0]) for _ in range(100)}) > 5 - (name == "shrink")


@given(trees, trees)
def test_crossover_exchanges_subtrees_and_keeps_all_nodes(one: Tree, other: Tree) -> None:
    children = cxSubtree(one, other)
    for child in children:
        check(child)
    assert sorted(map(str, [*children[0], *children[1]])) == sorted(map(str, [*one, *other]))


def test_shrink_puts_an_argument_in_its_primitives_place() -> None:
    tree = parse("add(mul(grad, w), neg(w0))")
    found = {str(mutShrink(tree)[0]) for _ in range(200)}
    assert found == {
        "mul(grad, w)",
        "neg(w0)",
        "add(grad, neg(w0))",
        "add(w, neg(w0))",
        "add(mul(grad, w), w0)",
    }
    leaf = parse("w")
    assert mutShrink(leaf) == (leaf,)


def test_insert_keeps_the_old_tree_inside() -> None:
    for _ in range(50):
        (child,) = mutInsert(parse("w0"), VOCABULARY)
        assert "w0" in str(child)
        assert len(child) > 1


def test_blocks_come_in_whole_and_are_those_that_the_vocabulary_can_say() -> None:
    words = Vocabulary(
        ("grad", "w"), ("neg", "add"), (), [*map(parse, ("neg(w)", "neg(s1)", "2*w", "neg(1)")), *BLOCKS]
    )
    assert words.blocks == (parse("neg(w)"), parse("neg(grad)"))
    found = {str(mutBlock(parse("add(w, grad)"), words, limits=Limits(chances=9))[0]) for _ in range(200)}
    assert found == {
        *("neg(w)", "add(neg(w), grad)", "add(w, neg(w))"),
        *("neg(grad)", "add(neg(grad), grad)", "add(w, neg(grad))"),
    }
    tree = parse("add(w, grad)")
    assert mutBlock(tree, Vocabulary(("w",), ("add",))) == (tree,)
    assert mutBlock(tree, Vocabulary(("w",), ("add",), (), [parse("w + (w + w)")]), limits=Limits(4)) == (tree,)


def test_constants_move_by_their_size_and_keep_four_digits() -> None:
    tree = parse("mul(100, grad)")
    values = [float(mutConstant(tree, 0.01)[0][1].value) for _ in range(500)]
    near = [v for v in values if 90 < v < 110]
    assert 330 < len(near) < 470  # four of five are shifted, the rest negated, halved or doubled
    assert {v for v in values if v not in near} == {-100.0, 50.0, 200.0}
    assert max(abs(v - 100) for v in near) < 6
    assert all(len(f"{v:g}") <= 5 for v in near)
    nothing = parse("mul(w, grad)")
    assert mutConstant(nothing, 0.01) == (nothing,)


def test_a_zero_moves_as_well_and_huge_numbers_stay_finite() -> None:
    assert len({str(mutConstant(parse("0"), 1.0)[0]) for _ in range(50)}) > 20
    tree = parse("1e30")
    for _ in range(50):
        (tree,) = mutConstant(tree, 100.0)
        check(tree)


def test_a_primitive_of_an_arity_that_the_vocabulary_lacks_is_left_alone() -> None:
    words = Vocabulary(("w",), ("neg",))
    tree = parse("neg(add(grad, w0))")
    found = {str(mutNode(tree, words)[0]) for _ in range(100)}
    assert found == {"neg(add(grad, w0))", "neg(add(w, w0))", "neg(add(grad, w))"}


@given(st.lists(st.sampled_from(sorted({*MUTATIONS} - {"constant"})), min_size=1, max_size=30), trees)
def test_limits_hold_through_any_chain_of_mutations(names: list[str], tree: Tree) -> None:
    if not within(tree, **LIMITS):
        return
    for name in names:
        (tree,) = MUTATIONS[name](tree, limits=CLOSE)
        assert len(tree) <= LIMITS["max_nodes"]
        assert tree.depth <= LIMITS["max_depth"]


@given(trees, trees)
def test_limits_hold_for_both_children_of_a_crossover(one: Tree, other: Tree) -> None:
    parents = [tree if within(tree, **LIMITS) else parse("w") for tree in (one, other)]
    for child in cxSubtree(*parents, limits=CLOSE):
        check(child)
        assert within(child, **LIMITS)


def test_a_child_beyond_the_limits_gives_way_to_its_parent_and_each_of_two_for_itself() -> None:
    small, large = parse("neg(w)"), parse("add(mul(grad, w), neg(grad))")
    assert mutInsert(small, VOCABULARY, limits=Limits(2, 9)) == (small,)
    assert mutInsert(small, VOCABULARY, limits=Limits(9, 1)) == (small,)
    pairs = [cxSubtree(small, large, limits=Limits(6, 9)) for _ in range(100)]
    assert {len(one) for one, _ in pairs} == {2, 3, 4}
    assert all(len(one) + len(other) == 8 for one, other in pairs)
    pairs = [cxSubtree(small, large, limits=Limits(3, 9)) for _ in range(100)]
    assert {(len(one), len(other)) for one, other in pairs} == {(2, 6), (3, 6)}


def test_a_child_that_equals_its_parent_is_tried_again() -> None:
    parent, words = parse("neg(w)"), Vocabulary(("w", "grad"), ("neg",))
    once, often = (
        sum(mutNode(parent, words, limits=Limits(chances=chances)) == (parent,) for _ in range(2000))
        for chances in (1, 4)
    )
    assert once == pytest.approx(1000, abs=100)
    assert often == pytest.approx(2000 / 16, abs=50)


@given(trees)
def test_depth_is_measured_as_the_language_does(tree: Tree) -> None:
    assert within(tree, 99, tree.depth)
    assert not within(tree, 99, tree.depth - 1)
    assert not within(tree, len(tree) - 1, 99)


def test_a_vocabulary_needs_leaves_and_primitives() -> None:
    with pytest.raises(InputError, match="signal"):
        Vocabulary((), ("add",))
    with pytest.raises(InputError, match="primitives"):
        Vocabulary(("w",), ())
    with pytest.raises(InputError, match="primitives"):
        Vocabulary(("w",), ("w",))
    assert all(item.constant or item.arity for item in genRule(Vocabulary((), ("add",), (1.0, 1.0)), 1, 3, 20))
