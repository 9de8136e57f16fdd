"""Lessons: what all lifetimes of a batch share, and how they are lived."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evometa.evolution.first_weights import FirstWeights
from evometa.evolution.sequences import judged
from evometa.genetics.genome import Genome
from evometa.genetics.phenotype import Grown, Mixture, World, express
from evometa.lifetime import F32, NONE, Births, Graph, Outcomes, Phenotypes, Plan, Tasks
from evometa.lifetime.backends import Act, Backend, Teach, act, teach
from evometa.lifetime.searches import NO_SEARCH, Search


class Ways(NamedTuple):
    """The functions that live lives: those with examples, those that act, those that are searches, and students'."""

    live: Backend
    act: Act = act
    search: Search = NO_SEARCH
    teach: Teach = teach


@dataclass(frozen=True)
class Lessons:
    """What all lifetimes of a batch share; lane i lives task `i // repeats`; `first`: weights if they are drawn.

    `gain`: by which those of genes are multiplied; `units`: see `Family.units`.
    """

    tasks: Tasks
    plan: Plan
    repeats: int
    first: FirstWeights | None
    units: Callable[[], NDArray[np.int64]]
    gain: float = 1.0

    @property
    def count(self) -> int:
        """How many tasks there are."""
        return self.tasks.lanes // self.repeats

    def part(self, begin: int, end: int) -> Lessons:
        """Return those of the tasks from `begin` to `end`, as far as there are: each is lived as among all of them."""
        low, high = begin * self.repeats, min(end * self.repeats, self.tasks.lanes)
        tasks, order = self.tasks.take(np.arange(low, high)), self.plan.order[..., low:high]
        first = None if self.first is None else replace(self.first, begin=low, end=high)
        return replace(self, tasks=tasks, plan=replace(self.plan, order=order), first=first)

    def lasting(self) -> Lessons:
        """Return the same with arrays that nobody can change: they will be met again, prepared once."""
        tasks = Tasks(*map(read_only, vars(self.tasks).values()))
        plan, asked = self.plan, None if self.plan.asked is None else read_only(self.plan.asked)
        plan = replace(plan, order=read_only(plan.order), checkpoints=read_only(plan.checkpoints), asked=asked)
        return replace(self, tasks=tasks, plan=plan)

    def live(self, genomes: Sequence[Genome], world: World, ways: Ways, **how: Any) -> Outcomes:
        """Live every genome through all the lessons; `how`: what the function that lives them takes beside these."""
        phenotypes = express(genomes, world)
        return judged(self.plan, ways.live(phenotypes, self.tasks, self.births(phenotypes), self.plan, **how))

    def births(self, phenotypes: Phenotypes) -> Births:
        """Return the weights of those learners that are born without their own."""
        if self.first is None:
            return Births()
        if isinstance(phenotypes, Mixture):
            return Births([each for part in phenotypes.parts for each in self.births(part).weights])
        if isinstance(phenotypes, Grown):
            return Births(self.first.of_genes(phenotypes.graphs, phenotypes.marks, self.gain))
        found: list[F32 | None] = [None] * len(phenotypes.graphs)
        drawn: dict[Graph, F32] = {}
        for place in np.unique(phenotypes.graph[phenotypes.innate == NONE]).tolist():
            graph = phenotypes.graphs[place]
            structure = replace(graph, traits=np.zeros_like(graph.traits))  # births do not depend on what learns
            if structure not in drawn:
                drawn[structure] = self.first(structure)
            found[place] = drawn[structure]
        return Births(found)


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Return a view of an array that nobody can write to."""
    view = array.view()
    view.flags.writeable = False
    return view
