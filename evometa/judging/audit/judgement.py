"""Verdicts: what of a disturbance's effect is sure, by a bootstrap over tasks and orders of examples, and over runs.

A fault is a number that is above 0 where there is one: how far a score fell beyond what does not matter, or how much of
what was learned remained where nothing could be learned. It is resampled over tasks and, within them, over orders
(two-way bootstrap: Owen 2007, Annals of Applied Statistics 1). Tasks that share classes or groups are no more than
these: there the units are resampled, each with every task that it has part in, by as much as the mean changes without
it (so the scatter is that of `judging.intervals`). Of several runs of a recipe, runs are resampled, too.

Faults of a whole audit are flagged by Holm's procedure (1979); none is where even its upper bound is below 0 (two
one-sided tests: Schuirmann 1987).
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
I64 = NDArray[np.int64]

RESAMPLES = 10_000
FEWEST = 20  # tasks that say anything: fewer agree by chance too often
FEWEST_UNITS = 10  # of what tasks share, that are resampled
LEVEL = 0.01  # of a false alarm in a whole audit, and of a fault that is passed over in one cell


@dataclass(frozen=True)
class Resamples:
    """By how much each task and each order counts in each resample: f64[RESAMPLES, tasks], f64[RESAMPLES, orders].

    `units`: how many there are of what is drawn independently.
    """

    tasks: F64
    orders: F64
    units: int

    @classmethod
    def of(cls, tasks: int, orders: int, what: str = "") -> Resamples:
        """Draw them; `what`: a word that makes them others, for tasks that are independent of the first."""
        return _drawn(tasks, None, orders, what)

    @classmethod
    def over(cls, members: I64, orders: int, what: str = "") -> Resamples:
        """Draw them over the units that each task is made of, i64[M, tasks], all different; over the tasks, where few
        units or some unit's part in all tasks leave nothing to tell units apart by: these speak of such units then."""
        names, place = np.unique(members, return_inverse=True)
        shares = np.bincount(place.ravel()) / members.shape[1]
        if len(names) < FEWEST_UNITS or shares.max() >= 1.0 or len(names) == members.size:
            return cls.of(members.shape[1], orders, what)
        return _drawn(members.shape[1], place.reshape(members.shape).tobytes(), orders, what)

    def means(self, values: F64) -> F64:
        """Return the mean of values f64[orders, tasks] in each resample."""
        if len(values) == 1:
            return np.asarray(self.tasks @ values[0])
        return np.asarray(((self.orders @ values) * self.tasks).sum(axis=1))


@lru_cache(maxsize=8)
def _drawn(tasks: int, members: bytes | None, orders: int, what: str) -> Resamples:
    rng = stream(0, 0, f"audit/resamples {what}")
    if members is None:
        weights, units = _counts(rng, tasks) / tasks, tasks
    else:
        place = np.frombuffer(members, np.int64).reshape(-1, tasks)
        units = int(place.max()) + 1
        without = 1.0 / (1.0 - np.bincount(place.ravel()) / tasks)
        changes = (_counts(rng, units) - 1.0) * without
        weights = np.sum([changes[:, row] for row in place], axis=0)
        weights = (1.0 + weights - weights.mean(axis=1, keepdims=True)) / tasks
    return Resamples(weights, _counts(rng, orders) / orders, units)


def _counts(rng: np.random.Generator, size: int) -> F64:
    """Return how often each of `size` things is drawn, in each resample."""
    return rng.multinomial(size, np.full(size, 1 / size), RESAMPLES).astype(np.float64)


@dataclass(frozen=True)
class Fault:
    """A cell before it is judged: the `sample` of its fault in each resample, of so many tasks, made of so many
    `units` (None: each is its own); `value`: the fault; `exact`: it is counted, so that few tasks do."""

    cell: Cell
    value: float
    sample: F64
    tasks: int
    exact: bool = False
    units: int | None = None

    @property
    def chance(self) -> float:
        """How likely so large a fault is where there is none; 1 where there are too few tasks to tell."""
        if self.tasks < FEWEST and not self.exact:
            return 1.0
        return float((1 + (self.sample <= 0).sum()) / (1 + len(self.sample)))


def across(faults: Sequence[Fault]) -> Fault:
    """Return the same fault of several runs' champions in the mean over runs, which are resampled like their tasks."""
    count, first = len(faults), faults[0]
    if count == 1:
        return first
    rng = stream(0, 0, "audit/resamples runs")
    # scatter of so few is that of n - 1; runs' tasks are not the same, so their samples must not move together
    weights = (1 + (_counts(rng, count) - 1) * np.sqrt(count / (count - 1))) / count
    samples = np.stack([rng.permutation(one.sample) for one in faults], axis=1)
    stocks = [one.cell.stock for one in faults if one.cell.stock is not None]
    cell = Cell(
        name=first.cell.name, champion=float(np.mean([one.cell.champion for one in faults])),
        stock=float(np.mean(stocks)) if stocks else None, family=all(one.cell.family for one in faults),
    )  # fmt: skip
    return Fault(
        cell, float(np.mean([one.value for one in faults])), (weights * samples).sum(axis=1),
        min(one.tasks for one in faults), all(one.exact for one in faults), first.units,
    )  # fmt: skip


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
        size = one.units or one.tasks
        needed = max(FEWEST, int(np.ceil(size * max(1.0, wider**2))))
    update = {"fault": one.value, "low": float(low), "high": float(high), "verdict": verdict, "needed": needed}
    return Cell(**{**one.cell.plain(), **update})


def combined(cells: Sequence[Cell]) -> Verdict:
    """Return the verdict of a test by its cells'."""
    verdicts = {cell.verdict for cell in cells}
    for one in ("flagged", "undecided", "passes"):
        if one in verdicts:
            return one  # type: ignore[return-value]
    return "left out"
