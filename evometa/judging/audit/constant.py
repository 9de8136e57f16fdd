"""What is scored by who gives the same answer to all queries of a task."""

from __future__ import annotations

import numpy as np

from evometa.evolution.courses import Lessons
from evometa.judging.audit.judgement import F64
from evometa.spec import HEADS

SMALLEST = 1e-3  # probability that such an answer gives


def constant_scores(lesson: Lessons, head: str, measure: str) -> F64:
    """Return what the mean target of each task's examples comes to as the answer to all its queries, f64[tasks]; for
    several outputs that are no classes of one task, the worst that there is."""
    tasks = lesson.tasks.take(np.arange(0, lesson.tasks.lanes, lesson.repeats))
    shown, asked = tasks.support_y.astype(np.float64), tasks.query_y.astype(np.float64)
    mean = np.broadcast_to(shown.mean(axis=0), asked.shape)
    classes, several = HEADS[head].kind == "classification", asked.shape[1] > 1
    if several and head == "sigmoid":
        return np.full(tasks.lanes, np.inf if measure == "loss" else -np.inf)
    if measure == "closeness":
        return np.asarray(1.0 - np.abs(asked - mean).mean(axis=(0, 1)))
    if measure == "accuracy":
        right = mean.argmax(axis=1) == asked.argmax(axis=1) if several else ((mean > 0.5) == (asked > 0.5))[:, 0]
        return np.asarray(right.mean(axis=0))
    if not classes:
        return np.asarray(np.square(asked - mean).mean(axis=(0, 1)))
    held = np.clip(mean, SMALLEST, 1 - SMALLEST)
    other = 0.0 if several else (1 - asked) * np.log(1 - held)
    return np.asarray(-(asked * np.log(held) + other).sum(axis=1).mean(axis=0))
