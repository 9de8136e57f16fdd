"""The adjoint of an access to a memory, in 16 lanes (formulas and the order of operations: evometa/lifetime/memory.py).

Arguments as in trial.py, `q` as in tape.py; `p` points to the rows of the update at hand: its memory is that before the
access, and the next row of the tape has that after it. Rows are 16 lanes.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from evometa.lifetime import columns as k
from evometa.lifetime.memory import GATES, HELD, LEAST
from evometa.lifetime.numba import generated_nodes as node_rows
from evometa.lifetime.numba.arena import A_ACCESS, A_ACT, A_MEMORY, memory_rows
from evometa.lifetime.numba.descent.rule import add
from evometa.lifetime.numba.descent.tape import D_ABAR, D_ACCESSBAR, D_C, D_MEMORYBAR
from evometa.lifetime.numba.generated_switch import log_f, sigmoid_f
from evometa.lifetime.numba.memory import FOCUSED, C, D, P, U, number_of
from evometa.lifetime.numba.vector import LANES, F, at, fmaf, load, select, store
from evometa.spec import ACTIVATIONS
from evometa.system.jit import njit

TANH, SIGMOID = (ACTIVATIONS.code(name) for name in ("tanh", "sigmoid"))


class Rows(NamedTuple):
    """Where the first row of each array of an access lies, and of its adjoints; names as in the contract.

    `cells` of W; `old`, `attention`: before the access, `new`, `focus` after it; `wishes`: share and jump; `z_bar`:
    W + GATES rows; `aside`: M rows, for p̄ and then for b.
    """

    slots: int
    cells: int
    nodes: int
    old: int
    attention: int
    new: int
    focus: int
    v: int
    s: int
    way: int
    m_bar: int
    a_bar: int
    r_bar: int
    z_bar: int
    wishes: int
    aside: int
    f_bar: int


@njit(error_model="numpy", nogil=True, cache=True)
def rows_of(m: Any, p: Any, q: Any) -> Rows:
    """Return where everything lies."""
    slots, cells, size = at(m, k.SLOTS), at(m, k.CELLS), memory_rows(m) * LANES
    old, bar, z_bar = at(p, A_MEMORY), at(q, D_MEMORYBAR), at(q, D_ACCESSBAR)
    table, step, v = slots * cells * LANES, slots * LANES, at(p, A_ACCESS)
    wishes = z_bar + (cells + GATES) * LANES
    nodes = (at(m, k.NODES) - at(m, k.OUTPUTS) - cells - GATES) * LANES
    return Rows(slots, cells, nodes, old, old + table, old + size, old + size + table, v, v + cells * LANES,
                v + (cells + 3) * LANES, bar, bar + table, bar + table + step, z_bar, wishes, wishes + 2 * LANES,
                wishes + 2 * LANES + step)  # fmt: skip


@njit(error_model="numpy", nogil=True, cache=True)
def access_adjoint(m: Any, p: Any, q: Any, arena: Any, lessons: Any) -> None:
    """Go back through an access: to the memory before it, to what hidden nodes said, and to its numbers."""
    one, own = rows_of(m, p, q), lessons.memory
    said = at(p, A_ACT) + one.nodes
    for i in range(2):
        store(arena, one.wishes + i * LANES, sigmoid_f(load(arena, said + (one.cells + i) * LANES)))
    read_back(arena, one)
    sharpness = number_of(p, arena, own.sharpness, own.sharpness_by, LANES)
    sharpness_bar = sharpen_back(arena, one, sharpness)
    shift_back(arena, one)
    focus_bar = jump_back(arena, one, number_of(p, arena, own.focus, own.focus_by, LANES))
    write_back(arena, one)
    node_rows.slope(arena, TANH, one.v, one.z_bar, one.cells * LANES)
    node_rows.slope(arena, SIGMOID, one.wishes, one.z_bar + one.cells * LANES, 2 * LANES)
    add(arena, at(q, D_ABAR) + one.nodes, LANES, one.z_bar, LANES, one.cells + GATES)
    if own.focus_by >= 0:
        row = at(q, D_C) + own.focus_by * LANES
        store(arena, row, load(arena, row) + focus_bar)
    if own.sharpness_by >= 0:
        row = at(q, D_C) + own.sharpness_by * LANES
        store(arena, row, load(arena, row) + sharpness_bar)


@njit(error_model="numpy", nogil=True, cache=True)
def read_back(arena: Any, one: Rows) -> None:
    """Add what was read to the adjoints of attention and of cells."""
    for i in range(one.slots):
        bar = one.a_bar + i * LANES
        total, share = load(arena, bar), load(arena, one.focus + i * LANES)
        for c in range(one.cells):
            cell, given = (i * one.cells + c) * LANES, load(arena, one.r_bar + c * LANES)
            total = fmaf(given, load(arena, one.new + cell), total)
            store(arena, one.m_bar + cell, fmaf(share, given, load(arena, one.m_bar + cell)))
        store(arena, bar, total)


@njit(error_model="numpy", nogil=True, cache=True)
def sum_of(arena: Any, x: int, y: int, count: int) -> Any:
    """Return the sum of products of rows."""
    total = F(0.0)
    for i in range(0, count * LANES, LANES):
        total = fmaf(load(arena, x + i), load(arena, y + i), total)
    return total


@njit(error_model="numpy", nogil=True, cache=True)
def sharpen_back(arena: Any, one: Rows, sharpness: Any) -> Any:
    """Put p̄ aside; return the adjoint of the sharpness."""
    mean, total, zero = sum_of(arena, one.a_bar, one.focus, one.slots), F(0.0), F(0.0)
    low, high, least = F(HELD[0]), F(HELD[1]), F(LEAST)
    for i in range(0, one.slots * LANES, LANES):
        share = load(arena, one.way + P * one.slots * LANES + i)
        held = select(share < least, least, share)
        log = log_f(held)
        bar = load(arena, one.focus + i) * (load(arena, one.a_bar + i) - mean)
        bar = select(sharpness * log < low, zero, select(sharpness * log > high, zero, bar))
        total = fmaf(bar, log, total)
        store(arena, one.aside + i, select(share < least, zero, (sharpness * bar) / held))
    return total


@njit(error_model="numpy", nogil=True, cache=True)
def shift_back(arena: Any, one: Rows) -> None:
    """Write f̄, and what the step was: adjoints of its three nodes."""
    f, slots, z_bar = one.way + FOCUSED * one.slots * LANES, one.slots, one.z_bar + (one.cells + 2) * LANES
    first, middle, last = load(arena, one.s), load(arena, one.s + LANES), load(arena, one.s + 2 * LANES)
    to_first, to_middle, to_last = F(0.0), F(0.0), F(0.0)
    for i in range(slots):
        behind, before = (i + 1) % slots * LANES, (i + slots - 1) % slots * LANES
        bar = load(arena, one.aside + i * LANES)
        to_first = fmaf(bar, load(arena, f + behind), to_first)
        to_middle = fmaf(bar, load(arena, f + i * LANES), to_middle)
        to_last = fmaf(bar, load(arena, f + before), to_last)
        total = fmaf(middle, bar, first * load(arena, one.aside + before))
        store(arena, one.f_bar + i * LANES, fmaf(last, load(arena, one.aside + behind), total))
    store(arena, z_bar, to_first)
    store(arena, z_bar + LANES, to_middle)
    store(arena, z_bar + 2 * LANES, to_last)
    mean = sum_of(arena, z_bar, one.s, 3)
    for i in range(0, 3 * LANES, LANES):
        store(arena, z_bar + i, load(arena, one.s + i) * (load(arena, z_bar + i) - mean))


@njit(error_model="numpy", nogil=True, cache=True)
def jump_back(arena: Any, one: Rows, focus: Any) -> Any:
    """Write ā, begin v̄, add to m̄, and write that of the jump; return the adjoint of the focus."""
    jump, slots, cells = load(arena, one.wishes + LANES), one.slots, one.cells
    c, d = one.way + C * slots * LANES, one.way + D * slots * LANES
    to_jump, mean, total = F(0.0), F(0.0), F(0.0)
    for i in range(0, slots * LANES, LANES):
        bar, share = load(arena, one.f_bar + i), load(arena, c + i)
        to_jump = fmaf(bar, share - load(arena, one.attention + i), to_jump)
        mean = fmaf(jump * bar, share, mean)
        store(arena, one.a_bar + i, bar - jump * bar)
    store(arena, one.z_bar + (cells + 1) * LANES, to_jump)
    for i in range(0, slots * LANES, LANES):
        bar = load(arena, c + i) * (jump * load(arena, one.f_bar + i) - mean)
        total = fmaf(bar, -load(arena, d + i), total)
        store(arena, one.aside + i, bar * (focus * F(-2.0)))
    for n in range(cells):
        v, to_v = load(arena, one.v + n * LANES), F(0.0)
        for i in range(slots):
            cell, b = (i * cells + n) * LANES, load(arena, one.aside + i * LANES)
            apart = load(arena, one.new + cell) - v
            store(arena, one.m_bar + cell, fmaf(b, apart, load(arena, one.m_bar + cell)))
            to_v = fmaf(-b, apart, to_v)
        store(arena, one.z_bar + n * LANES, to_v)
    return total


@njit(error_model="numpy", nogil=True, cache=True)
def write_back(arena: Any, one: Rows) -> None:
    """Go from m̄ after the writing to that before it; add to ā and v̄, and write that of the share."""
    share, to_share, cells = load(arena, one.wishes), F(0.0), one.cells
    for i in range(one.slots):
        u, to_u = load(arena, one.way + (U * one.slots + i) * LANES), F(0.0)
        for n in range(cells):
            cell, v_bar = (i * cells + n) * LANES, one.z_bar + n * LANES
            bar = load(arena, one.m_bar + cell)
            to_u = fmaf(bar, load(arena, one.v + n * LANES) - load(arena, one.old + cell), to_u)
            store(arena, v_bar, fmaf(u, bar, load(arena, v_bar)))
            store(arena, one.m_bar + cell, fmaf(-u, bar, bar))
        to_share = fmaf(to_u, load(arena, one.attention + i * LANES), to_share)
        store(arena, one.a_bar + i * LANES, fmaf(to_u, share, load(arena, one.a_bar + i * LANES)))
    store(arena, one.z_bar + cells * LANES, to_share)


@njit(error_model="numpy", nogil=True, cache=True)
def read_adjoint(m: Any, q: Any, arena: Any, bar: int, streams: int, count: int) -> None:
    """Add adjoints of the last inputs of `count` examples to those of what was read; `bar`: of all activations."""
    cells, rows = at(m, k.CELLS), at(q, D_MEMORYBAR) + (memory_rows(m) - at(m, k.CELLS)) * LANES
    for c in range(cells):
        given = bar + (at(m, k.INPUTS) - cells + c) * streams * LANES
        add(arena, rows + c * LANES, 0, given, LANES, count)
