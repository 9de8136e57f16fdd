"""Plasticity: the rule's program runs for every synapse, tile by tile, and changes weights and states; evolved losses.

Arguments as in trial.py.
"""

from __future__ import annotations

from typing import Any

from evometa.lifetime import columns as k
from evometa.lifetime.graphs import SCATTERED
from evometa.lifetime.numba.arena import (
    A_ACT,
    A_ERR,
    A_GRAD,
    A_P,
    A_PRE,
    A_STASH,
    A_TARGET,
    A_W,
    A_W0,
    ERR,
    GRAD,
    OUTPUT,
    P0,
    PLASTICITY_COUNT,
    POST,
    PRE,
    STATE_COUNT,
    STATES,
    TARGET,
    W0,
    W,
    point_loss,
    transmit,
)
from evometa.lifetime.numba.generated_switch import execute
from evometa.lifetime.numba.sweeps import copy
from evometa.lifetime.numba.vector import LANES, F, at, load, put, select, store
from evometa.system.jit import njit


@njit(error_model="numpy", nogil=True, inline="always")
def evolved_loss(m: Any, p: Any, b: Any, arena: Any, offset: Any, stride: Any, answers: int, err: int, batch: int,
                 width: int) -> None:  # fmt: skip
    """Write ∂loss/∂answer of an evolved loss to the outputs' error rows."""
    step, start = batch * width, at(m, k.LOSS_CODE)
    point_loss(m, p, offset, stride, batch, width)
    derivative = at(b.out, at(m, k.LOSS_OUT) + 1)
    execute(arena, b.code, start, start + at(m, k.LOSS_BIRTH), offset, stride, 1, width)
    for o in range(at(m, k.OUTPUTS)):
        put(offset, OUTPUT, answers + o * step)
        put(offset, TARGET, at(p, A_TARGET) + o * step)
        execute(arena, b.code, start + at(m, k.LOSS_BIRTH), start + at(m, k.LOSS_END), offset, stride, batch, width)
        rows(arena, err + o * step, width, at(offset, derivative), at(stride, derivative), batch, width)


@njit(error_model="numpy", nogil=True, inline="always")
def apply_rule(m: Any, p: Any, b: Any, arena: Any, offset: Any, stride: Any, most: Any, batch: int,
               width: int) -> None:  # fmt: skip
    """Run the rule's program for every synapse, tile by tile, and change weights and states."""
    start, begin, middle = at(m, k.CODE), at(m, k.BIRTH_END), at(m, k.NODE_END)
    reads_pre = (at(m, k.READS) >> PRE) & 1
    step, synapses = batch * width, at(m, k.SYNAPSES)
    node = -1
    for tile in range(at(m, k.TILES), at(m, k.TILES) + at(m, k.TILE_COUNT)):
        entered, first = at(b.tiles, 4 * tile), at(b.tiles, 4 * tile + 1)
        count, source = at(b.tiles, 4 * tile + 2), at(b.tiles, 4 * tile + 3)
        if entered != node:
            node = entered
            put(offset, POST, at(p, A_ACT) + node * step)
            put(offset, ERR, at(p, A_ERR) + node * step)
            # hidden nodes have no target of their own: they see the first output's
            put(offset, TARGET, at(p, A_TARGET) + max(0, node - (at(m, k.NODES) - at(m, k.OUTPUTS))) * step)
            if begin < middle:
                execute(arena, b.code, start + begin, start + middle, offset, stride, 1, width)
        row = first * width
        for s in range(STATE_COUNT):
            put(offset, STATES[s], at(p, A_W + s) + row)
        put(offset, W0, at(p, A_W0) + row)
        put(offset, GRAD, at(p, A_GRAD) + row)
        for i in range(PLASTICITY_COUNT):
            put(offset, P0 + i, at(p, A_P) + i * synapses * width + row)
        if reads_pre:
            scattered = source == SCATTERED
            put(offset, PRE, at(p, A_PRE) if scattered else at(p, A_ACT) + source * step)
            put(stride, PRE, width if scattered else step)
            if scattered:
                for e in range(count):
                    source_row = at(p, A_ACT) + at(b.src, at(m, k.SRC) + first + e) * step
                    copy(arena, at(p, A_PRE) + e * width, source_row, width)
        execute(arena, b.code, start + middle, start + at(m, k.CODE_END), offset, stride, count, width)
        bound(m, p, b.out, arena, offset, stride, most, count, width)


@njit(error_model="numpy", nogil=True, cache=True)
def bound(m: Any, p: Any, out: Any, arena: Any, offset: Any, stride: Any, most: Any, count: int, width: int) -> None:
    """Change the weights of one tile of synapses, within the bound, and then their states."""
    first, stash = at(m, k.OUT), at(p, A_STASH) - count * width
    # a slot may give a state as it was: such are put aside before any is written
    for s in range(1, STATE_COUNT):
        given = at(out, first + s)
        if given in STATES:
            rows(arena, stash + s * count * width, width, at(offset, given), width, count, width)
    delta = at(out, first)
    if delta >= 0:
        low, high = F(-most), F(most)
        w, change, step = at(offset, W), at(offset, delta), at(stride, delta)
        for v in range(0, width, LANES):
            for e in range(count):
                x = load(arena, w + e * width + v) + load(arena, change + e * step + v)
                store(arena, w + e * width + v, select(x < low, low, select(x > high, high, x)))
    for s in range(1, STATE_COUNT):
        given = at(out, first + s)
        if given in STATES:
            rows(arena, at(offset, STATES[s]), width, stash + s * count * width, width, count, width)
        elif given >= 0:
            rows(arena, at(offset, STATES[s]), width, at(offset, given), at(stride, given), count, width)
    transmit(m, p, arena, (at(offset, W) - at(p, A_W)) // width, count, width)


@njit(error_model="numpy", nogil=True, cache=True)
def rows(arena: Any, target: int, target_stride: int, source: int, stride: int, count: int, width: int) -> None:
    """Copy `count` rows."""
    for e in range(count):
        copy(arena, target + e * target_stride, source + e * stride, width)
