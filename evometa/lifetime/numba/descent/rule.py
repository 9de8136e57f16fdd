"""The adjoint of plasticity: the adjoint program runs for every synapse, tile by tile, backwards through one update.

`m`, `p`, `b`, `offset`, `stride` and `wide` are those of the adjoint program, `q` as in tape.py; rows are 16 lanes.
"""

from __future__ import annotations

from typing import Any

from evometa.language.adjoint import ADJOINTS
from evometa.language.signals import COEFFICIENTS, PLASTICITY
from evometa.lifetime import columns as k
from evometa.lifetime.numba.arena import COEFFICIENT_COUNT, PLASTICITY_COUNT, STATE_COUNT, TARGET
from evometa.lifetime.numba.descent.tape import (
    D_ABAR,
    D_BAR,
    D_EBAR,
    D_H,
    D_P,
    D_PUT_ASIDE,
    D_RBAR,
    D_SEED,
    D_SUMS,
    D_W0,
    SEED_OF,
)
from evometa.lifetime.numba.generated_switch import execute
from evometa.lifetime.numba.rule import point_synapses, point_tile, run_nodes, together
from evometa.lifetime.numba.sweeps import copy
from evometa.lifetime.numba.vector import LANES, F, at, fabs, load, put, select, store
from evometa.spec.states import SYNAPSE
from evometa.system.jit import njit

_PLACES = {name: place for place, name in enumerate(ADJOINTS)}
ADJOINT_COUNT = len(ADJOINTS)
PRE_BAR, POST_BAR, ERR_BAR, GRAD_BAR, W0_BAR, REWARD_BAR = (
    _PLACES[name] for name in ("pre", "post", "err", "grad", "w0", "reward")
)
STATE_BAR = tuple(_PLACES[state.name] for state in SYNAPSE)
C_BAR, P_BAR = tuple(_PLACES[name] for name in COEFFICIENTS), tuple(_PLACES[name] for name in PLASTICITY)


@njit(error_model="numpy", nogil=True, cache=True)
def given(m: Any, b: Any, place: int) -> int:
    """Return the register of one of ADJOINTS, −1 where it is zero everywhere."""
    return at(b.out, at(m, k.OUT) + place)


@njit(error_model="numpy", nogil=True, cache=True)
def slots_of(m: Any, b: Any) -> int:
    """Return the slots that a rule has, a bit each; `m`, `b`: with the rule."""
    slots = 0
    for s in range(STATE_COUNT):
        if at(b.out, at(m, k.OUT) + s) >= 0:
            slots |= 1 << s
    return slots


@njit(error_model="numpy", nogil=True, inline="always")
def execute_adjoint(m: Any, p: Any, q: Any, b: Any, arena: Any, offset: Any, stride: Any, wide: Any, after: int,
                    most: Any, slots: int, order: int, batch: int) -> None:  # fmt: skip
    """Run the adjoint program of one update and hand out what it gives.

    `after`: where the weights lie as the update has left them; `slots`: a bit for each slot that the rule has.
    """
    start, middle = at(m, k.CODE), at(m, k.NODE_END)
    run_nodes(m, p, b, arena, offset, stride, batch, LANES)
    by_node = at(wide, 0) > 0 or (at(m, k.READS) >> TARGET) & 1 > 0
    tile, last = at(m, k.TILES), at(m, k.TILES) + at(m, k.TILE_COUNT)
    while tile < last:
        following, count = together(m, b.tiles, tile, last, by_node)
        point_synapses(m, p, offset, at(b.tiles, 4 * tile + 1), LANES)
        point_tile(m, p, b, arena, offset, stride, wide, tile, following, batch, LANES)
        bound_adjoint(q, arena, offset, at(b.tiles, 4 * tile + 1), after, most, count)
        execute(arena, b.code, start + middle, start + at(m, k.CODE_END), offset, stride, count, LANES)
        collect(m, q, b, arena, offset, stride, at(b.tiles, 4 * tile + 1), slots, count, batch)
        if order > 1:
            collect_nodes(m, q, b, arena, offset, stride, tile, following, batch)
        tile = following


@njit(error_model="numpy", nogil=True, cache=True)
def bound_adjoint(q: Any, arena: Any, offset: Any, first: int, after: int, most: Any, count: int) -> None:
    """Point the seeds of a tile to the adjoints of states; where the bound holds a weight, its seed is 0."""
    high, rows = F(most), at(q, D_BAR) + first * LANES
    for i in range(0, count * LANES, LANES):
        free = fabs(load(arena, after + first * LANES + i)) < high
        store(arena, at(q, D_SEED) + i, select(free, load(arena, rows + i), F(0.0)))
    put(offset, SEED_OF[0], at(q, D_SEED))
    for s in range(1, STATE_COUNT):
        put(offset, SEED_OF[s], at(q, D_BAR + s) + first * LANES)


