"""Students that are taught, as the outer loop draws, lives and judges them.

Axis letters: M measures, G genomes, C windows, L lanes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from evometa.config.schema import Config, Split
from evometa.evolution.acting import ActingLessons, plan_of
from evometa.evolution.first_weights import FirstWeights
from evometa.evolution.lessons import Ways, read_only
from evometa.evolution.measures import MEASURES
from evometa.genetics.genome import Genome
from evometa.genetics.phenotype import World, agent_programs_of
from evometa.language.tree import Tree
from evometa.lifetime import Births, Outcomes, Phenotypes
from evometa.lifetime.batch import distinct
from evometa.lifetime.graphs import Graphs
from evometa.lifetime.teaching import Classes, TeachingLives, TeachingOutcomes
from evometa.seeding import stream

if TYPE_CHECKING:
    from evometa.evolution.courses import Course

QUIET = 0.1  # by which first weights of outputs are multiplied
NAMES = tuple(row.score for row in MEASURES.values() if row.taught)


@dataclass(frozen=True)
class TeachingLessons(ActingLessons):
    """What all students of a batch share; `rule`: theirs, in place of each genome's own, where it is not empty."""

    tasks: TeachingLives  # type: ignore[assignment]
    rule: Mapping[str, Tree] = field(default_factory=dict)

    def lasting(self) -> TeachingLessons:
        own = self.tasks
        candidates, numbers = read_only(own.candidates), read_only(own.numbers)
        offset, draws = read_only(own.offset), read_only(own.draws)
        return replace(self, tasks=replace(own, candidates=candidates, numbers=numbers, offset=offset, draws=draws))

    def live(self, genomes: Sequence[Genome], world: World, ways: Ways, **how: Any) -> Outcomes:
        return judged(ways.teach(self.classes(genomes, world), self.tasks, self.plan, **how))

    def classes(self, genomes: Sequence[Genome], world: World) -> Classes:
        """Return the teachers and the students that genomes grow into."""
        teachers, teacher = distinct([agent_programs_of(one, "lesson").lane for one in genomes])
        if self.rule:
            own = [slot for slot in genomes[0].rule if slot in ("lesson", "insist")]
            genomes = [one.replace(rule={**{slot: one.rule[slot] for slot in own}, **self.rule}) for one in genomes]
        students = self.actors(genomes, world)
        none = np.full(len(genomes), -1, np.int32)
        return Classes(replace(students, lanes=[], lane=none), teachers, teacher)

    def births(self, phenotypes: Phenotypes) -> Births:
        """Return the first weights, those of outputs smaller, so that blank students have no opinions."""
        born, graphs = super().births(phenotypes), Graphs.of(phenotypes.graphs)
        weights = []
        for graph, own in zip(graphs, born.weights, strict=True):
            factor = np.where(graph.dst >= graph.nodes - graph.outputs, np.float32(QUIET), np.float32(1))
            weights.append(None if own is None else own * factor[:, None])
        return Births(weights)


def teaching_lessons(
    course: Course, config: Config, split: Split, generation: int, count: int, *, fresh: bool, purpose: str
) -> TeachingLessons:
    """Draw so many students of a course (see `courses.lessons`)."""

    def origin(what: str) -> tuple[int, int, str]:
        return config.seed, generation, f"{purpose}{what} {course.number} {split}"

    family: Any = course.family
    lives = family.sample(split, count, stream(*origin("tasks")))
    assert isinstance(lives, TeachingLives)
    units = partial(family.units, split, count, stream(*origin("tasks")))
    first = FirstWeights(origin("births"), config.weights.init, config.weights.scale, count)
    own = config.acting.bound
    return TeachingLessons(
        lives, plan_of(config, lives), 1, first, units, config.topology.gain, 0.0,
        config.lifetime.bound if own is None else own, False, family.rule,
    )  # fmt: skip


def judged(outcomes: TeachingOutcomes) -> Outcomes:
    """Return students as the outer loop judges lives: a score for each window, and last the one that counts."""
    found = {name: outcomes.result(name) for name in ("lessons", "effort", "blunders", "gap")}
    found["unbeatable"] = (found["blunders"] == 0).astype(np.float32)
    scores = np.stack([np.concatenate([found[name], found[name][:, -1:]], axis=1) for name in NAMES])
    return Outcomes(scores, outcomes.status, outcomes.weights, names=NAMES)
