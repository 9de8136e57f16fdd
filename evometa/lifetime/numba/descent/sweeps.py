"""Sweeps of the adjoint over a graph's synapses: what `numba/sweeps.py` makes, backwards, added to what is there.

Addresses as there, but rows are 16 lanes, and examples come in tens and fives: so many sums stay in registers while a
node's synapses pass. The order of additions is that of synapses and of examples, whatever the blocks.
"""

from __future__ import annotations

from typing import Any

from evometa.lifetime.numba.vector import LANES, F, at, fmaf, load, select, store
from evometa.system.jit import njit


@njit(error_model="numpy", nogil=True, cache=True)
def first_from(src: Any, first: int, last: int, low: int) -> int:
    """Return the first of some synapses of a node whose source is `low` or later (sources ascend)."""
    while first < last:
        middle = (first + last) // 2
        if at(src, middle) < low:
            first = middle + 1
        else:
            last = middle
    return first


@njit(error_model="numpy", nogil=True, cache=True)
def enter(arena: Any, ptr: Any, src: Any, begin: int, end: int, low: int, w: int, x: int, sums: int,
          count: int) -> None:  # fmt: skip
    """Add Σ w·x[src] over each node's synapses to its rows; with `low` ≥ 0 over those alone that lead forward from
    nodes `low` and later."""  # fmt: skip
    step = count * LANES
    for node in range(begin, end):
        first, last = at(ptr, node), at(ptr, node + 1)
        if low >= 0:
            first = first_from(src, first, last, low)
            last = first_from(src, first, last, node)
        k = 0
        while k + 5 <= count:
            o, base = sums + node * step + k * LANES, x + k * LANES
            a, b, c = load(arena, o), load(arena, o + LANES), load(arena, o + 2 * LANES)
            d, f = load(arena, o + 3 * LANES), load(arena, o + 4 * LANES)
            for e in range(first, last):
                weight, i = load(arena, w + e * LANES), base + at(src, e) * step
                a = fmaf(weight, load(arena, i), a)
                b = fmaf(weight, load(arena, i + LANES), b)
                c = fmaf(weight, load(arena, i + 2 * LANES), c)
                d = fmaf(weight, load(arena, i + 3 * LANES), d)
                f = fmaf(weight, load(arena, i + 4 * LANES), f)
            store(arena, o, a)
            store(arena, o + LANES, b)
            store(arena, o + 2 * LANES, c)
            store(arena, o + 3 * LANES, d)
            store(arena, o + 4 * LANES, f)
            k += 5
        while k < count:
            o, base = sums + node * step + k * LANES, x + k * LANES
            a = load(arena, o)
            for e in range(first, last):
                a = fmaf(load(arena, w + e * LANES), load(arena, base + at(src, e) * step), a)
            store(arena, o, a)
            k += 1


@njit(error_model="numpy", nogil=True, cache=True)
def leave(arena: Any, ends: Any, pairs: Any, begin: int, end: int, w: int, x: int, sums: int, streams: int,
          count: int) -> None:  # fmt: skip
    """Add Σ w·x[target] over the ways onward from each node (flow.py) to `count` of its `streams` rows."""
    step = streams * LANES
    for node in range(begin, end):
        first, last = 2 * at(ends, node), 2 * at(ends, node + 1)
        k = 0
        while k + 5 <= count:
            o, base = sums + node * step + k * LANES, x + k * LANES
            a, b, c = load(arena, o), load(arena, o + LANES), load(arena, o + 2 * LANES)
            d, f = load(arena, o + 3 * LANES), load(arena, o + 4 * LANES)
            for i in range(first, last, 2):
                weight, j = load(arena, w + at(pairs, i) * LANES), base + at(pairs, i + 1) * step
                a = fmaf(weight, load(arena, j), a)
                b = fmaf(weight, load(arena, j + LANES), b)
                c = fmaf(weight, load(arena, j + 2 * LANES), c)
                d = fmaf(weight, load(arena, j + 3 * LANES), d)
                f = fmaf(weight, load(arena, j + 4 * LANES), f)
            store(arena, o, a)
            store(arena, o + LANES, b)
            store(arena, o + 2 * LANES, c)
            store(arena, o + 3 * LANES, d)
            store(arena, o + 4 * LANES, f)
            k += 5
        while k < count:
            o, base = sums + node * step + k * LANES, x + k * LANES
            a = load(arena, o)
            for i in range(first, last, 2):
                a = fmaf(load(arena, w + at(pairs, i) * LANES), load(arena, base + at(pairs, i + 1) * step), a)
            store(arena, o, a)
            k += 1


@njit(error_model="numpy", nogil=True, cache=True)
def leave_past(arena: Any, ptr: Any, src: Any, begin: int, nodes: int, w: int, x: int, sums: int, streams: int,
               count: int) -> None:  # fmt: skip
    """Add w·x[target] of the recurrent synapses to the rows of what they read, which lie behind those of all nodes.

    Nodes from the last to `begin`; of each node `count` of its `streams` rows.
    """
    step = streams * LANES
    for node in range(nodes - 1, begin - 1, -1):
        last = at(ptr, node + 1)
        for e in range(first_from(src, at(ptr, node), last, nodes), last):
            weight, o, i = load(arena, w + e * LANES), sums + at(src, e) * step, x + node * step
            for v in range(0, count * LANES, LANES):
                store(arena, o + v, fmaf(weight, load(arena, i + v), load(arena, o + v)))


@njit(error_model="numpy", nogil=True, cache=True)
def products(arena: Any, ptr: Any, src: Any, begin: int, end: int, low: int, given: int, x: int, sums: int, gate: int,
             streams: int, count: int) -> None:  # fmt: skip
    """Add Σ given·x[src] over `count` examples to the row of each synapse that enters a node; `low` as in `enter`.

    Of `streams` rows a node has; with `gate` ≥ 0, where gates lie, to those of open synapses alone.
    """
    step = streams * LANES
    for node in range(begin, end):
        first, last = at(ptr, node), at(ptr, node + 1)
        if low >= 0:
            first = first_from(src, first, last, low)
            last = first_from(src, first, last, node)
        k = 0
        while k < count:
            own, base, five = given + node * step + k * LANES, x + k * LANES, k + 5 <= count
            a = b = c = d = f = load(arena, own)
            if five:
                b, c = load(arena, own + LANES), load(arena, own + 2 * LANES)
                d, f = load(arena, own + 3 * LANES), load(arena, own + 4 * LANES)
            for e in range(first, last):
                i, s = base + at(src, e) * step, sums + e * LANES
                before = load(arena, s)
                total = fmaf(a, load(arena, i), before)
                if five:
                    total = fmaf(b, load(arena, i + LANES), total)
                    total = fmaf(c, load(arena, i + 2 * LANES), total)
                    total = fmaf(d, load(arena, i + 3 * LANES), total)
                    total = fmaf(f, load(arena, i + 4 * LANES), total)
                if gate >= 0:
                    total = select(load(arena, gate + e * LANES) > F(0.0), total, before)
                store(arena, s, total)
            k += 5 if five else 1
