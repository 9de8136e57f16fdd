"""Learners on the same tasks: how well each does, by how much two differ, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from evometa.config.schema import Config, Split
from evometa.evolution.courses import Course, Drawn
from evometa.evolution.evaluation import Evaluator
from evometa.evolution.fitness import performance
from evometa.evolution.measures import MEASURES
from evometa.evolution.objectives import objective
from evometa.genetics.genome import Genome
from evometa.judging.intervals import F64, I64, jackknife, median_interval, together
from evometa.judging.scores import Over, Score, SetScore
from evometa.lifetime import F32, OK, Outcomes, Tasks

Scores = list[F64]
"""One learner's performance on each task, f64[M, tasks] for each set; M = 1 where tasks are not taken apart."""


def main_measure(config: Config) -> str:
    """Return what learners are compared by: the recipe's own measure, by default that of its first objective."""
    chosen: str = config.champion.measure
    return objective(config.fitness.objectives[0]).measure if chosen == "auto" else chosen


@dataclass(frozen=True)
class Exam:
    """Tasks of one or several sets, and how learners are compared on them.

    Where the same units (say, five classes) have part in every task, leaving one out leaves nothing: there the queries
    are taken apart, those about each class asked by themselves, so that classes can be told apart.
    """

    evaluator: Evaluator
    drawn: Drawn

    @cached_property
    def members(self) -> list[I64]:
        """The units of each task, i64[M, tasks], set by set."""
        return [lesson.units() for _, lesson in self.drawn]

    @cached_property
    def strata(self) -> list[I64 | None]:
        """The class that each of those units was drawn within, set by set; None: within no class."""
        return [course.family.strata(units) for (course, _), units in zip(self.drawn, self.members, strict=True)]

    @cached_property
    def apart(self) -> list[bool]:
        """Of each set, whether its tasks' queries are taken apart."""
        most = [np.unique(units, return_counts=True)[1].max() for units in self.members]
        return [
            len(units) > 1 and count >= units.shape[1] and course.family.kind != "search"
            for (course, _), units, count in zip(self.drawn, self.members, most, strict=True)
        ]

    @property
    def parts(self) -> list[int]:
        """Of each set, how many parts each task's queries are taken apart into."""
        return [len(units) if apart else 1 for units, apart in zip(self.members, self.apart, strict=True)]

    @property
    def tasks(self) -> int:
        """Number of tasks, of the smallest set."""
        return min(units.shape[1] for units in self.members)

    @property
    def measures(self) -> list[str]:
        """What learners are compared by, first the recipe's measure; in classification accuracy and loss always."""
        main = main_measure(self.evaluator.config)
        if self.evaluator.config.searches:
            return list(dict.fromkeys([main, "advantage_at_end", "recovered"]))
        if self.evaluator.config.acts:
            return list(dict.fromkeys([main, "unbeatable" if self.evaluator.config.teaches else "reward"]))
        classes = all(course.family.kind == "classification" for course, _ in self.drawn)
        return list(dict.fromkeys([main, *(("accuracy", "loss") if classes else ())]))

    def over(self) -> Over:
        """Return what intervals are over."""
        names = list(dict.fromkeys(course.family.unit for course, _ in self.drawn))
        return Over(
            unit=names[0] if len(names) == 1 else "task",
            units=[len(np.unique(units)) for units in self.members],
            tasks=self.tasks,
            repeats=self.drawn[0][1].repeats,
        )

    def live(self, genomes: Sequence[Genome], purpose: str) -> list[Outcomes]:
        """Live every genome through all tasks; one `Outcomes` a set, lanes part by part where tasks are taken apart."""
        found = []
        for (course, lesson), count in zip(self.drawn, self.parts, strict=True):
            parts = [(course, replace(lesson, tasks=part(lesson.tasks, k, count))) for k in range(count)]
            found.append(_beside([self.evaluator.outcomes(genomes, [one], purpose)[0] for one in parts]))
        return found

    def scores(
        self, outcomes: Sequence[Outcomes], g: int, measure: str, checkpoints: Sequence[int] | int = -1
    ) -> Scores:
        """Return one genome's performance, by default after learning (`checkpoints`: for all sets, or of each)."""
        at = [checkpoints] * len(outcomes) if isinstance(checkpoints, int) else checkpoints
        return [
            self.by_task(s, performance(_row(o, g), measure, c)[0])
            for s, (o, c) in enumerate(zip(outcomes, at, strict=True))
        ]

    def by_task(self, place: int, lanes: F64) -> F64:
        """Return numbers of a set's lanes, as `live` has them, as means of each task, f64[M, tasks]."""
        _, lesson = self.drawn[place]
        return lanes.reshape(-1, self.members[place].shape[1], lesson.repeats).mean(axis=2)

    def score(self, scores: Scores, measure: str) -> Score:
        """Return a learner's mean, or median, as the measure is told, with its interval."""
        return self._figure([scores], [1.0], measure)

    def difference(self, one: Scores, other: Scores, measure: str) -> Score:
        """Return the same of the difference of two learners on the same tasks, one − other."""
        return self._figure([one, other], [1.0, -1.0], measure)

    def _figure(self, learners: Sequence[Scores], contrast: Sequence[float], measure: str) -> Score:
        """Return the mean of a contrast of learners, on the tasks that all of them met."""
        count = min(scores.shape[1] for learner in learners for scores in learner)
        several = len(self.drawn) > 1
        scores = [np.stack([learner[s][:, :count] for learner in learners]) for s in range(len(self.drawn))]
        if measure in MEASURES and MEASURES[measure].median:
            mean, half = median_interval([np.tensordot(contrast, each.mean(axis=1), 1) for each in scores])
            return Score(mean=mean, ci95=half, n=count)
        members = [units[:, :count] for units in self.members]
        strata = [None if each is None else each[:, :count] for each in self.strata]
        mean, half = jackknife(scores, members, contrast, several and measure == "loss", strata)
        return Score(mean=mean, ci95=half, n=count)

    def by_set(self, scores: Scores, measure: str) -> list[SetScore]:
        """Return a learner's performance on each set of tasks."""
        single = [Exam(self.evaluator, [one]) for one in self.drawn]
        return [
            SetScore(set=set_name(exam.drawn[0][0]), **exam.score([own], measure))
            for exam, own in zip(single, scores, strict=True)
        ]


