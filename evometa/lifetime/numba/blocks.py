"""Blocks of sweeps (sweeps.py), whose sums stay in registers: sums over ways into some nodes for some examples.

A way is a synapse and the node that is read through it. Forward they are synapses `first` to `last`, from nodes `ways`;
`onward` they are pairs of numbers (flow.py). All nodes of a block read the same nodes, and have `fan` ways each, one
node's behind the other's. Weights begin at `w`, `hop` floats from one synapse's to the next one's; where lanes `share`
them, a weight is one float for all. What is read lies `step` floats from node to node, `width` from example to
example, from `x` on. A sum begins at 0 and goes by ways, whatever the block: so no result depends on it.
"""

from __future__ import annotations

from typing import Any

from evometa.lifetime.numba.vector import LANES, F, at, fmaf, load, number, store
from evometa.system.jit import njit


@njit(error_model="numpy", nogil=True, forceinline=True)
def read(ways: Any, i: int, onward: bool) -> int:
    """Return the node that is read."""
    return at(ways, 2 * i + 1) if onward else at(ways, i)


@njit(error_model="numpy", nogil=True, forceinline=True)
def weight(arena: Any, ways: Any, i: int, onward: bool, w: int, hop: int, share: bool) -> Any:
    """Return the weight of a way in all lanes."""
    place = w + (at(ways, 2 * i) if onward else i) * hop
    return F(number(arena, place)) if share else load(arena, place)


@njit(error_model="numpy", nogil=True, forceinline=True)
def put_five(arena: Any, place: int, step: int, a: Any, b: Any, c: Any, d: Any, f: Any) -> None:
    """Write five rows."""
    store(arena, place, a)
    store(arena, place + step, b)
    store(arena, place + 2 * step, c)
    store(arena, place + 3 * step, d)
    store(arena, place + 4 * step, f)


@njit(error_model="numpy", nogil=True, forceinline=True)
def one_by_five(arena: Any, ways: Any, first: int, last: int, onward: bool, w: int, hop: int, share: bool, x: int,
                step: int, width: int, out: int) -> None:  # fmt: skip
    """Write the sums of one node and five examples to the rows from `out` on."""
    a = b = c = d = f = F(0.0)
    for e in range(first, last):
        own, i = weight(arena, ways, e, onward, w, hop, share), x + read(ways, e, onward) * step
        a = fmaf(own, load(arena, i), a)
        b = fmaf(own, load(arena, i + width), b)
        c = fmaf(own, load(arena, i + 2 * width), c)
        d = fmaf(own, load(arena, i + 3 * width), d)
        f = fmaf(own, load(arena, i + 4 * width), f)
    put_five(arena, out, width, a, b, c, d, f)


@njit(error_model="numpy", nogil=True, forceinline=True)
def two_by_five(arena: Any, ways: Any, first: int, fan: int, onward: bool, w: int, hop: int, share: bool, x: int,
                step: int, width: int, out: int) -> None:  # fmt: skip
    """Do the same for two nodes."""
    a = b = c = d = f = a2 = b2 = c2 = d2 = f2 = F(0.0)
    for e in range(first, first + fan):
        i = x + read(ways, e, onward) * step
        own, other = weight(arena, ways, e, onward, w, hop, share), weight(arena, ways, e + fan, onward, w, hop, share)
        p, q, r = load(arena, i), load(arena, i + width), load(arena, i + 2 * width)
        s, u = load(arena, i + 3 * width), load(arena, i + 4 * width)
        a, a2 = fmaf(own, p, a), fmaf(other, p, a2)
        b, b2 = fmaf(own, q, b), fmaf(other, q, b2)
        c, c2 = fmaf(own, r, c), fmaf(other, r, c2)
        d, d2 = fmaf(own, s, d), fmaf(other, s, d2)
        f, f2 = fmaf(own, u, f), fmaf(other, u, f2)
    put_five(arena, out, width, a, b, c, d, f)
    put_five(arena, out + step, width, a2, b2, c2, d2, f2)


@njit(error_model="numpy", nogil=True, forceinline=True)
def four_by_five(arena: Any, ways: Any, first: int, fan: int, onward: bool, w: int, hop: int, share: bool, x: int,
                 step: int, width: int, out: int) -> None:  # fmt: skip
    """Do the same for four nodes: 20 sums, 5 examples and a weight fit 32 registers of 16 lanes."""
    a = b = c = d = f = a2 = b2 = c2 = d2 = f2 = a3 = b3 = c3 = d3 = f3 = a4 = b4 = c4 = d4 = f4 = F(0.0)
    for e in range(first, first + fan):
        i = x + read(ways, e, onward) * step
        p, q, r = load(arena, i), load(arena, i + width), load(arena, i + 2 * width)
        s, u = load(arena, i + 3 * width), load(arena, i + 4 * width)
        own = weight(arena, ways, e, onward, w, hop, share)
        a, b, c, d, f = fmaf(own, p, a), fmaf(own, q, b), fmaf(own, r, c), fmaf(own, s, d), fmaf(own, u, f)
        own = weight(arena, ways, e + fan, onward, w, hop, share)
        a2, b2, c2, d2, f2 = fmaf(own, p, a2), fmaf(own, q, b2), fmaf(own, r, c2), fmaf(own, s, d2), fmaf(own, u, f2)
        own = weight(arena, ways, e + 2 * fan, onward, w, hop, share)
        a3, b3, c3, d3, f3 = fmaf(own, p, a3), fmaf(own, q, b3), fmaf(own, r, c3), fmaf(own, s, d3), fmaf(own, u, f3)
        own = weight(arena, ways, e + 3 * fan, onward, w, hop, share)
        a4, b4, c4, d4, f4 = fmaf(own, p, a4), fmaf(own, q, b4), fmaf(own, r, c4), fmaf(own, s, d4), fmaf(own, u, f4)
    put_five(arena, out, width, a, b, c, d, f)
    put_five(arena, out + step, width, a2, b2, c2, d2, f2)
    put_five(arena, out + 2 * step, width, a3, b3, c3, d3, f3)
    put_five(arena, out + 3 * step, width, a4, b4, c4, d4, f4)


