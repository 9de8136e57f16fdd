"""Forward and backward sweeps over a graph's synapses: the inner loops where lifetimes with gradients spend their time.

All state lies in one flat `arena`, addressed by offsets in floats. A row is `width` lanes (a multiple of 16).
Node j's rows, one for each example k, begin at `act + (j*streams + k)*width`; synapse e's row at `w + e*width`;
synapses `ptr[j]` to `ptr[j + 1]` enter node j, from nodes `src` (both addresses, of the graph's own).
A sweep takes nodes `begin` … `end`−1, all in one call, as with few synapses to a node a call for each took more time
than its work; none of them may read another one's new activation. Of each node it takes blocks of five examples of 16
lanes: five accumulators stay in registers while its synapses pass, so that each weight is loaded once for five fused
multiply-adds. Five, because batches of 5, 10, 25 are common and 5 accumulators + 5 inputs + 1 weight fit any register
file; the remainder goes one by one. Where processors have registers for it, and a node and the next read the same
nodes, as those of dense layers do, both are taken together: what is read is loaded once for both (1.5 to 1.8 times as
fast forward). The order of additions is that of synapses and examples, whatever the blocks.
"""

from __future__ import annotations

from typing import Any

from evometa.lifetime.numba.vector import LANES, WIDE, F, at, fmaf, gather, load, skip, store
from evometa.system.jit import njit


@njit(error_model="numpy", nogil=True, cache=True)
def net_inputs(arena: Any, ptr: Any, src: Any, begin: int, end: int, w: int, act: int, streams: int, count: int,
               width: int) -> None:  # fmt: skip
    """Write Σ w·act[src] over each node's synapses to its rows of `count` examples."""
    step = streams * width
    if count == 1 and width >= 2 * LANES:
        single_inputs(arena, ptr, src, begin, end, w, act, step, width)
        return
    node = begin
    while node < end:
        first, last = at(ptr, node), at(ptr, node + 1)
        two = WIDE and count >= 5 and node + 1 < end and alike(ptr, src, node)
        shift = (last - first) * width
        for v in range(0, width, LANES):
            k, out = 0, act + node * step + v
            while k + 5 <= count:
                o, base = out + k * width, act + k * width + v
                a = b = c = d = f = F(0.0)
                if two:
                    a2 = b2 = c2 = d2 = f2 = F(0.0)
                    for e in range(first, last):
                        own, x = w + e * width + v, base + at(src, e) * step
                        weight, other = load(arena, own), load(arena, own + shift)
                        p, q, r = load(arena, x), load(arena, x + width), load(arena, x + 2 * width)
                        s, u = load(arena, x + 3 * width), load(arena, x + 4 * width)
                        a, a2 = fmaf(weight, p, a), fmaf(other, p, a2)
                        b, b2 = fmaf(weight, q, b), fmaf(other, q, b2)
                        c, c2 = fmaf(weight, r, c), fmaf(other, r, c2)
                        d, d2 = fmaf(weight, s, d), fmaf(other, s, d2)
                        f, f2 = fmaf(weight, u, f), fmaf(other, u, f2)
                    put_five(arena, o + step, width, a2, b2, c2, d2, f2)
                else:
                    for e in range(first, last):
                        weight, x = load(arena, w + e * width + v), base + at(src, e) * step
                        a = fmaf(weight, load(arena, x), a)
                        b = fmaf(weight, load(arena, x + width), b)
                        c = fmaf(weight, load(arena, x + 2 * width), c)
                        d = fmaf(weight, load(arena, x + 3 * width), d)
                        f = fmaf(weight, load(arena, x + 4 * width), f)
                put_five(arena, o, width, a, b, c, d, f)
                k += 5
            while k < count:
                for n in range(2 if two else 1):
                    a, own = F(0.0), w + v + n * shift
                    for e in range(first, last):
                        x = act + k * width + v + at(src, e) * step
                        a = fmaf(load(arena, own + e * width), load(arena, x), a)
                    store(arena, out + k * width + n * step, a)
                k += 1
        node += 2 if two else 1


@njit(error_model="numpy", nogil=True, forceinline=True)
def alike(ptr: Any, src: Any, node: int) -> bool:
    """Return whether a node and the next read the same nodes, as far as can be told at a glance.

    Sources ascend: where as many numbers lie between a second and a last one as there are synapses, all are there. The
    first may lie apart, as the constant does.
    """
    first, middle = at(ptr, node), at(ptr, node + 1)
    count = middle - first
    if count < 2 or at(ptr, node + 2) - middle != count:
        return False
    low, high = at(src, first + 1), at(src, middle - 1)
    other_low, other_high = at(src, middle + 1), at(src, middle + count - 1)
    return at(src, first) == at(src, middle) and high - low == count - 2 and low == other_low and high == other_high


@njit(error_model="numpy", nogil=True, forceinline=True)
def put_five(arena: Any, place: int, step: int, a: Any, b: Any, c: Any, d: Any, f: Any) -> None:
    """Write five rows."""
    store(arena, place, a)
    store(arena, place + step, b)
    store(arena, place + 2 * step, c)
    store(arena, place + 3 * step, d)
    store(arena, place + 4 * step, f)


