"""Symmetries of square images: quarter turns, and their mirror images, by which few classes become many."""

from __future__ import annotations

from typing import Literal

import numpy as np

from evometa.lifetime import F32
from evometa.tasks.episodes import I64

Symmetries = Literal["none", "turns", "all"]
COUNTS: dict[str, int] = {"none": 1, "turns": 4, "all": 8}


def places(side: int, channels: int) -> I64:
    """Return where each input of a turned image comes from, i64[8, side² · channels]: four turns, then mirrored."""
    grid = np.arange(side * side * channels, dtype=np.int64).reshape(side, side, channels)
    turns = [np.rot90(whole, k) for whole in (grid, grid[:, ::-1]) for k in range(4)]
    return np.stack([one.ravel() for one in turns])


def turned(images: F32, symmetries: I64, places: I64) -> F32:
    """Turn images f32[L, I], each by its own of the symmetries i64[L], whose `places` are those above."""
    found = images.copy()
    for symmetry in np.unique(symmetries[symmetries > 0]).tolist():
        own = np.flatnonzero(symmetries == symmetry)
        found[own] = images[own][:, places[symmetry]]
    return found
