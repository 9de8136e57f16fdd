"""What tasks give away: queries that were learned from, inputs that are the answer, splits that share their content."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from evometa.config.schema import Split
from evometa.evolution.courses import Drawn
from evometa.judging.audit.judgement import RESAMPLES, Fault
from evometa.judging.audit.learned import learned_by
from evometa.judging.audit.learner import Learner
from evometa.judging.audits import Cell
from evometa.judging.overlap import overlap
from evometa.lifetime import F32, Tasks

SEEN = 0.05  # of queries, that may be support examples by chance
TOLD = 0.99  # of queries, that one input alone may not answer
LANES = 64  # tasks that are looked at
NONE = 1e-9  # of what may not be at all
SAME = 0.01  # of a split's examples, that another may have by chance
DRAWS, FEW = 4, 4  # generations of evolution whose examples are compared; tasks that are learned again
CODE = 16  # inputs of two values, up to which examples are codes that all splits have


def leaks(subject: Learner) -> Iterator[Fault]:
    """No query is one of its task's examples, and no input alone is the answer, where examples are not asked again; no
    split has another's tasks, or its examples; and what is learned does not depend on the answers to the queries."""
    yield from between_splits(subject)
    yield from heard(subject)
    for course, lesson in subject.drawn:
        if course.family.sequence or course.family.queries_seen:
            continue  # an example asked again is answered by any input that tells it from others
        tasks = lesson.tasks.take(np.arange(0, lesson.tasks.lanes, lesson.repeats)[:LANES])
        yield exact("queries among the examples", repeated(tasks), SEEN, tasks.lanes)
        if course.family.kind == "classification":
            yield exact("answered by one input alone", answered_by_one(tasks), TOLD, tasks.lanes)


def between_splits(subject: Learner) -> Iterator[Fault]:
    """Compare the tasks of the test with those that came before it, and their examples, where inputs are no codes."""
    found = overlap(subject.evaluator, subject.drawn)
    for name, met in (("test tasks met in evolution", found.train), ("test tasks met in validation", found.validation)):
        yield exact(name, met / max(1, found.tasks), SEEN, found.tasks)
    counts: dict[Split, int] = {"train": subject.evaluator.config.sampling.tasks, "validation": subject.tasks}
    asked = {course.number: inputs_of([(course, lesson)]) for course, lesson in told_apart(subject.drawn)}
    for split, count in counts.items():
        drawn = told_apart([one for g in range(DRAWS) for one in subject.draw(split, f"leaks {g} ", count)])
        known = inputs_of(drawn)
        for own in asked.values() if known else ():
            yield exact(f"test examples met in {split}", len(own & known) / max(1, len(own)), SAME, subject.tasks)


def told_apart(drawn: Drawn) -> Drawn:
    """Return the lessons whose inputs tell an example from all others: not codes, that all splits are made of."""
    return [(course, lesson) for course, lesson in drawn if not (course.family.queries_seen or course.family.sequence)]


def inputs_of(drawn: Drawn) -> set[bytes]:
    """Return the inputs of all examples in some lessons, each once, in regression with their targets, as a grid of
    inputs says nothing; none of codes, that is of two values alone."""
    found = set[bytes]()
    for course, lesson in drawn:
        tasks = lesson.tasks.take(np.arange(0, lesson.tasks.lanes, lesson.repeats))
        for x, y in ((tasks.support_x, tasks.support_y), (tasks.query_x, tasks.query_y)):
            if course.family.kind == "regression":
                x = np.concatenate([x, y], axis=1)
            rows = np.ascontiguousarray(x.transpose(0, 2, 1)).reshape(-1, x.shape[1])
            if rows.shape[1] > CODE or len(np.unique(rows)) > 2:
                found |= {row.tobytes() for row in rows}
    return found


def heard(subject: Learner) -> Iterator[Fault]:
    """Give queries other answers, and look whether anything else is learned."""
    for one in learned_by(subject):
        tasks = one.lesson.tasks
        other = replace(tasks, query_y=np.ascontiguousarray(tasks.query_y[::-1]))
        weights = one.after(other, FEW)
        same = [np.array_equal(a[:, :FEW], b, equal_nan=True) for a, b in zip(one.weights, weights, strict=True)]
        yield exact("answers to queries are learned from", 1.0 - float(np.mean(same)), NONE, FEW)


def exact(name: str, share: float, most: float, tasks: int) -> Fault:
    """Return a fault that is counted, and not estimated."""
    return Fault(Cell(name=name, champion=share), share - most, np.full(RESAMPLES, share - most), tasks, True)


def repeated(tasks: Tasks) -> float:
    """Return the share of queries that are, bit for bit, a support example of their task."""
    same = [(tasks.support_x == query).all(axis=1).any(axis=0) for query in tasks.query_x]
    return float(np.mean(same))


def answered_by_one(tasks: Tasks) -> float:
    """Return how many queries the best single input answers by its nearest example: their share over all tasks."""
    support, queries = (_labels(y) for y in (tasks.support_y, tasks.query_y))
    best = 0.0
    for column in range(tasks.support_x.shape[1]):
        own, asked = tasks.support_x[:, column], tasks.query_x[:, column]
        nearest = np.abs(asked[:, None] - own[None]).argmin(axis=1)
        best = max(best, float((np.take_along_axis(support, nearest, axis=0) == queries).mean()))
    return best


def _labels(y: F32) -> NDArray[np.int64]:
    return y.argmax(axis=1) if y.shape[1] > 1 else (y[:, 0] > 0.5).astype(np.int64)
