"""Lives that are searches, as the outer loop draws, lives and judges them: by what habits gain over the fixed ones.

All habits of a generation meet the same hidden rules with the same seeds, and so do the fixed ones. Axis letters:
M measures, G genomes, T generations of a search, C checkpoints, L lanes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from evometa.config.schema import Config, Split
from evometa.evolution.lessons import Lessons, Ways
from evometa.evolution.measures import MEASURES
from evometa.genetics.genome import Genome
from evometa.genetics.phenotype import World
from evometa.language.habits import F64, fixed_habits
from evometa.lifetime import OK, Outcomes
from evometa.lifetime.searches import Searches, SearchPlan
from evometa.seeding import stream

if TYPE_CHECKING:
    from evometa.evolution.courses import Course

NAMES = tuple(row.score for row in MEASURES.values() if row.searches)
POINTS = 4  # checkpoints of a search


@dataclass(frozen=True)
class SearchLessons(Lessons):
    """What all searches of a batch share; `usual`: what fixed habits come to in them, f64[T, L], once that is known."""

    tasks: Searches  # type: ignore[assignment]
    plan: SearchPlan  # type: ignore[assignment]
    usual: dict[str, F64] = field(default_factory=dict)

    def part(self, begin: int, end: int) -> SearchLessons:
        rows = np.arange(begin, min(end, self.tasks.lanes))
        known = {name: each[:, rows] for name, each in self.usual.items()}
        return replace(self, tasks=self.tasks.take(rows), usual=known)

    def lasting(self) -> SearchLessons:
        return self

    def live(self, genomes: Sequence[Genome], world: World, ways: Ways, **how: Any) -> Outcomes:
        habits = [one.rule for one in genomes]
        if "fixed" not in self.usual:
            self.usual["fixed"] = ways.search([fixed_habits(self.tasks.ground.tournament)], self.tasks, self.plan)[0]
        curves = ways.search(habits, self.tasks, self.plan, **how)
        return scored(curves, self.usual["fixed"], self.plan)


def scored(curves: F64, usual: F64, plan: SearchPlan) -> Outcomes:
    """Return searches f64[G, T, L] as the outer loop judges lives; `usual f64[T, L]`: those of fixed habits."""
    so_far = np.add.accumulate(curves, axis=1) / np.arange(1, curves.shape[1] + 1)[:, None]
    usually = np.add.accumulate(usual, axis=0) / np.arange(1, len(usual) + 1)[:, None]
    at = plan.checkpoints - 1
    ends, means = curves[:, at] - usual[at], so_far[:, at] - usually[at]
    found = {"advantage": 0.5 * (ends + means), "advantage_at_end": ends, "recovered": curves[:, at]}
    scores = np.stack([found[name] for name in NAMES]).astype(np.float32)
    return Outcomes(scores, np.full(ends[:, 0].shape, OK, np.uint8), None, names=NAMES)


def search_lessons(
    course: Course, config: Config, split: Split, generation: int, count: int, *, fresh: bool, purpose: str
) -> SearchLessons:
    """Draw so many searches of a course (see `courses.lessons`); where they are nested, each is a group of them.

    `fresh`: of weights, which there are none of.
    """

    def origin(what: str) -> tuple[int, int, str]:
        return config.seed, generation, f"{purpose}{what} {course.number} {split}"

    plan = search_plan(config, course.family.support[split])
    group = config.habits.inner_tasks ** (config.habits.depth - 2)
    drawn = course.family.sample(split, count * group, stream(*origin("tasks")))
    assert isinstance(drawn, Searches)

    def units() -> Any:
        found = course.family.units(split, count * group, stream(*origin("tasks")))
        return found.reshape(count, group).T

    return SearchLessons(replace(drawn, group=group), plan, 1, None, partial(units), 1.0)


def search_plan(config: Config, generations: int) -> SearchPlan:
    """Return how searches go, of so many generations at depth 2."""
    own = config.habits
    length = generations if own.depth == 2 else own.inner_generations
    points = sorted({1, *np.ceil(length * np.arange(1, POINTS + 1) / POINTS).astype(int).tolist()})
    return SearchPlan(
        np.array(points, np.int64), own.depth, own.inner_population, own.inner_generations, own.inner_tasks
    )
