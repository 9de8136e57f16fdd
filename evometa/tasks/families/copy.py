"""Random bits to be said again, once all were heard (Graves, Wayne & Danihelka 2014, arXiv:1410.5401)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from evometa.lifetime import F32
from evometa.spec.heads import Kind
from evometa.tasks.sequences import MemorySettings, Recollection, signs


class CopyTasks(MemorySettings):
    """Items of random bits, a delimiter, and then all of them again from memory (Graves 2014)."""

    family: Literal["copy"] = "copy"
    kind: ClassVar[Kind] = "classification"

    def open(self, seed: int, splits: Sequence[str], base: Path) -> Copy:
        return Copy(self, splits)


class Copy(Recollection):
    """n ticks with an item each, a tick with the delimiter alone, n ticks without input in which items are asked.

    Inputs: an item's bits as −1 and 1, and the delimiter. `turned`: items are asked from the last to the first.
    """

    turned = False

    def __init__(self, settings: MemorySettings, splits: Sequence[str]) -> None:
        ticks = {split: 2 * count + 1 for split, count in settings.items().items()}
        super().__init__(settings, splits, settings.bits + 1, settings.bits, ticks)

    def _shown(self, items: int, count: int, rng: np.random.Generator) -> tuple[F32, F32]:
        bits = rng.integers(0, 2, (items, self.outputs, count))
        x = np.zeros((2 * items + 1, self.inputs, count), np.float32)
        y = np.zeros((len(x), self.outputs, count), np.float32)
        x[:items, :-1] = signs(bits)
        x[items, -1] = 1.0
        y[items + 1 :] = bits[::-1] if self.turned else bits
        return x, y
