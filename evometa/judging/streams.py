"""Learners in streams of classes: what they know at the end, what they knew when it was new, what they forgot.

Accuracy is over all classes met, by one who may answer with any of these. Axis letters: L streams (lanes), M moments,
Q queries, N classes.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evometa.config.schema import Config
from evometa.evolution.courses import Course
from evometa.evolution.evaluation import Evaluator
from evometa.evolution.lessons import Lessons
from evometa.genetics.genome import Genome
from evometa.genetics.phenotype import express
from evometa.judging.embedding import embedded
from evometa.judging.exam import Exam, Scores
from evometa.judging.intervals import F64, I64
from evometa.judging.reports import Baseline, Comparison, StreamCourse
from evometa.judging.scores import Score
from evometa.judging.stream_learners import LEARNERS, Dials, Stream, StreamLearner
from evometa.lifetime import F32, Tasks
from evometa.lifetime.reference_comparison import Comparison as Compared
from evometa.lifetime.support import Support
from evometa.spec import HEADS
from evometa.spec.states import MEMORY

TUNED_ON = 3  # validation streams that plain learners are tuned on, at most
FEW = 3  # test streams that those which take long meet in a report
MOMENTS = 10  # at which learners are asked for all that they have met, the last of them the end


def is_stream(config: Config) -> bool:
    """Tell whether classes come one after another."""
    return config.lifetime.order == "classes"


class Known(NamedTuple):
    """What a learner knew: `matrix f64[M, M, L]`, at each moment of each group of classes, NaN of those to come;
    `learned f64[L]`, of the class that was met last at each moment; `later f64[L]`, of the same classes at the end;
    `end f64[L]`, of all classes at the end."""

    matrix: F64
    learned: F64
    later: F64
    end: F64


def moments_of(classes: int) -> list[int]:
    """Return after how many classes learners are asked: ten times, or after each class where there are fewer."""
    return sorted({round(classes * (k + 1) / MOMENTS) for k in range(MOMENTS)} - {0})


def known(right: NDArray[np.bool_], classes: I64, moments: Sequence[int]) -> Known:
    """Return what right answers bool[M, Q, L] to queries of classes i64[Q] come to."""
    groups = np.searchsorted(np.array(moments), classes, side="right")
    matrix = np.full((len(moments), len(moments), right.shape[2]), np.nan)
    for m, k in itertools.product(range(len(moments)), repeat=2):
        if k <= m:
            matrix[m, k] = right[m, groups == k].mean(axis=0)
    last = [classes == moment - 1 for moment in moments]
    learned = np.mean([right[m, own].mean(axis=0) for m, own in enumerate(last)], axis=0)
    later = np.mean([right[-1, own].mean(axis=0) for own in last], axis=0)
    return Known(matrix, learned, later, right[-1].mean(axis=0))


def streams_of(tasks: Tasks) -> Iterator[tuple[Stream, I64]]:
    """Yield the stream of each lane in the order in which classes come, and the classes of its queries."""
    for lane in range(tasks.lanes):
        labels = tasks.support_y[:, :, lane].argmax(axis=1)
        order = np.argsort(labels, kind="stable")
        shots = len(labels) // (labels.max() + 1)
        moments = [moment * shots for moment in moments_of(int(labels.max()) + 1)]
        asked = tasks.query_y[:, :, lane].argmax(axis=1)
        yield Stream(tasks.support_x[order, :, lane], labels[order], tasks.query_x[..., lane], moments), asked


def of_learner(learner: StreamLearner, tasks: Tasks, dials: Dials) -> Known:
    """Return what a plain learner knows."""
    from threadpoolctl import threadpool_limits

    right = []
    with threadpool_limits(1):  # products are small: threads would wait for one another, above all on a busy machine
        for one, asked in streams_of(tasks):
            right.append(learner.answers(one, dials) == asked)
    return known(np.stack(right, axis=-1), asked, moments_of(int(asked.max()) + 1))


def tuned(learner: StreamLearner, tasks: Tasks) -> dict[str, float]:
    """Return the dials that know most at the end of some streams, found one after the other."""
    best = {name: values[len(values) // 2] for name, values in learner.grid.items()}
    for name, values in learner.grid.items():
        if len(values) > 1:
            ends = [of_learner(learner, tasks, best | {name: value}).end.mean() for value in values]
            best[name] = values[int(np.argmax(ends))]
    return best


def of_genome(genome: Genome, course: Course, lesson: Lessons) -> Known:
    """Return what a genome's learner knows, answering as its lifetimes do."""
    tasks = lesson.tasks.take(np.arange(0, lesson.tasks.lanes, lesson.repeats))
    asked = tasks.query_y[:, :, 0].argmax(axis=1)
    moments = moments_of(int(asked.max()) + 1)
    compares = HEADS[course.head].comparison
    answers = _compared(genome, course, lesson, moments) if compares else _lived(genome, course, lesson, moments)
    return known(answers == asked[None, :, None], asked, moments)