def open_exam(
    evaluator: Evaluator, split: Split, count: int, *, fresh: bool = False, updates: int | None = None
) -> Exam:
    """Draw `count` tasks of a split (see `courses.lessons`)."""
    return Exam(evaluator, evaluator.draw(split, 0, count, fresh=fresh, updates=updates))


def set_name(course: Course) -> str:
    """Return the name of a task set: its family's, with that of its data, if it has one."""
    data = getattr(course.settings.settings, "name", "")
    return f"{course.family.name} {data}" if isinstance(data, str) and data else course.family.name


def lost(outcomes: Sequence[Outcomes], g: int = 0) -> int:
    """Return how many of a genome's lifetimes diverged."""
    return int(sum((each.status[g] != OK).sum() for each in outcomes))


def part(tasks: Tasks, k: int, count: int) -> Tasks:
    """Return tasks with every `count`-th query, from the k-th on: those about a task's k-th unit."""
    if count == 1:
        return tasks
    return replace(tasks, query_x=_every(tasks.query_x, k, count), query_y=_every(tasks.query_y, k, count))


def _every(array: F32, k: int, count: int) -> F32:
    return np.ascontiguousarray(array[k::count])


def _row(outcomes: Outcomes, g: int) -> Outcomes:
    """Return the outcomes of one genome alone."""
    cut = slice(g, g + 1)
    return replace(outcomes, scores=outcomes.scores[:, cut], status=outcomes.status[cut], weights=None, opened=None)


def _beside(parts: Sequence[Outcomes]) -> Outcomes:
    """Return the outcomes of several parts of the tasks as one, lanes side by side."""
    if len(parts) == 1:
        return parts[0]
    scores = np.concatenate([one.scores for one in parts], axis=-1)
    status = np.concatenate([one.status for one in parts], axis=-1)
    return replace(parts[0], scores=scores, status=status, weights=None, opened=None)


def figures(outcomes: Sequence[Outcomes], measure: str, checkpoint: int = -1) -> F64:
    """Return the performance of all genomes that lived these outcomes, f64[G], over all tasks and sets."""
    means = np.stack([performance(each, measure, checkpoint).mean(axis=1) for each in outcomes])
    return together(means, geometric=measure == "loss" and len(means) > 1)
