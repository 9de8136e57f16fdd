"""Disturbances of lessons: each makes other lessons of the same tasks; which, depends on nothing but them.

Lanes of one task (its repeats) are disturbed alike. Axis letters as in the contract.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.evolution.courses import Drawn
from evometa.evolution.lessons import Lessons
from evometa.lifetime import F32, Tasks
from evometa.seeding import stream

Transform = Callable[[Lessons], Lessons]
SEED = 16  # of what is drawn for disturbances


def everywhere(drawn: Drawn, transform: Transform) -> Drawn:
    """Return the lessons of all sets, disturbed."""
    return [(course, transform(lesson)) for course, lesson in drawn]


def of_tasks(change: Callable[[Tasks, int], Tasks]) -> Transform:
    """Return what changes tasks, given how many lanes each has."""
    return lambda lesson: replace(lesson, tasks=change(lesson.tasks, lesson.repeats))


def shuffled(tasks: Tasks, repeats: int) -> Tasks:
    """Give each support example the target of another of its task, by chance."""
    size = len(tasks.support_x)
    places = _by_task(tasks.lanes, repeats, lambda rng: rng.permutation(size), "labels")
    return replace(tasks, support_y=_along(tasks.support_y, places[:, None, :], 0))


def elsewhere(tasks: Tasks, repeats: int) -> Tasks:
    """Give each task the support set of the next one."""
    lanes = np.roll(np.arange(tasks.lanes), -repeats)
    other = tasks.take(lanes)
    return Tasks(other.support_x, other.support_y, tasks.query_x, tasks.query_y)


def relabelled(tasks: Tasks, repeats: int) -> Tasks:
    """Call each class of a task by the name of another one, in support and queries alike (one output: 0 is 1)."""
    count = tasks.support_y.shape[1]
    if count == 1:
        return replace(tasks, support_y=1 - tasks.support_y, query_y=1 - tasks.query_y)
    # a turn by a number of places leaves none where it was
    turn = _by_task(tasks.lanes, repeats, lambda rng: (np.arange(count) + rng.integers(1, count)) % count, "names")
    return replace(
        tasks, support_y=_along(tasks.support_y, turn[None], 1), query_y=_along(tasks.query_y, turn[None], 1)
    )


def rearranged(tasks: Tasks, repeats: int) -> Tasks:
    """Let the inputs of each task change places, in support and queries alike."""
    count = tasks.support_x.shape[1]
    places = _by_task(tasks.lanes, repeats, lambda rng: rng.permutation(count), "inputs")[None]
    return replace(tasks, support_x=_along(tasks.support_x, places, 1), query_x=_along(tasks.query_x, places, 1))


def noisy(share: float, support: bool) -> Callable[[Tasks, int], Tasks]:
    """Return what adds noise of a share of the inputs' deviation to queries, and to support examples too."""

    def change(tasks: Tasks, repeats: int) -> Tasks:
        rng, size = _rng("noise"), share * float(tasks.support_x.std())
        found = {"query_x": _plus(tasks.query_x, size, rng)}
        if support:
            found["support_x"] = _plus(tasks.support_x, size, rng)
        return replace(tasks, **found)

    return change


def mislabelled(share: float) -> Callable[[Tasks, int], Tasks]:
    """Return what gives a share of the support examples, by chance, the target of another one."""

    def change(tasks: Tasks, repeats: int) -> Tasks:
        wrong = _rng("wrong").random((len(tasks.support_x), tasks.lanes // repeats)) < share
        mask = np.repeat(wrong, repeats, axis=1)[:, None, :]
        return replace(tasks, support_y=np.where(mask, shuffled(tasks, repeats).support_y, tasks.support_y))

    return change


def scaled(factor: float, shift: float) -> Callable[[Tasks, int], Tasks]:
    """Return what multiplies all inputs, and adds a share of their deviation."""

    def change(tasks: Tasks, repeats: int) -> Tasks:
        size = np.float32(shift * float(tasks.support_x.std()))
        both = (np.float32(factor) * x + size for x in (tasks.support_x, tasks.query_x))
        return replace(tasks, **dict(zip(("support_x", "query_x"), both, strict=True)))

    return change


def blinded(share: float) -> Callable[[Tasks, int], Tasks]:
    """Return what puts 0 in place of a share of each task's inputs."""

    def change(tasks: Tasks, repeats: int) -> Tasks:
        dark = _rng("dark").random((tasks.support_x.shape[1], tasks.lanes // repeats)) < share
        mask = np.repeat(dark, repeats, axis=1)[None]
        return replace(
            tasks, support_x=np.where(mask, np.float32(0), tasks.support_x),
            query_x=np.where(mask, np.float32(0), tasks.query_x),
        )  # fmt: skip

    return change


def fewer(divisor: int) -> Transform:
    """Return what leaves one of `divisor` support examples, of each class alike; lives are as long, and repeat them."""

    def change(lesson: Lessons) -> Lessons:
        tasks, count = lesson.tasks, len(lesson.tasks.support_x) // divisor
        labels = tasks.support_y.argmax(axis=1) if tasks.support_y.shape[1] > 1 else tasks.support_y[:, 0]
        # the first example of each class, then the second of each, …
        places = np.argsort(_ranks(labels), axis=0, kind="stable")[:count, None]
        kept = {name: np.ascontiguousarray(np.take_along_axis(getattr(tasks, name), places, 0))
                for name in ("support_x", "support_y")}  # fmt: skip
        order = (lesson.plan.order % count).astype(np.int32)
        return replace(lesson, tasks=replace(tasks, **kept), plan=replace(lesson.plan, order=order))

    return change


def _ranks(labels: NDArray[Any]) -> NDArray[np.int64]:
    """Return how many examples of its class come before each, in labels [S, L]; of numbers, its place."""
    same = labels[:, None] == labels[None]
    before = np.tri(len(labels), k=-1, dtype=bool)[..., None]
    ranks = (same & before).sum(axis=1)
    return ranks if ranks.any() else np.broadcast_to(np.arange(len(labels))[:, None], labels.shape)


def lasting(factor: float, drawn_out: bool = False) -> Transform:
    """Return what makes lives longer or shorter: the order of examples goes on, and age reaches 1 where it did, or, if
    `drawn_out`, at the end."""

    def change(lesson: Lessons) -> Lessons:
        plan = lesson.plan
        updates = max(1, round(plan.length * factor))
        rounds = -(-updates // len(plan.order))
        order = np.concatenate([plan.order] * rounds)[:updates]
        points = np.array([0, updates], np.int32)
        length = updates if drawn_out else plan.length
        return replace(lesson, plan=replace(plan, order=order, checkpoints=points, length=length))

    return change


def _rng(what: str) -> np.random.Generator:
    return stream(SEED, 0, f"audit/{what}")


def _by_task(lanes: int, repeats: int, draw: Callable[[np.random.Generator], NDArray[Any]], what: str) -> NDArray[Any]:
    """Return what is drawn for each task, lanes last, alike in the lanes of one task."""
    rng = _rng(what)
    return np.repeat(np.stack([draw(rng) for _ in range(lanes // repeats)], axis=1), repeats, axis=1)


def _along(array: F32, places: NDArray[Any], axis: int) -> F32:
    return np.ascontiguousarray(np.take_along_axis(array, np.broadcast_to(places, array.shape), axis))


def _plus(x: F32, size: float, rng: np.random.Generator) -> F32:
    return (x + size * rng.standard_normal(x.shape)).astype(np.float32)
