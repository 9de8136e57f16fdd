"""Sweeps of the adjoint over a graph's synapses: what `numba/sweeps.py` makes, backwards, added to what is there.

Addresses as there, but rows are 16 lanes. The order of additions is that of synapses and of examples, whatever the
blocks: five examples of one node, or, where processors have registers for it, of two nodes that read the same nodes
(`twins`), so that what these did is loaded once for both.
"""

from __future__ import annotations

from typing import Any

from evometa.lifetime.numba.vector import LANES, WIDE, F, at, fmaf, load, put, select, store
from evometa.system.jit import njit

SOURCES, TARGETS = 1, 2  # what a node shares with the next one, a bit each


@njit(error_model="numpy", nogil=True, cache=True)
def list_twins(ptr: Any, src: Any, ends: Any, pairs: Any, begin: int, nodes: int, twins: Any) -> None:
    """Write of each node from `begin` on what it has in common with the next: all SOURCES, all TARGETS."""
    for node in range(begin, nodes):
        shared = 0
        if WIDE and node + 1 < nodes:
            first, middle, last = at(ptr, node), at(ptr, node + 1), at(ptr, node + 2)
            same, e = middle - first == last - middle, first
            while same and e < middle:
                same = at(src, e) == at(src, e + middle - first)
                e += 1
            shared = SOURCES if same else 0
            first, middle, last = at(ends, node), at(ends, node + 1), at(ends, node + 2)
            same, e = middle - first == last - middle, first
            while same and e < middle:
                same = at(pairs, 2 * e + 1) == at(pairs, 2 * (e + middle - first) + 1)
                e += 1
            shared |= TARGETS if same else 0
        put(twins, node, shared)


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
def enter(arena: Any, ptr: Any, src: Any, twins: Any, begin: int, end: int, low: int, w: int, x: int, sums: int,
          count: int) -> None:  # fmt: skip
    """Add Σ w·x[src] over each node's synapses to its rows; with `low` ≥ 0 over those alone that lead forward from
    nodes `low` and later."""  # fmt: skip
    step, node = count * LANES, begin
    while node < end:
        first, last = at(ptr, node), at(ptr, node + 1)
        shift, two = last - first, node + 1 < end and at(twins, node) & SOURCES > 0
        if low >= 0:
            first = first_from(src, first, last, low)
            last = first_from(src, first, last, node)
        k = 0
        while k + 5 <= count:
            o, base = sums + node * step + k * LANES, x + k * LANES
            a, b, c = load(arena, o), load(arena, o + LANES), load(arena, o + 2 * LANES)
            d, f = load(arena, o + 3 * LANES), load(arena, o + 4 * LANES)
            if two:
                t = o + step
                a2, b2, c2 = load(arena, t), load(arena, t + LANES), load(arena, t + 2 * LANES)
                d2, f2 = load(arena, t + 3 * LANES), load(arena, t + 4 * LANES)
                for e in range(first, last):
                    own, i = w + e * LANES, base + at(src, e) * step
                    weight, other = load(arena, own), load(arena, own + shift * LANES)
                    p, q, r = load(arena, i), load(arena, i + LANES), load(arena, i + 2 * LANES)
                    s, u = load(arena, i + 3 * LANES), load(arena, i + 4 * LANES)
                    a, a2 = fmaf(weight, p, a), fmaf(other, p, a2)
                    b, b2 = fmaf(weight, q, b), fmaf(other, q, b2)
                    c, c2 = fmaf(weight, r, c), fmaf(other, r, c2)
                    d, d2 = fmaf(weight, s, d), fmaf(other, s, d2)
                    f, f2 = fmaf(weight, u, f), fmaf(other, u, f2)
                store(arena, t, a2)
                store(arena, t + LANES, b2)
                store(arena, t + 2 * LANES, c2)
                store(arena, t + 3 * LANES, d2)
                store(arena, t + 4 * LANES, f2)
            else:
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
        nodes = 2 if two else 1
        for own in range(node if k < count else node + nodes, node + nodes):
            for i in range(k * LANES, step, LANES):
                o, synapse = sums + own * step + i, w + (own - node) * shift * LANES
                a = load(arena, o)
                for e in range(first, last):
                    a = fmaf(load(arena, synapse + e * LANES), load(arena, x + i + at(src, e) * step), a)
                store(arena, o, a)
        node += nodes


