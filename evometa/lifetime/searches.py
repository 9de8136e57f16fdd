"""Lives that are searches: for hidden rules, told by their answers, or whole runs of recipes; each is a lane.

A life begins with random trees and goes on by a genome's habits; what it came to is told by the best that it has.
Axis letters: G genomes (habits), L lanes (one lane = one search), P probes, R registers of signals, C checkpoints,
F small forms of recipes.
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

    @property
    def operations(self) -> float:
        """Roughly how many operations it takes to judge one rule."""
        return float(self.probes.shape[1])


@dataclass(frozen=True)
class Form:
    """A recipe in small form: its name, and its configuration in JSON.

    `blind`: a control, in which fitness is dealt out anew among those who were judged, so that a search learns nothing.
    """

    name: str
    text: str
    blind: bool = False


class Live(Protocol):
    """What lives a run of a small form by habits: called, it gives the worth of the best, f64[T], more is better.

    `make`: makes a toolbox of a recipe, as operators do.
    """

    def __call__(self, make: Callable[..., Any], form: Form, habits: Mapping[str, Tree], seed: int) -> F64: ...


@dataclass(frozen=True, eq=False)
class Recipes:
    """Small forms of recipes, each search on which is a run of one of them, and what a search has there.

    `tournament`: that of fixed habits. `live`: what lives such a run; `operations`: roughly how many judging a genome
    takes, in the mean over the forms. `scales f64[F, 2]`: of each form where searches by fixed habits end, and the unit
    of what is better or worse than that (see `reach`); None: worth is told as it is.
    """

    forms: tuple[Form, ...]
    tournament: int
    population: int
    generations: int
    references: int
    live: Live | None = None
    operations: float = 0.0
    scales: F64 | None = None


@dataclass(frozen=True, eq=False)
class Searches:
    """L searches on one ground: `answers f64[L, P]` as they are told, `truths f64[L, P]`, which count, seeds u64[L].

    `rules i64[L]`: numbers of the hidden rules; on recipes, which have no answers (P = 0), of the small forms. Where
    searches are nested, so many of them in a row, a `group`, are one lane: what habits are judged by that are found
    there.
    """

    ground: Ground | Recipes
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

    def contents(self) -> list[bytes]:
        """Return what each lane is about, seeds left aside: what is to be recovered, or which recipes are run."""
        rows, ground = np.arange(len(self.seeds)).reshape(self.lanes, self.group), self.ground
        if isinstance(ground, Recipes):
            return ["".join(ground.forms[form].text for form in self.rules[own]).encode() for own in rows]
        return [self.truths[own].tobytes() for own in rows]

    def judged(self, trees: Trees) -> tuple[F64, F64, I64]:
        """Return fitness, worth and key of trees, as many of each lane, one behind the other (see `answers`)."""
        from evometa.lifetime.answers import closeness  # compiled

        assert isinstance(self.ground, Ground)
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


def reach(worth: F64, end: F64, unit: F64) -> F64:
    """Return how far searches on recipes have come, so that recipes compare: ½ + (worth − end) / (2·unit), 0 to 1.

    `end`: the median of what searches by fixed habits come to, which is ½. `unit`: the larger of what these gain from
    their first generation to their last, in medians, and half of what lies between the 16th and the 84th percentile of
    their ends: so 1 is twice that gain, and a recipe on which nothing is gained does not drown the others in its luck.
    """
    return np.clip(0.5 + (worth - end) / (2.0 * unit), 0.0, 1.0)
