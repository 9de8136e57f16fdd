"""One task of images as people can see it: examples, queries, and what a learner answered."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.evolution.courses import Course
from evometa.evolution.evaluation import Evaluator
from evometa.evolution.lessons import Lessons
from evometa.genetics.genome import Genome
from evometa.genetics.phenotype import express
from evometa.judging.reports import Episode
from evometa.lifetime import F32, Tasks
from evometa.spec.arrays import I64

CLASSES, ASKED = 5, 2  # that are shown, and queries of each
LARGEST = 28  # pixels of a side; of larger images some rows and columns are left out


def episode_of(evaluator: Evaluator, genome: Genome) -> Episode | None:
    """Return the first held-out task with a learner's answers; None without images, of sequences, and of many tasks.

    One example of each class is shown, the first, whatever the learner has seen of it.
    """
    course = next(course for course in evaluator.courses if course.serves("test"))
    family, shape = course.family, course.family.image
    if shape is None or family.whole or family.sequence or family.kind != "classification":
        return None
    ((_, lesson), *_) = evaluator.draw("test", 0, 1)
    tasks = lesson.tasks.take(np.zeros(1, np.int64))
    classes, answers = tasks.support_y[:, :, 0].argmax(axis=1), answers_of(evaluator, genome, course, lesson)
    right = tasks.query_y[:, :, 0].argmax(axis=1)
    shown = np.unique(classes)[:CLASSES]
    first = [int(np.flatnonzero(classes == one)[0]) for one in shown]
    asked = [place for one in shown for place in np.flatnonzero(right == one)[:ASKED].tolist()]
    return Episode(
        shape=list(_small(np.zeros(shape)).shape), classes=shown.tolist(),
        examples=[_pixels(tasks.support_x[place, :, 0], shape) for place in first],
        queries=[_pixels(tasks.query_x[place, :, 0], shape) for place in asked],
        right=right[asked].tolist(), answers=answers[asked].tolist(),
    )  # fmt: skip


def answers_of(evaluator: Evaluator, genome: Genome, course: Course, lesson: Lessons) -> I64:
    """Return the class that a learner takes each query of the first task for, i64[Q].

    Each query is asked once for each class, as if that were right: in the lane where it is, the answer was right.
    """
    tasks = lesson.tasks
    queries, ways = tasks.query_y.shape[:2]
    lanes = np.zeros(queries * ways, np.int64)
    query, claim = np.divmod(np.arange(queries * ways), ways)
    some = tasks.take(lanes)
    asked = Tasks(
        some.support_x, some.support_y, np.ascontiguousarray(tasks.query_x[query, :, 0].T[None]),
        np.ascontiguousarray(np.eye(ways, dtype=np.float32)[claim].T[None]),
    )  # fmt: skip
    phenotypes = express([genome], course.world)
    births, plan = lesson.births(phenotypes).take(lanes), lesson.plan.take(lanes)
    found = evaluator.backend(phenotypes, asked, births, plan, threads=evaluator.config.run.threads)
    right: I64 = found.accuracy[0, -1].reshape(queries, ways).argmax(axis=1)
    return right


def _small(image: NDArray[Any]) -> NDArray[Any]:
    """Return an image without some of its rows and columns, where it is a large one."""
    rows, columns = (np.linspace(0, side - 1, min(side, LARGEST)).round().astype(np.int64) for side in image.shape[:2])
    return image[rows][:, columns]


def _pixels(x: F32, shape: tuple[int, int, int]) -> str:
    """Return an image as hexadecimal bytes."""
    return np.clip(_small(x.reshape(shape)) * 255.0, 0, 255).round().astype(np.uint8).tobytes().hex()
