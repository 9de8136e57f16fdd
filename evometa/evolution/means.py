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
        total = 0.0
        for lane in range(scores.shape[2]):
            score = np.float64(scores[g, checkpoint, lane])
            meant = 1.0 - score if complement else score
            value = worst if lost[g, lane] or not np.isfinite(meant) else min(max(meant, low), high)
            values[g, lane] = value
            total = total + value if lane else value
        means[g] = total / scores.shape[2]
