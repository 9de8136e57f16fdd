"""The kernel of lives that act: `act` walks a list of (genome, piece of lanes) items, one whole life after another."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.language.signals import SIGNAL_COUNT
from evometa.lifetime import columns as k
from evometa.lifetime.numba import trial
from evometa.lifetime.numba.acting import choice, learning, world
from evometa.lifetime.numba.acting import layout as w
from evometa.lifetime.numba.arena import (
    A_ACT,
    A_END,
    A_W,
    ERR,
    GRAD,
    STATE_COUNT,
    birth,
    birth_of_synapses,
    place,
    point_rule,
)
from evometa.lifetime.numba.generated_nodes import FIXED_CREDIT
from evometa.lifetime.numba.generated_switch import execute
from evometa.lifetime.numba.kernel import conclude, grow
from evometa.lifetime.numba.rule import list_wide
from evometa.lifetime.numba.sweeps import copy, fill
from evometa.lifetime.numba.transmission import transmit
from evometa.lifetime.numba.vector import LANES, F, address, addresses, at, load, number, select, skip, store
from evometa.spec.acting import FAULTY
from evometa.system.jit import njit

P, OFFSET, STRIDE, WIDE, Q, PLACES, STEPS, OWN, STEP, SCRATCHES = range(10)  # plans and registers: rows of a scratch


def new_scratch(genomes: NDArray[np.int64], stage: w.Stage) -> NDArray[np.int64]:
    """Return room for the plans of the arena and for registers of rule, world and lane, i64[9, *]."""
    rule = int(genomes[:, [k.CONSTANT_COUNT, k.ROWS, k.TEMPORARIES]].sum(axis=1).max())
    lane = stage.lanes.reshape(-1, 6)[:, [w.L_CONSTANTS, w.L_ROWS]].sum(axis=1).max()
    world = int(stage.sizes[[w.REGISTERS, w.ALIASES]].sum())
    most = max(A_END + 1, w.Q_END + 1, SIGNAL_COUNT + max(rule, int(lane)), world)
    return np.zeros((SCRATCHES, most), np.int64)


@njit(error_model="numpy", nogil=True, cache=True)
def longest(packed: Any, stage: Any, scratch: Any, width: int) -> int:
    """Return the length in floats of the largest arena that any genome of the batch needs."""
    most, p, q, s = 1, address(scratch[P]), address(scratch[Q]), addresses(stage)
    for g in range(len(packed.genomes)):
        m = address(packed.genomes[g])
        place(m, p, width, 1, 1, 0, 0, False)
        most = max(most, w.lay_out(m, p, q, s, g, width))
    return most


@njit(error_model="numpy", nogil=True, cache=True)
def act(items: Any, packed: Any, stage: Any, width: int, arena: Any, scratch: Any, results: Any) -> None:
    """Live the lives of each item; write what `results` (layout.Results) have room for.

    `packed`: a batch (packing.Packed); `stage`: its world and lives (layout.Stage); `width`: lanes taken at a time;
    `scratch i64[9, *]`: from `new_scratch`.
    """
    b, s, ticks, late = addresses(packed), addresses(stage), stage.sizes[w.TICKS], stage.sizes[w.NEXT_TICK]
    for item in range(len(items)):
        g, piece = items[item]
        begin(g, piece, packed, stage, width, arena, scratch)
        window, q = 0, address(scratch[Q])
        for tick in range(ticks + late):
            think(b, s, address(packed.genomes[g]), arena, scratch, piece, tick, width)
            if late > 0:
                adapt(b, s, address(packed.genomes[g]), g, arena, scratch, tick, width)
            if tick < ticks:
                after(s, q, arena, scratch, piece, tick, width)
                if late == 0:
                    adapt(b, s, address(packed.genomes[g]), g, arena, scratch, tick, width)
                if stage.windows[window] == tick + 1:
                    report(q, address(arena), width, results.measures[:, g, window], results.status[g], piece * width)
                    window += 1
        conclude_life(g, piece, packed, width, arena, scratch, results)


@njit(error_model="numpy", nogil=True, cache=True)
def begin(g: int, piece: int, packed: Any, stage: Any, width: int, arena: Any, scratch: Any) -> None:
    """Lay out a genome's lives in a piece of lanes, and begin them: learners and their world are born."""
    b, s, floats = addresses(packed), addresses(stage), address(arena)
    p, q, offset, stride = address(scratch[P]), address(scratch[Q]), address(scratch[OFFSET]), address(scratch[STRIDE])
    wide, own, step = address(scratch[WIDE]), address(scratch[OWN]), address(scratch[STEP])
    m, lane, count = address(packed.genomes[g]), stage.lane[g], packed.coefficients.shape[1]
    place(m, p, width, 1, 1, 0, 0, False)
    w.lay_out(m, p, q, s, g, width)
    fixed = (FIXED_CREDIT >> stage.sizes[w.CREDIT]) & 1 > 0
    birth(m, p, floats, b, (skip(b.coefficients, g * count), count), width)
    birth_of_synapses(m, p, floats, b, piece, fixed, width)
    learning.hope(m, p, b, floats, stage.sizes[w.ANSWERS], stage.optimism[g], width)
    transmit(m, p, floats, 0, at(m, k.SYNAPSES), width)
    point_rule(m, p, offset, stride, width)
    learning.point_lane(p, q, s, lane, floats, offset, stride, own, step, width)
    list_wide(m, b, wide, STATE_COUNT)
    execute(floats, b.code, at(m, k.CODE), at(m, k.CODE) + at(m, k.BIRTH_END), offset, stride, 1, width)
    fill(floats, at(q, w.Q_ACT), 2 * at(m, k.NODES) * width, 0.0)
    world.settle(q, s, floats, arena, address(scratch[PLACES]), address(scratch[STEPS]), piece, width)
    fill(floats, at(q, w.Q_SUMS), w.MEASURE_COUNT * width, 0.0)


