"""Elementary functions of float64 whose bits are those of the C library, number by number.

NumPy's own depend on the vector instructions of the processor: one with AVX-512 has other last bits. What evolution
draws must not; arithmetic and roots are exact everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
MOST = 709.0  # e to a larger power is no float64


def exp(x: Any) -> F64:
    """Return e to the power of each number, at most e to that of MOST."""
    return _each(lambda value: math.exp(min(value, MOST)), x)


def log(x: Any) -> F64:
    """Return the logarithm of each number above 0; it may be infinite, or none."""
    return _each(math.log, x)


def power(base: float, x: Any) -> F64:
    """Return a number above 0 to the power of each."""
    return _each(lambda value: base**value, x)


def _each(function: Callable[[float], float], x: Any) -> F64:
    given = np.asarray(x, np.float64)
    return np.fromiter(map(function, given.ravel().tolist()), np.float64, given.size).reshape(given.shape)
