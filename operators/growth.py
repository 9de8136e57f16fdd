"""New trees in batches, compiled: leaves, primitives, grown and full trees, from the words of a slot.

Trees are codes (evometa.language.codes), written one behind the other. What a tree draws depends on the key and its own
number alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from evometa.genetics.counted import begin, draw
from evometa.language.codes import ARITY, CONSTANT, SIGNAL
from evometa.system.jit import njit

TENS = np.array([float(f"1e{power}") for power in range(-50, 51)])
STACK = 1024  # more than any tree within the limits of the language leaves open at a time


@njit()
def below(state: Any, n: Any) -> Any:
    """Draw an integer from 0 to n − 1."""
    return np.int64(draw(state) * n)


@njit()
def arity(code: Any) -> Any:
    """Return how many arguments a node has."""
    return ARITY[code] if code < SIGNAL else 0


@njit()
def rounded(value: float, digits: int) -> float:
    """Return a number to so many significant digits: with products, quotients and a table of powers alone."""
    size = abs(value)
    if not 1e-37 < size < 1e37:
        return value
    power = 0
    while size >= TENS[50 + power + 1]:
        power += 1
    while size < TENS[50 + power]:
        power -= 1
    shift = digits - 1 - power
    if shift >= 0:
        return np.rint(value * TENS[50 + shift]) / TENS[50 + shift]
    return np.rint(value / TENS[50 - shift]) * TENS[50 - shift]


@njit()
def number(value: float) -> Any:
    """Return the code of a constant."""
    single = np.zeros(1, np.float32)
    single[0] = value
    return CONSTANT + np.int64(single.view(np.uint32)[0])


@njit()
def leaf(state: Any, words: Any, slot: int) -> int:
    """Draw a leaf; a new number, as likely as each signal, has two digits: short to read, and often met again."""
    first = words.leaf_begins[slot]
    count = words.leaf_begins[slot + 1] - first
    place = below(state, count + words.fresh[slot])
    if place < count:
        return words.leaves[first + place]
    low, high = words.numbers[slot]
    return number(rounded(low + (high - low) * draw(state), 2))


@njit()
def inner(state: Any, words: Any, slot: int) -> int:
    """Draw a primitive."""
    first = words.inner_begins[slot]
    return words.inner[first + below(state, words.inner_begins[slot + 1] - first)]


@njit()
def grow(
    state: Any, out: Any, place: int, room: int, least: int, height: int, words: Any, slot: int, stack: Any
) -> int:
    """Write a random tree at out[place:]; return where it ends, -1 where that would be after `room` nodes.

    Leaves lie at depth `least` to `height` (Koza 1992, "grow"; "full" where both are the same).
    """
    leaves = words.leaf_begins[slot + 1] - words.leaf_begins[slot] + words.fresh[slot]
    share = leaves / (leaves + words.inner_begins[slot + 1] - words.inner_begins[slot])
    stack[0] = 0
    top, most = 1, place + room
    while top:
        if place == most:
            return -1
        top -= 1
        depth = stack[top]
        if depth == height or (depth >= least and draw(state) < share):
            out[place] = leaf(state, words, slot)
        else:
            out[place] = inner(state, words, slot)
            for _ in range(arity(out[place])):
                stack[top] = depth + 1
                top += 1
        place += 1
    return place


@njit(cache=True)
def ramped(words: Any, slot: int, n: int, least: int, height: int, limits: Any, keys: Any) -> Any:
    """Draw n trees of a slot, ramped half and half (Koza 1992): depth `least` to `height`, or less where it must be.

    Returns them one behind the other, and where they begin, i64[n+1]. `keys u64[L]`: as many draw from each.
    """
    places = np.zeros(n + 1, np.int64)
    state, stack, out = np.empty(1, np.uint64), np.empty(STACK, np.int64), np.empty(n * limits.nodes, np.int64)
    e, each = 0, max(1, n // len(keys))
    for c in range(n):
        begin(state, keys[c // each], c % each)
        f = -1
        for tallest in range(height, 0, -1):
            lowest = min(least, tallest)
            for _ in range(limits.chances):
                full = draw(state) < 0.5
                depth = lowest + below(state, tallest - lowest + 1)
                f = grow(state, out, e, limits.nodes, depth if full else lowest, depth, words, slot, stack)
                if f >= 0:
                    break
            if f >= 0:
                break
        e = f if f >= 0 else grow(state, out, e, limits.nodes, 0, 0, words, slot, stack)
        places[c + 1] = e
    return out[:e].copy(), places
