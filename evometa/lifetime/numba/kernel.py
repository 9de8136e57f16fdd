"""The Numba kernel: `live` walks a list of (genome, piece of lanes) items, one whole lifetime after another.

Each is born (arena.py) and then alternates weight updates with checkpoints (trial.py), as the contract says.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.language.signals import SIGNAL_COUNT
from evometa.lifetime import columns as k
from evometa.lifetime.numba import generated_nodes as node_rows
from evometa.lifetime.numba import memory, trial
from evometa.lifetime.numba.arena import (
    A_ACT,
    A_AGE,
    A_END,
    A_OUTPUT,
    A_SUMS,
    A_TASK,
    A_W,
    ERR,
    GRAD,
    STATE_COUNT,
    birth,
    birth_of_synapses,
    carry,
    longest_arena,
    place,
    point_rule,
)
from evometa.lifetime.numba.comparison import answers_of, compare, output
from evometa.lifetime.numba.generated_nodes import FIXED_CREDIT, SCORE_COUNT
from evometa.lifetime.numba.generated_switch import execute
from evometa.lifetime.numba.query import query
from evometa.lifetime.numba.ridge import solves
from evometa.lifetime.numba.rule import apply_rule, list_wide
from evometa.lifetime.numba.sweeps import copy, fill
from evometa.lifetime.numba.transmission import opened, share, transmit
from evometa.lifetime.numba.vector import LANES, F, address, addresses, at, load, number, select, skip, store
from evometa.system.jit import njit

__all__ = ["live", "longest_arena", "new_scratch"]


def new_scratch(genomes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return room for the arena's plan and the registers of the rule and of the loss, i64[6, …]."""
    rule = genomes[:, [k.CONSTANT_COUNT, k.ROWS, k.TEMPORARIES]].sum(axis=1)
    loss = genomes[:, [k.LOSS_CONSTANT_COUNT, k.LOSS_ROWS, k.LOSS_TEMPORARIES]].sum(axis=1)
    return np.zeros((6, max(A_END + 1, SIGNAL_COUNT + int(np.maximum(rule, loss).max()))), np.int64)


@njit(error_model="numpy", nogil=True, cache=True)
def live(items: Any, packed: Any, lanes: Any, span: Any, block: int, width: int, bound: Any, arena: Any, scratch: Any,
         states: Any, results: Any) -> None:  # fmt: skip
    """Live the lifetimes of each item, or go on with them; write what `results` (cpu.Results) have room for.

    `packed`, `lanes`: a batch and its lessons (packing.Packed, lanes.Lanes); `span`: updates made before, those of a
    whole life, which give the age, and those of each of its tasks (0: there is one); `block`: queries answered in one
    sweep; `width`: lanes taken at a time; `scratch i64[6, …]`: from `new_scratch` (an array made here would be freed
    once its address has been taken); `states` (cpu.States): lives are taken up there and put down again (none: they
    begin with their birth).
    """
    _, updates, batch, apart = lanes.order.shape
    support, queries, ways = lanes.support_x.shape[1], lanes.query_x.shape[1], lanes.ways
    room, solved = max(support, batch) if ways > 0 else 0, ways > 0 and solves(lanes)
    b, lessons = addresses(packed), addresses(lanes)
    p, offset, stride = address(scratch[0]), address(scratch[1]), address(scratch[2])
    loss_registers, wide = (address(scratch[3]), address(scratch[4])), address(scratch[5])
    floats, carried, replies = address(arena), address(states.rows), address(results.answers)
    checkpoints, scores, status = lanes.checkpoints, results.scores, results.status
    count, pieces, points = packed.coefficients.shape[1], scores.shape[3] // width, len(checkpoints)
    last, born, fit = checkpoints[-1] if points > 0 else updates, -1, True
    for item in range(len(items)):
        g, piece = items[item]
        m = skip(b.genomes, g * k.COLUMNS)
        still = last == 0 and len(states.rows) == 0 and not at(m, k.FRESH)  # as it was born, in all lanes
        if not (still and born == g):
            place(m, p, width, batch, block, ways, room, solved)
            own = (skip(b.coefficients, g * count), count)
            birth(m, p, floats, b, own, width)
            memory.begin(m, p, floats, width)
            point_rule(m, p, offset, stride, width)
            list_wide(m, b, wide, STATE_COUNT)
            execute(floats, b.code, at(m, k.CODE), at(m, k.CODE) + at(m, k.BIRTH_END), offset, stride, 1, width)
            if still:
                born, fit = g, share(m, p, floats, b)
            else:
                born = -1
                birth_of_synapses(m, p, floats, b, piece, (FIXED_CREDIT >> lanes.credit) & 1 > 0, width)
                if len(states.rows) > 0:
                    carry(m, p, floats, carried, states.begins[g], piece, batch, width, True)
                transmit(m, p, floats, 0, at(m, k.SYNAPSES), width)
        order, c = skip(lessons.order, piece * updates * batch * apart if apart > 1 else 0), 0
        for update in range(last + 1):
            if c < points and checkpoints[c] == update:
                asked, end = lanes.asked[c]
                reply = skip(replies, ((g * points + c) * pieces + piece) * queries * answers_of(m, lessons) * width)
                query(m, p, b, floats, lessons, piece * queries + asked, end - asked, piece * support, support, room,
                      batch, block, len(results.answers) > 0, reply, width)  # fmt: skip
                report(p, floats, end - asked, width, scores[:, g, c], status[g], piece * width)
                if len(results.opened) > 0:
                    opened(m, p, b, floats, width, results.opened[g, c], piece * width)
                c += 1
            if update < last:
                chosen = skip(order, update * batch * apart)
                learn(m, p, b, floats, offset, stride, wide, loss_registers, lessons, piece * support, chosen, room,
                      apart > 1, span[0] + update, span[1:], bound, -1, batch, width)  # fmt: skip
        if len(states.rows) > 0:
            carry(m, p, floats, carried, states.begins[g], piece, batch, width, False)
        if not still:
            conclude(m, p, floats, status[g, piece * width : (piece + 1) * width], width)
        elif not fit:
            status[g, piece * width : (piece + 1) * width] = 1
        if len(results.learned) > 0 and piece == 0:
            keep(m, p, b, floats, still, results.learned, width)


