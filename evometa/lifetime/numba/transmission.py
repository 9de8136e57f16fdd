"""What synapses transmit: their weights, 0 where gates are closed; in each lane, or one number for all lanes."""

from __future__ import annotations

from typing import Any

from evometa.lifetime import SILENT
from evometa.lifetime import columns as k
from evometa.lifetime.numba.arena import A_BACK, A_OPEN, A_PASS, A_SHARED, A_W, has
from evometa.lifetime.numba.vector import LANES, F, at, load, number, put, select, store
from evometa.spec.states import GATE
from evometa.system.jit import njit


@njit(error_model="numpy", nogil=True, cache=True)
def transmit(m: Any, p: Any, arena: Any, first: int, count: int, width: int) -> None:
    """Write what `count` synapses transmit, from number `first` on, if the genome has gates."""
    if not has(m, GATE):
        return
    for i in range(first * width, (first + count) * width, LANES):
        opened = load(arena, at(p, A_W + GATE) + i) > F(0.0)
        store(arena, at(p, A_OPEN) + i, select(opened, load(arena, at(p, A_W) + i), F(0.0)))
        store(arena, at(p, A_PASS) + i, select(opened, load(arena, at(p, A_BACK) + i), F(0.0)))


@njit(error_model="numpy", nogil=True, cache=True)
def share(m: Any, p: Any, arena: Any, b: Any) -> bool:
    """Write what synapses transmit as long as they stay as they were born, innate weights, once for all lanes.

    Returns whether all these weights are finite (x - x is 0 for finite x alone).
    """
    gated, finite = has(m, GATE), True
    for e in range(at(m, k.SYNAPSES)):  # of each vector the first float stays: the next one is written over the others
        x = number(b.innate, at(m, k.INNATE) + e)
        finite = finite and x - x == 0
        closed = gated and is_silent(m, b, e)
        store(arena, at(p, A_SHARED) + e, F(0.0) if closed else F(x))
    put(p, A_OPEN, at(p, A_SHARED))
    return finite


@njit(error_model="numpy", nogil=True, forceinline=True)
def is_silent(m: Any, b: Any, e: int) -> bool:
    """Return whether a synapse's gate is closed at birth."""
    return at(b.traits, at(m, k.SRC) + e) & SILENT > 0


@njit(error_model="numpy", nogil=True, cache=True)
def opened(m: Any, p: Any, b: Any, arena: Any, width: int, counts: Any, first: int) -> None:
    """Write how many synapses are open: all, if the genome has no gates; as at birth, where lanes share weights."""
    synapses = at(m, k.SYNAPSES)
    born = 0
    for e in range(synapses):
        born += 0 if is_silent(m, b, e) else 1
    for lane in range(width):
        count = born if has(m, GATE) else synapses
        if has(m, GATE) and hop_of(p, width) == width:
            count = 0
            for e in range(synapses):
                count += number(arena, at(p, A_W + GATE) + e * width + lane) > 0
        counts[first + lane] = count


@njit(error_model="numpy", nogil=True, forceinline=True)
def hop_of(p: Any, width: int) -> int:
    """Return how many floats lie from what one synapse transmits to the next one: 1 where lanes share it."""
    return 1 if at(p, A_OPEN) == at(p, A_SHARED) else width
