"""The kernel of students that are taught: `teach` walks a list of (genome, piece of lanes) items, life after life."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.language.signals import SIGNAL_COUNT
from evometa.lifetime import columns as k
from evometa.lifetime.numba import trial
from evometa.lifetime.numba.acting import choice as acting_choice
from evometa.lifetime.numba.acting import kernel as acting
from evometa.lifetime.numba.acting import layout as w
from evometa.lifetime.numba.arena import A_ACT, A_AGE, place
from evometa.lifetime.numba.sweeps import copy, fill
from evometa.lifetime.numba.teaching import choice, examination
from evometa.lifetime.numba.teaching import layout as y
from evometa.lifetime.numba.vector import address, addresses, at, number
from evometa.system.jit import njit

REGIONS, OFFSET, STRIDE, SCRATCHES = range(4)  # rows of a scratch of one's own


def new_scratch(room: y.Room) -> NDArray[np.int64]:
    """Return room for regions and for registers of teachers, i64[3, *]."""
    programs = room.programs.reshape(-1, y.PROGRAM)
    registers = programs[:, [y.T_CONSTANTS, y.T_ROWS, y.T_TILES]].sum(axis=1).max()
    return np.zeros((SCRATCHES, max(y.R_END + 1, SIGNAL_COUNT + int(registers))), np.int64)


@njit(error_model="numpy", nogil=True, cache=True)
def longest(packed: Any, stage: Any, room: Any, scratch: Any, own: Any, width: int) -> int:
    """Return the length in floats of the largest arena that any genome of the batch needs."""
    most, p, q, s, t = 1, address(scratch[acting.P]), address(scratch[acting.Q]), addresses(stage), addresses(room)
    for g in range(len(packed.genomes)):
        m = address(packed.genomes[g])
        place(m, p, width, 1, 1, 0, 0, False)
        w.lay_out(m, p, q, s, g, width)
        most = max(most, y.lay_out(m, q, address(own[REGIONS]), t, g, width))
    return most


@njit(error_model="numpy", nogil=True, cache=True)
def teach(items: Any, packed: Any, stage: Any, room: Any, width: int, arena: Any, scratch: Any, own: Any,
          results: Any) -> None:  # fmt: skip
    """Live the lives of each item; write what `results` (layout.Results) have room for."""
    b, s, t = addresses(packed), addresses(stage), addresses(room)
    p, q, r = address(scratch[acting.P]), address(scratch[acting.Q]), address(own[REGIONS])
    floats, ticks = address(arena), stage.sizes[w.TICKS]
    for item in range(len(items)):
        g, piece = items[item]
        begin(g, piece, packed, stage, room, width, arena, scratch, own)
        m, window = address(packed.genomes[g]), 0
        for tick in range(ticks + 1):
            over = is_over(r, floats, width)
            if not over:
                fill(floats, at(p, A_AGE), width, np.float32(min(tick, ticks - 1)) / np.float32(max(ticks - 1, 1)))
                examination.examine(m, p, r, b, t, floats, y.PROGRAM * at(t.teacher, g), width)
                examination.roam(r, t, floats, y.PROGRAM * at(t.teacher, g), width)
            if window < len(stage.windows) and stage.windows[window] == tick:
                note(r, floats, width, results.results[:, g, window], results.status[g], piece * width)
                window += 1
            if tick < ticks and not over:
                bring(p, q, r, t, arena, address(own[OFFSET]), address(own[STRIDE]), g, piece, tick, width)
                if g == 0 and piece == 0 and number(floats, at(r, y.R_FINISHED)) == 0:
                    results.lessons[0, tick] = int(number(floats, at(r, y.R_PLACE)))
                    results.lessons[1, tick] = int(number(floats, at(r, y.R_MOVE)))
                    results.m[tick] = number(floats, at(q, w.Q_LANE) + w.M * width)
                attend(m, p, q, r, b, s, t, arena, width)
                acting.adapt(b, s, m, g, arena, scratch, tick, width)
                choice.grow(r, t, floats, width)
        acting.conclude_life(g, piece, packed, width, arena, scratch, results)


@njit(error_model="numpy", nogil=True, cache=True)
def begin(g: int, piece: int, packed: Any, stage: Any, room: Any, width: int, arena: Any, scratch: Any,
          own: Any) -> None:  # fmt: skip
    """Begin a genome's lives in a piece of lanes: students are born, and nothing has been taught."""
    acting.begin(g, piece, packed, stage, width, arena, scratch)
    m, t, floats = address(packed.genomes[g]), addresses(room), address(arena)
    p, q, r = address(scratch[acting.P]), address(scratch[acting.Q]), address(own[REGIONS])
    y.lay_out(m, q, r, t, g, width)
    fill(floats, at(r, y.R_SEEN), at(r, y.R_CONSTANTS) - at(r, y.R_SEEN), 0.0)
    positions, moves = at(t.sizes, y.POSITIONS), at(t.sizes, y.MOVES)
    for spot in range(positions):
        ply, only = at(t.ply, spot), 0
        for a in range(moves - 1, -1, -1):
            only = a if at(t.legal, spot * moves + a) else only
        fill(floats, at(r, y.R_SEEN) + (y.PLY * positions + spot) * width, width, np.float32(ply))
        fill(floats, at(r, y.R_SEEN) + (y.ROLE * positions + spot) * width, width, np.float32(ply % 2))
        fill(floats, at(r, y.R_CHOICE) + spot * width, width, np.float32(only))
        fill(floats, at(r, y.R_FAVOURITE) + spot * width, width, np.float32(only))
    choice.point_teacher(p, r, t, floats, y.PROGRAM * at(t.teacher, g), address(own[OFFSET]), address(own[STRIDE]),
                         width)  # fmt: skip


