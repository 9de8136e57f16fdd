"""Rows of arrays: a field `name: Annotated[F32, "S I L"]` of a class says an array's name, type and axes, once.

What checks a batch at the door, what kernels take, and the struct of the CUDA text follow from these fields. Letters of
axes as in the contract. FINITE: neither infinite nor NaN. A field that is a list has one such array for each entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from types import NoneType
from typing import Annotated, Any, NamedTuple, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
I64 = NDArray[np.int64]
U8 = NDArray[np.uint8]

FINITE = "finite"


class Row(NamedTuple):
    """One array, or one kind of array."""

    name: str
    dtype: Any
    axes: tuple[str, ...]
    finite: bool
    many: bool  # a list of them
    optional: bool = False  # there may be none

    def __str__(self) -> str:
        """The type and the axes: f32[S, I, L]."""
        return f"{self.dtype.kind}{8 * self.dtype.itemsize}[{', '.join(self.axes)}]"


@cache
def arrays_of(kind: Any) -> dict[str, Row]:
    """Return the rows of a class by name, in the order of its fields."""
    hints = get_type_hints(kind, localns={"Program": object}, include_extras=True)
    return {name: _row(name, *get_args(hint)) for name, hint in hints.items() if get_origin(hint) is Annotated}


def _row(name: str, kind: Any, axes: str, *more: str) -> Row:
    """Return the row of a field whose type holds one type of array."""
    many = optional = False
    while get_origin(kind) is not np.ndarray:  # but a list of arrays, or an array or None
        many |= get_origin(kind) in (Sequence, list)
        optional |= NoneType in get_args(kind)
        kind = get_args(kind)[0]
    (scalar,) = get_args(get_args(kind)[1])
    return Row(name, np.dtype(scalar), tuple(axes.split()), FINITE in more, many, optional)
