"""Sine from additions and multiplications alone, so that tasks have the same bits on every CPU."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

# Taylor coefficients of sin(r) / r in r²; on |r| ≤ pi/2 the first term left out is below 1e-19.
_TERMS = [(-1.0) ** k / math.factorial(2 * k + 1) for k in range(12)]
# pi in parts of 30, 30 and 53 bits (Cody & Waite 1980), so that k times a part is exact for |k| < 2**23.
_PI = (
    float.fromhex("0x1.921fb54p+1"),
    float.fromhex("0x1.10b46118p-29"),
    float.fromhex("0x1.313198a2e037p-60"),
)


def sine(x: F64) -> F64:
    """Return sin(x), elementwise, within 4e-16 for |x| ≤ 1e5."""
    half_turns = np.rint(x * (1.0 / math.pi))
    r = ((x - half_turns * _PI[0]) - half_turns * _PI[1]) - half_turns * _PI[2]
    square, total = r * r, np.full_like(r, _TERMS[-1])
    for term in reversed(_TERMS[:-1]):
        total = total * square + term
    return r * total * (1.0 - 2.0 * (half_turns % 2.0))
