"""Populations of many small searches side by side, and what is searched.

Axis letters: L lanes (one lane = one search), N individuals of each, n = L·N of all, S slots of their trees.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from evometa.language.codes import Trees
from evometa.language.habits import F64
from evometa.spec.arrays import I64

from .habits import Living
from .vocabulary import Limits, Words


class Steps(NamedTuple):
    """Steps of numbers: the first one, how fast each individual's own varies (Schwefel 1981), and its bounds."""

    sigma: float
    tau: float
    low: float
    high: float


class Space(NamedTuple):
    """What is searched, and how much of a search it is.

    `words`, `limits`, `unit` of the largest new number: of S slots' trees; `shares f64[6]` of OPERATORS; `steps` of
    numbers; `tournament`: what fixed habits pick parents by; `newcomers` of the `population` children are new trees, of
    depth up to `deepest`.
    """

    words: Words
    slots: int
    limits: Limits
    unit: float
    shares: F64
    steps: Steps
    tournament: int
    population: int
    generations: int
    newcomers: int
    deepest: int = 4


class Verdict(NamedTuple):
    """What a judge finds, [L, N] each: `fitness f64`, more is better; `keys i64`, equal where trees behave alike; and
    `worth f64`, what a search is measured by."""

    fitness: F64
    keys: I64
    worth: F64


class Judge(Protocol):
    """What judges trees, of each slot n, those of a lane one behind the other, of L lanes."""

    def __call__(self, trees: Sequence[Trees], lanes: int) -> Verdict: ...


@dataclass(frozen=True, eq=False)
class Population:
    """Individuals of all lanes, [L, N] each, the best first; `trees` of each slot, n each; `ids` in order of birth."""

    trees: Sequence[Trees]
    verdict: Verdict
    sizes: I64
    born: I64
    ids: I64
    sigma: F64
    novel: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "novel", first_of_each(self.verdict.keys))

    def ordered(self) -> Population:
        """Return it with the best of each lane first, of equals the smaller, then the newer."""
        return self.take(np.lexsort((-self.ids, self.sizes, -self.verdict.fitness)))

    def take(self, places: I64) -> Population:
        """Return individuals of each lane, i64[L, k]."""
        width = self.ids.shape[1]
        rows = (places + width * np.arange(len(places))[:, None]).reshape(-1)
        judged: list[Any] = [np.take_along_axis(np.asarray(each), places, axis=1) for each in self.verdict]
        own: list[Any] = [self.sizes, self.born, self.ids, self.sigma]
        arrays = [np.take_along_axis(each, places, axis=1) for each in own]
        return Population([each.take(rows) for each in self.trees], Verdict(*judged), *arrays)

    def beside(self, other: Population) -> Population:
        """Return this and another population as one."""
        lanes, mine, theirs = len(self.ids), self.ids.shape[1], other.ids.shape[1]
        row = np.arange(lanes)[:, None]
        rows = np.concatenate([mine * row + np.arange(mine), lanes * mine + theirs * row + np.arange(theirs)], axis=1)
        trees = [Trees.join(pair).take(rows.reshape(-1)) for pair in zip(self.trees, other.trees, strict=True)]
        verdict = Verdict(*(np.concatenate(pair, axis=1) for pair in zip(self.verdict, other.verdict, strict=True)))
        names = ("sizes", "born", "ids", "sigma")
        arrays = [np.concatenate([getattr(self, name), getattr(other, name)], axis=1) for name in names]
        return Population(trees, verdict, *arrays)

    def living(self, space: Space, generation: int) -> Living:
        """Return what habits read of them."""
        most = space.slots * space.limits.nodes
        return Living(self.verdict.fitness, self.sizes, self.born, self.novel, self.sigma, generation, most)


def judged(trees: Sequence[Trees], sigma: F64, judge: Judge, generation: int, first: int) -> Population:
    lanes = len(sigma)
    verdict = judge(trees, lanes)
    sizes = np.sum([each.sizes for each in trees], axis=0).reshape(lanes, -1)
    ids = np.broadcast_to(first + np.arange(sizes.shape[1]), sizes.shape)
    return Population(trees, verdict, sizes, np.full(sizes.shape, generation), ids, sigma)


def first_of_each(keys: I64) -> NDArray[np.bool_]:
    """Tell of each key of a row whether it is the first of its kind there, bool[L, N]."""
    order = np.argsort(keys, axis=1, kind="stable")
    ranked = np.take_along_axis(keys, order, axis=1)
    new = np.ones(keys.shape, bool)
    new[:, 1:] = ranked[:, 1:] != ranked[:, :-1]
    found = np.empty(keys.shape, bool)
    np.put_along_axis(found, order, new, axis=1)
    return found
