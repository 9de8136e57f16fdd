"""Trees: interned nodes, slices as subtrees, and a life as DEAP individuals."""

from __future__ import annotations

import copy
import pickle
import random

import pytest
from deap import gp
from hypothesis import given

from evometa.errors import InputError
from evometa.language.signals import SIGNALS
from evometa.language.text import parse
from evometa.language.tree import Tree, constant, join, leaf, node
from tests.language.samples import trees
from tests.properties import examples

DELTA = parse("mul(pre, sub(target, post))")


def test_nodes_are_interned() -> None:
    assert node("mul") is node("mul")
    assert constant(0.1) is constant(0.1)
    assert constant(0.1) is DELTA_HALF[2]
    assert constant(0.0) is not constant(-0.0)
    with pytest.raises(KeyError):
        node("nonsense")


DELTA_HALF = parse("mul(pre, 0.1)")


def test_nodes_have_what_deap_asks_for() -> None:
    mul, pre, half = node("mul"), node("pre"), constant(0.5)
    assert (mul.arity, mul.args, mul.ret) == (2, [object, object], object)
    assert (pre.arity, pre.args, pre.value) == (0, [], "pre")
    assert (half.value, half.constant, pre.constant) == (0.5, True, False)
    assert mul.format("pre", "post") == "mul(pre, post)"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e39])
def test_constants_are_finite(value: float) -> None:
    with pytest.raises(InputError, match="finite"):
        constant(value)


def test_constants_are_float32() -> None:
    assert constant(0.1).value == 0.10000000149011612
    assert [constant(x).name for x in (0.1, 2.0, -0.0, 1e20, 1e-10)] == ["0.1", "2", "-0", "1e+20", "1e-10"]


def test_shape() -> None:
    assert (len(DELTA), DELTA.depth, DELTA.whole) == (5, 2, True)
    assert DELTA.subtree(2) == parse("sub(target, post)")
    assert DELTA.arguments() == [leaf("pre"), parse("sub(target, post)")]
    assert DELTA.signals() == {"pre", "target", "post"}
    assert leaf(0.5).depth == 0
    assert repr(DELTA) == "<Tree mul(pre, sub(target, post))>"


@pytest.mark.parametrize("broken", [DELTA[:-1], (*DELTA, node("pre")), ()])
def test_whole_sees_what_is_missing_or_left_over(broken: tuple) -> None:
    assert not Tree(broken).whole


@given(trees())
@examples(100)
def test_subtrees_cover_the_tree(tree: Tree) -> None:
    assert tree.whole
    assert tree.subtree(0) == tree
    assert 1 + sum(map(len, tree.arguments())) == len(tree)
    assert join(tree[0].name, *tree.arguments()) == tree if tree[0].arity else len(tree) == 1
    assert tree.depth == max((a.depth + 1 for a in tree.arguments()), default=0)


@given(trees())
@examples(50)
def test_copies_share_nodes(tree: Tree) -> None:
    for twin in (copy.deepcopy(tree), pickle.loads(pickle.dumps(tree))):
        assert type(twin) is Tree
        assert all(a is b for a, b in zip(twin, tree, strict=True))


class Primitives(gp.PrimitiveSet):
    """DEAP's view of the language: its lists hold our nodes."""

    def __init__(self) -> None:
        super().__init__("rule", 0)
        self.primitives[object] = [node(name) for name in ("add", "mul", "tanh", "select")]
        self.terminals[object] = [node("pre"), node("post"), constant(0.5)]
        self.prims_count, self.terms_count = 4, 3


def test_deap_operators_take_trees_and_give_trees() -> None:
    pset, texts = Primitives(), set()
    random.seed(5)
    for _ in range(100):
        one, two = (gp.PrimitiveTree(gp.genHalfAndHalf(pset, 1, 4)) for _ in range(2))
        one, two = gp.cxOnePoint(one, two)
        (one,) = gp.mutUniform(one, expr=lambda pset, type_: gp.genFull(pset, 0, 2), pset=pset)
        (one,) = gp.mutInsert(one, pset)
        (one,) = gp.mutNodeReplacement(one, pset)
        (two,) = gp.mutShrink(two)
        for individual in (one, two):
            tree = Tree(individual)
            assert tree.whole
            assert str(individual) == str(tree)
            assert tree.depth == individual.height
            assert parse(str(tree)) == tree
            texts.add(str(tree))
    assert len(texts) > 50


def test_every_signal_has_its_node() -> None:
    assert [node(name).register for name in SIGNALS] == list(range(len(SIGNALS)))
