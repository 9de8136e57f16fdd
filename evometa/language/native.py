"""The native vocabulary of the primitives in NumPy: what `F`, `select`, `fmaf`, `pow2`, … mean, bit for bit.

Every backend has these eight words (NumPy here, Numba's vector type, CUDA C); the expressions in
`primitives.py` are written in them alone. All work on `np.float32` scalars and on f32 arrays of any shape.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Value = Any  # np.float32 or an array of it; np.bool or an array of it for conditions

F = np.float32
sqrt = np.sqrt
fabs = np.abs


def select(condition: Value, x: Value, y: Value) -> Value:
    """`x` where the condition holds, else `y`."""
    chosen: Any = np.where(condition, x, y)
    return chosen[()]


def exponent(x: Value) -> Value:
    """The unbiased binary exponent of a positive normal float, as a float: (bits >> 23) - 127."""
    bits = np.asarray(x, np.float32).view(np.int32)
    return ((bits >> np.int32(23)) - np.int32(127)).astype(np.float32)[()]


def mantissa(x: Value) -> Value:
    """The mantissa in [1, 2) of a positive normal float: (bits & 0x7FFFFF) | 0x3F800000."""
    bits = np.asarray(x, np.float32).view(np.int32)
    return ((bits & np.int32(0x7FFFFF)) | np.int32(0x3F800000)).view(np.float32)[()]


def pow2(n: Value) -> Value:
    """2**n for an integral float n in [-126, 127]: bits (int(n) + 127) << 23; anything for another n."""
    with np.errstate(invalid="ignore"):
        whole = np.asarray(n, np.float32).astype(np.int32)
    return ((whole + np.int32(127)) << np.int32(23)).view(np.float32)[()]


def fmaf(x: Value, y: Value, z: Value) -> Value:
    """x·y + z rounded once, as IEEE 754 has it, by way of float64 rounded to odd (Boldo & Melquiond 2008).

    A product of two float32 is exact in float64; the sum is rounded to odd there (TwoSum tells whether it was
    exact), so the last rounding, to float32, is the only one that counts.
    """
    with np.errstate(all="ignore"):
        product = np.multiply(np.asarray(x, np.float64), np.asarray(y, np.float64))
        addend = np.asarray(z, np.float64)
        shape = np.broadcast_shapes(product.shape, addend.shape)
        total = np.atleast_1d(product + addend)
        part = total - product
        error = (product - (total - part)) + (addend - part)
        inexact = np.isfinite(total) & (error != 0)
        even = (total.view(np.int64) & 1) == 0
        away = np.where((error > 0) == (total > 0), np.int64(1), np.int64(-1))
        odd = np.where(inexact & even, total.view(np.int64) + away, total.view(np.int64)).view(np.float64)
        result = odd.astype(np.float32)
    return result if shape else result[0]


def in_order(rows: Value) -> Value:
    """Return the sum over the first axis, one row after another."""
    total = np.zeros(np.shape(rows)[1:], np.float32)
    for row in rows:
        total = total + row
    return total


def largest(rows: Value) -> Value:
    """Return the largest of each column of the first axis; the first where it is not a number."""
    top = rows[0]
    for row in rows[1:]:
        top = select(row > top, row, top)
    return top


def first_largest(rows: Value) -> Value:
    """Return the place of the largest on the first axis, as a float; of equal ones the first."""
    top, place = rows[0], np.zeros(np.shape(rows)[1:], np.float32)
    for number, row in enumerate(rows):
        place = select(row > top, F(number), place)
        top = select(row > top, row, top)
    return place