def _compared(genome: Genome, course: Course, lesson: Lessons, moments: Sequence[int]) -> I64:
    """Return the answers i64[M, Q, L] of a learner that compares, and learns nothing but that."""
    units = embedded(genome, course, lesson)
    coefficients = express([genome], course.world)[0].coefficients
    comparison = Compared(HEADS[course.head].comparison, lesson.plan.metric, coefficients)
    found = []
    for one, _ in streams_of(units):
        support, known, shots = Support.empty(comparison, one.x.shape[1], 0), 0, len(one.labels) // moments[-1]
        answers = []
        for moment in moments:
            new = slice(known * shots, moment * shots)
            support = support.renumbered(comparison, np.arange(known), moment)
            support = support.extended(comparison, np.ascontiguousarray(one.x[new].T), one.labels[new])
            answers.append(support.net_inputs(comparison, np.ascontiguousarray(one.queries.T), moment).argmax(axis=0))
            known = moment
        found.append(np.array(answers))
    return np.stack(found, axis=-1)


def _lived(genome: Genome, course: Course, lesson: Lessons, moments: Sequence[int]) -> I64:
    """Return the answers i64[M, Q, L] of a learner that changes its weights."""
    from evometa.lifetime.numba.stepwise import Lives

    phenotypes, plan, tasks = express([genome], course.world), lesson.plan, lesson.tasks
    lives = Lives(phenotypes, lesson.births(phenotypes), tasks.lanes, head=plan.head, credit=plan.credit,
                  bound=plan.bound, synapse_cost=plan.synapse_cost, memory=plan.memory)  # fmt: skip
    states, done, found = lives.birth(), 0, []
    for moment in moments:
        order = plan.order[done : moment * plan.task]
        states = lives.learn(states, tasks.support_x, tasks.support_y, order, done, *plan.life)
        done = moment * plan.task
        answers: F32 = lives.answer(states, tasks.query_x)[0, :, :moment]
        found.append(answers.argmax(axis=1)[:, :: lesson.repeats])
    return np.array(found)


def floats_of(genome: Genome, course: Course, lesson: Lessons) -> int:
    """Return how many floats a genome's learner has at the end: weights and states, and what it compares with."""
    one = express([genome], course.world)[0]
    states = 1 + sum(state in genome.rule for state in MEMORY)
    weights = one.graph.synapses * (states if len(lesson.plan.order) else 1)
    if not HEADS[course.head].comparison:
        return weights
    examples, classes = len(lesson.tasks.support_x), int(lesson.tasks.support_y[:, :, 0].sum(axis=0).astype(bool).sum())
    kept = classes * (one.graph.outputs + 1) if HEADS[course.head].comparison == "prototype" else 0
    return weights + (kept or examples * (one.graph.outputs + 1))


def stream_course(exam: Exam, genome: Genome) -> StreamCourse:
    """Return how a champion's streams go."""
    (course, lesson), *_ = exam.drawn
    found = of_genome(genome, course, lesson)
    return _told(exam, found, floats_of(genome, course, lesson))


def tuned_dials(evaluator: Evaluator) -> dict[str, dict[str, float]]:
    """Return the dials of plain learners of streams at their best on a few validation streams."""
    (_, lesson), *_ = evaluator.draw("validation", 0, min(TUNED_ON, evaluator.config.sampling.validation_tasks))
    return {learner.name: tuned(learner, lesson.tasks) for learner in LEARNERS}


def stream_baselines(
    exam: Exam, champion: Scores, dials: Mapping[str, dict[str, float]], few: int = FEW
) -> Iterator[Baseline]:
    """Yield reports on plain learners of streams with their dials, beside the champion's accuracy.

    `few`: test streams that those which take long meet.
    """
    (_, lesson), *_ = exam.drawn
    tasks = lesson.tasks.take(np.arange(0, lesson.tasks.lanes, lesson.repeats))
    classes = len(np.unique(tasks.support_y[:, :, 0].argmax(axis=1)))
    for learner in LEARNERS:
        own = dials[learner.name]
        met = np.arange(min(tasks.lanes, few) if learner.long else tasks.lanes)
        found = of_learner(learner, tasks.take(met), own)
        scores = [found.end[None]]
        beside = Comparison(**exam.score(scores, "accuracy"), difference=exam.difference(champion, scores, "accuracy"))
        memory = learner.memory(len(tasks.support_x), classes, tasks.support_x.shape[1], own)
        tried = TUNED_ON if learner.grid else None
        yield Baseline(
            name=learner.name, dials=own, tuned_on=tried, memory=memory, stream=_told(exam, found, memory), **beside
        )


def _told(exam: Exam, found: Known, memory: int) -> StreamCourse:
    """Return what a learner knew as a report has it."""

    def score(lanes: F64) -> Score:
        return exam.score([lanes[None]], "accuracy")

    matrix = [row[: m + 1].mean(axis=1).tolist() for m, row in enumerate(found.matrix)]
    return StreamCourse(
        memory=memory, end=score(found.end), learned=score(found.learned), backward=score(found.later - found.learned),
        matrix=matrix,
    )  # fmt: skip
