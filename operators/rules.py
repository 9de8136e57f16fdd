"""Operators on one tree or two, for any DEAP program; the compiled ones that vary whole populations do the work.

Trees are immutable, so each operator returns new ones. It draws from the given generator `rng` (default: Python's
global one, as in DEAP). `limits`: of the child; without any it has one attempt, within the limits of the language.
What is drawn is distributed as by DEAP's operators, where DEAP has them.
"""

from __future__ import annotations

from random import Random

import numpy as np

from evometa.language.codes import Trees, tree_of
from evometa.language.tree import Tree

from .stock import GLOBAL
from .vocabulary import Limits, Vocabulary, Words, words_of

CHANCES = 4  # attempts that children have in the populations of recipes
FREE = Limits()
_NOTHING = words_of([])
UNWEIGHTED = np.zeros(0)


def genRule(vocabulary: Vocabulary, min_: int, max_: int, max_nodes: int, rng: Random = GLOBAL) -> Tree:
    """Draw a tree of depth `min_` to `max_` (DEAP's `genHalfAndHalf`), shallower where it would pass `max_nodes`."""
    return genRules(vocabulary, 1, min_, max_, max_nodes, rng)[0]


def genRules(vocabulary: Vocabulary, n: int, min_: int, max_: int, max_nodes: int, rng: Random = GLOBAL) -> Trees:
    """Draw n trees."""
    from .growth import ramped  # what is compiled takes its time to import

    limits = Limits(max_nodes, max_, CHANCES)
    return Trees(*ramped(vocabulary.words, 0, n, min_, max_, limits, np.array([rng.getrandbits(64)], np.uint64)))


def cxSubtree(tree1: Tree, tree2: Tree, rng: Random = GLOBAL, limits: Limits = FREE) -> tuple[Tree, Tree]:
    """Exchange random subtrees (DEAP's `cxOnePoint`); a tree of one node exchanges nothing."""
    from .trees import CROSSOVER, OTHER

    key = rng.getrandbits(64)
    first = _varied(CROSSOVER, (tree1, tree2), key, limits=limits)
    return first, _varied(OTHER, (tree2, tree1), key, limits=limits)


def mutSubtree(
    tree: Tree,
    vocabulary: Vocabulary,
    min_: int = 0,
    max_: int = 2,
    rng: Random = GLOBAL,
    limits: Limits = FREE,
) -> tuple[Tree]:
    """Replace a random subtree by a grown one (DEAP's `mutUniform` with `genGrow`)."""
    from .trees import SUBTREE

    return (_varied(SUBTREE, (tree,), rng.getrandbits(64), vocabulary.words, limits, depths=(min_, max_)),)


def mutNode(tree: Tree, vocabulary: Vocabulary, rng: Random = GLOBAL, limits: Limits = FREE) -> tuple[Tree]:
    """Replace a random node, not the root, by another of its arity (DEAP's `mutNodeReplacement`)."""
    from .trees import NODE

    return (_varied(NODE, (tree,), rng.getrandbits(64), vocabulary.words, limits),)


def mutInsert(tree: Tree, vocabulary: Vocabulary, rng: Random = GLOBAL, limits: Limits = FREE) -> tuple[Tree]:
    """Put a random primitive above a random subtree, its other arguments leaves (DEAP's `mutInsert`)."""
    from .trees import INSERT

    return (_varied(INSERT, (tree,), rng.getrandbits(64), vocabulary.words, limits),)


def mutShrink(tree: Tree, rng: Random = GLOBAL, limits: Limits = FREE) -> tuple[Tree]:
    """Replace a random primitive, the root included, by one of its arguments."""
    from .trees import SHRINK

    return (_varied(SHRINK, (tree,), rng.getrandbits(64), limits=limits),)


def mutBlock(tree: Tree, vocabulary: Vocabulary, rng: Random = GLOBAL, limits: Limits = FREE) -> tuple[Tree]:
    """Replace a random subtree by one of the vocabulary's blocks; where there are none, nothing."""
    from .trees import BLOCK

    return (_varied(BLOCK, (tree,), rng.getrandbits(64), vocabulary.words, limits),)


def mutConstant(tree: Tree, sigma: float, unit: float = 1.0, rng: Random = GLOBAL) -> tuple[Tree]:
    """Shift a random number of the tree; sometimes turn its sign, halve or double it. To four significant digits.

    The shift's deviation is `sigma` times the number's size, a tenth of `unit` at least.
    """
    from .trees import NUMBER

    noise = sigma * rng.gauss(0.0, 1.0)
    return (_varied(NUMBER, (tree,), rng.getrandbits(64), noise=noise, unit=unit),)


def _varied(
    kind: int,
    trees: tuple[Tree, ...],
    key: int,
    words: Words = _NOTHING,
    limits: Limits = FREE,
    depths: tuple[int, int] = (0, 2),
    noise: float = 0.0,
    unit: float = 1.0,
) -> Tree:
    """Return the first tree's child, or itself where there is none."""
    from .trees import vary

    batch = Trees.of(trees)
    one = np.zeros(1, np.int64)
    _, codes, _ = vary(
        batch.codes, batch.begins[None], one, one + len(trees) - 1, one + kind, np.array([noise]), unit, *depths,
        words, limits, np.array([key], np.uint64), UNWEIGHTED, UNWEIGHTED,
    )  # fmt: skip
    return tree_of(codes) if len(codes) else trees[0]


def within(tree: Tree, max_nodes: int, max_depth: int) -> bool:
    """Whether a tree keeps the limits (of edges from root to leaf, for the depth)."""
    return len(tree) <= max_nodes and (len(tree) <= max_depth + 1 or tree.depth <= max_depth)
