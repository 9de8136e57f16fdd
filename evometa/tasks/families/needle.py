"""A needle in a haystack: one setting of some switches is right, and no other is any better than the rest (Hinton &
Nowlan 1987, "How learning can guide evolution")."""

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


class NeedleTasks(FamilySettings):
    """Set all switches right, each a weight from one input (0 or 1): an example guesses a setting (Hinton 1987)."""

    family: Literal["needle"] = "needle"
    kind: ClassVar[Kind] = "regression"
    switches: int = Field(20, ge=1, le=1000, description="switches; a guess is right with the chance 2**-switches")

    def open(self, seed: int, splits: Sequence[str], base: Path) -> Needle:
        return Needle(self)


class Needle(Family):
    """An example is a guess: input i is 1 where switch i is off, 2 where it is on, so that the constant, 1, is off.

    The query, all 1, has as its answer how many switches are on; all of them are wanted.
    """

    queries_seen = True

    def __init__(self, settings: NeedleTasks) -> None:
        size = settings.switches
        super().__init__(
            name="needle",
            kind=settings.kind,
            inputs=size,
            outputs=1,
            support=1,
            queries=dict.fromkeys(SPLITS, 1),
            splits=dict.fromkeys(SPLITS, f"the same setting of {size} switches is sought; guesses from a stream of this"
                                 " split's own"),
        )  # fmt: skip

    def _draw(self, split: str, count: int, rng: np.random.Generator) -> Tasks:
        guess = rng.integers(1, 3, (1, self.inputs, count)).astype(np.float32)
        target = np.full((1, 1, count), self.inputs, np.float32)
        return Tasks(guess, target, np.ones_like(guess), target)
