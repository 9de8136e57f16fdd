"""Intervals of means over what is independent: tasks, or the classes and groups that tasks share.

Tasks made of the same five classes say little of a sixth, however many they are. So a mean's scatter is reckoned by
leaving out one unit at a time, with every task that it has part in (the delete-one jackknife: Tukey 1958; Arvesen
1969 for tasks of several units), and its interval has as many degrees of freedom as there are units, less one.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    scores: Sequence[F64], members: Sequence[I64], contrast: Sequence[float], geometric: bool = False
) -> tuple[float, float | None]:
    """Return a figure of R learners over several sets of tasks, and half the width of its 95 % interval.

    `scores[set] f64[R, M, tasks]` (or M = 1): each learner on each task, part by part where a task's parts are told
    apart; `members[set] i64[M, tasks]`: the units a task is made of, all different, or the one of each part;
    `contrast f64[R]`: what the figure is made of, [1] for a learner, [1, −1] for the difference of two. Of several
    sets, drawn independently, the variances add up (degrees of freedom: Welch 1947). None, where a set has a single
    unit, or some unit has part in everything, for then there is nothing to tell units apart by.
    """
    from scipy.special import stdtrit  # scipy.stats, which calls it, takes a second to import

    weights = np.asarray(contrast, np.float64)
    means = np.stack([each.mean(axis=(1, 2)) for each in scores])
    exact = len(means) > 1 and geometric
    figure = float(weights @ (together(means, geometric) if exact else means.mean(axis=0)))
    variance, spent = 0.0, 0.0
    for place, (values, units) in enumerate(zip(scores, members, strict=True)):
        left = _without_each(values, units)
        if left is None:
            return figure, None
        changed = np.repeat(means[:, :, None], left.shape[1], axis=2)
        changed[place] = left
        figures = weights @ (together(changed, geometric) if exact else changed.mean(axis=0))
        count = len(figures)
        own = float((count - 1) / count * np.square(figures - figures.mean()).sum())
        variance, spent = variance + own, spent + own**2 / (count - 1)
    if variance == 0.0:
        return figure, 0.0
    return figure, float(stdtrit(variance**2 / spent, LIKELY) * np.sqrt(variance))


def _without_each(values: F64, units: I64) -> F64 | None:
    """Return the means f64[R, units] of f64[R, M, tasks] that are left without each unit; None where none is left."""
    total = units.size if values.shape[1] == len(units) else values.shape[2]
    spread = np.broadcast_to(values, (len(values), *units.shape)).reshape(len(values), -1)
    names, place = np.unique(units, return_inverse=True)
    place = place.ravel()
    counts = np.bincount(place)
    if len(names) < 2 or (counts >= total).any():
        return None
    sums = np.stack([np.bincount(place, row) for row in spread])
    return (values.sum(axis=(1, 2))[:, None] - sums) / (total - counts)
