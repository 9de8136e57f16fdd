"""What our operators on trees draw is distributed as by DEAP's own."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from deap import gp
from scipy.stats import chi2_contingency

from evometa.language.text import parse
from evometa.language.tree import Tree
from operators.rules import cxSubtree, genRule, mutInsert, mutNode, mutSubtree
from operators.vocabulary import Vocabulary
from tests.searching import PrimitiveSet

SIGNALS, WORDS = ("grad", "w"), ("add", "mul", "neg", "select")
OURS = Vocabulary(SIGNALS, WORDS, (-2.0, 2.0))
TREES = ("add(mul(grad, 0.5), neg(w))", "neg(w)", "select(w, add(grad, w), neg(neg(grad)))")
OTHER = parse("mul(w, neg(add(grad, 1)))")
DRAWS = 3000
PRIMITIVES = PrimitiveSet(SIGNALS, WORDS, 7.0)


def individual(tree: Tree) -> Any:
    return gp.PrimitiveTree(list(tree))


DEAP: dict[str, Callable[[Tree], Any]] = {
    "crossover": lambda tree: gp.cxOnePoint(individual(tree), individual(OTHER))[0],
    "subtree": lambda tree: gp.mutUniform(individual(tree), partial(gp.genGrow, min_=0, max_=2), PRIMITIVES)[0],
    "node": lambda tree: gp.mutNodeReplacement(individual(tree), PRIMITIVES)[0],
    "insert": lambda tree: gp.mutInsert(individual(tree), PRIMITIVES)[0],
}
EVOMETA: dict[str, Callable[[Tree], Any]] = {
    "crossover": lambda tree: cxSubtree(tree, OTHER)[0],
    "subtree": lambda tree: mutSubtree(tree, OURS)[0],
    "node": lambda tree: mutNode(tree, OURS)[0],
    "insert": lambda tree: mutInsert(tree, OURS)[0],
}


@pytest.fixture(autouse=True)
def _seeded() -> Iterator[None]:
    state = random.getstate()
    random.seed(1)
    yield
    random.setstate(state)


def shown(items: Any) -> str:
    """Return a tree's text, new numbers without their value."""
    return re.sub(r"-?[0-9][0-9.e-]*", "#", str(Tree(items)))


def likelihood(ours: Counter[str], theirs: Counter[str]) -> float:
    """Return how likely two samples that differ so much are of one distribution; what is rare is put together."""
    common = [text for text, count in (ours + theirs).items() if count >= 20]
    table = [[each[text] for text in common] for each in (ours, theirs)]
    for row, each in zip(table, (ours, theirs), strict=True):
        row.append(1 + each.total() - sum(row))
    return float(chi2_contingency(table).pvalue) if len(common) > 1 else 1.0


def sample(operator: Callable[[Tree], Any], tree: Tree) -> Counter[str]:
    return Counter(shown(operator(tree)) for _ in range(DRAWS))


@pytest.mark.parametrize("text", TREES)
@pytest.mark.parametrize("name", DEAP)
def test_children_are_drawn_as_by_deap(name: str, text: str) -> None:
    tree = parse(text)
    assert likelihood(sample(EVOMETA[name], tree), sample(DEAP[name], tree)) > 1e-3


def test_first_trees_are_drawn_as_by_deap() -> None:
    ours = Counter(shown(genRule(OURS, 1, 3, 999)) for _ in range(3 * DRAWS))
    theirs = Counter(shown(gp.genHalfAndHalf(PRIMITIVES, 1, 3)) for _ in range(3 * DRAWS))
    assert likelihood(ours, theirs) > 1e-3
    for measure in (str.__len__, lambda text: text.count("("), lambda text: text[:3]):
        counts = [Counter(map(str, map(measure, each.elements()))) for each in (ours, theirs)]
        assert likelihood(*counts) > 1e-3


def test_another_distribution_is_told_apart() -> None:
    tree = parse(TREES[0])
    rootless = sample(lambda one: mutSubtree(one, OURS, 0, 1)[0], tree)
    assert likelihood(rootless, sample(DEAP["subtree"], tree)) < 1e-6
    taller = Counter(shown(genRule(OURS, 2, 3, 999)) for _ in range(DRAWS))
    assert likelihood(taller, Counter(shown(genRule(OURS, 1, 3, 999)) for _ in range(DRAWS))) < 1e-6
