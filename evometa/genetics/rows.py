"""Arrays whose rows are genomes'; one whose rows are all the same lies there once (stride 0), and stays so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from evometa.lifetime import F32, Graph
from evometa.spec.arrays import I64, U8

AXES = {"coefficients": 2, "plastic": 2, "plasticity": 3, "strategy": 2, "weights": 2}
"""Axes of the chromosomes that are arrays, that of genomes first."""


def taken(array: F32 | None, rows: I64) -> F32 | None:
    """Return some rows of an array."""
    if array is None:
        return None
    return np.broadcast_to(array[0], (len(rows), *array.shape[1:])) if alike(array) else array[rows]


def joined(arrays: Sequence[F32 | None]) -> F32 | None:
    """Return arrays one behind the other."""
    first = arrays[0]
    if first is None:
        return None
    rows: list[Any] = list(arrays)
    if all(alike(each) and np.array_equal(each[0], first[0], equal_nan=True) for each in rows):
        return np.broadcast_to(first[0], (sum(map(len, rows)), *first.shape[1:]))
    return np.concatenate(rows)


def alike(array: F32) -> bool:
    """Whether all rows of an array are one."""
    return array.strides[0] == 0 and len(array) > 0


def check_arrays(arrays: Mapping[str, Any]) -> None:
    """Raise ValueError for chromosomes, by name, that are arrays of another kind."""
    for name, array in arrays.items():
        kind = np.uint8 if name == "plastic" else np.float32
        if array is not None and (array.ndim != AXES[name] or array.dtype != kind):
            raise ValueError(f"{name} of {array.ndim} axes, {array.dtype}")


def fits(plastic: U8, graph: Graph) -> bool:
    """Whether rows u8[G, E] say of each synapse of a graph that it learns (1), or does not (0)."""
    return plastic.shape[1] == graph.synapses and bool((plastic <= 1).all())
