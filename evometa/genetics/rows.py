"""Arrays whose rows are genomes'; one whose rows are all the same lies there once (stride 0), and stays so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from evometa.lifetime import F32
from evometa.spec.arrays import I64


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