@njit(error_model="numpy", nogil=True, inline="always")
def learn(m: Any, p: Any, b: Any, arena: Any, offset: Any, stride: Any, wide: Any, loss_registers: Any,
          lessons: Any, first: int, chosen: Any, room: int, apart: bool, update: int, life: Any, bound: Any,
          aside: int, batch: int, width: int) -> None:  # fmt: skip
    """Make one weight update; `first` is the number of this piece's first support example.

    `chosen`: the numbers of the batch's examples, i32[batch, width] if lanes go `apart`, else i32[batch]; `room`:
    places of what a head compares with; `life`: updates of a whole life, and of a task; `aside`: as `trial.back` has
    it.
    """
    act, reads, nodes, step = at(p, A_ACT), at(m, k.READS), at(m, k.NODES), batch * width
    if at(m, k.RECURRENT):
        copy(arena, act + nodes * step, act, nodes * step)
    for i in range(batch):
        if apart:
            trial.perceive(m, arena, act, lessons.support_x, first, skip(chosen, i * width), batch, i, width)
        else:
            trial.perceive(m, arena, act, lessons.support_x, first + at(chosen, i), None, batch, i, width)
    memory.recollect(m, p, arena, act, batch, batch, width)
    trial.forward(m, p, b, arena, act, batch, batch, width)
    trial.put_targets(m, p, arena, lessons, first, chosen, apart, batch, width)
    answers = output(m, p, lessons, A_ACT, A_OUTPUT, batch, width)
    if lessons.comparison >= 0:
        compare(m, p, arena, lessons, act, room, 0, answers, batch, batch, width)
    node_rows.answer(arena, lessons.head, answers, answers_of(m, lessons), step, step)
    memory.access(m, p, arena, lessons, width)
    trial.supervise(m, p, arena, lessons, batch, width)
    if (reads >> ERR) & 1 or (reads >> GRAD) & 1:
        trial.error(m, p, b, arena, loss_registers[0], loss_registers[1], lessons, room, batch, width)
        trial.back(m, p, b, arena, lessons.credit, aside, batch, width)
    if (reads >> GRAD) & 1:
        trial.gradient(m, p, b, arena, lessons.synapse_cost, batch, width)
    grow(p, arena, update, life, width)
    apply_rule(m, p, b, arena, offset, stride, wide, bound, batch, width)


@njit(error_model="numpy", nogil=True, cache=True)
def grow(p: Any, arena: Any, update: int, life: Any, width: int) -> None:
    """Set how far life has come: its age, whether a task begins, and the number of the task."""
    length, task = life
    fill(arena, at(p, A_AGE), width, np.float32(min(update, length - 1)) / np.float32(max(length - 1, 1)))
    number = update // task if task > 0 else 0
    place = update - number * task
    fill(arena, at(p, A_TASK), width, np.float32(place == 0))
    fill(arena, at(p, A_TASK) + width, width, np.float32(number))


@njit(error_model="numpy", nogil=True, cache=True)
def report(p: Any, arena: Any, queries: int, width: int, scores: Any, status: Any, first: int) -> None:
    """Write the mean scores of one checkpoint; scores that are not finite mark their lane."""
    count = np.float32(queries)
    for score in range(SCORE_COUNT):
        for lane in range(width):
            mean = number(arena, at(p, A_SUMS) + score * width + lane) / count
            scores[score, first + lane] = mean
            if mean - mean != 0:
                status[first + lane] = 1


@njit(error_model="numpy", nogil=True, cache=True)
def keep(m: Any, p: Any, b: Any, arena: Any, still: bool, learned: Any, width: int) -> None:
    """Write the weights of the first lane at the end of life."""
    for e in range(at(m, k.SYNAPSES)):
        x = number(b.innate, at(m, k.INNATE) + e) if still else number(arena, at(p, A_W) + e * width)
        learned[at(m, k.WEIGHTS_OUT) + e] = x


@njit(error_model="numpy", nogil=True, cache=True)
def conclude(m: Any, p: Any, arena: Any, status: Any, width: int) -> None:
    """Mark the lanes in which a weight is not finite (x - x is 0 for finite x alone)."""
    for v in range(0, width, LANES):
        bad = F(0.0)
        for e in range(at(m, k.SYNAPSES)):
            x = load(arena, at(p, A_W) + e * width + v)
            bad = select(x - x == F(0.0), bad, F(1.0))
        store(arena, at(p, A_SUMS) + v, bad)
    for lane in range(width):
        if number(arena, at(p, A_SUMS) + lane) != 0:
            status[lane] = 1
