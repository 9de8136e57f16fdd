"""What tasks give away: queries that were learned from, and inputs that are the answer."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from evometa.judging.audit.judgement import RESAMPLES, Fault
from evometa.judging.audit.subject import Subject
from evometa.judging.audits import Cell
from evometa.lifetime import F32, Tasks

SEEN = 0.05  # of queries, that may be support examples by chance
TOLD = 0.99  # of queries, that one input alone may not answer
LANES = 64  # tasks that are looked at


def leaks(subject: Subject) -> Iterator[Fault]:
    """No query is one of its task's examples, and no input alone is the answer; where examples are not asked again."""
    for course, lesson in subject.drawn:
        if course.family.sequence or course.family.queries_seen:
            continue  # an example asked again is answered by any input that tells it from others
        tasks = lesson.tasks.take(np.arange(0, lesson.tasks.lanes, lesson.repeats)[:LANES])
        yield exact("queries among the examples", repeated(tasks), SEEN, tasks.lanes)
        if course.family.kind == "classification":
            yield exact("answered by one input alone", answered_by_one(tasks), TOLD, tasks.lanes)


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
