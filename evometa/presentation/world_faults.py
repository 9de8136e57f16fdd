"""Lives of a run that their world's own fault has ended, in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from evometa.errors.text import legible
from evometa.store.records import Json, Statistics


class WorldFaults(NamedTuple):
    """How many `lives` in evolution, of `all` that were lived, and which equation the `first` was ended by, and when
    ("": an earlier version did not keep it)."""

    lives: int
    all: int
    first: str

    @property
    def sentence(self) -> str:
        """Say it."""
        counts = f"{self.lives:,} of {self.all:,} lives in evolution were ended by a fault of their world"
        return f"{counts}, not of the learner" + (f": {legible(self.first)}" if self.first else "")

    def plain(self) -> Json:
        """Return it in plain JSON types."""
        return {"lives": self.lives, "first": self.first or None}


def faults_of(rows: Sequence[Statistics]) -> WorldFaults | None:
    """Return what the generations of a run have told of such lives, None where there were none."""
    lives = sum(row.faults for row in rows)
    if not lives:
        return None
    return WorldFaults(lives, sum(row.lifetimes for row in rows), next((row.fault for row in rows if row.fault), ""))
