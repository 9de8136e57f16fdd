"""Learners in lives of many tasks: what they carry from one into the next, what that is worth, what they lose.

Axis letters: L lives, n tasks of a life, E synapses, G genomes.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from evometa.evolution.courses import Course
from evometa.evolution.evaluation import Evaluator
from evometa.evolution.fitness import performance
from evometa.evolution.lessons import Lessons
from evometa.genetics.genome import Genome
from evometa.genetics.phenotype import express
from evometa.judging.exam import Exam, Scores, open_exam
from evometa.judging.intervals import F64
from evometa.judging.peers import ROWS, Peer
from evometa.judging.reports import Baseline, Comparison, RowCourse
from evometa.judging.scores import Score
from evometa.language.text import parse_rule
from evometa.lifetime import F32, Outcomes, Tasks
from evometa.seeding import stream
from evometa.spec.states import MEMORY
from evometa.tasks.in_a_row import InARow, apart

FIRST = 5  # tasks of a life that count as its first ones
CONTROLS = 10  # tasks of each life that are met behind permuted labels, each in a life of its own
RATES, OUTPUT_RATES = (0.03, 0.1, 0.3, 1.0), (1.0, 4.0, 16.0)  # of hidden layers; of the last one, as a multiple
TUNED_ON = 8  # train lives
CARRIED = "select(novel*p1, w0 - w, -p0*grad)"  # gradient descent that begins anew where p1 is 1
RIVALS = {
    "SGD, born anew for each task": (True, True),
    "SGD that keeps its first layer": (False, True),
    "SGD that keeps all": (False, False),
}
"""Whether hidden layers, and the last one, begin each task anew."""


class Lived(NamedTuple):
    """Accuracy of one learner: `carried f64[n, L]`, `again f64[k, L]` (the first tasks, met again at the end)."""

    carried: F64
    again: F64


def is_row(course: Course) -> bool:
    """Tell whether a life has several tasks."""
    return isinstance(course.family, InARow)


def lived(lesson: Lessons, outcomes: Outcomes, g: int, count: int) -> Lived:
    """Return what a genome came to, task by task."""
    each = outcomes.accuracy[g, 1 : len(lesson.plan.checkpoints)].astype(np.float64)
    return Lived(each[:count], each[count:])


def behind(genome: Genome, evaluator: Evaluator, course: Course, lesson: Lessons, number: int, before: int) -> F64:
    """Return the accuracy f64[L] on a task of each life, by its number, met behind the first tasks, so many of them."""
    count, plan, tasks = _count(course), lesson.plan, lesson.tasks
    task, known = plan.task, len(tasks.support_x) // count
    queries = len(tasks.query_x) // count
    own, last = slice(0, before * known), slice(number * known, (number + 1) * known)
    asked = slice(number * queries, (number + 1) * queries)
    met = Tasks(
        *(np.concatenate([part[own], part[last]]) for part in (tasks.support_x, tasks.support_y)),
        *(np.ascontiguousarray(part[asked]) for part in (tasks.query_x, tasks.query_y)),
    )
    earlier, later = plan.order[: before * task], plan.order[number * task : (number + 1) * task]
    order = np.concatenate([earlier, later - np.int32((number - before) * known)])
    end = (plan.checkpoints[1:2] + before * task).astype(np.int32)
    life = replace(plan, order=order, checkpoints=end, asked=None, keep_weights=False)
    phenotypes = express([genome], course.world)
    evaluator.lived["test"] += tasks.lanes
    threads = evaluator.config.run.threads
    found = evaluator.backend(phenotypes, met, lesson.births(phenotypes), life, threads=threads)
    return found.accuracy[0, 0].astype(np.float64)


def born_anew(genome: Genome, evaluator: Evaluator, course: Course, lesson: Lessons) -> F64:
    """Return the accuracy f64[n, L] of a learner that meets each task of each life as its first."""
    return np.stack([behind(genome, evaluator, course, lesson, k, 0) for k in range(_count(course))])


def permuted(lesson: Lessons, count: int, seed: int) -> Lessons:
    """Return lessons whose labels are permuted, example by example, in the earlier half of the tasks."""
    rng, y = stream(seed, 0, "streams/permuted"), lesson.tasks.support_y.copy()
    known = len(y) // count
    for task, lane in itertools.product(range(count // 2), range(y.shape[2])):
        own = slice(task * known, (task + 1) * known)
        y[own, :, lane] = y[own, :, lane][rng.permutation(known)]
    return replace(lesson, tasks=replace(lesson.tasks, support_y=y))


def behind_permuted(genome: Genome, evaluator: Evaluator, course: Course, lesson: Lessons) -> F64:
    """Return the accuracy f64[CONTROLS, L] on tasks of the later half, each the first behind the earlier half, whose
    labels are permuted: nothing was learned of any answer that was right."""
    count = _count(course)
    half, without = count // 2, permuted(lesson, count, evaluator.config.seed)
    numbers = range(half, min(half + CONTROLS, count))
    return np.stack([behind(genome, evaluator, course, without, number, half) for number in numbers])


def row_course(exam: Exam, genome: Genome, outcomes: Outcomes, g: int = 0, control: bool = True) -> RowCourse:
    """Return how a learner's lives go; `control`: also behind tasks with permuted labels."""
    (course, lesson), *_ = exam.drawn
    count, evaluator = _count(course), exam.evaluator
    found = lived(lesson, outcomes, g, count)
    reset, half = born_anew(genome, evaluator, course, lesson), count // 2
    worth = found.carried[half:] - reset[half:]
    other: Score | None = None
    if control:
        without = behind_permuted(genome, evaluator, course, lesson)
        other = _score(exam, without - reset[half : half + len(without)])
    again = len(found.again)
    one = express([genome], course.world)[0]
    states = 1 + sum(state in genome.rule for state in MEMORY)
    return RowCourse(
        memory=one.graph.synapses * states,
        first=_score(exam, found.carried[:FIRST]),
        later=_score(exam, found.carried[half:]),
        forward=_score(exam, worth),
        backward=_score(exam, found.again - found.carried[:again]) if again else None,
        permuted=other,
        curve=found.carried.mean(axis=1).tolist(),
        reset=reset.mean(axis=1).tolist(),
    )


