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
    """Is the number of ones among a few bits odd (of 2 bits: XOR)? All patterns are shown, and asked."""

    family: Literal["parity"] = "parity"
    kind: ClassVar[Kind] = "classification"
    inputs: int = Field(2, ge=2, le=10, description="bits; there are 2**inputs patterns")
    asked: Literal["odd", "either"] = Field(
        "odd", description="odd: the same in every task; either: odd or even, which only a task's examples tell"
    )

    def open(self, seed: int, splits: Sequence[str], base: Path) -> Parity:
        return Parity(self)


class Parity(Family):
    """One task, or two: what splits differ in is how lives begin and in what order they see the patterns."""

    def __init__(self, settings: ParityTasks) -> None:
        size = 2**settings.inputs
        bits = np.arange(size)[:, None] >> np.arange(settings.inputs) & 1
        self._x = bits[:, :, None].astype(np.float32)
        odd = (bits.sum(axis=1) % 2)[:, None, None].astype(np.float32)
        self._y = odd if settings.asked == "odd" else np.concatenate([odd, 1 - odd], axis=2)
        tasks = self._y.shape[2]
        super().__init__(
            name="parity",
            kind=settings.kind,
            inputs=settings.inputs,
            outputs=1,
            support=size,
            queries=dict.fromkeys(SPLITS, size),
            splits=dict.fromkeys(SPLITS, f"parity of {settings.inputs} bits, the same {tasks} in every split"),
            limits=dict.fromkeys(SPLITS, tasks),
        )

    def _draw(self, split: str, count: int, rng: np.random.Generator) -> Tasks:
        x = np.repeat(self._x, count, axis=2)
        y = np.ascontiguousarray(self._y[..., np.arange(count) % self._y.shape[2]])
        return Tasks(x, y, x, y)
