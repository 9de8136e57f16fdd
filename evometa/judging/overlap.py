"""Test tasks that are train or validation tasks by content: a user's function may give one task in two splits."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import numpy as np

from evometa.config.schema import Split
from evometa.evolution.courses import Course
from evometa.evolution.evaluation import Evaluator
from evometa.evolution.lessons import Lessons
from evometa.judging.reports import Overlap
from evometa.lifetime import F32, Tasks
from evometa.lifetime.acting import Lives
from evometa.lifetime.searches import Searches
from evometa.lifetime.teaching import TeachingLives
from evometa.tasks.environments.lives import EnvironmentLives


def overlap(evaluator: Evaluator, test: Sequence[tuple[Course, Lessons]]) -> Overlap:
    """Count the tasks of the champion's test (of each set that serves for it) that were met before it."""
    config = evaluator.config
    sampling, last = config.sampling, config.run.generations - 1
    train: set[bytes] = set()
    for generation in {evaluator.epoch(0), evaluator.epoch(last)}:
        train |= _drawn(evaluator, "train", generation, sampling.tasks)
    train |= _drawn(evaluator, "train", 0, sampling.panel_tasks, "panel ")
    train |= _drawn(evaluator, "train", 0, max(sampling.tasks, sampling.validation_tasks), "tuning ")
    validation = _drawn(evaluator, "validation", 0, sampling.validation_tasks)
    asked = _contents(test)
    return Overlap(
        tasks=len(asked),
        train=sum(one in train for one in asked),
        validation=sum(one in validation for one in asked),
        compared=len(train),
    )


def _drawn(evaluator: Evaluator, split: Split, generation: int, count: int, purpose: str = "") -> set[bytes]:
    """Return the contents of a split's tasks as they are drawn for a generation, of all sets."""
    if not count:
        return set()
    return set(_contents(evaluator.draw(split, generation, count, purpose=purpose)))


def _contents(drawn: Sequence[tuple[Course, Lessons]]) -> list[bytes]:
    """Return the contents of the tasks of all sets, each once, however often it is lived."""
    each = [lesson.tasks.take(np.arange(0, lesson.tasks.lanes, lesson.repeats)) for _, lesson in drawn]
    return [one for tasks in each for one in contents(tasks)]


def contents(tasks: Tasks | Lives | EnvironmentLives | Searches | TeachingLives) -> list[bytes]:
    """Return a digest of each lane's support and query examples, in whatever order they stand; of a world's lives."""
    if isinstance(tasks, EnvironmentLives):
        lanes = range(tasks.first, tasks.first + tasks.lanes)
        return [sha256(f"{tasks.seed} {lane}".encode()).digest() for lane in lanes]
    if isinstance(tasks, Searches):
        return [sha256(content).digest() for content in tasks.contents()]
    if isinstance(tasks, TeachingLives):
        drawn = np.concatenate([tasks.offset.view(np.float32), tasks.draws])
        return [sha256(np.ascontiguousarray(drawn[:, lane]).tobytes()).digest() for lane in range(tasks.lanes)]
    if isinstance(tasks, Lives):
        drawn = np.concatenate([tasks.parameters, tasks.noise.reshape(-1, tasks.lanes)])
        if not len(drawn):  # a world in which nothing is left to chance: lives differ by what actions are chosen by
            drawn = tasks.draws.reshape(-1, tasks.lanes)
        return [
            sha256(tasks.world.key + np.ascontiguousarray(drawn[:, lane]).tobytes()).digest()
            for lane in range(tasks.lanes)
        ]
    parts = [_rows(tasks.support_x, tasks.support_y), _rows(tasks.query_x, tasks.query_y)]
    return [sha256(b"|".join(b"".join(sorted(part[lane])) for part in parts)).digest() for lane in range(tasks.lanes)]


def _rows(x: F32, y: F32) -> list[list[bytes]]:
    """Return the bytes of each example, inputs f32[S, I, L] with targets f32[S, O, L], lane by lane."""
    both = np.ascontiguousarray(np.concatenate([x, y], axis=1).transpose(2, 0, 1))
    return [[row.tobytes() for row in lane] for lane in both]