def row_baselines(evaluator: Evaluator, champion: Scores, count: int) -> Iterator[Baseline]:
    """Yield reports on gradient descent that keeps all, its first layer, or nothing, and on prototypes.

    Rates of both layers are tuned on train lives, for each by itself; `champion`: its accuracy; `count`: test lives.
    """
    exam = open_exam(evaluator, "test", count, fresh=True)
    course, _ = exam.drawn[0]
    trial = evaluator.draw("train", 0, TUNED_ON, fresh=True, purpose="tuning ")
    for name, anew in RIVALS.items():
        points = list(itertools.product(RATES, OUTPUT_RATES))
        genomes = [descending(course, rate, ratio, anew) for rate, ratio in points]
        (tried,) = evaluator.outcomes(genomes, trial, "tuning")
        best = int(np.argmax(performance(tried, "accuracy", -1).mean(axis=1)))
        (outcomes,) = exam.live([genomes[best]], "test")
        scores = exam.scores([outcomes], 0, "accuracy")
        dials = dict(zip(("rate", "rate of the last layer / rate"), points[best], strict=True))
        yield _row(exam, name, scores, champion).model_copy(
            update={
                "dials": dials,
                "tuned_on": TUNED_ON,
                "row": row_course(exam, genomes[best], outcomes, 0, False),
                "memory": express([genomes[best]], course.world)[0].graph.synapses,
            }
        )
    tasks = exam.drawn[0][1].tasks
    alone = Tasks(*(apart(part, _count(course)) for part in vars(tasks).values()))
    family = course.family
    assert isinstance(family, InARow)
    shown = family.each["test"][0]
    alone = replace(alone, support_x=alone.support_x[:shown], support_y=alone.support_y[:shown])
    answers = next(row.answers for row in ROWS if row.name == "nearest prototype")(alone)
    each = Peer(answers, course.head).scores(alone.query_y).astype(np.float64).reshape(tasks.lanes, -1).T
    later = each[len(each) // 2 :].mean(axis=0)
    lanes = [exam.by_task(0, later)]
    classes = alone.query_y.shape[1]
    yield _row(exam, "nearest prototype, nothing kept", lanes, champion).model_copy(
        update={"memory": classes * (tasks.support_x.shape[1] + 1)}
    )


def descending(course: Course, rate: float, ratio: float, anew: tuple[bool, bool]) -> Genome:
    """Return the genome of gradient descent, with a rate of its last layer, and what begins each task anew."""
    graph, world = course.network, course.world
    last = graph.dst >= graph.nodes - graph.outputs
    rates = np.where(last, rate * ratio, rate).astype(np.float32)
    fresh = np.where(last, float(anew[1]), float(anew[0])).astype(np.float32)
    both = np.stack([rates, fresh])
    if world.tied:
        groups = np.unique(graph.group, return_index=True)[1]
        both = np.ascontiguousarray(both[:, groups])
    return Genome(parse_rule({"update": CARRIED}), plasticity=both)


def _row(exam: Exam, name: str, scores: Scores, champion: Scores) -> Baseline:
    difference = exam.difference(champion, scores, "accuracy")
    return Baseline(name=name, **Comparison(**exam.score(scores, "accuracy"), difference=difference))


def _score(exam: Exam, each: F64) -> Score:
    """Return the mean over some tasks, with its interval over lives."""
    lanes: F32 = each.mean(axis=0)
    return exam.score([exam.by_task(0, np.asarray(lanes, np.float64))], "accuracy")


def _count(course: Course) -> int:
    assert isinstance(course.family, InARow)
    return course.family.counts["test"]
