"""Learners compared on the same held-out tasks, as many as a budget of work allows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.champion import Gauge, interval, lanes
from evometa.config.schema import Config
from evometa.courses import Course, Lessons
from evometa.evaluation import Evaluator
from evometa.genome import Genome
from evometa.lifetime import OK, Outcomes
from evometa.phenotype import express

F64 = NDArray[np.float64]

BUDGET = 2.5e10  # operations of the kernel, as `cost` reckons them: some half a second on two cores
FEW_TASKS = 16
MOST_LANES = 10_000  # lifetimes of each learner, for the memory that outcomes take
FEW_LEARNERS = 16

Drawn = list[tuple[Course, Lessons]]


@dataclass(frozen=True)
class Trial:
    """Held-out tasks, how learners are compared on them, and after how many updates (one number to each set)."""

    evaluator: Evaluator
    gauge: Gauge
    drawn: Drawn
    lengths: list[int]

    @property
    def config(self) -> Config:
        """The recipe."""
        return self.evaluator.config

    def live(self, genomes: Sequence[Genome], points: Sequence[Sequence[int]], fresh: bool = False) -> list[Outcomes]:
        """Live all genomes at once, with queries after so many updates, given for each set."""
        drawn = self.redrawn if fresh and self.config.weights.mode != "drawn" else self.drawn
        cut = [
            (course, replace(lesson, plan=replace(lesson.plan, checkpoints=np.array(sorted(set(at)), np.int32))))
            for (course, lesson), at in zip(drawn, points, strict=True)
        ]
        return self.evaluator.outcomes(genomes, cut)

    @property
    def redrawn(self) -> Drawn:
        """The same tasks with weights drawn afresh, for learners that inherit none."""
        return self.evaluator.draw("test", 0, self.tasks, fresh=True, updates=self.config.champion.updates)

    @property
    def tasks(self) -> int:
        """Number of tasks of the smallest set."""
        return min(lesson.tasks.lanes // lesson.repeats for _, lesson in self.drawn)

    def scores(self, outcomes: Sequence[Outcomes], g: int, checkpoint: int = -1) -> F64:
        """Return a learner's performance on each task, f64[tasks]."""
        return lanes(outcomes, self.gauge, g, [checkpoint] * len(outcomes))


def open_trial(evaluator: Evaluator, genome: Genome, learners: int, tasks: int | None) -> tuple[Trial, int]:
    """Draw held-out tasks for so many learners like this one; return them, and how many learners there is time for.

    `tasks`: how many (None: those of the champion's test, as far as BUDGET goes).
    """
    config = evaluator.config
    serving = [course for course in evaluator.courses if course.serves("test")]
    lengths = [config.lifetime.length(course.family.support) for course in serving]
    each = sum(cost(course, genome, length, config) for course, length in zip(serving, lengths, strict=True))
    room = min(BUDGET / (each * learners), MOST_LANES // config.sampling.repeats)
    count = tasks or int(min(config.sampling.test_tasks, max(FEW_TASKS, room)))
    afford = learners if tasks else int(max(FEW_LEARNERS, BUDGET / (each * count)))
    drawn = evaluator.draw("test", 0, count, updates=config.champion.updates)
    return Trial(evaluator, Gauge.of(config), drawn, lengths), min(learners, afford)


def cost(course: Course, genome: Genome, length: int, config: Config) -> float:
    """Return roughly how many operations a learner's lifetimes of one task take."""
    learner = express([genome], course.world)[0]
    synapses, instructions = learner.graph.synapses, len(learner.program.code)
    examples, queries = length * config.lifetime.examples(course.family.support), course.family.queries["test"]
    return synapses * config.sampling.repeats * (examples * (6.0 + instructions) + 4.0 * queries)


def set_name(course: Course) -> str:
    """Return the name of a task set: its family's, with that of its data, if it has one."""
    data = getattr(course.settings.settings, "name", "")
    return f"{course.family.name} {data}" if isinstance(data, str) and data else course.family.name


def row(trial: Trial, outcomes: Sequence[Outcomes], g: int, whole: F64) -> dict[str, Any]:
    """Return what became of a changed learner, beside the whole one on the same tasks (whole minus changed)."""
    own = trial.scores(outcomes, g)
    return {
        **brief(interval(own)),
        "difference": brief(interval(whole - own)),
        "diverged": int(sum((each.status[g] != OK).sum() for each in outcomes)),
    }


def brief(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return mean and half the 95 % interval as JSON has them."""
    return {"mean": plain(found["mean"]), "ci95": plain(found["ci95"])}


def plain(value: float | None) -> float | None:
    """Return a number as JSON has it: none where it is not finite."""
    return float(value) if value is not None and math.isfinite(value) else None


def short(value: float | None) -> float | None:
    """Return a number of a long list, with six digits."""
    return None if plain(value) is None else float(f"{value:.6g}")
