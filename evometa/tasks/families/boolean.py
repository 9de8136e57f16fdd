"""Linearly separable maps of a few bits (Chalmers 1990, "The evolution of learning")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from pathlib import Path
from typing import ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from evometa.config.tasks import FamilySettings
from evometa.errors import InputError
from evometa.lifetime import F32, Tasks
from evometa.seeding import stream
from evometa.spec.heads import Kind
from evometa.tasks.family import Family

BATCH, ATTEMPTS = 2048, 64


class BooleanTasks(FamilySettings):
    """Linearly separable maps of a few bits (Chalmers 1990)."""

    family: Literal["boolean"] = "boolean"
    kind: ClassVar[Kind] = "classification"
    inputs: int = Field(5, ge=2, le=10, description="bits; there are 2**inputs patterns")
    patterns: int = Field(12, ge=2, le=1024, description="patterns that a task shows, 25 to 75 % of them ones")
    queries: Literal["same", "unseen", "all"] = Field(
        "same", description="patterns asked for afterwards: those shown, those not shown, or all"
    )
    train_tasks: int = Field(20, ge=1, le=100_000, description="distinct tasks that evolution meets")
    validation_tasks: int = Field(10, ge=1, le=100_000, description="distinct tasks that the champion is chosen on")
    test_tasks: int = Field(200, ge=1, le=100_000, description="distinct tasks that the champion is reported on")

    @model_validator(mode="after")
    def _enough_patterns(self) -> Self:
        most = 2**self.inputs - (self.queries == "unseen")
        if self.patterns > most:
            raise InputError(
                f"at most {most} patterns ({self.inputs} inputs, {self.queries} patterns asked for)",
                str(self.patterns),
                "tasks.patterns",
                "Show fewer patterns, or raise tasks.inputs.",
            )
        return self

    def open(self, seed: int, splits: Sequence[str], base: Path) -> Boolean:
        return Boolean(self, seed)


class Boolean(Family):
    """Threshold maps of bits, with weights and threshold U[-1, 1]; each task shows some of the patterns.

    Every split is a fixed list of tasks, drawn once from the seed; no truth table occurs twice, in one split
    or in two. Test tasks depend on the seed alone, and fewer train tasks are the first of more.
    """

    def __init__(self, settings: BooleanTasks, seed: int) -> None:
        counts = {
            "test": settings.test_tasks,
            "validation": settings.validation_tasks,
            "train": settings.train_tasks,
        }
        size, seen = 2**settings.inputs, set[bytes]()
        self._tasks: dict[str, Tasks] = {}
        for split, count in counts.items():
            maps = _separable_maps(settings, split, count, seen, stream(seed, 0, f"tasks/boolean/{split}"))
            self._tasks[split] = _asked(settings, *maps)
        self._settings, self._seed, self._known = settings, seed, seen
        self.queries_seen = settings.queries != "unseen"
        queries = {"same": settings.patterns, "unseen": size - settings.patterns, "all": size}[settings.queries]
        super().__init__(
            name="boolean",
            kind=settings.kind,
            inputs=settings.inputs,
            outputs=1,
            support=settings.patterns,
            queries=dict.fromkeys(counts, queries),
            splits={
                s: f"{n} separable maps of {settings.inputs} bits, found in no other split" for s, n in counts.items()
            },
            limits=counts,
        )

    def shifts(self) -> Mapping[str, Family]:
        """Return maps of which hardly any pattern that is shown is a one, or hardly any is not."""
        other, settings = copy(self), self._settings
        try:
            maps = _separable_maps(
                settings, "test", settings.test_tasks, set(self._known),
                stream(self._seed, 0, "tasks/boolean/lopsided"), lopsided=True,
            )  # fmt: skip
        except InputError:
            return {}  # there are not so many
        other._tasks = {"test": _asked(settings, *maps)}
        return {"few ones, or few zeros": other}

    def _draw(self, split: str, count: int, rng: np.random.Generator) -> Tasks:
        """Give all tasks in order as often as `count` allows, then draw the rest without replacement."""
        limit = self.limits[split]
        rest = rng.choice(limit, count % limit, replace=False)
        return self._tasks[split].take(np.concatenate([np.tile(np.arange(limit), count // limit), rest]))


def _patterns(inputs: int) -> NDArray[np.uint8]:
    """All patterns of some bits, u8[2**inputs, inputs]."""
    return (np.arange(2**inputs)[:, None] >> np.arange(inputs) & 1).astype(np.uint8)


def _separable_maps(
    settings: BooleanTasks, split: str, count: int, seen: set[bytes], rng: np.random.Generator, lopsided: bool = False
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Draw `count` maps whose truth tables are not in `seen` (they are added), and an order of patterns each.

    Returns truth bool[count, 2**I] and order i64[count, 2**I]; the first patterns of the order are shown,
    25 to 75 % of them ones; `lopsided`: fewer or more, but not all alike. Raises InputError when there are too few.
    """
    patterns, size, shown = _patterns(settings.inputs), 2**settings.inputs, settings.patterns
    truths: list[NDArray[np.bool_]] = []
    orders: list[NDArray[np.int64]] = []
    for _ in range(ATTEMPTS * (1 + count // BATCH)):
        weights = rng.uniform(-1, 1, (settings.inputs, BATCH))
        threshold = rng.uniform(-1, 1, BATCH)
        net = sum(patterns[:, i, None] * weights[i] for i in range(settings.inputs))  # no BLAS: same bits anywhere
        truth = (net > threshold).T
        order = np.argsort(rng.random((BATCH, size)), axis=1, kind="stable")
        ones = np.take_along_axis(truth, order[:, :shown], axis=1).sum(axis=1)
        even = (ones >= 0.25 * shown) & (ones <= 0.75 * shown)
        for k in np.flatnonzero(~even & (ones > 0) & (ones < shown) if lopsided else even):
            table = np.packbits(truth[k]).tobytes()
            if table not in seen:
                seen.add(table)
                truths.append(truth[k])
                orders.append(order[k])
                if len(truths) == count:
                    return np.array(truths), np.array(orders)
    raise InputError(
        f"{count} separable maps for {split} that no other split has, {shown} patterns shown",
        f"{len(truths)} maps of {settings.inputs} bits",
        f"tasks.{split}_tasks",
        "Ask for fewer tasks, or raise tasks.inputs.",
    )


def _asked(settings: BooleanTasks, truth: NDArray[np.bool_], order: NDArray[np.int64]) -> Tasks:
    """Turn maps and an order of patterns each into tasks that show the first of them."""
    shown, rest = order[:, : settings.patterns], order[:, settings.patterns :]
    asked = {"same": shown, "unseen": rest, "all": order}[settings.queries]
    return _as_tasks(truth, shown, asked, settings.inputs)


def _as_tasks(truth: NDArray[np.bool_], shown: NDArray[np.int64], asked: NDArray[np.int64], inputs: int) -> Tasks:
    """Turn maps and the patterns that each shows and asks into tasks, one a lane."""
    patterns = _patterns(inputs)

    def x(order: NDArray[np.int64]) -> F32:
        return np.ascontiguousarray(patterns[order].transpose(1, 2, 0), dtype=np.float32)

    def y(order: NDArray[np.int64]) -> F32:
        return np.ascontiguousarray(np.take_along_axis(truth, order, axis=1).T[:, None, :], dtype=np.float32)

    return Tasks(x(shown), y(shown), x(asked), y(asked))
