"""Forward and backward sweeps over a graph's synapses: the inner loops where lifetimes with gradients spend their time.

All state lies in one flat `arena`, addressed by offsets in floats. A row is `width` lanes (a multiple of 16).
Node j's rows, one for each example k, begin at `act + (j*streams + k)*width`; synapse e's row at `w + e*width`;
synapses `ptr[j]` to `ptr[j + 1]` enter node j, from nodes `src` (both addresses, of the graph's own).
A sweep takes nodes `begin` … `end`−1, all in one call, as with few synapses to a node a call for each took more time
than its work; none of them may read another one's new activation. Of each node it takes blocks of five examples of 16
lanes: five accumulators stay in registers while its synapses pass, so that each weight is loaded once for five fused
multiply-adds. Five, because batches of 5, 10, 25 are common and 5 accumulators + 5 inputs + 1 weight fit any register
file; the remainder goes one by one. Nodes that read the same nodes, as those of dense layers do, are taken together,
four or two at a time: what is read is loaded once for all, and their chains of additions overlap. The order of
additions is that of synapses and examples, whatever the blocks.
"""

from __future__ import annotations

from typing import Any

from evometa.lifetime.numba.blocks import (
    four_by_five,
    four_by_one,
    one_by_five,
    one_by_one,
    one_by_wide,
    one_products,
    read,
    two_by_five,
    two_products,
)
from evometa.lifetime.numba.vector import LANES, WIDE, F, at, fmaf, gather, load, skip, store
from evometa.system.jit import njit


@njit(error_model="numpy", nogil=True, cache=True)
def net_inputs(arena: Any, ptr: Any, src: Any, begin: int, end: int, w: int, hop: int, act: int, streams: int,
               count: int, width: int) -> None:  # fmt: skip
    """Write Σ w·act[src] over each node's synapses to its rows of `count` examples.

    `hop`: floats from one synapse's weights to the next one's, `width`; or 1, where all lanes share them.
    """
    single = count == 1 and width >= 2 * LANES
    if hop == 1 and single:
        single_sums(arena, ptr, src, begin, end, False, w, 1, True, act, streams, width)
    elif hop == 1:
        sums(arena, ptr, src, begin, end, False, w, 1, True, act, streams, count, width)
    elif single:
        single_sums(arena, ptr, src, begin, end, False, w, width, False, act, streams, width)
    else:
        sums(arena, ptr, src, begin, end, False, w, width, False, act, streams, count, width)


@njit(error_model="numpy", nogil=True, cache=True)
def backward(arena: Any, ends: Any, pairs: Any, begin: int, end: int, back: int, err: int, streams: int, count: int,
             width: int) -> None:  # fmt: skip
    """Write Σ back·err over the ways onward from each node (flow.py) to its error rows."""
    if count == 1 and width >= 2 * LANES:
        single_sums(arena, ends, pairs, begin, end, True, back, width, False, err, streams, width)
    else:
        sums(arena, ends, pairs, begin, end, True, back, width, False, err, streams, count, width)


@njit(error_model="numpy", nogil=True, forceinline=True)
def sums(arena: Any, ends: Any, ways: Any, begin: int, end: int, onward: bool, w: int, hop: int, share: bool, act: int,
         streams: int, count: int, width: int) -> None:  # fmt: skip
    """Write sums over ways in blocks (blocks.py)."""
    step, node = streams * width, begin
    while node < end:
        first, nodes, fan = at(ends, node), together(ends, ways, node, end, onward), at(ends, node + 1) - at(ends, node)
        for v in range(0, width, LANES):
            k, out, own = 0, act + node * step + v, w if share else w + v
            while k + 5 <= count:
                o, x = out + k * width, act + k * width + v
                if WIDE and nodes == 4:
                    four_by_five(arena, ways, first, fan, onward, own, hop, share, x, step, width, o)
                elif WIDE and nodes == 2:
                    two_by_five(arena, ways, first, fan, onward, own, hop, share, x, step, width, o)
                else:
                    for n in range(nodes):
                        i = first + n * fan
                        one_by_five(arena, ways, i, i + fan, onward, own, hop, share, x, step, width, o + n * step)
                k += 5
            while k < count:
                o, x = out + k * width, act + k * width + v
                if nodes == 4:
                    four_by_one(arena, ways, first, fan, onward, own, hop, share, x, step, o)
                else:
                    for n in range(nodes):
                        i = first + n * fan
                        one_by_one(arena, ways, i, i + fan, onward, own, hop, share, x, step, o + n * step)
                k += 1
        node += nodes


