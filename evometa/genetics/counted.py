"""Counted randomness within a batch, compiled: number n of child c depends on (key, c, n), on no order and no thread.

SplitMix64 (Steele, Lea & Flood 2014). All draws are uniform: logarithms differ between libraries in their last bits.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.system.jit import njit

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
FIRST, SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
S11, S27, S30, S31 = (np.uint64(bits) for bits in (11, 27, 30, 31))
UNIT = 2.0**-53
MASK = (1 << 64) - 1


@njit(inline="always")
def mixed(word: Any) -> Any:
    """Return the 64 bits of a word, mixed."""
    word = (word ^ (word >> S30)) * FIRST
    word = (word ^ (word >> S27)) * SECOND
    return word ^ (word >> S31)


@njit(inline="always")
def begin(state: NDArray[np.uint64], key: Any, child: Any) -> None:
    """Set the state u64[1] to the first draw of a child."""
    state[0] = mixed(np.uint64(key) + np.uint64(child + 1) * GOLDEN)


@njit(inline="always")
def draw(state: NDArray[np.uint64]) -> Any:
    """Return the next number in [0, 1)."""
    state[0] += GOLDEN
    return np.float64(mixed(state[0]) >> S11) * UNIT


def keys_of(seeds: NDArray[np.uint64], *numbers: int) -> NDArray[np.uint64]:
    """Return a key for each seed, u64[L], that stands for these numbers (say, a generation and a purpose)."""
    found = np.asarray(seeds, np.uint64)
    for number in numbers:
        found = _mixed(found + np.uint64((number + 1) * int(GOLDEN) & MASK))
    return found


def keys_within(keys: NDArray[np.uint64], count: int) -> NDArray[np.uint64]:
    """Return so many further keys of each key, u64[L, count]."""
    return _mixed(keys[:, None] + np.arange(1, count + 1, dtype=np.uint64) * GOLDEN)


def uniform(keys: NDArray[np.uint64], count: int) -> NDArray[np.float64]:
    """Return so many numbers in [0, 1) of each key, f64[L, count]."""
    return np.asarray((keys_within(keys, count) >> S11) * UNIT, np.float64)


def _mixed(words: Any) -> Any:
    """Do the same as `mixed`, to an array."""
    words = (words ^ (words >> S30)) * FIRST
    words = (words ^ (words >> S27)) * SECOND
    return words ^ (words >> S31)