@njit(error_model="numpy", nogil=True, cache=True)
def collect(m: Any, q: Any, b: Any, arena: Any, offset: Any, stride: Any, first: int, slots: int, count: int,
            batch: int) -> None:  # fmt: skip
    """Hand out what a tile of synapses gives for the synapses themselves and for coefficients."""
    aside, row = at(q, D_PUT_ASIDE) - count * LANES, first * LANES
    for s in range(1, STATE_COUNT):  # one state's adjoint may be another one's seed: all are read before any is written
        if (slots >> s) & 1:
            assign(arena, aside + s * count * LANES, offset, stride, given(m, b, STATE_BAR[s]), F(1.0), count)
    if slots & 1:
        copy(arena, at(q, D_BAR) + row, at(q, D_SEED), count * LANES)
    add_given(arena, at(q, D_BAR) + row, LANES, offset, stride, given(m, b, STATE_BAR[0]), 0, count)
    if given(m, b, GRAD_BAR) >= 0:
        assign(arena, at(q, D_H) + row, offset, stride, given(m, b, GRAD_BAR), F(1.0) / F(batch), count)
    add_given(arena, at(q, D_W0) + row, LANES, offset, stride, given(m, b, W0_BAR), 0, count)
    for i in range(PLASTICITY_COUNT):
        target = at(q, D_P) + i * at(m, k.SYNAPSES) * LANES + row
        add_given(arena, target, LANES, offset, stride, given(m, b, P_BAR[i]), 0, count)
    for i in range(COEFFICIENT_COUNT):
        add_given(arena, at(q, D_SUMS) + i * LANES, 0, offset, stride, given(m, b, C_BAR[i]), 0, count)
    for s in range(1, STATE_COUNT):
        if (slots >> s) & 1:
            copy(arena, at(q, D_BAR + s) + row, aside + s * count * LANES, count * LANES)


@njit(error_model="numpy", nogil=True, cache=True)
def collect_nodes(m: Any, q: Any, b: Any, arena: Any, offset: Any, stride: Any, tile: int, following: int,
                  batch: int) -> None:  # fmt: skip
    """Hand out what some tiles of synapses give for the nodes that they lead from and to, and for the reward."""
    pre, post, err = given(m, b, PRE_BAR), given(m, b, POST_BAR), given(m, b, ERR_BAR)
    reward, step, e = given(m, b, REWARD_BAR), batch * LANES, 0
    for t in range(tile, following):
        node, count = at(b.tiles, 4 * t), at(b.tiles, 4 * t + 2)
        add_given(arena, at(q, D_EBAR) + node * step, 0, offset, stride, err, e, count)
        add_given(arena, at(q, D_ABAR) + node * step, 0, offset, stride, post, e, count)
        add_given(arena, at(q, D_RBAR), 0, offset, stride, reward, e, count)
        if pre >= 0:
            source = at(m, k.SRC) + at(b.tiles, 4 * t + 1)
            for i in range(count):
                row = at(q, D_ABAR) + at(b.src, source + i) * step
                store(arena, row, load(arena, row) + load(arena, at(offset, pre) + (e + i) * at(stride, pre)))
        e += count


@njit(error_model="numpy", nogil=True, cache=True)
def add_given(arena: Any, target: int, step: int, offset: Any, stride: Any, register: int, first: int,
              count: int) -> None:  # fmt: skip
    """Add `count` rows of a register, from number `first` on, as `add` has it; nothing, if it is −1."""
    if register >= 0:
        add(arena, target, step, at(offset, register) + first * at(stride, register), at(stride, register), count)


@njit(error_model="numpy", nogil=True, cache=True)
def add(arena: Any, target: int, step: int, source: int, stride: int, count: int) -> None:
    """Add rows to rows `step` apart; to one and the same row, if that is 0."""
    if step > 0:
        for e in range(count):
            row = target + e * step
            store(arena, row, load(arena, row) + load(arena, source + e * stride))
    else:
        total = load(arena, target)
        for e in range(count):
            total = total + load(arena, source + e * stride)
        store(arena, target, total)


@njit(error_model="numpy", nogil=True, cache=True)
def assign(arena: Any, target: int, offset: Any, stride: Any, register: int, factor: Any, count: int) -> None:
    """Write a register times a factor to rows behind one another; 0, if there is no such register."""
    for e in range(count):
        value = F(0.0)
        if register >= 0:
            value = load(arena, at(offset, register) + e * at(stride, register)) * factor
        store(arena, target + e * LANES, value)
