"""The memory of a life, for many lanes (formulas and the order of operations: evometa/lifetime/memory.py).

Arguments as in trial.py. The memory lies in A_MEMORY: rows of its slots' cells, then of attention, then of what was
read; A_ACCESS has room for what an access makes on its way, by rows: what is written, shifts, then u, d, c, f, p and q
of each slot.
"""

from __future__ import annotations

from typing import Any

from evometa.lifetime import columns as k
from evometa.lifetime.memory import GATES, LEAST
from evometa.lifetime.numba.arena import A_ACCESS, A_ACT, A_C, A_MEMORY
from evometa.lifetime.numba.generated_switch import exp_f, log_f, sigmoid_f, tanh_f
from evometa.lifetime.numba.sweeps import copy, fill
from evometa.lifetime.numba.vector import LANES, F, at, fmaf, load, select, store
from evometa.system.jit import njit

U, D, C, FOCUSED, P, Q = range(6)


@njit(error_model="numpy", nogil=True, cache=True)
def begin(m: Any, p: Any, arena: Any, width: int) -> None:
    """Put a memory in place in which nothing is, if there is one."""
    slots, cells, rows = at(m, k.SLOTS), at(m, k.CELLS), at(p, A_MEMORY)
    if cells > 0:
        fill(arena, rows, (slots * cells + slots + cells) * width, 0.0)
        fill(arena, rows + slots * cells * width, width, 1.0)


@njit(error_model="numpy", nogil=True, cache=True)
def recollect(m: Any, p: Any, arena: Any, act: int, streams: int, count: int, width: int) -> None:
    """Put what was read in place, as the last inputs of `count` examples."""
    slots, cells = at(m, k.SLOTS), at(m, k.CELLS)
    read = at(p, A_MEMORY) + (slots * cells + slots) * width
    for c in range(cells):
        for i in range(count):
            row = act + ((at(m, k.INPUTS) - cells + c) * streams + i) * width
            copy(arena, row, read + c * width, width)


@njit(error_model="numpy", nogil=True, forceinline=True)
def number_of(p: Any, arena: Any, own: Any, by: int, width: int) -> Any:
    """Return a number of the memory in 16 lanes: a constant, or a coefficient."""
    return load(arena, at(p, A_C) + by * width) if by >= 0 else F(own)


@njit(error_model="numpy", nogil=True, cache=True)
def shares(arena: Any, first: int, count: int, step: int) -> None:
    """Turn rows into their softmax, 16 lanes of each."""
    largest, total = load(arena, first), F(0.0)
    for i in range(1, count):
        x = load(arena, first + i * step)
        largest = select(x > largest, x, largest)
    for i in range(count):
        e = exp_f(load(arena, first + i * step) - largest)
        store(arena, first + i * step, e)
        total = total + e
    for i in range(count):
        store(arena, first + i * step, load(arena, first + i * step) / total)


@njit(error_model="numpy", nogil=True, cache=True)
def access(m: Any, p: Any, arena: Any, lessons: Any, width: int) -> None:
    """Write to the memory, move attention, and read, as the last hidden nodes say; without one, nothing."""
    cells = at(m, k.CELLS)
    if cells == 0:
        return
    nodes = at(p, A_ACT) + (at(m, k.NODES) - at(m, k.OUTPUTS) - cells - GATES) * width
    for v in range(0, width, LANES):
        follow(m, p, arena, lessons, nodes + v, at(p, A_MEMORY) + v, at(p, A_ACCESS) + v, width)


@njit(error_model="numpy", nogil=True, cache=True)
def follow(m: Any, p: Any, arena: Any, lessons: Any, nodes: int, memory: int, room: int, width: int) -> None:
    """Access the memory in 16 lanes, whose rows begin at `memory`; those of nodes at `nodes`, of the way at `room`."""
    slots, cells, own = at(m, k.SLOTS), at(m, k.CELLS), lessons.memory
    attention, row = memory + slots * cells * width, room + (cells + 3) * width
    shift, read, step = room + cells * width, attention + slots * width, slots * width
    for c in range(cells):
        store(arena, room + c * width, tanh_f(load(arena, nodes + c * width)))
    share = sigmoid_f(load(arena, nodes + cells * width))
    jump = sigmoid_f(load(arena, nodes + (cells + 1) * width))
    for i in range(3):
        store(arena, shift + i * width, load(arena, nodes + (cells + 2 + i) * width))
    shares(arena, shift, 3, width)
    back = -number_of(p, arena, own.focus, own.focus_by, width)
    for i in range(slots):
        u, d = load(arena, attention + i * width) * share, F(0.0)
        store(arena, row + U * step + i * width, u)
        for c in range(cells):
            cell, written = memory + (i * cells + c) * width, load(arena, room + c * width)
            new = fmaf(u, written - load(arena, cell), load(arena, cell))
            store(arena, cell, new)
            d = fmaf(new - written, new - written, d)
        store(arena, row + D * step + i * width, d)
        store(arena, row + C * step + i * width, d * back)
    shares(arena, row + C * step, slots, width)
    for i in range(slots):
        a = load(arena, attention + i * width)
        f = fmaf(jump, load(arena, row + C * step + i * width) - a, a)
        store(arena, row + FOCUSED * step + i * width, f)
    sharpness, total = number_of(p, arena, own.sharpness, own.sharpness_by, width), F(0.0)
    for i in range(slots):
        f, least = row + FOCUSED * step, F(LEAST)
        x = load(arena, shift) * load(arena, f + (i + 1) % slots * width)
        x = fmaf(load(arena, shift + width), load(arena, f + i * width), x)
        x = fmaf(load(arena, shift + 2 * width), load(arena, f + (i + slots - 1) % slots * width), x)
        store(arena, row + P * step + i * width, x)
        q = exp_f(sharpness * log_f(select(x < least, least, x)))
        store(arena, row + Q * step + i * width, q)
        total = total + q
    for i in range(slots):
        store(arena, attention + i * width, load(arena, row + Q * step + i * width) / total)
    for c in range(cells):
        r = F(0.0)
        for i in range(slots):
            r = fmaf(load(arena, attention + i * width), load(arena, memory + (i * cells + c) * width), r)
        store(arena, read + c * width, r)
