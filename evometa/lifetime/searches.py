"""Lives that are searches: hidden rules to be recovered from their answers, each in a lane, and how long one looks.

A life begins with random trees and goes on by a genome's habits; what it came to is told by the best tree that it has.
Axis letters: G genomes (habits), L lanes (one lane = one search), P probes, R registers of signals, C checkpoints.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from evometa.errors import InputError
from evometa.language.codes import Trees
from evometa.language.generated_numpy import log_f
from evometa.language.tree import Tree
from evometa.seeding import Draws
from evometa.spec.arrays import F32, I64

F64 = NDArray[np.float64]
U64 = NDArray[np.uint64]
LEAST = 1e-6  # distance below which rules count as the same
DIGITS = 6.0  # of closeness, which this makes 1


@dataclass(frozen=True, eq=False)
class Ground:
    """Where rules are hidden: what trees there are built of and their limits, probes f32[R, P], and what a search has.

    Fixed habits there: `shares` of OPERATORS, `steps` of numbers (first, tau, lowest, highest), `tournament`.
    """

    signals: tuple[str, ...]
    primitives: tuple[str, ...]
    constants: tuple[float, float]
    max_nodes: int
    max_depth: int
    probes: F32
    shares: tuple[float, ...]
    steps: tuple[float, float, float, float]
    tournament: int
    population: int
    generations: int
    newcomers: int


@dataclass(frozen=True, eq=False)
class Searches:
    """L searches on one ground: `answers f64[L, P]` as they are told, `truths f64[L, P]`, which count, seeds u64[L].

    `rules i64[L]`: numbers of the hidden rules. Where searches are nested, so many of them in a row, a `group`, are one
    lane: what habits are judged by that are found there.
    """

    ground: Ground
    answers: F64
    truths: F64
    seeds: U64
    rules: I64
    group: int = 1

    @property
    def lanes(self) -> int:
        """Number of lanes L."""
        return len(self.seeds) // self.group

    @property
    def lane_seeds(self) -> U64:
        """The seed of each lane, u64[L]."""
        return self.seeds[:: self.group]

    def take(self, lanes: I64) -> Searches:
        """Return some of the lanes."""
        rows = (np.asarray(lanes)[:, None] * self.group + np.arange(self.group)).reshape(-1)
        names = ("answers", "truths", "seeds", "rules")
        return replace(self, **{name: getattr(self, name)[rows] for name in names})

    def parts(self, count: int) -> Searches:
        """Return the same with each lane in so many, one behind the other."""
        return replace(self, group=self.group // count)

    def judged(self, trees: Trees) -> tuple[F64, F64, I64]:
        """Return fitness, worth and key of trees, as many of each lane, one behind the other (see `answers`)."""
        from evometa.lifetime.answers import closeness  # compiled

        return closeness(trees, self.ground.probes, self.answers, self.truths)


@dataclass(frozen=True)
class SearchPlan:
    """How lives go: `checkpoints i64[C]`, generations after which they are looked at; how deep searches are nested.

    From depth 3 on a lane is a search for habits, of so many `population` and `generations`, each of them judged by as
    many searches as `tasks` says.
    """

    checkpoints: I64
    depth: int = 2
    population: int = 6
    generations: int = 4
    tasks: int = 4

    @property
    def length(self) -> int:
        """Generations of a life."""
        return int(self.checkpoints[-1])

    @property
    def lives(self) -> int:
        """Searches for rules that one life is made of."""
        return int((self.population * self.generations + 1) * self.tasks) ** (self.depth - 2)


class Search(Protocol):
    """What lives batches of searches: called, it gives the worth of the best, f64[G, T, L] after each generation.

    `fresh(rng, count)`: random habits, as genomes of the recipe.
    """

    def __call__(
        self, habits: Sequence[Mapping[str, Tree]], searches: Searches, plan: SearchPlan, *,
        threads: int = 0, progress: Callable[[int, int], None] | None = None,
    ) -> F64: ...  # fmt: skip

    def fresh(self, rng: Draws, count: int) -> Any: ...


class NoSearch:
    """Stands in where nothing was given that could search, as operators are the engine's: it refuses."""

    def __call__(
        self, habits: Sequence[Mapping[str, Tree]], searches: Searches, plan: SearchPlan, *,
        threads: int = 0, progress: Callable[[int, int], None] | None = None,
    ) -> F64:  # fmt: skip
        raise self.refusal()

    def fresh(self, rng: Draws, count: int) -> Any:
        raise self.refusal()

    def refusal(self) -> InputError:
        """Return what is raised."""
        return InputError("an engine, which has operators to search with", "none", "habits", "Use evometa run.")


NO_SEARCH = NoSearch()


def recovery(worth: F64) -> F32:
    """Return how much is recovered: digits of closeness, −log10(1 − worth + 1e-6)/6, 0 for nothing and 1 for all."""
    missing = np.maximum(1.0 - worth, 0.0) + LEAST
    with np.errstate(all="ignore"):
        return (log_f(missing.astype(np.float32)) / np.float32(-np.log(10.0) * DIGITS)).astype(np.float32)