@njit(error_model="numpy", nogil=True, forceinline=True)
def single_sums(arena: Any, ends: Any, ways: Any, begin: int, end: int, onward: bool, w: int, hop: int, share: bool,
                act: int, streams: int, width: int) -> None:  # fmt: skip
    """Do the same for one example, 32 lanes at a time: faster than nodes together, as weights pass in their order."""
    step, last = streams * width, at(ends, begin)
    for node in range(begin, end):
        first, last = last, at(ends, node + 1)
        v, out = 0, act + node * step
        while v < width:
            own, x = w if share else w + v, act + v
            if v + 2 * LANES <= width:
                one_by_wide(arena, ways, first, last, onward, own, hop, share, x, step, out + v)
            else:
                one_by_one(arena, ways, first, last, onward, own, hop, share, x, step, out + v)
            v += 2 * LANES


@njit(error_model="numpy", nogil=True, forceinline=True)
def together(ends: Any, ways: Any, node: int, end: int, onward: bool) -> int:
    """Return how many nodes from one on are taken at a time, as they read the same nodes: 4, 2 or 1."""
    if node + 1 >= end or not alike(ends, ways, node, onward):
        return 1
    return 4 if node + 3 < end and alike(ends, ways, node + 1, onward) and alike(ends, ways, node + 2, onward) else 2


@njit(error_model="numpy", nogil=True, forceinline=True)
def alike(ends: Any, ways: Any, node: int, onward: bool) -> bool:
    """Return whether a node and the next read the same nodes, as far as can be told at a glance.

    What is read ascends, or descends: where as many numbers lie between a second and a last one as there are ways, all
    are there. The first may lie apart, as the constant does.
    """
    first, middle = at(ends, node), at(ends, node + 1)
    fan = middle - first
    if fan < 2 or at(ends, node + 2) - middle != fan or read(ways, first, onward) != read(ways, middle, onward):
        return False
    second, last = read(ways, first + 1, onward), read(ways, middle - 1, onward)
    between = abs(last - second) == fan - 2
    other = read(ways, middle + 1, onward) == second and read(ways, middle + fan - 1, onward) == last
    return between and other


@njit(error_model="numpy", nogil=True, cache=True)
def gradients(arena: Any, ptr: Any, src: Any, begin: int, end: int, act: int, err: int, grad: int, streams: int,
              count: int, width: int) -> None:  # fmt: skip
    """Write Σ err·act[src] over `count` examples to the gradient row of each synapse that enters a node."""
    step, node = streams * width, begin
    while node < end:
        first, last = at(ptr, node), at(ptr, node + 1)
        nodes, shift = min(2, together(ptr, src, node, end, False)) if WIDE else 1, (last - first) * width
        for v in range(0, width, LANES):
            k, own = 0, err + node * step + v
            while k + 5 <= count:
                base, o = act + k * width + v, own + k * width
                if nodes == 2:
                    two_products(arena, src, first, last, base, step, width, o, grad + v, shift, k > 0)
                else:
                    one_products(arena, src, first, last, base, step, width, o, grad + v, k > 0)
                k += 5
            while k < count:
                base = act + k * width + v
                for n in range(nodes):
                    a = load(arena, own + n * step + k * width)
                    for e in range(first, last):
                        g = grad + e * width + v + n * shift
                        total = F(0.0)
                        if k > 0:
                            total = load(arena, g)
                        store(arena, g, fmaf(a, load(arena, base + at(src, e) * step), total))
                k += 1
        node += nodes


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