@njit(error_model="numpy", nogil=True, cache=True)
def is_over(r: Any, arena: Any, width: int) -> bool:
    """Tell whether the lessons of all lanes are over."""
    left = 0
    for lane in range(width):
        left += number(arena, at(r, y.R_FINISHED) + lane) == 0
    return left == 0


@njit(error_model="numpy", nogil=True, cache=True)
def bring(p: Any, q: Any, r: Any, room: Any, arena: Any, offset: Any, stride: Any, g: int, piece: int, tick: int,
          width: int) -> None:  # fmt: skip
    """Choose what is taught."""
    floats, positions, numbers = address(arena), at(room.sizes, y.POSITIONS), at(room.sizes, y.NUMBERS)
    first = tick * at(room.sizes, y.LIVES) + piece * width
    noise = at(r, y.R_SEEN) + y.NOISE * positions * width
    read = at(room.programs, y.PROGRAM * at(room.teacher, g) + y.T_NOISE) > 0
    for lane in range(width if read else 0):
        number_of = at(room.offset, first + lane)
        for spot in range(positions):
            arena[noise + spot * width + lane] = number(room.numbers, number_of)
            number_of = number_of + 1 if number_of + 1 < numbers else 0
    choice.choose(r, room, floats, g, offset, stride, width)
    choice.settle(q, r, room, floats, arena, first, width)


@njit(error_model="numpy", nogil=True, cache=True)
def attend(m: Any, p: Any, q: Any, r: Any, b: Any, s: Any, room: Any, arena: Any, width: int) -> None:
    """Let the students of all lanes see the position that each is taught, and answer it."""
    floats, rows, moves, inputs = address(arena), at(p, A_ACT), at(room.sizes, y.MOVES), at(room.sizes, y.SHOWN)
    for lane in range(width):
        spot = int(number(floats, at(r, y.R_PLACE) + lane))
        for i in range(inputs):
            arena[rows + i * width + lane] = number(room.x, spot * inputs + i)
    fill(floats, at(q, w.Q_MAY), moves * width, 1.0)
    outputs = rows + (at(m, k.NODES) - at(m, k.OUTPUTS)) * width
    trial.forward(m, p, b, floats, rows, 1, 1, width)
    copy(floats, at(q, w.Q_Z), outputs, moves * width)
    acting_choice.appraise(q, s, floats, rows, outputs, width)
    copy(floats, at(q, w.Q_ACTION), at(r, y.R_MOVE), width)


@njit(error_model="numpy", nogil=True, cache=True)
def note(r: Any, arena: Any, width: int, results: Any, status: Any, first: int) -> None:
    """Write what students have come to; what is not finite marks its lane."""
    for row in range(y.RESULT_COUNT):
        for lane in range(width):
            x = number(arena, at(r, y.R_SUMS) + row * width + lane)
            results[row, first + lane] = x
            if x - x != 0:
                status[first + lane] = 1
