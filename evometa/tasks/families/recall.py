"""Pairs of keys and values, and then the keys alone in another order: what belongs to each?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from evometa.errors import InputError
from evometa.lifetime import F32
from evometa.spec.heads import Kind
from evometa.tasks.episodes import distinct
from evometa.tasks.sequences import MemorySettings, Recollection, signs


class RecallTasks(MemorySettings):
    """Pairs of random bits, a key and its value, then all keys in random order; the value of each is asked later."""

    family: Literal["recall"] = "recall"
    kind: ClassVar[Kind] = "classification"
    bits: int = Field(6, ge=1, le=62, description="bits of a key, and of a value")
    late: int = Field(
        1,
        ge=0,
        le=1000,
        description="ticks from a key to the question for its value; 1: an external memory can answer, "
        "as what it found is read a tick later",
    )

    def open(self, seed: int, splits: Sequence[str], base: Path) -> Recall:
        most = max(self.items().values())
        if most > 2**self.bits:
            raise InputError(
                f"at most {2**self.bits} items, as keys of tasks.bits = {self.bits} differ from each other",
                str(most), "tasks.length", "Lower it and tasks.test_length, or raise tasks.bits.",
            )  # fmt: skip
        return Recall(self, splits)


class Recall(Recollection):
    """n ticks with a key and its value, then n ticks with a key alone; its value is asked `late` ticks after that.

    Inputs: bits of the key and of the value as −1 and 1, and 1 with a key alone. No two keys of a task are alike.
    """

    def __init__(self, settings: RecallTasks, splits: Sequence[str]) -> None:
        ticks = {split: 2 * count + settings.late for split, count in settings.items().items()}
        self._late = settings.late
        super().__init__(settings, splits, 2 * settings.bits + 1, settings.bits, ticks)

    def _shown(self, items: int, count: int, rng: np.random.Generator) -> tuple[F32, F32]:
        width = self.outputs
        numbers = distinct(rng, np.full(count, 2**width, np.int64), items)
        keys = (numbers[:, None] >> np.arange(width)[:, None]) & 1
        values = rng.integers(0, 2, (items, width, count))
        order = distinct(rng, np.full(count, items, np.int64), items)[:, None]
        x = np.zeros((2 * items + self._late, self.inputs, count), np.float32)
        y = np.zeros((len(x), width, count), np.float32)
        x[:items, :width], x[:items, width:-1] = signs(keys), signs(values)
        x[items : 2 * items, -1] = 1.0
        x[items : 2 * items, :width] = signs(np.take_along_axis(keys, order, axis=0))
        y[items + self._late :] = np.take_along_axis(values, order, axis=0)
        return x, y
