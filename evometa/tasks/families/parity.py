"""Parity of a few bits: what no network without hidden nodes can tell (Minsky & Papert 1969); of two bits, XOR."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from evometa.config.tasks import SPLITS, FamilySettings
from evometa.lifetime import Tasks
from evometa.spec.heads import Kind
from evometa.tasks.family import Family


class ParityTasks(FamilySettings):
    """Is the number of ones among a few bits odd (of 2 bits: XOR)? The patterns that are shown are asked."""

    family: Literal["parity"] = "parity"
    kind: ClassVar[Kind] = "classification"
    inputs: int = Field(2, ge=2, le=10, description="bits; there are 2**inputs patterns")
    asked: Literal["odd", "either", "apart"] = Field(
        "odd",
        description="odd: the same in every task; either: odd or even, which only a task's examples tell; apart: odd, "
        "each pattern in a task of its own, which tells close networks apart that are judged as they are born",
    )

    def open(self, seed: int, splits: Sequence[str], base: Path) -> Parity:
        return Parity(self)


class Parity(Family):
    """One task, two, or one for each pattern: splits differ in how lives begin and in what order they see patterns."""

    queries_seen = True

    def __init__(self, settings: ParityTasks) -> None:
        size = 2**settings.inputs
        bits = np.arange(size)[:, None] >> np.arange(settings.inputs) & 1
        self._x = bits[:, :, None].astype(np.float32)
        odd = (bits.sum(axis=1) % 2)[:, None, None].astype(np.float32)
        self._y = np.concatenate([odd, 1 - odd], axis=2) if settings.asked == "either" else odd
        if settings.asked == "apart":  # axes: examples, features, tasks
            self._x, self._y = self._x.transpose(2, 1, 0), self._y.transpose(2, 1, 0)
        shown, tasks = len(self._x), {"odd": 1, "either": 2, "apart": size}[settings.asked]
        super().__init__(
            name="parity",
            kind=settings.kind,
            inputs=settings.inputs,
            outputs=1,
            support=shown,
            queries=dict.fromkeys(SPLITS, shown),
            splits=dict.fromkeys(SPLITS, f"parity of {settings.inputs} bits, the same {tasks} in every split"),
            limits=dict.fromkeys(SPLITS, tasks),
        )

    def _draw(self, split: str, count: int, rng: np.random.Generator) -> Tasks:
        x, y = (np.ascontiguousarray(each[..., np.arange(count) % each.shape[2]]) for each in (self._x, self._y))
        return Tasks(x, y, x, y)
