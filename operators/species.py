"""Species: groups of like genomes that compete among themselves (NEAT; Stanley & Miikkulainen 2002, section 3.3).

In each generation `Species.assign` sorts the members into species, by any distance (compatibility.py), and
`Species.mate` says who begets whom: offspring in proportion to shared fitness. Axis letters: G members, S species.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from evometa.genetics.float_text import decode
from evometa.genetics.genes import F64, I64
from evometa.genetics.topologies import Topologies, Topology

REFOCUS = 2  # species that go on alone where the population has stagnated


class Distance(Protocol):
    """What `assign` asks of a distance (see compatibility.py)."""

    def __len__(self) -> int: ...

    def first_near(self, representatives: Any, limit: float) -> tuple[I64, I64]: ...

    def members(self, rows: I64) -> Any: ...


class Parents(NamedTuple):
    """Of each child: rows of its parents, the fitter one first, `second` −1 where it has one; whether they are `equal`;
    whether it is a `champion`, copied unchanged; the label of the species that it counts for.
    """

    first: I64
    second: I64
    equal: NDArray[np.bool_]
    champion: NDArray[np.bool_]
    species: I64


@dataclass(frozen=True)
class SpeciesSettings:
    """The paper's settings, section 4.1; `target`, `step` and `survival` are not in it.

    `threshold`: distance from which on members are of other species; it moves by `step` a generation where there is a
    `target`, a number of species. `stagnation`: generations without a better best after which a species has no
    offspring; `refocus`: after more than so many without a better best of all, the best two species alone have, once.
    `champion`: a species of more members keeps its best unchanged. `survival`: share of a species, its best, that may
    be parents. `alone`: share of children that have one parent. `interspecies`: chance that the second is of another
    species.
    """

    threshold: float = 3.0
    target: int = 0
    step: float = 0.3
    stagnation: int = 15
    refocus: int = 20
    champion: int = 5
    survival: float = 0.2
    alone: float = 0.25
    interspecies: float = 0.001


class Species:
    """The species of a population, from one generation to the next."""

    def __init__(self, settings: SpeciesSettings | None = None) -> None:
        self.settings = SpeciesSettings() if settings is None else settings
        self.threshold = self.settings.threshold
        self.generation, self.next_label = 0, 0
        self.top, self.top_since = -np.inf, 0  # the best fitness ever, and the generation that reached it
        self.labels = np.zeros(0, np.int64)  # [S], ascending, and so for each species:
        self.best, self.since = np.zeros(0), np.zeros(0, np.int64)  # its best fitness ever, and when it was reached
        self.representatives: Any = None  # a member of each, of the generation before; None at first
        self.represented = np.zeros(0, np.int64)  # which rows of the members last assigned these are
        self.members = np.zeros(0, np.int64)  # the species of each member, by its position in `labels`

    def assign(self, distance: Distance) -> I64:
        """Put each member into the first species whose representative is near, or else into a new one: labels i64[G].

        Representatives are members of the generation before; the first member of a new species represents it.
        """
        self._distance = distance
        members, founders = distance.first_near(self.representatives, self.threshold)
        new = len(founders)
        self.labels = np.append(self.labels, self.next_label + np.arange(new))
        self.best = np.append(self.best, np.full(new, -np.inf))
        self.since = np.append(self.since, np.full(new, self.generation))
        self.next_label, self.members = self.next_label + new, members
        self._keep(np.bincount(members, minlength=len(self.labels)) > 0)
        if self.settings.target:
            direction = np.sign(len(self.labels) - self.settings.target)
            self.threshold = max(self.settings.step, self.threshold + float(direction) * self.settings.step)
        return self.labels[self.members]

    def mate(self, fitness: F64, count: int, rng: np.random.Generator) -> Parents:
        """Return the parents of `count` children, by the fitness of the members last assigned (larger is better).

        Fitness is shared, f/|species|, after the least of all is subtracted where that is negative, which is not in
        the paper. What is not finite counts as the worst.
        """
        finite = np.isfinite(fitness)
        fitness = np.where(finite, fitness, np.min(fitness, where=finite, initial=0.0))
        sizes = np.bincount(self.members, minlength=len(self.labels))
        order = np.lexsort((-fitness, self.members))  # by species, the best first
        starts = np.cumsum(sizes) - sizes
        quotas = self._quotas(fitness, sizes, fitness[order[starts]], count)
        chosen = np.flatnonzero(quotas)
        of = np.repeat(chosen, quotas[chosen])
        champion = np.zeros(count, bool)
        champion[(np.cumsum(quotas) - quotas)[chosen]] = sizes[chosen] > self.settings.champion
        parents = np.maximum(1, np.ceil(self.settings.survival * sizes)).astype(np.int64)
        draws = rng.random((5, count))
        first = order[starts[of] + np.where(champion, 0, draws[0] * parents[of]).astype(np.int64)]
        other = chosen[
            (np.searchsorted(chosen, of) + 1 + (draws[1] * (len(chosen) - 1)).astype(np.int64)) % len(chosen)
        ]
        mates = np.where(draws[2] < self.settings.interspecies, other, of)
        second = order[starts[mates] + (draws[3] * parents[mates]).astype(np.int64)]
        swapped = fitness[second] > fitness[first]
        alone = champion | (draws[4] < self.settings.alone)
        first, second = np.where(swapped & ~alone, second, first), np.where(swapped, first, second)
        equal = ~alone & (fitness[first] == fitness[second])
        self.represented = order[starts + (rng.random(len(sizes)) * sizes).astype(np.int64)][quotas > 0]
        self.representatives = self._distance.members(self.represented)
        found = Parents(first, np.where(alone, -1, second), equal, champion, self.labels[of])
        self._keep(quotas > 0)
        self.generation += 1
        return found

    def _quotas(self, fitness: F64, sizes: I64, champions: F64, count: int) -> I64:
        """Return how many offspring each species has, i64[S]."""
        if fitness.max() > self.top:
            self.top, self.top_since = float(fitness.max()), self.generation
        better = champions > self.best
        self.best, self.since = np.where(better, champions, self.best), np.where(better, self.generation, self.since)
        fertile = self.generation - self.since < self.settings.stagnation
        if self.generation - self.top_since > self.settings.refocus or not fertile.any():
            best = np.argsort(-champions, kind="stable")[:REFOCUS]
            fertile = np.isin(np.arange(len(sizes)), best)
            self.since[best] = self.top_since = self.generation  # a new chance, or they would stand still for ever
        shared = fitness - min(0.0, float(fitness.min()))
        share = np.where(fertile, np.bincount(self.members, shared, len(sizes)) / sizes, 0.0)
        if not share.sum() > 0:
            share = fertile.astype(np.float64)
        share *= count / share.sum()
        quotas = np.floor(share).astype(np.int64)
        quotas[np.argsort(quotas - share, kind="stable")[: count - quotas.sum()]] += 1
        return quotas

    def _keep(self, kept: NDArray[np.bool_]) -> None:
        """Leave some species, the others are gone."""
        self.labels, self.best, self.since = self.labels[kept], self.best[kept], self.since[kept]
        self.members = (np.cumsum(kept) - 1)[self.members]

    def state(self) -> dict[str, Any]:
        """Return all that the next generation needs but the representatives, plain JSON, as it stands after `mate`."""
        return {
            "best": self.best.tolist(),
            "generation": self.generation,
            "labels": self.labels.tolist(),
            "next_label": self.next_label,
            "since": self.since.tolist(),
            "threshold": self.threshold,
            "top": self.top if self.generation else None,
            "top_since": self.top_since,
        }

    @classmethod
    def restored(
        cls, state: Mapping[str, Any], settings: SpeciesSettings | None = None, representatives: Any = None
    ) -> Species:
        """Return the species of a state; `representatives`: theirs (in older states they stand as texts)."""
        found = cls(settings)
        found.best, found.since = np.array(state["best"], np.float64), np.array(state["since"], np.int64)
        found.labels, found.next_label = np.array(state["labels"], np.int64), state["next_label"]
        found.generation, found.threshold, found.top_since = state["generation"], state["threshold"], state["top_since"]
        found.top = -np.inf if state["top"] is None else state["top"]
        found.representatives = _of_texts(state["representatives"]) if "representatives" in state else representatives
        return found


def _of_texts(texts: Sequence[str]) -> Any:
    if not texts:
        return None
    if texts[0].startswith("{"):
        return Topologies.of([Topology.from_json(text) for text in texts])
    return np.stack([decode(text) for text in texts])
