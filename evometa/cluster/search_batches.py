"""Searches by habits as a batch that is cut by its genomes, as `slices` cuts others: no two searches ever meet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evometa.language.tree import Tree
from evometa.lifetime.searches import Searches, SearchPlan

F64 = NDArray[np.float64]
Habits = Mapping[str, Tree]
Way = Callable[[Sequence[Habits], Searches, SearchPlan], F64]  # f64[G, T, L]; a function of a module that workers have
JUDGED = 3e4  # operations, roughly, that one tree of a search takes to be made and judged


@dataclass(frozen=True, eq=False)
class SearchSlice:
    """The habits of some genomes, from number `first` on."""

    first: int
    habits: Sequence[Habits]

    def __len__(self) -> int:
        return len(self.habits)


@dataclass(frozen=True, eq=False)
class SearchBatch:
    """Habits, the searches that each of them lives, and the way in which these are lived."""

    habits: Sequence[Habits]
    searches: Searches
    plan: SearchPlan
    way: Way

    def live(self) -> F64:
        """Return what came of them, f64[G, T, L]."""
        return self.way(self.habits, self.searches, self.plan)

    def split(self, parts: Sequence[slice]) -> tuple[SearchBatch, list[SearchSlice]]:
        """Return what parts of the genomes share, and these."""
        return replace(self, habits=()), [SearchSlice(genomes.start, self.habits[genomes]) for genomes in parts]

    def whole(self, part: SearchSlice) -> SearchBatch:
        """Return a part as a batch of its own."""
        return replace(self, habits=part.habits)

    def costs(self) -> F64:
        """Return roughly how many operations each genome takes, f64[G]."""
        ground, plan = self.searches.ground, self.plan
        generations = plan.length if plan.depth == 2 else ground.generations
        one = max(JUDGED, ground.operations)
        each = one * ground.population * (generations + 1) * plan.lives
        return np.full(len(self.habits), each * self.searches.lanes)
