"""Weights at birth by gene mark: equal genes are born alike in whatever genome, and the draws of lanes differ.

Draws are counted, not carried: a number follows from the key of (seed, generation, purpose), its gene's mark and its
lane alone (splitmix64; Steele, Lea & Flood 2014), whatever other genes there are. Axis letters: E genes, L lanes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.genetics.normal import normal
from evometa.lifetime import F32
from evometa.lifetime.graph import GOLDEN, first_half
from evometa.seeding import stream

U64 = NDArray[np.uint64]
AT_ONCE = 1 << 16  # numbers drawn at a time, as their words take many times their room


def unit_draws(origin: tuple[int, int, str], mark: NDArray[np.int64], lanes: int, uniform: bool) -> F32:
    """Return numbers of mean 0 and deviation 1, f32[E, L], evenly or normally scattered, for genes of these marks.

    `origin`: seed, generation, purpose. Normal ones by Box & Muller (1958), in float64 and rounded.
    """
    known, place = np.unique(mark, return_inverse=True)
    key = stream(*origin).integers(2**64, dtype=np.uint64)
    gene = first_half(key ^ first_half(known.view(np.uint64) * GOLDEN + GOLDEN))
    drawn = np.empty((len(known), lanes), np.float32)
    step = max(1, AT_ONCE // lanes)
    for first in range(0, len(known), step):
        drawn[first : first + step] = _drawn(gene[first : first + step, None], lanes, uniform)
    chosen: F32 = drawn[place.ravel()]
    return chosen


def _drawn(gene: Any, lanes: int, uniform: bool) -> Any:
    """Return the numbers of genes with these keys u64[E, 1], f64[E, L]."""
    words = [first_half(gene + GOLDEN * np.arange(1 + k, 2 * lanes + 1, 2, dtype=np.uint64)) for k in range(2)]
    first, second = ((each >> np.uint64(11)) * 2.0**-53 for each in words)
    if uniform:
        return np.sqrt(3.0) * (2.0 * first - 1.0)
    drawn = np.empty(first.shape)
    normal(first.ravel(), second.ravel(), drawn.ravel())
    return drawn
