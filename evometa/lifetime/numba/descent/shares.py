"""Beginning and end of a life's adjoints: zeros, and the sums over lanes that are handed out.

`m2`, `p2`, `b2` are those of the adjoint program, the others as in tape.py.
"""

from __future__ import annotations

from typing import Any

from evometa.lifetime import DIVERGED, OK
from evometa.lifetime import columns as k
from evometa.lifetime.numba.arena import (
    A_CONSTANTS,
    A_LOSS_CONSTANTS,
    A_MEMORY,
    A_SUMS,
    A_W,
    COEFFICIENT_COUNT,
    PLASTICITY_COUNT,
    STATE_COUNT,
    has,
    memory_rows,
    spread,
)
from evometa.lifetime.numba.descent.rule import C_BAR, GRAD_BAR, P_BAR, W0_BAR, given
from evometa.lifetime.numba.descent.tape import (
    D_ABAR,
    D_ACT,
    D_BAD,
    D_BAR,
    D_C,
    D_EBAR,
    D_ERR,
    D_H,
    D_MEMORY,
    D_MEMORYBAR,
    D_P,
    D_RBAR,
    D_STATE,
    D_SUMS,
    D_W0,
)
from evometa.lifetime.numba.generated_nodes import FIXED_CREDIT, SHARED_CREDIT, WEIGHT_CREDIT
from evometa.lifetime.numba.sweeps import copy, fill
from evometa.lifetime.numba.vector import LANES, F, at, load, number, select, store, tree
from evometa.system.jit import njit


@njit(error_model="numpy", nogil=True, cache=True)
def begin(m: Any, m2: Any, p: Any, p2: Any, q: Any, arena: Any, b2: Any, batch: int, length: int, credit: int) -> None:
    """Put what there is at birth on the tape, the constants of the adjoints in place; begin with adjoints of 0."""
    synapses, nodes = at(m, k.SYNAPSES) * LANES, at(m, k.NODES) * batch * LANES
    banks = 2 if at(m, k.RECURRENT) else 1
    spread(arena, at(p2, A_CONSTANTS), b2.constants, at(m2, k.CONSTANTS), at(m2, k.CONSTANT_COUNT), LANES)
    spread(arena, at(p2, A_LOSS_CONSTANTS), b2.constants, at(m2, k.LOSS_CONSTANTS), at(m2, k.LOSS_CONSTANT_COUNT),
           LANES)  # fmt: skip
    fill(arena, at(q, D_ACT), nodes * banks, 0.0)
    if not ((WEIGHT_CREDIT | FIXED_CREDIT | SHARED_CREDIT) >> credit) & 1:
        fill(arena, at(q, D_ERR), length * nodes, 0.0)
    for s in range(STATE_COUNT):
        if has(m, s):
            copy(arena, at(q, D_STATE + s), at(p, A_W + s), synapses)
            fill(arena, at(q, D_BAR + s), synapses, 0.0)
    fill(arena, at(q, D_W0), synapses if given(m2, b2, W0_BAR) >= 0 else 0, 0.0)
    fill(arena, at(q, D_H), synapses if given(m2, b2, GRAD_BAR) >= 0 else 0, 0.0)  # that of FIXED synapses stays so
    for i in range(PLASTICITY_COUNT):
        fill(arena, at(q, D_P) + i * synapses, synapses if given(m2, b2, P_BAR[i]) >= 0 else 0, 0.0)
    fill(arena, at(q, D_C), COEFFICIENT_COUNT * LANES, 0.0)
    fill(arena, at(q, D_ABAR), nodes * banks, 0.0)
    fill(arena, at(q, D_BAD), LANES, 0.0)
    copy(arena, at(q, D_MEMORY), at(p, A_MEMORY), memory_rows(m) * LANES)
    fill(arena, at(q, D_MEMORYBAR), memory_rows(m) * LANES, 0.0)


@njit(error_model="numpy", nogil=True, cache=True)
def begin_update(m: Any, q: Any, arena: Any, batch: int) -> None:
    """Begin with adjoints of 0, of what an update makes anew."""
    nodes = at(m, k.NODES) * batch * LANES
    fill(arena, at(q, D_SUMS), COEFFICIENT_COUNT * LANES, 0.0)
    fill(arena, at(q, D_RBAR), LANES, 0.0)
    fill(arena, at(q, D_EBAR), nodes, 0.0)
    if at(m, k.RECURRENT):
        fill(arena, at(q, D_ABAR) + nodes, nodes, 0.0)


