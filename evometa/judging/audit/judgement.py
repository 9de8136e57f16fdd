"""Verdicts: what of a disturbance's effect is sure, by a bootstrap over tasks and orders of examples.

A fault is a number that is above 0 where there is one: how far a score fell beyond what does not matter, or how much of
what was learned remained where nothing could be learned. It is resampled over tasks and, within them, over orders
(two-way bootstrap: Owen 2007, Annals of Applied Statistics 1). Faults of a whole audit are flagged by Holm's procedure
(1979); none is where even its upper bound is below 0 (two one-sided tests: Schuirmann 1987).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from evometa.judging.audits import Cell, Verdict
from evometa.seeding import stream

F64 = NDArray[np.float64]

RESAMPLES = 10_000
FEWEST = 20  # tasks that say anything: fewer agree by chance too often
LEVEL = 0.01  # of a false alarm in a whole audit, and of a fault that is passed over in one cell


@dataclass(frozen=True)
class Resamples:
    """How often each task and each order is taken in each resample: f64[RESAMPLES, tasks], f64[RESAMPLES, orders]."""

    tasks: F64
    orders: F64

    @classmethod
    @lru_cache(maxsize=8)
    def of(cls, tasks: int, orders: int, what: str = "") -> Resamples:
        """Draw them; `what`: a word that makes them others, for tasks that are independent of the first."""
        rng = stream(0, 0, f"audit/resamples {what}")
        return cls(*(rng.multinomial(count, np.full(count, 1 / count), RESAMPLES) / count for count in (tasks, orders)))

    def means(self, values: F64) -> F64:
        """Return the mean of values f64[orders, tasks] in each resample."""
        if len(values) == 1:
            return np.asarray(self.tasks @ values[0])
        return np.asarray(((self.orders @ values) * self.tasks).sum(axis=1))


@dataclass(frozen=True)
class Fault:
    """A cell before it is judged: the `sample` of its fault in each resample, of so many tasks; `value`: the fault;
    `exact`: it is counted, so that few tasks do."""

    cell: Cell
    value: float
    sample: F64
    tasks: int
    exact: bool = False

    @property
    def chance(self) -> float:
        """How likely so large a fault is where there is none; 1 where there are too few tasks to tell."""
        if self.tasks < FEWEST and not self.exact:
            return 1.0
        return float((1 + (self.sample <= 0).sum()) / (1 + len(self.sample)))


def judged(faults: Sequence[Fault]) -> list[Cell]:
    """Return the cells of a whole audit with their verdicts, in their order."""
    chances = np.array([one.chance for one in faults])
    flagged = np.zeros(len(faults), bool)
    for rank, place in enumerate(np.argsort(chances, kind="stable")):
        if chances[place] > LEVEL / (len(faults) - rank):
            break
        flagged[place] = True
    return [_judged(one, bool(flag), LEVEL / len(faults)) for one, flag in zip(faults, flagged, strict=True)]


def _judged(one: Fault, flagged: bool, level: float) -> Cell:
    """Return a cell with its verdict; `level`: at which it would be flagged, were it the only one."""
    low, high = np.quantile(one.sample, [LEVEL / 2, 1 - LEVEL / 2])
    few = one.tasks < FEWEST and not one.exact
    sound = bool((one.sample >= 0).mean() < LEVEL) and not few
    verdict: Verdict = "flagged" if flagged else "passes" if sound else "undecided"
    needed = None
    if verdict == "undecided" and one.value:
        bound = np.quantile(one.sample, 1 - LEVEL if one.value < 0 else level)
        wider = (float(bound) - one.value) / one.value
        needed = max(FEWEST, int(np.ceil(one.tasks * max(1.0, wider**2))))
    update = {"fault": one.value, "low": float(low), "high": float(high), "verdict": verdict, "needed": needed}
    return Cell(**{**one.cell.plain(), **update})


def combined(cells: Sequence[Cell]) -> Verdict:
    """Return the verdict of a test by its cells'."""
    verdicts = {cell.verdict for cell in cells}
    for one in ("flagged", "undecided", "passes"):
        if one in verdicts:
            return one  # type: ignore[return-value]
    return "left out"
