"""Gaussian numbers by counted draws: those of a lane depend on its seed alone. Axis letters: L lanes, C nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.genetics.counted import keys_of, keys_within, uniform
from evometa.language.generated_numpy import cos_f, log_f
from evometa.language.habits import F64
from evometa.spec.arrays import I64

U64 = NDArray[np.uint64]


class Gauss:
    """Gaussian numbers of each lane in a generation; each purpose has its own."""

    def __init__(self, seeds: U64, generation: int, parent: int) -> None:
        self.seeds, self.generation, self.parent = seeds, generation, parent

    def lanes(self, purpose: int, count: int) -> F64:
        """Return so many of each lane, f64[L, count]."""
        return gaussian(*(uniform(keys_of(self.seeds, self.generation, purpose, part), count) for part in (0, 1)))

    def of(self, purpose: int, count: int) -> Callable[[int], Any]:
        """Return what draws so many of each lane, all in a row."""
        return lambda total: self.lanes(purpose, count).reshape(-1)

    def nodes(self, children: int) -> Callable[[I64], Any]:
        """Return what draws for nodes of trees, by their owners: so many first parents of each lane, then the second.

        Owners of nodes ascend within each slot; nodes of one owner are numbered in the order in which they lie.
        """

        def draw(owner: I64) -> Any:
            keys = [keys_within(keys_of(self.seeds, self.generation, self.parent + part), children) for part in (0, 1)]
            counts = np.bincount(owner)
            order = np.argsort(owner, kind="stable")
            number = np.empty(len(owner), np.uint64)
            number[order] = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
            own = np.concatenate([each.reshape(-1) for each in keys])[owner] + number
            return gaussian(*(uniform(keys_of(own, part), 1)[:, 0] for part in (0, 1)))

        return draw


def gaussian(first: F64, second: F64) -> F64:
    """Return Gaussian numbers of pairs in [0, 1) (Box & Muller 1958), by the language's own functions."""
    with np.errstate(all="ignore"):
        radius = np.sqrt(np.float32(-2) * log_f((1.0 - first).astype(np.float32)))
        found: F64 = (radius * cos_f((2 * np.pi * second).astype(np.float32))).astype(np.float64)
    return found
