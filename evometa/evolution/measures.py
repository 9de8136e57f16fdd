"""What lives are measured by: a row for each measure, and the lives of a population with every number finite.

Not a number never wins: every value of `Lives` is finite. A lifetime that diverged, or whose measure is not finite,
counts as the worst value of that measure. Sums run in float64, lane after lane, one genome at a time, so that no bit
depends on threads, on the order of genomes, or on how many there are.

Axis letters: G genomes, L lanes, C checkpoints.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evometa.lifetime import OK, Outcomes

F64 = NDArray[np.float64]

LARGE = 1e6  # the worst loss; a larger one counts as this


class Measure(NamedTuple):
    """How well answers are: `read` makes it of outcomes at a checkpoint, f64[G, L]; held within `low` and `high`."""

    name: str
    read: Callable[[Outcomes, int], F64]
    low: float
    high: float
    worst: float
    meaning: str


def _table(*rows: Measure) -> dict[str, Measure]:
    return {row.name: row for row in rows}


MEASURES = _table(
    Measure("loss", lambda o, c: o.score("loss")[:, c].astype(np.float64), -LARGE, LARGE, LARGE,
            "the standard loss on the queries"),
    Measure("accuracy", lambda o, c: o.score("accuracy")[:, c].astype(np.float64), 0.0, 1.0, 0.0,
            "the share of queries answered rightly"),
    Measure("closeness", lambda o, c: 1.0 - o.score("mae")[:, c].astype(np.float64), 0.0, 1.0, 0.0,
            "1 − the mean of |target − output|"),
)  # fmt: skip


class Lives:
    """What G genomes made of one task set, every number finite; `bad bool[G, L]`: lifetimes lost.

    `checkpoints`: how many count, the first of them before learning; with `darwin` that one alone.
    """

    def __init__(self, outcomes: Outcomes, darwin: bool = False) -> None:
        self.outcomes = outcomes
        self.checkpoints = 1 if darwin else outcomes.loss.shape[1]
        self.diverged = np.zeros_like(outcomes.status, bool) if darwin else outcomes.status != OK
        self.infinite = ~self.diverged & ~np.isfinite(outcomes.loss[:, self.checkpoints - 1])
        self.bad = self.diverged | self.infinite
        self._read: dict[tuple[str, int, bool], F64] = {}

    def before(self, name: str, checkpoint: int = 0) -> F64:
        """Return a measure at a checkpoint, whatever came of the lifetime later."""
        return self._measured(name, checkpoint, lost=False)

    def after(self, name: str, checkpoint: int | None = None) -> F64:
        """Return the same, the worst value for lifetimes lost; by default at the checkpoint judged."""
        return self._measured(name, self.checkpoints - 1 if checkpoint is None else checkpoint, lost=True)

    def opened(self, checkpoint: int | None = None) -> F64:
        """Return how many synapses are open at a checkpoint, f64[G, L]; by default at the one judged."""
        assert self.outcomes.opened is not None
        return self.outcomes.opened[:, self.checkpoints - 1 if checkpoint is None else checkpoint].astype(np.float64)

    def _measured(self, name: str, checkpoint: int, *, lost: bool) -> F64:
        """Return a measure at a checkpoint, the same array each time."""
        measure, key = MEASURES[name], (name, checkpoint % self.outcomes.loss.shape[1], lost)
        if key not in self._read:
            values = measure.read(self.outcomes, checkpoint)
            bad = ~np.isfinite(values)
            self._read[key] = np.clip(values, measure.low, measure.high)
            self._read[key][bad | self.bad if lost else bad] = measure.worst
            self._read[key].flags.writeable = False
        return self._read[key]


def mean(values: F64) -> F64:
    """Return the mean over the last axis, added from first to last (a running sum has only one order)."""
    return np.add.accumulate(values, axis=-1)[..., -1] / values.shape[-1]
