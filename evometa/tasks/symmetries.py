"""Symmetries of square images: quarter turns, and their mirror images, by which few classes become many."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from evometa.lifetime import F32, Tasks
from evometa.tasks.episodes import I64

Symmetries = Literal["none", "turns", "all"]
COUNTS: dict[str, int] = {"none": 1, "turns": 4, "all": 8}


def places(side: int, channels: int) -> I64:
    """Return where each input of a turned image comes from, i64[8, side² · channels]: four turns, then mirrored."""
    grid = np.arange(side * side * channels, dtype=np.int64).reshape(side, side, channels)
    turns = [np.rot90(whole, k) for whole in (grid, grid[:, ::-1]) for k in range(4)]
    return np.stack([one.ravel() for one in turns])


def turned(tasks: Tasks, ways: int, image: tuple[int, int, int], count: int, rng: np.random.Generator) -> Tasks:
    """Turn all images of a class of a task alike, by one of the first `count` symmetries, drawn for class and lane.

    A task has each class once, in one position, so a class never meets itself turned. Example s is of class s mod ways.
    """
    drawn = rng.integers(count, size=(ways, tasks.lanes))
    sources = places(image[0], image[2])[drawn].transpose(0, 2, 1)  # [ways, inputs, lanes]
    return replace(tasks, support_x=_taken(tasks.support_x, sources), query_x=_taken(tasks.query_x, sources))


def _taken(x: F32, sources: I64) -> F32:
    """Take inputs f32[S, I, L] from elsewhere, class by class."""
    found = np.empty_like(x)
    for way, source in enumerate(sources):
        found[way :: len(sources)] = np.take_along_axis(x[way :: len(sources)], source[None], axis=1)
    return found