@njit(error_model="numpy", nogil=True, cache=True)
def perceive_adjoint(m: Any, q: Any, arena: Any, batch: int) -> None:
    """Go over to the activations that the update found, and to what it read of a memory."""
    nodes, cells = at(m, k.NODES) * batch * LANES, at(m, k.CELLS) * LANES
    read = at(q, D_MEMORYBAR) + memory_rows(m) * LANES - cells
    copy(arena, read, at(q, D_ABAR) + at(m, k.INPUTS) * batch * LANES - cells, cells)
    if at(m, k.RECURRENT):
        copy(arena, at(q, D_ABAR), at(q, D_ABAR) + nodes, nodes)
    else:
        fill(arena, at(q, D_ABAR), nodes, 0.0)


@njit(error_model="numpy", nogil=True, cache=True)
def add_sums(m2: Any, q: Any, arena: Any, b2: Any) -> None:
    """Add the sums of an update to the adjoints of coefficients."""
    for i in range(COEFFICIENT_COUNT):
        if given(m2, b2, C_BAR[i]) >= 0:
            row = at(q, D_C) + i * LANES
            store(arena, row, load(arena, row) + load(arena, at(q, D_SUMS) + i * LANES))


@njit(error_model="numpy", nogil=True, cache=True)
def add_loss_sums(m: Any, q: Any, b: Any, arena: Any) -> None:
    """Add the sums of a loss to the adjoints of coefficients."""
    for i in range(COEFFICIENT_COUNT):
        if at(b.out, at(m, k.LOSS_OUT) + 1 + i) >= 0:
            row = at(q, D_C) + i * LANES
            store(arena, row, load(arena, row) + load(arena, at(q, D_SUMS) + i * LANES))


@njit(error_model="numpy", nogil=True, cache=True)
def report(p: Any, q: Any, arena: Any, queries: int, losses: Any, first: int) -> None:
    """Write the mean losses of one checkpoint; those that are not finite mark their lane."""
    mean = load(arena, at(p, A_SUMS)) / F(queries)
    store(arena, at(p, A_SUMS), mean)
    for lane in range(LANES):
        losses[first + lane] = number(arena, at(p, A_SUMS) + lane)
    mark(q, arena, at(p, A_SUMS), 1)


@njit(error_model="numpy", nogil=True, cache=True)
def mark(q: Any, arena: Any, first: int, count: int) -> None:
    """Mark the lanes in which a number of some rows is not finite (x - x is 0 for finite x alone)."""
    bad = load(arena, at(q, D_BAD))
    for i in range(first, first + count * LANES, LANES):
        x = load(arena, i)
        bad = select(x - x == F(0.0), bad, F(1.0))
    store(arena, at(q, D_BAD), bad)


@njit(error_model="numpy", nogil=True, cache=True)
def finish(m: Any, m2: Any, q: Any, b2: Any, arena: Any, mask: Any, results: Any, g: int, piece: int) -> None:
    """Mark the lanes whose slopes are not finite, and write the sums of the others.

    `mask`: 1 in each of the lanes, 0 in those that fill up the last block.
    """
    synapses, begin, drawn = at(m, k.SYNAPSES), at(m, k.WEIGHTS_OUT), at(m, k.FRESH) > 0
    if not drawn:
        if given(m2, b2, W0_BAR) >= 0:
            for i in range(0, synapses * LANES, LANES):
                store(arena, at(q, D_BAR) + i, load(arena, at(q, D_BAR) + i) + load(arena, at(q, D_W0) + i))
        mark(q, arena, at(q, D_BAR), synapses)
    for i in range(PLASTICITY_COUNT):
        if given(m2, b2, P_BAR[i]) >= 0:
            mark(q, arena, at(q, D_P) + i * synapses * LANES, synapses)
    mark(q, arena, at(q, D_C), COEFFICIENT_COUNT)
    for lane in range(LANES):
        results.status[g, piece * LANES + lane] = DIVERGED if number(arena, at(q, D_BAD) + lane) != 0 else OK
    counts = select(load(arena, at(q, D_BAD)) == F(0.0), load(mask, piece * LANES), F(0.0))
    store(arena, at(q, D_BAD), counts)
    if not drawn:
        write_sums(q, arena, at(q, D_BAR), synapses, results.innate[piece], begin)
    for i in range(PLASTICITY_COUNT):
        if given(m2, b2, P_BAR[i]) >= 0:
            rows, place = at(q, D_P) + i * synapses * LANES, PLASTICITY_COUNT * begin + i * synapses
            write_sums(q, arena, rows, synapses, results.plasticity[piece], place)
    write_sums(q, arena, at(q, D_C), COEFFICIENT_COUNT, results.coefficients[piece], g * COEFFICIENT_COUNT)


@njit(error_model="numpy", nogil=True, cache=True)
def write_sums(q: Any, arena: Any, first: int, count: int, sums: Any, place: int) -> None:
    """Write the sum over the lanes that count of each row, from this place on."""
    counts, zero = load(arena, at(q, D_BAD)) > F(0.0), F(0.0)
    for i in range(count):
        sums[place + i] = tree(select(counts, load(arena, first + i * LANES), zero))
