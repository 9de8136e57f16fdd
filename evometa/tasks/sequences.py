"""Families whose tasks are sequences of ticks: what was shown must be told later, from memory."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from evometa.config.tasks import SPLITS, FamilySettings
from evometa.errors import InputError
from evometa.lifetime import F32, Tasks
from evometa.tasks.episodes import I64
from evometa.tasks.family import Family


class SequenceFamily(Family):
    """A family whose support examples are the ticks of a sequence, the last Q of which are its queries, too.

    A life has one weight update a tick, in their order, and answers a tick before it knows the target. All tasks of a
    draw have as many ticks. At least one tick comes before the first query.
    """

    sequence = True

    def instances(self, tasks: Tasks) -> I64 | None:
        """Return of each query how many of its class have come with it, i64[Q, L]: None where that says nothing."""
        return None


class MemorySettings(FamilySettings):
    """The keys of families in which bits are shown, and asked for later."""

    bits: int = Field(4, ge=1, le=64, description="bits of an item")
    length: int = Field(10, ge=1, le=1000, description="items of the longest tasks of evolution, and of validation")
    shortest: int = Field(
        1, ge=1, le=1000, description="items of its shortest tasks: all tasks that are drawn at a time have as many"
    )
    test_length: int | None = Field(None, ge=1, le=1000, description="items of a test task; left out: twice length")

    def items(self) -> dict[str, int]:
        """Return the most items of a task of each split."""
        if self.shortest > self.length:
            raise InputError(f"at most tasks.length ({self.length})", str(self.shortest), "tasks.shortest", "Lower it.")
        return {"train": self.length, "validation": self.length, "test": self.test_length or 2 * self.length}


class Recollection(SequenceFamily):
    """Tasks of n items, in evolution as many as each draw says, by one stream of numbers; answers are bits."""

    def __init__(
        self, settings: MemorySettings, splits: Sequence[str], inputs: int, outputs: int, ticks: Mapping[str, int]
    ) -> None:
        items = settings.items()
        told = {split: f"{count} items of {settings.bits} random bits" for split, count in items.items()}
        if settings.shortest < settings.length:
            told["train"] = f"{settings.shortest} to {told['train']}"
        super().__init__(
            name=settings.family, kind=settings.kind, inputs=inputs, outputs=outputs, support=ticks, queries=items,
            splits={split: told[split] for split in SPLITS if split in splits},
        )  # fmt: skip
        self._settings = settings

    @property
    def head(self) -> str:
        """Each bit is an answer of its own."""
        return "sigmoid"

    def _draw(self, split: str, count: int, rng: np.random.Generator) -> Tasks:
        s = self._settings
        items = int(rng.integers(s.shortest, s.length + 1)) if split == "train" else self.queries[split]
        x, y = self._shown(items, count, rng)
        return Tasks(x, y, x[-items:].copy(), y[-items:].copy())

    @abstractmethod
    def _shown(self, items: int, count: int, rng: np.random.Generator) -> tuple[F32, F32]:
        """Draw inputs f32[T, I, count] and targets f32[T, O, count], 0 before anything is asked."""


def signs(bits: NDArray[np.int64]) -> F32:
    """Return bits as −1 and 1: nothing, as ticks without input have it, is 0."""
    return (2.0 * bits - 1.0).astype(np.float32)
