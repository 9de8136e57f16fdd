"""DEAP's functions with a generator of their own: the same draws as from the global one, which they leave alone."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

import pytest
from deap import base, gp, tools

from operators.selection import selTournament
from operators.stock import GLOBAL, drawing, functions, places
from tests.searching import PrimitiveSet, individual

VOCABULARY = PrimitiveSet(("grad", "w"), ("add", "mul", "neg", "select"))
PEOPLE = [individual(float(n % 7), float(-n), id=n) for n in range(30)]

# each calls functions of its module that draw as well
CALLS: dict[str, Callable[[Any, Any], Any]] = {
    "grow": lambda trees, sel: trees.genHalfAndHalf(VOCABULARY, 1, 4),
    "full": lambda trees, sel: trees.genFull(VOCABULARY, 2, 3),
    "crossover": lambda trees, sel: trees.cxOnePoint(tree(1), tree(2)),
    "subtree": lambda trees, sel: trees.mutUniform(tree(3), partial(trees.genGrow, min_=1, max_=3), VOCABULARY),
    "node": lambda trees, sel: trees.mutNodeReplacement(tree(4), VOCABULARY),
    "insert": lambda trees, sel: trees.mutInsert(tree(5), VOCABULARY),
    "tournament": lambda trees, sel: sel.selTournament(PEOPLE, 9, 3),
    "double tournament": lambda trees, sel: sel.selDoubleTournament(SIZED, 9, 3, 1.4, True),
    "lexicase": lambda trees, sel: sel.selAutomaticEpsilonLexicase(PEOPLE, 9),
}


class Sized(list[int]):
    """An individual with a length, as selection by parsimony asks for."""


SIZED = [Sized(range(n)) for n in range(1, 9)]
for one in SIZED:
    one.fitness = PEOPLE[len(one)].fitness  # type: ignore[attr-defined]


def tree(seed: int) -> gp.PrimitiveTree:
    return gp.PrimitiveTree(functions(gp, Random(seed)).genFull(VOCABULARY, 3, 3))


@pytest.mark.parametrize("name", CALLS)
def test_draws_are_those_of_deap_from_the_same_seed_and_the_global_generator_is_left_alone(name: str) -> None:
    random.seed(7)
    theirs = [repr(CALLS[name](gp, tools.selection)) for _ in range(20)]
    random.seed(0)
    state, rng = random.getstate(), Random(7)
    ours = [repr(CALLS[name](functions(gp, rng), functions(tools.selection, rng))) for _ in range(20)]
    assert ours == theirs
    assert len(set(ours)) > 1
    assert random.getstate() == state


def test_defaults_that_are_functions_of_the_module_draw_from_it_too() -> None:
    own = functions(gp, Random(0))
    assert own.mutSemantic.__defaults__[0] is own.genGrow is not gp.genGrow


def test_a_registered_function_takes_the_generator_and_has_the_global_one_by_default() -> None:
    toolbox = base.Toolbox()
    toolbox.register("select", drawing(tools.selTournament), tournsize=2)
    assert toolbox.select(PEOPLE, 9, rng=Random(3)) == toolbox.select(PEOPLE, 9, rng=Random(3))
    random.seed(3)
    assert toolbox.select(PEOPLE, 9) == toolbox.select(PEOPLE, 9, rng=Random(3))
    assert functions(gp, GLOBAL) is functions(gp, GLOBAL)


@pytest.mark.parametrize("n", [1, 2, 3, 7, 8, 9, 1000, 1024, 1025, 70_000])
def test_places_drawn_all_at_once_are_those_drawn_one_by_one(n: int) -> None:
    one, other = Random(5), Random(5)
    assert places(one, n, 500).tolist() == [other.choice(range(n)) for _ in range(500)]
    assert one.getstate() == other.getstate()
    assert len(places(one, n, 0)) == 0
    assert one.getstate() == other.getstate()


def test_from_nothing_nothing_is_drawn() -> None:
    with pytest.raises(IndexError):
        places(Random(0), 0, 3)


@pytest.mark.parametrize("size", [1, 2, 7])
def test_a_tournament_is_won_as_in_deap(size: int) -> None:
    """Of equals the first drawn wins; fitness of several objectives is compared one after the other."""
    equals = [individual(float(n % 3), float(n % 2), id=n) for n in range(30)]
    one, other = Random(3), Random(3)
    theirs = functions(tools.selection, other).selTournament(equals, 200, size)
    assert [a.id for a in selTournament(equals, 200, size, rng=one)] == [b.id for b in theirs]
    assert one.getstate() == other.getstate()
