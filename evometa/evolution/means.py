"""A measure of lives within its bounds, and its mean over each genome's lanes: one pass, compiled.

Axis letters: G genomes, L lanes, C checkpoints.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from evometa.system.jit import njit


@njit(cache=True, nogil=True)
def bounded(
    scores: Any, checkpoint: int, complement: bool, lost: Any, bounds: Any, worst: float, values: Any, means: Any
) -> None:
    """Fill `values f64[G, L]` and `means f64[G]` from `scores f32[G, C, L]` at a checkpoint.

    `complement`: 1 − score is meant. What is not finite or stands in `lost bool[G, L]` counts as the worst; `bounds`:
    the least and the largest value. A mean is added from its first lane to its last.
    """
    low, high = bounds
    for g in range(len(means)):
        for lane in range(scores.shape[2]):
            score = np.float64(scores[g, checkpoint, lane])
            meant = 1.0 - score if complement else score
            values[g, lane] = worst if lost[g, lane] or not np.isfinite(meant) else min(max(meant, low), high)
    for first in range(0, len(means), 4):  # sums of four genomes at once: each addition waits for the one before it
        last = len(means) - 1
        g, h, i, j = first, min(first + 1, last), min(first + 2, last), min(first + 3, last)
        sums = values[g, 0], values[h, 0], values[i, 0], values[j, 0]
        for lane in range(1, scores.shape[2]):
            sums = (
                sums[0] + values[g, lane], sums[1] + values[h, lane],
                sums[2] + values[i, lane], sums[3] + values[j, lane],
            )  # fmt: skip
        means[g], means[h], means[i], means[j] = sums
    for g in range(len(means)):
        means[g] /= scores.shape[2]