@njit(error_model="numpy", nogil=True, cache=True)
def single_inputs(arena: Any, ptr: Any, src: Any, begin: int, end: int, w: int, act: int, step: int,
                  width: int) -> None:  # fmt: skip
    """Do the same for one example, 32 lanes at a time, so that two chains of additions overlap."""
    last = at(ptr, begin)
    for node in range(begin, end):
        first, last = last, at(ptr, node + 1)
        v, out = 0, act + node * step
        while v + 2 * LANES <= width:
            a = b = F(0.0)
            for e in range(first, last):
                weight, x = w + e * width + v, act + at(src, e) * step + v
                a = fmaf(load(arena, weight), load(arena, x), a)
                b = fmaf(load(arena, weight + LANES), load(arena, x + LANES), b)
            store(arena, out + v, a)
            store(arena, out + v + LANES, b)
            v += 2 * LANES
        while v < width:
            a = F(0.0)
            for e in range(first, last):
                a = fmaf(load(arena, w + e * width + v), load(arena, act + at(src, e) * step + v), a)
            store(arena, out + v, a)
            v += LANES


@njit(error_model="numpy", nogil=True, cache=True)
def gradients(arena: Any, ptr: Any, src: Any, begin: int, end: int, act: int, err: int, grad: int, streams: int,
              count: int, width: int) -> None:  # fmt: skip
    """Write Σ err·act[src] over `count` examples to the gradient row of each synapse that enters a node."""
    step = streams * width
    last = at(ptr, begin)
    for node in range(begin, end):
        first, last = last, at(ptr, node + 1)
        for v in range(0, width, LANES):
            k, own = 0, err + node * step + v
            while k + 5 <= count:
                o = own + k * width
                a, b, c = load(arena, o), load(arena, o + width), load(arena, o + 2 * width)
                d, f = load(arena, o + 3 * width), load(arena, o + 4 * width)
                base = act + k * width + v
                for e in range(first, last):
                    x = base + at(src, e) * step
                    g = grad + e * width + v
                    total = F(0.0)
                    if k > 0:
                        total = load(arena, g)
                    total = fmaf(a, load(arena, x), total)
                    total = fmaf(b, load(arena, x + width), total)
                    total = fmaf(c, load(arena, x + 2 * width), total)
                    total = fmaf(d, load(arena, x + 3 * width), total)
                    store(arena, g, fmaf(f, load(arena, x + 4 * width), total))
                k += 5
            while k < count:
                a = load(arena, own + k * width)
                base = act + k * width + v
                for e in range(first, last):
                    g = grad + e * width + v
                    total = F(0.0)
                    if k > 0:
                        total = load(arena, g)
                    store(arena, g, fmaf(a, load(arena, base + at(src, e) * step), total))
                k += 1


@njit(error_model="numpy", nogil=True, cache=True)
def backward(arena: Any, ends: Any, pairs: Any, begin: int, end: int, back: int, err: int, streams: int, count: int,
             width: int) -> None:  # fmt: skip
    """Write Σ back·err over the ways onward from each node (flow.py) to its error rows."""
    step = streams * width
    last = at(ends, begin)
    for node in range(begin, end):
        first, last = last, at(ends, node + 1)
        for v in range(0, width, LANES):
            k, out = 0, err + node * step + v
            while k + 5 <= count:
                a = b = c = d = f = F(0.0)
                base = err + k * width + v
                for i in range(2 * first, 2 * last, 2):
                    weight = load(arena, back + at(pairs, i) * width + v)
                    x = base + at(pairs, i + 1) * step
                    a = fmaf(weight, load(arena, x), a)
                    b = fmaf(weight, load(arena, x + width), b)
                    c = fmaf(weight, load(arena, x + 2 * width), c)
                    d = fmaf(weight, load(arena, x + 3 * width), d)
                    f = fmaf(weight, load(arena, x + 4 * width), f)
                o = out + k * width
                store(arena, o, a)
                store(arena, o + width, b)
                store(arena, o + 2 * width, c)
                store(arena, o + 3 * width, d)
                store(arena, o + 4 * width, f)
                k += 5
            while k < count:
                a = F(0.0)
                base = err + k * width + v
                for i in range(2 * first, 2 * last, 2):
                    weight = load(arena, back + at(pairs, i) * width + v)
                    a = fmaf(weight, load(arena, base + at(pairs, i + 1) * step), a)
                store(arena, out + k * width, a)
                k += 1


@njit(error_model="numpy", nogil=True, cache=True)
def take(arena: Any, start: int, source: Any, first: int, rows: int, streams: int, i: int, width: int) -> None:
    """Copy one example's rows (inputs or targets), which begin at `first` of a flat array, to example place i."""
    for row in range(rows):
        target, begin = start + (row * streams + i) * width, first + row * width
        for v in range(0, width, LANES):
            store(arena, target + v, load(source, begin + v))


@njit(error_model="numpy", nogil=True, cache=True)
def take_own(arena: Any, start: int, source: Any, first: int, chosen: Any, rows: int, streams: int, i: int,
             width: int) -> None:  # fmt: skip
    """Do the same where each lane has an example of its own: number `chosen[lane]` of those that begin at `first`."""
    for v in range(0, width, LANES):
        own = skip(chosen, v)
        for row in range(rows):
            lanes = gather(source, first + row * width + v, own, rows * width)
            store(arena, start + (row * streams + i) * width + v, lanes)


@njit(error_model="numpy", nogil=True, cache=True)
def fill(arena: Any, start: int, count: int, value: Any) -> None:
    """Write one number to `count` floats (a multiple of 16)."""
    lanes = F(value)
    for i in range(start, start + count, LANES):
        store(arena, i, lanes)


@njit(error_model="numpy", nogil=True, cache=True)
def copy(arena: Any, target: int, source: int, count: int) -> None:
    """Copy `count` floats (a multiple of 16) within the arena."""
    for i in range(0, count, LANES):
        store(arena, target + i, load(arena, source + i))
