"""A sequence of random bits to be said again from its end: what came last is asked first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Literal

from evometa.spec.heads import Kind
from evometa.tasks.families.copy import Copy
from evometa.tasks.sequences import MemorySettings


class ReversalTasks(MemorySettings):
    """Items of random bits, a delimiter, and then all of them from memory, the last first."""

    family: Literal["reversal"] = "reversal"
    kind: ClassVar[Kind] = "classification"

    def open(self, seed: int, splits: Sequence[str], base: Path) -> Reversal:
        return Reversal(self, splits)


class Reversal(Copy):
    """As `copy`, the items asked in reverse."""

    turned = True