@njit(error_model="numpy", nogil=True, cache=True)
def leave(arena: Any, ends: Any, pairs: Any, twins: Any, begin: int, end: int, w: int, x: int, sums: int, streams: int,
          count: int) -> None:  # fmt: skip
    """Add Σ w·x[target] over the ways onward from each node (flow.py) to `count` of its `streams` rows."""
    step, node = streams * LANES, begin
    while node < end:
        first, last = 2 * at(ends, node), 2 * at(ends, node + 1)
        shift, two = last - first, node + 1 < end and at(twins, node) & TARGETS > 0
        k = 0
        while k + 5 <= count:
            o, base = sums + node * step + k * LANES, x + k * LANES
            a, b, c = load(arena, o), load(arena, o + LANES), load(arena, o + 2 * LANES)
            d, f = load(arena, o + 3 * LANES), load(arena, o + 4 * LANES)
            if two:
                t = o + step
                a2, b2, c2 = load(arena, t), load(arena, t + LANES), load(arena, t + 2 * LANES)
                d2, f2 = load(arena, t + 3 * LANES), load(arena, t + 4 * LANES)
                for e in range(first, last, 2):
                    i = base + at(pairs, e + 1) * step
                    weight, other = load(arena, w + at(pairs, e) * LANES), load(arena, w + at(pairs, e + shift) * LANES)
                    p, q, r = load(arena, i), load(arena, i + LANES), load(arena, i + 2 * LANES)
                    s, u = load(arena, i + 3 * LANES), load(arena, i + 4 * LANES)
                    a, a2 = fmaf(weight, p, a), fmaf(other, p, a2)
                    b, b2 = fmaf(weight, q, b), fmaf(other, q, b2)
                    c, c2 = fmaf(weight, r, c), fmaf(other, r, c2)
                    d, d2 = fmaf(weight, s, d), fmaf(other, s, d2)
                    f, f2 = fmaf(weight, u, f), fmaf(other, u, f2)
                store(arena, t, a2)
                store(arena, t + LANES, b2)
                store(arena, t + 2 * LANES, c2)
                store(arena, t + 3 * LANES, d2)
                store(arena, t + 4 * LANES, f2)
            else:
                for e in range(first, last, 2):
                    weight, i = load(arena, w + at(pairs, e) * LANES), base + at(pairs, e + 1) * step
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
        nodes = 2 if two else 1
        for own in range(node if k < count else node + nodes, node + nodes):
            for i in range(k * LANES, count * LANES, LANES):
                o, there = sums + own * step + i, (own - node) * shift
                a = load(arena, o)
                for e in range(first, last, 2):
                    weight = load(arena, w + at(pairs, e + there) * LANES)
                    a = fmaf(weight, load(arena, x + i + at(pairs, e + 1) * step), a)
                store(arena, o, a)
        node += nodes


@njit(error_model="numpy", nogil=True, cache=True)
def leave_from(arena: Any, ptr: Any, src: Any, low: int, high: int, begin: int, nodes: int, w: int, x: int, sums: int,
               streams: int, count: int) -> None:  # fmt: skip
    """Add w·x[target] of the synapses from sources `low` to `high` − 1 to the rows of these.

    Those of the past, which recurrent synapses read, are numbered, and lie, behind all nodes. Nodes from the last to
    `begin`; of each node `count` of its `streams` rows.
    """
    step = streams * LANES
    for node in range(nodes - 1, begin - 1, -1):
        first, last = at(ptr, node), at(ptr, node + 1)
        for e in range(first_from(src, first, last, low), first_from(src, first, last, high)):
            weight, o, i = load(arena, w + e * LANES), sums + at(src, e) * step, x + node * step
            for v in range(0, count * LANES, LANES):
                store(arena, o + v, fmaf(weight, load(arena, i + v), load(arena, o + v)))


@njit(error_model="numpy", nogil=True, cache=True)
def products(arena: Any, ptr: Any, src: Any, twins: Any, begin: int, end: int, low: int, given: int, x: int, sums: int,
             gate: int, streams: int, count: int) -> None:  # fmt: skip
    """Add Σ given·x[src] over `count` examples to the row of each synapse that enters a node; `low` as in `enter`.

    Of `streams` rows a node has; with `gate` ≥ 0, where gates lie, to those of open synapses alone.
    """
    step, node, zero = streams * LANES, begin, F(0.0)
    while node < end:
        first, last = at(ptr, node), at(ptr, node + 1)
        shift, two = (last - first) * LANES, gate < 0 and node + 1 < end and at(twins, node) & SOURCES > 0
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
            if two and five:
                t = own + step
                a2, b2, c2 = load(arena, t), load(arena, t + LANES), load(arena, t + 2 * LANES)
                d2, f2 = load(arena, t + 3 * LANES), load(arena, t + 4 * LANES)
                for e in range(first, last):
                    i, s = base + at(src, e) * step, sums + e * LANES
                    p, q, r = load(arena, i), load(arena, i + LANES), load(arena, i + 2 * LANES)
                    u, v = load(arena, i + 3 * LANES), load(arena, i + 4 * LANES)
                    total = fmaf(c, r, fmaf(b, q, fmaf(a, p, load(arena, s))))
                    other = fmaf(c2, r, fmaf(b2, q, fmaf(a2, p, load(arena, s + shift))))
                    store(arena, s, fmaf(f, v, fmaf(d, u, total)))
                    store(arena, s + shift, fmaf(f2, v, fmaf(d2, u, other)))
            else:
                for n in range(2 if two else 1):
                    if n:
                        a = load(arena, own + step)
                    for e in range(first, last):
                        i, s = base + at(src, e) * step, sums + e * LANES + n * shift
                        before = load(arena, s)
                        total = fmaf(a, load(arena, i), before)
                        if five:
                            total = fmaf(b, load(arena, i + LANES), total)
                            total = fmaf(c, load(arena, i + 2 * LANES), total)
                            total = fmaf(d, load(arena, i + 3 * LANES), total)
                            total = fmaf(f, load(arena, i + 4 * LANES), total)
                        if gate >= 0:
                            total = select(load(arena, gate + e * LANES) > zero, total, before)
                        store(arena, s, total)
            k += 5 if five else 1
        node += 2 if two else 1