@njit(error_model="numpy", nogil=True, cache=True)
def think(b: Any, s: Any, m: Any, arena: Any, scratch: Any, piece: int, tick: int, width: int) -> None:
    """See the world, answer, and choose an action, if this is no tick behind the last one."""
    floats, p, q = address(arena), address(scratch[P]), address(scratch[Q])
    rows, ticks = at(p, A_ACT), at(s.sizes, w.TICKS)
    outputs = rows + (at(m, k.NODES) - at(m, k.OUTPUTS)) * width
    recall(m, q, s, floats, rows, width)
    world.show(q, s, floats, arena, address(scratch[PLACES]), address(scratch[STEPS]), rows, tick, width)
    for way in range(max(1, at(s.sizes, w.WAYS))):
        if way > 0:
            world.see(s, floats, address(scratch[PLACES]), rows, way, width)
        trial.forward(m, p, b, floats, rows, 1, 1, width)
        copy(floats, at(q, w.Q_Z) + way * width, outputs, at(s.sizes, w.ANSWERS) * width)
    choice.appraise(q, s, floats, rows, outputs, width)
    if tick < ticks:
        choice.choose(q, s, floats, outputs, tick * 2 * at(s.sizes, w.LIVES) + piece * width, width)
    if at(s.sizes, w.WAYS) > 0:
        adopt(b, s, m, arena, scratch, width)
    grow(p, floats, min(tick, ticks - 1), (ticks, at(s.sizes, w.TASK)), width)


@njit(error_model="numpy", nogil=True, cache=True)
def adopt(b: Any, s: Any, m: Any, arena: Any, scratch: Any, width: int) -> None:
    """With afterstates let activations be those of the action that each lane takes."""
    floats, p, q = address(arena), address(scratch[P]), address(scratch[Q])
    world.see_taken(q, s, floats, address(scratch[PLACES]), at(p, A_ACT), width)
    trial.forward(m, p, b, floats, at(p, A_ACT), 1, 1, width)


