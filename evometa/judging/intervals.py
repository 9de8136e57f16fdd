"""Intervals of means over what is independent: tasks, or the classes and groups that tasks share.

Tasks made of the same five classes say little of a sixth, however many they are. So a mean's scatter is reckoned by
leaving out one unit at a time, with every task that it has part in (the delete-one jackknife: Tukey 1958; Arvesen
1969 for tasks of several units), and its interval has as many degrees of freedom as there are units, less one.

Where a task is made of several units, whoever leaves one out leaves out a good part of the few tasks that were drawn,
and that part's luck is not the unit's. As tasks are drawn at random, this much is known, and taken off (Wager, Hastie
and Efron 2014, section 3.2, of forests); the degrees of freedom then fall by Satterthwaite's rule (1946), and where
next to nothing remains, what was to be corrected is the better interval. Units that were drawn within classes are
left out within these, and the rest of the class counts for them: else a class that is hard would pass for rows that
scatter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

LIKELY = 0.975  # quantile of a 95 % interval
SMALLEST = 1e-12  # a smaller mean counts as this in a geometric mean


def mean_interval(values: Any) -> tuple[float, float | None]:
    """Return the mean of values[n], all independent, and half the width of its 95 % interval (None for n = 1)."""
    array = np.asarray(values, dtype=np.float64).ravel()
    return jackknife([array[None, None]], [np.arange(len(array))[None]], [1.0])


def median_interval(values: Sequence[F64]) -> tuple[float, float | None]:
    """Return the median of values f64[n] of one set, and half the width of its 95 % interval by order statistics.

    That supposes nothing of how values scatter: the k-th smallest and the k-th largest enclose the median with a chance
    that the binomial distribution tells (Conover 1999, section 3.2). None for n < 6, as none encloses it that surely.
    Of several sets: the mean of their medians, without an interval.
    """
    from scipy.special import bdtr  # of the binomial distribution

    found = float(np.mean([np.median(each) for each in values]))
    ordered = np.sort(values[0])
    count = len(ordered)
    outside = [k for k in range(count // 2) if bdtr(k, count, 0.5) <= 1 - LIKELY]
    if len(values) > 1 or not outside:
        return found, None
    low, high = ordered[outside[-1]], ordered[count - 1 - outside[-1]]
    return found, float(high - low) / 2


def together(means: F64, geometric: bool) -> F64:
    """Return the arithmetic or geometric mean over the first axis: how several sets of tasks make one figure."""
    return np.exp(np.log(np.maximum(means, SMALLEST)).mean(axis=0)) if geometric else means.mean(axis=0)


def jackknife(
    scores: Sequence[F64],
    members: Sequence[I64],
    contrast: Sequence[float],
    geometric: bool = False,
    strata: Sequence[I64 | None] | None = None,
) -> tuple[float, float | None]:
    """Return a figure of R learners over several sets of tasks, and half the width of its 95 % interval.

    `scores[set] f64[R, M, tasks]` (or M = 1): each learner on each task, part by part where a task's parts are told
    apart; `members[set] i64[M, tasks]`: the units a task is made of, all different, or the one of each part;
    `contrast f64[R]`: what the figure is made of, [1] for a learner, [1, −1] for the difference of two;
    `strata[set] i64[M, tasks]`: the class that each of the units was drawn within (None: all within one). Of several
    sets, drawn independently, the variances add up (degrees of freedom: Welch 1947). None, where a set has a single
    unit, or some unit has part in everything, for then there is nothing to tell units apart by.
    """
    weights = np.asarray(contrast, np.float64)
    means = np.stack([each.mean(axis=(1, 2)) for each in scores])
    exact = len(means) > 1 and geometric
    each_together = together(means, geometric) if exact else means.mean(axis=0)
    figure = float(weights @ each_together)
    plain, corrected, freedoms = [], [], []
    for place, (values, units) in enumerate(zip(scores, members, strict=True)):
        left = _DeleteOne.of(values, units, None if strata is None else strata[place])
        if left is None:
            return figure, None
        changed = np.repeat(means[:, :, None], left.means.shape[1], axis=2)
        changed[place] = left.means
        figures = weights @ (together(changed, geometric) if exact else changed.mean(axis=0))
        variance = left.variance(figures)
        plain.append(variance)
        if values.shape[1] < len(units):
            slopes = weights / len(means)
            slopes = slopes * each_together / np.maximum(means[place], SMALLEST) if exact else slopes
            variance = left.less_noise(variance, slopes @ values[:, 0])
        corrected.append(variance)
        freedoms.append(left.freedom)
    largest, freedom = np.maximum(plain, corrected), np.array(freedoms)
    return figure, min(_half(np.array(each), largest, freedom) for each in (plain, corrected))


def _half(variances: F64, uncertain: F64, freedom: I64) -> float:
    """Return half the width of an interval, by the variances of each set, as uncertain as others with such freedoms."""
    from scipy.special import stdtrit  # scipy.stats, which calls it, takes a second to import

    variance = variances.sum()
    if variance == 0.0:
        return 0.0
    return float(stdtrit(variance**2 / (uncertain**2 / freedom).sum(), LIKELY) * np.sqrt(variance))


@dataclass(frozen=True)
class _DeleteOne:
    """What is left of means of tasks without each of U units.

    `means f64[R, U]`; `stratum i64[U]`: of each unit; `share f64[U]`: how much scatters of one task add to what is left
    without it, as variance; `sizes i64[strata]`: units of each.
    """

    means: F64
    stratum: I64
    share: F64
    sizes: I64

    @classmethod
    def of(cls, values: F64, units: I64, strata: I64 | None) -> _DeleteOne | None:
        """Leave out each of units[M, tasks] from f64[R, M or 1, tasks]; None where nothing is left without one."""
        parts = values.shape[1] == len(units)
        total = units.size if parts else values.shape[2]
        spread = np.broadcast_to(values, (len(values), *units.shape)).reshape(len(values), -1)
        _, first, place = np.unique(units, return_index=True, return_inverse=True)
        place = place.ravel()
        counts = np.bincount(place)
        if len(counts) < 2 or (counts >= total).any():
            return None
        sums = np.stack([np.bincount(place, row) for row in spread])
        whole = values.sum(axis=(1, 2))[:, None]
        stratum = np.zeros(len(counts), np.int64)
        shared, own = np.array([total]), whole  # of each stratum: tasks that have units of it, and the sums of these
        if strata is not None and not parts:
            kinds, codes = np.unique(strata, return_inverse=True)
            there = (codes.reshape(units.shape) == np.arange(len(kinds))[:, None, None]).any(axis=1)
            if (
                counts < there.sum(axis=1)[codes.ravel()[first]]
            ).all():  # else all of a class is asked of whenever it is
                stratum, shared, own = codes.ravel()[first], there.sum(axis=1), values[:, 0] @ there.T
        tasks = shared[stratum]
        rest = tasks / (tasks - counts)  # by how much more a class's other tasks count without those of the unit
        means = (whole - own[:, stratum] + (own[:, stratum] - sums) * rest) / total
        share = (tasks / total) ** 2 * (1 / (tasks - counts) - 1 / tasks)
        return cls(means, stratum, share, np.bincount(stratum))

    @property
    def freedom(self) -> int:
        """Degrees of freedom of the variance."""
        return int((self.sizes - (self.sizes > 0)).sum())

    def variance(self, figures: F64) -> float:
        """Return the jackknife's variance of a figure, by what it is without each unit, f64[U]."""
        middle = np.bincount(self.stratum, figures) / self.sizes
        return float((self._factors * np.square(figures - middle[self.stratum])).sum())

    def less_noise(self, variance: float, scores: F64) -> float:
        """Return a variance less the noise of those tasks, f64[tasks], that are left out with each unit.

        Their noise in the mean itself remains, and is the least that it can be.
        """
        noise = float(scores.var(ddof=1))
        mean = noise / len(scores)
        return max(variance - noise * float((self._factors * self.share).sum()) + mean, mean)

    @property
    def _factors(self) -> F64:
        return ((self.sizes - 1) / self.sizes)[self.stratum]
