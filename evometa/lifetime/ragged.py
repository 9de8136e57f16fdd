"""Arrays of different lengths, one behind the other in one array, as a sequence of views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat
from operator import is_not
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from evometa.spec.arrays import I64


@dataclass(frozen=True, eq=False)
class Ragged(Sequence[Any]):
    """n arrays side by side along the first axis of `values`, or along the `last`; `begins i64[n+1]` says where."""

    values: Any
    begins: I64
    last: bool = False

    def __len__(self) -> int:
        return len(self.begins) - 1

    @overload
    def __getitem__(self, row: int) -> Any: ...
    @overload
    def __getitem__(self, row: slice) -> Ragged: ...
    def __getitem__(self, row: int | slice) -> Any:
        if isinstance(row, slice):
            return self.take(np.arange(len(self))[row])
        first, end = self.begins[range(len(self))[row]], self.begins[range(len(self))[row] + 1]
        return self.values[..., first:end] if self.last else self.values[first:end]

    def take(self, rows: I64) -> Ragged:
        """Return the arrays at some rows, in that order; rows may repeat."""
        if len(rows) == len(self) and (rows == np.arange(len(self))).all():
            return self
        begins, places = gathered(self.begins, rows)
        return Ragged(self.values[..., places] if self.last else self.values[places], begins, self.last)

    def shapes(self) -> I64:
        """Return the shapes of the arrays, i64[n, axes]."""
        shapes = np.tile(np.array(self.values.shape, np.int64), (len(self), 1))
        shapes[:, -1 if self.last else 0] = np.diff(self.begins)
        return shapes


def given(arrays: Sequence[Any]) -> NDArray[np.bool_]:
    """Return which arrays are there, and not None."""
    if isinstance(arrays, Ragged):
        return np.ones(len(arrays), bool)
    return np.fromiter(map(is_not, arrays, repeat(None)), bool, len(arrays))


def gathered(begins: I64, rows: I64) -> tuple[I64, I64]:
    """Return where parts begin when those at `rows` follow each other, and the place that each element comes from."""
    sizes = np.diff(begins)[rows]
    ends = np.cumsum(sizes)
    places = np.arange(ends[-1] if len(ends) else 0) + np.repeat(begins[rows] - ends + sizes, sizes)
    return np.concatenate([[0], ends]), places


def blocks(values: Any, begins: I64) -> Any:
    """Return values [K, E, …] of n parts of E as n blocks [K, E of the part, …] behind one another, [K·E, …].

    Block t begins at row K·begins[t].
    """
    count = len(values)
    if count < 2:
        return values.reshape(count * values.shape[1], *values.shape[2:])
    sizes = np.diff(begins)
    whole = np.empty((count * values.shape[1], *values.shape[2:]), values.dtype)
    first = np.arange(values.shape[1]) + np.repeat((count - 1) * begins[:-1], sizes)
    step = np.repeat(sizes, sizes)
    for k in range(count):
        whole[first + k * step] = values[k]
    return whole
