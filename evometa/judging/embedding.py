"""Plain learners on a champion's embedding: what comparing is worth beside what is compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from evometa.evolution.courses import Course
from evometa.evolution.lessons import Lessons
from evometa.genetics.genome import Genome
from evometa.genetics.phenotype import express
from evometa.judging.exam import Exam, Scores
from evometa.judging.peers import ROWS, Peer
from evometa.lifetime import F32, Births, Phenotypes, Plan, Tasks
from evometa.lifetime.reference_comparison import Comparison
from evometa.spec import HEADS
from evometa.spec.arrays import I64


def peers_on_embedding(genome: Genome, course: Course, lesson: Lessons) -> dict[str, Peer]:
    """Have nearest prototype and nearest neighbour answer each task's queries, all embedded by a newborn champion.

    Embeddings are as the champion compares them. Those that it is itself are left out: without updates, nearest
    prototype of the head `prototype`, and all of them where classes have one example. None for other heads.
    """
    if not HEADS[course.head].comparison or (_idle(lesson) and _single(lesson)):
        return {}
    tasks, itself = embedded(genome, course, lesson), _idle(lesson) and course.head == "prototype"
    rows = [row for row in ROWS if row.kind == "classification" and not row.long and row.applies(tasks)]
    return {
        f"{row.name} on the embedding": Peer(row.answers(tasks), course.head)
        for row in rows
        if not (itself and row.name == "nearest prototype")
    }


def with_matching(exam: Exam, genome: Genome) -> dict[str, Scores]:
    """Return the scores of a champion that learns nothing but by prototypes, had it the head `matching` instead.

    Nothing where it is another champion, or where both are the same, as classes have one example.
    """
    ((course, lesson),) = exam.drawn
    if course.head != "prototype" or not _idle(lesson) or _single(lesson):
        return {}
    other = Exam(exam.evaluator, [(course, replace(lesson, plan=replace(lesson.plan, head="matching")))])
    outcomes = other.live([genome], "test")
    return {measure: other.scores(outcomes, 0, measure) for measure in exam.measures}


def _idle(lesson: Lessons) -> bool:
    """Whether lives have no updates."""
    return not len(lesson.plan.order)


def _single(lesson: Lessons) -> bool:
    """Whether no class has two examples."""
    return bool(lesson.tasks.support_y.sum(axis=0).max() <= 1)


def embedded(genome: Genome, course: Course, lesson: Lessons) -> Tasks:
    """Return each task once, with what a newborn learner makes of its inputs in their place."""
    lanes = np.arange(0, lesson.tasks.lanes, lesson.repeats)
    tasks, phenotypes = lesson.tasks.take(lanes), express([genome], course.world)
    embed = embedding_of(phenotypes, lesson.births(phenotypes), lanes, lesson.plan)
    comparison = Comparison(HEADS[lesson.plan.head].comparison, lesson.plan.metric, phenotypes[0].coefficients)

    def units(x: F32) -> F32:
        e = embed(x).swapaxes(0, 1)
        return np.ascontiguousarray(comparison.unit(np.ascontiguousarray(e)).swapaxes(0, 1))

    return Tasks(units(tasks.support_x), tasks.support_y, units(tasks.query_x), tasks.query_y)


def embedding_of(phenotypes: Phenotypes, births: Births, lanes: I64, plan: Plan) -> Callable[[F32], F32]:
    """Return what makes embeddings f32[S, O, L] of inputs f32[S, I, L] that newborn learners meet in some lanes.

    Weights that a genome brings are alike in all lanes, and one network does for all inputs.
    """
    from evometa.lifetime.numba.stepwise import Lives, answer, at_birth

    graph, innate = phenotypes[0].graph, phenotypes[0].innate
    if innate is None:
        lives = Lives(phenotypes, births.take(lanes), len(lanes), head=plan.head, credit=plan.credit, bound=plan.bound,
                      metric=plan.metric)  # fmt: skip
        born = lives.birth()
        return lambda x: lives.answer(born, x)[0]
    state = at_birth(graph, innate[:, None])

    def of(x: F32) -> F32:
        rows = answer(graph, plan.head, state, x.swapaxes(1, 2).reshape(-1, x.shape[1]))
        return rows.reshape(len(x), x.shape[2], -1).swapaxes(1, 2)

    return of