@njit(error_model="numpy", nogil=True, cache=True)
def adapt(b: Any, s: Any, m: Any, g: int, arena: Any, scratch: Any, tick: int, width: int) -> None:
    """Learn from the reward that is there."""
    floats, p, q, lane = address(arena), address(scratch[P]), address(scratch[Q]), at(s.lane, g)
    learning.modulate(p, q, s, lane, floats, address(scratch[OWN]), address(scratch[STEP]), width)
    learning.blame(m, p, q, s, floats, width)
    if ((at(m, k.READS) >> ERR) & 1) or ((at(m, k.READS) >> GRAD) & 1):
        trial.back(m, p, b, floats, at(s.sizes, w.CREDIT), -1, 1, width)
    if (at(m, k.READS) >> GRAD) & 1:
        trial.gradient(m, p, b, floats, 0.0, 1, width)
    learning.show_action(m, q, s, floats, width)
    learning.apply_rule(m, p, q, b, floats, address(scratch[OFFSET]), address(scratch[STRIDE]), address(scratch[WIDE]),
                        number(s.bound, g), width)  # fmt: skip
    learning.remember(q, floats, lane, width)


@njit(error_model="numpy", nogil=True, cache=True)
def after(s: Any, q: Any, arena: Any, scratch: Any, piece: int, tick: int, width: int) -> None:
    """Make the world's step."""
    world.move(q, s, address(arena), arena, address(scratch[PLACES]), address(scratch[STEPS]), piece, tick, width)


@njit(error_model="numpy", nogil=True, cache=True)
def conclude_life(g: int, piece: int, packed: Any, width: int, arena: Any, scratch: Any, results: Any) -> None:
    """Judge what a life has come to, and put down what was learned in lane 0, if there is room for it."""
    m, p, floats = address(packed.genomes[g]), address(scratch[P]), address(arena)
    judge(m, p, address(scratch[Q]), floats, results.status[g, piece * width : (piece + 1) * width], width)
    if len(results.learned) > 0 and piece == 0:
        for e in range(at(m, k.SYNAPSES)):
            results.learned[at(m, k.WEIGHTS_OUT) + e] = number(floats, at(p, A_W) + e * width)


@njit(error_model="numpy", nogil=True, cache=True)
def recall(m: Any, q: Any, s: Any, arena: Any, rows: int, width: int) -> None:
    """Put aside what recurrent synapses read of the tick before: nothing where a trial starts, if that is forgotten."""
    nodes = at(m, k.NODES)
    if at(m, k.RECURRENT):
        copy(arena, rows + nodes * width, rows, nodes * width)
        if at(s.sizes, w.FORGET) > 0:
            for v in range(0, width, LANES):
                start = load(arena, at(q, w.Q_OVER) + v)
                for i in range(nodes * width + v, 2 * nodes * width, width):
                    store(arena, rows + i, select(start > F(0.0), F(0.0), load(arena, rows + i)))


@njit(error_model="numpy", nogil=True, cache=True)
def report(q: Any, arena: Any, width: int, measures: Any, status: Any, first: int) -> None:
    """Write what a window has come to, and begin its sums anew; what is not finite marks its lane."""
    for measure in range(w.MEASURE_COUNT):
        for lane in range(width):
            x = number(arena, at(q, w.Q_SUMS) + measure * width + lane)
            measures[measure, first + lane] = x
            if x - x != 0:
                status[first + lane] = 1
    fill(arena, at(q, w.Q_SUMS), 4 * width, 0.0)


@njit(error_model="numpy", nogil=True, cache=True)
def judge(m: Any, p: Any, q: Any, arena: Any, status: Any, width: int) -> None:
    """Mark the lanes whose learner or whose world came to what is not finite."""
    for lane in range(width):
        if number(arena, at(q, w.Q_FAULTY) + lane) > 0:
            status[lane] = FAULTY
    marked = status.copy()
    conclude(m, p, arena, marked, width)
    for lane in range(width):
        if status[lane] != FAULTY:
            status[lane] = marked[lane]
