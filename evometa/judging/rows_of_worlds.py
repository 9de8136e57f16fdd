"""Learners that act in worlds in a row: what they carry from one into the next, and what that is worth.

Axis letters: L lives, n worlds of a life.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evometa.evolution.acting import SUMS, ActingLessons, scored
from evometa.evolution.courses import Course
from evometa.evolution.evaluation import Evaluator
from evometa.evolution.fitness import performance
from evometa.genetics.genome import Genome
from evometa.judging.exam import Exam
from evometa.judging.intervals import F64
from evometa.judging.reports import RowCourse
from evometa.judging.scores import Score
from evometa.lifetime import Outcomes
from evometa.lifetime.acting import Lives
from evometa.spec.states import LANE, MEMORY
from evometa.tasks.families.world import WorldFamily


def is_row_of_worlds(course: Course) -> bool:
    """Tell whether a life of the test has several worlds."""
    return isinstance(course.family, WorldFamily) and course.family.counts.get("test", 1) > 1


def carried(outcomes: Outcomes, g: int, measure: str) -> F64:
    """Return what a genome came to in each world of its lives, f64[n, L].

    Sums are those of the world, not as of a whole life; what was visited was so there.
    """
    scores, place = outcomes.scores.copy(), outcomes.names.index(measure)
    count = scores.shape[2] - 1  # the last is what counts of the life
    if measure in SUMS:
        scores[place] /= np.float32(count)
    elif measure == "visited":
        scores[place] = np.diff(scores[place], axis=1, prepend=np.float32(0))
    own = replace(outcomes, scores=scores)
    return np.stack([performance(own, measure, world)[g] for world in range(count)])


def each_as_the_first(genome: Genome, evaluator: Evaluator, course: Course, lesson: ActingLessons, measure: str) -> F64:
    """Return what a learner comes to that meets each world of each life as its first, f64[n, L].

    With the same luck: what is drawn in a world is what was drawn when it came in its turn.
    """
    lives, task, place = lesson.tasks, lesson.plan.task, course.family.places["test"]  # type: ignore[attr-defined]
    assert isinstance(lives, Lives)
    count, lanes = len(lesson.plan.windows), lives.lanes
    ticks = [slice(world * task, (world + 1) * task) for world in range(count)]
    noise = [lives.noise[own.start : own.stop + 1] for own in ticks]
    alone = Lives(
        lives.world, np.concatenate([place.alone(lives.parameters, world) for world in range(count)], axis=1),
        np.concatenate(noise, axis=2), np.concatenate([lives.draws[own] for own in ticks], axis=2),
    )  # fmt: skip
    plan = replace(lesson.plan, windows=lesson.plan.windows[:1].copy(), keep_weights=False)
    actors = lesson.actors([genome], course.world)
    actors = replace(actors, births=actors.births.take(np.tile(np.arange(lanes), count)))
    evaluator.lived["test"] += lanes * count
    lived = evaluator.ways.act(actors, alone, plan, threads=evaluator.config.run.threads)
    return performance(scored(lived, plan, False), measure, 0)[0].reshape(count, lanes)


def row_of_worlds(exam: Exam, genome: Genome, outcomes: Outcomes, measure: str) -> RowCourse:
    """Return how lives of a learner go, whose outcomes are the first of these."""
    (course, lesson), *_ = exam.drawn
    assert isinstance(lesson, ActingLessons)
    found = carried(outcomes, 0, measure)
    anew = each_as_the_first(genome, exam.evaluator, course, lesson, measure)
    half, rule = len(found) // 2, genome.rule
    states = 1 + sum(state in rule for state in MEMORY)
    synapses = lesson.actors([genome], course.world).phenotypes[0].graph.synapses
    return RowCourse(
        measure=measure,
        memory=synapses * states + sum(row.name in rule for row in LANE),
        first=_score(exam, found[:1], measure),
        later=_score(exam, found[half:], measure),
        last=_score(exam, found[-1:], measure),
        gain=_score(exam, found[-1:] - found[:1], measure),
        forward=_score(exam, found[half:] - anew[half:], measure),
        curve=found.mean(axis=1).tolist(),
        reset=anew.mean(axis=1).tolist(),
    )


def _score(exam: Exam, each: F64, measure: str) -> Score:
    """Return the mean over some worlds, with its interval over lives."""
    return exam.score([exam.by_task(0, each.mean(axis=0))], measure)
