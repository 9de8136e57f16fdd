"""Operators on trees, DEAP's where DEAP has them, with limits of size and depth on every one of them.

Trees are immutable, so each operator returns new ones. DEAP's node replacement, insertion, growth and
crossover run on `gp.PrimitiveTree(list(tree))`, from the given generator `rng` (default: Python's global one, as in
DEAP); `mutShrink` is our own, as DEAP's asks for its own Primitive
class.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from random import Random
from typing import Any

from deap import gp

from evometa.errors import InputError
from evometa.language.tree import Node, Tree, constant, node
from evometa.spec.primitives import PRIMITIVES

from .stock import GLOBAL, functions

CHANCES = 4  # attempts of an operator to give a child that differs from its parent and keeps within the limits


class _Fresh:
    """Stands for a constant not yet drawn; every occurrence becomes a number of its own."""

    arity, args, ret = 0, (), object


FRESH = _Fresh()


class Vocabulary:
    """What trees of one slot are built of: a duck-typed, untyped `gp.PrimitiveSet` (DEAP's asks for
    callables).

    `constants`: lowest and highest new number, or () for none. InputError where no leaf or no primitive is
    given.
    """

    def __init__(self, signals: Iterable[str], primitives: Iterable[str], constants: tuple[float, ...] = ()) -> None:
        leaves: list[Any] = [node(name) for name in signals]
        inner = [node(name) for name in primitives]
        if not leaves and not constants:
            raise InputError("at least one signal or constant", "none", "vocabulary of a rule")
        if not inner or not all(item.name in PRIMITIVES for item in inner):
            raise InputError("primitives", str([item.name for item in inner]), "vocabulary of a rule")
        self.ret = object
        self.constants = constants
        self.primitives: dict[type, list[Node]] = {object: inner}
        self.terminals: dict[type, list[Any]] = {object: leaves + [FRESH] * bool(constants)}
        self.terminalRatio = len(self.terminals[object]) / (len(self.terminals[object]) + len(inner))

    def settle(self, items: list[Any], rng: Random = GLOBAL) -> Tree:
        """Return the tree of the nodes, a new number in each place that stands for one."""
        if FRESH in items:
            items = [initConstant(self.constants, rng) if item is FRESH else item for item in items]
        return Tree(items)


def initConstant(limits: tuple[float, ...], rng: Random = GLOBAL) -> Node:
    """Draw a number evenly between the limits, to two digits: short to read, and often met again."""
    return constant(float(f"{rng.uniform(*limits):.2g}"))


def genRule(vocabulary: Vocabulary, min_: int, max_: int, max_nodes: int, rng: Random = GLOBAL) -> Tree:
    """Draw a tree of depth `min_` to `max_` (Koza 1992), shallower where it would pass `max_nodes`."""
    own = functions(gp, rng)
    for deepest in range(max_, 0, -1):
        for _ in range(CHANCES):
            items = own.genHalfAndHalf(vocabulary, min(min_, deepest), deepest)
            if len(items) <= max_nodes:
                return vocabulary.settle(items, rng)
    return vocabulary.settle(own.genFull(vocabulary, 0, 0), rng)


def cxSubtree(tree1: Tree, tree2: Tree, rng: Random = GLOBAL) -> tuple[Tree, Tree]:
    """Exchange random subtrees (DEAP's `cxOnePoint`); a tree of one node exchanges nothing."""
    items1, items2 = functions(gp, rng).cxOnePoint(gp.PrimitiveTree(tree1), gp.PrimitiveTree(tree2))
    return Tree(items1), Tree(items2)


def mutSubtree(tree: Tree, vocabulary: Vocabulary, min_: int = 0, max_: int = 2, rng: Random = GLOBAL) -> tuple[Tree]:
    """Replace a random subtree by a grown one (DEAP's `mutUniform`)."""
    own = functions(gp, rng)
    expr = partial(own.genGrow, min_=min_, max_=max_)
    (items,) = own.mutUniform(gp.PrimitiveTree(tree), expr, vocabulary)
    return (vocabulary.settle(items, rng),)


def mutNode(tree: Tree, vocabulary: Vocabulary, rng: Random = GLOBAL) -> tuple[Tree]:
    """Replace a random node, not the root, by another of its arity (DEAP's `mutNodeReplacement`)."""
    try:
        (items,) = functions(gp, rng).mutNodeReplacement(gp.PrimitiveTree(tree), vocabulary)
    except IndexError:  # a text given by hand may use an arity that the vocabulary lacks
        return (tree,)
    return (vocabulary.settle(items, rng),)


def mutInsert(tree: Tree, vocabulary: Vocabulary, rng: Random = GLOBAL) -> tuple[Tree]:
    """Put a random primitive above a random subtree, its other arguments leaves (DEAP's `mutInsert`)."""
    (items,) = functions(gp, rng).mutInsert(gp.PrimitiveTree(tree), vocabulary)
    return (vocabulary.settle(items, rng),)


def mutShrink(tree: Tree, rng: Random = GLOBAL) -> tuple[Tree]:
    """Replace a random primitive, the root included, by one of its arguments."""
    inner = [index for index, item in enumerate(tree) if item.arity]
    if not inner:
        return (tree,)
    index = rng.choice(inner)
    start = index + 1
    for _ in range(rng.randrange(tree[index].arity)):
        start = tree.end(start)
    return (Tree(tree[:index] + tree[start : tree.end(start)] + tree[tree.end(index) :]),)


def mutConstant(tree: Tree, sigma: float, unit: float = 1.0, rng: Random = GLOBAL) -> tuple[Tree]:
    """Shift a random number of the tree; sometimes turn its sign, halve or double it. To four significant
    digits.

    The shift's deviation is `sigma` times the number's size, a tenth of `unit` at least.
    """
    places = [index for index, item in enumerate(tree) if item.constant]
    if not places:
        return (tree,)
    index = rng.choice(places)
    value = float(tree[index].value)
    kind = rng.random()
    if kind < 0.8:
        value += sigma * max(abs(value), 0.1 * unit) * rng.gauss(0.0, 1.0)
    elif kind < 0.9:
        value = -value
    else:
        value *= rng.choice((0.5, 2.0))
    value = max(-1e30, min(1e30, value))
    items = list(tree)
    items[index] = constant(float(f"{value:.4g}"))
    return (Tree(items),)


def within(tree: Tree, max_nodes: int, max_depth: int) -> bool:
    """Whether a tree keeps the limits (of edges from root to leaf, for the depth)."""
    if len(tree) > max_nodes:
        return False
    if len(tree) <= max_depth + 1:
        return True
    heights: list[int] = []  # from the last node to the first: a third of the time of `tree.depth`
    for item in reversed(tree):
        arity = item.arity
        if arity == 0:
            heights.append(0)
        elif arity == 1:
            heights[-1] += 1
        elif arity == 2:  # most nodes; half the time of the general case
            height, other = heights.pop(), heights[-1]
            heights[-1] = 1 + (height if height > other else other)
        else:
            highest = max(heights[-arity:])
            del heights[1 - arity :]
            heights[-1] = highest + 1
    return heights[0] <= max_depth


def limited(
    operator: Callable[..., tuple[Tree, ...]], max_nodes: int, max_depth: int
) -> Callable[..., tuple[Tree, ...]]:
    """Return the operator with limits: a child over them, or equal to its parent, is tried again, CHANCES
    times; then the parent stands in for it. (`gp.staticLimit` copies deeply, and gives up at once.)
    """

    def vary(*trees: Tree, **arguments: Any) -> tuple[Tree, ...]:
        children = trees
        for _ in range(CHANCES):
            found = operator(*trees, **arguments)
            if not within(found[0], max_nodes, max_depth):
                continue
            children = found
            if found[0] != trees[0]:
                break
        # the second child of a crossover is looked at once, when the first is settled
        return tuple(
            child if child is children[0] or within(child, max_nodes, max_depth) else parent
            for child, parent in zip(children, trees, strict=True)
        )

    return vary