@njit(error_model="numpy", nogil=True, forceinline=True)
def one_by_one(arena: Any, ways: Any, first: int, last: int, onward: bool, w: int, hop: int, share: bool, x: int,
               step: int, out: int) -> None:  # fmt: skip
    """Write the sum of one node and one example."""
    a = F(0.0)
    for e in range(first, last):
        a = fmaf(weight(arena, ways, e, onward, w, hop, share), load(arena, x + read(ways, e, onward) * step), a)
    store(arena, out, a)


@njit(error_model="numpy", nogil=True, forceinline=True)
def one_by_wide(arena: Any, ways: Any, first: int, last: int, onward: bool, w: int, hop: int, share: bool, x: int,
                step: int, out: int) -> None:  # fmt: skip
    """Do the same for 32 lanes, so that two chains of additions overlap."""
    a, b, other = F(0.0), F(0.0), w if share else w + LANES
    for e in range(first, last):
        i = x + read(ways, e, onward) * step
        a = fmaf(weight(arena, ways, e, onward, w, hop, share), load(arena, i), a)
        b = fmaf(weight(arena, ways, e, onward, other, hop, share), load(arena, i + LANES), b)
    store(arena, out, a)
    store(arena, out + LANES, b)


@njit(error_model="numpy", nogil=True, forceinline=True)
def four_by_one(arena: Any, ways: Any, first: int, fan: int, onward: bool, w: int, hop: int, share: bool, x: int,
                step: int, out: int) -> None:  # fmt: skip
    """Do the same for four nodes and 16 lanes: four chains overlap, and what is read is loaded once."""
    a = b = c = d = F(0.0)
    for e in range(first, first + fan):
        p = load(arena, x + read(ways, e, onward) * step)
        a = fmaf(weight(arena, ways, e, onward, w, hop, share), p, a)
        b = fmaf(weight(arena, ways, e + fan, onward, w, hop, share), p, b)
        c = fmaf(weight(arena, ways, e + 2 * fan, onward, w, hop, share), p, c)
        d = fmaf(weight(arena, ways, e + 3 * fan, onward, w, hop, share), p, d)
    store(arena, out, a)
    store(arena, out + step, b)
    store(arena, out + 2 * step, c)
    store(arena, out + 3 * step, d)


@njit(error_model="numpy", nogil=True, forceinline=True)
def one_products(arena: Any, src: Any, first: int, last: int, x: int, step: int, width: int, err: int, grad: int,
                 more: bool) -> None:  # fmt: skip
    """Write Σ err·x over five examples to the row of each synapse of a node; add `more` to what is there."""
    a, b, c = load(arena, err), load(arena, err + width), load(arena, err + 2 * width)
    d, f = load(arena, err + 3 * width), load(arena, err + 4 * width)
    for e in range(first, last):
        i, g, total = x + at(src, e) * step, grad + e * width, F(0.0)
        if more:
            total = load(arena, g)
        total = fmaf(b, load(arena, i + width), fmaf(a, load(arena, i), total))
        total = fmaf(d, load(arena, i + 3 * width), fmaf(c, load(arena, i + 2 * width), total))
        store(arena, g, fmaf(f, load(arena, i + 4 * width), total))


@njit(error_model="numpy", nogil=True, forceinline=True)
def two_products(arena: Any, src: Any, first: int, last: int, x: int, step: int, width: int, err: int, grad: int,
                 shift: int, more: bool) -> None:  # fmt: skip
    """Do the same for two nodes, whose rows lie `shift` floats apart."""
    a, b, c = load(arena, err), load(arena, err + width), load(arena, err + 2 * width)
    d, f, o = load(arena, err + 3 * width), load(arena, err + 4 * width), err + step
    a2, b2, c2 = load(arena, o), load(arena, o + width), load(arena, o + 2 * width)
    d2, f2 = load(arena, o + 3 * width), load(arena, o + 4 * width)
    for e in range(first, last):
        i, g, total, other = x + at(src, e) * step, grad + e * width, F(0.0), F(0.0)
        if more:
            total, other = load(arena, g), load(arena, g + shift)
        p, q, r = load(arena, i), load(arena, i + width), load(arena, i + 2 * width)
        s, u = load(arena, i + 3 * width), load(arena, i + 4 * width)
        store(arena, g, fmaf(f, u, fmaf(d, s, fmaf(c, r, fmaf(b, q, fmaf(a, p, total))))))
        store(arena, g + shift, fmaf(f2, u, fmaf(d2, s, fmaf(c2, r, fmaf(b2, q, fmaf(a2, p, other))))))
