"""Merit: how much better than the pacer a behaviour is, on all tasks that it ever met, and how sure that is.

Differences to the pacer on the same tasks, with the same births and orders, vary far less than scores do, and can be
compared whatever the tasks were. Axis letters: N behaviours, T sets of tasks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evometa.config.schema import Config
from evometa.evolution.measures import F64


@dataclass(frozen=True, eq=False)
class Records:
    """What is known of N behaviours: `rows f64[N, 1 + 3T]`, and the `weights f64[T]` of the sets, which sum to 1.

    A row: lifetimes lost; then of each set tasks met, the sum of the differences, and that of their squares. So the
    record of two generations is the sum of their rows. Sums run in the order of the tasks.
    """

    rows: F64
    weights: F64

    @property
    def tasks(self) -> F64:
        """Tasks met, of the set of which these are fewest, f64[N]."""
        return self.rows[:, 1::3].min(axis=1)

    @property
    def means(self) -> F64:
        """Mean differences, f64[N]."""
        return _sum(self.weights * self.rows[:, 2::3] / self.rows[:, 1::3])

    def merits(self, prior: float, shrink: float) -> F64:
        """Return the means as drawn towards `prior`, as if that had been seen on `shrink` more tasks, f64[N]."""
        tasks = self.tasks
        return (tasks * self.means + shrink * prior) / (tasks + shrink)

    def errors(self, shrink: float) -> F64:
        """Return the standard errors of merits, f64[N]."""
        met, total, squares = (self.rows[:, place::3] for place in (1, 2, 3))
        variances = np.maximum(squares - total**2 / met, 0.0) / np.maximum(met - 1.0, 1.0)
        return np.sqrt(_sum(self.weights**2 * variances / (met + shrink)))


def shares(config: Config) -> F64:
    """Return the weights of a recipe's sets of train tasks, f64[T], which sum to 1."""
    weights = np.array([tasks.weight for tasks in config.serving("train")])
    return weights / weights.sum()


def apart(values: Sequence[F64], pace: Sequence[F64]) -> list[F64]:
    """Return how much better than the pacer each was."""
    return [each - own for each, own in zip(values, pace, strict=True)]


def seen(differences: Sequence[F64], lost: F64) -> F64:
    """Return the rows of a record: `differences f64[N, tasks]` of each set, NaN of tasks not met; `lost f64[N]`."""
    columns = [lost]
    for each in differences:
        met = ~np.isnan(each)
        own = np.where(met, each, 0.0)
        columns += [met.sum(axis=1).astype(np.float64), _sum(own), _sum(own**2)]
    return np.stack(columns, axis=1)


def _sum(values: F64) -> F64:
    """Return sums over the last axis, from first to last (a running sum has only one order)."""
    return np.add.accumulate(values, axis=-1)[..., -1]
