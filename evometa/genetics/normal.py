"""Normal numbers of pairs of uniform ones, compiled, with the C library's functions, as `elementary` has them."""

from __future__ import annotations

import math
from typing import Any

from evometa.system.jit import njit


@njit(cache=True, nogil=True)
def normal(first: Any, second: Any, drawn: Any) -> None:
    """Fill `drawn` with normal numbers, each made of two in [0, 1) (Box & Muller 1958); all f64[n]."""
    for i in range(len(drawn)):
        drawn[i] = math.sqrt(-2.0 * math.log(1.0 - first[i])) * math.cos(2.0 * math.pi * second[i])
