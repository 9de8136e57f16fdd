"""Which position is taught, which move, and how much that is insisted on."""

from __future__ import annotations

from typing import Any

import numpy as np

from evometa.language.signals import COEFFICIENTS, SIGNAL_COUNT
from evometa.lifetime.numba.acting import layout as w
from evometa.lifetime.numba.arena import A_AGE, A_C
from evometa.lifetime.numba.generated_switch import execute
from evometa.lifetime.numba.sweeps import fill
from evometa.lifetime.numba.teaching import layout as y
from evometa.lifetime.numba.vector import LANES, F, at, load, number, put, select, skip, store
from evometa.lifetime.teaching import INSISTENCE
from evometa.system.jit import njit

COEFFICIENT_COUNT, LEAST, MOST = len(COEFFICIENTS), np.float32(-np.inf), np.float32(INSISTENCE)


@njit(error_model="numpy", nogil=True, cache=True)
def point_teacher(p: Any, r: Any, room: Any, arena: Any, row: int, offset: Any, stride: Any, width: int) -> None:
    """Point the registers of a teacher's program to their rows, and run what runs once a life."""
    programs = skip(room.programs, row)
    constants, rows, tiles = at(programs, y.T_CONSTANTS), at(programs, y.T_ROWS), at(programs, y.T_TILES)
    for register in range(SIGNAL_COUNT + constants + rows + tiles):
        put(offset, register, at(r, y.R_SEEN))
        put(stride, register, 0)
    put(offset, w.AGE, at(p, A_AGE))
    for i in range(COEFFICIENT_COUNT):
        put(offset, w.C0 + i, at(p, A_C) + i * width)
    for i in range(y.SEEN_COUNT):
        put(stride, y.FIRST_SEEN + i, width)
    register = SIGNAL_COUNT
    for i in range(constants):
        put(offset, register + i, at(r, y.R_CONSTANTS) + i * width)
        value = number(room.constants, at(programs, y.T_CONSTANT) + i)
        fill(arena, at(r, y.R_CONSTANTS) + i * width, width, value)
    register += constants
    for i in range(rows):
        put(offset, register + i, at(r, y.R_ROWS) + i * width)
    register += rows
    for i in range(tiles):
        put(offset, register + i, at(r, y.R_TEMPORARIES) + i * y.TILE * width)
        put(stride, register + i, width)
    execute(arena, room.code, at(programs, y.T_CODE), at(programs, y.T_BIRTH), offset, stride, 1, width)


@njit(error_model="numpy", nogil=True, cache=True)
def choose(r: Any, room: Any, arena: Any, g: int, offset: Any, stride: Any, width: int) -> None:
    """Write the candidate with the highest priority, and how much it is insisted on."""
    positions, first = at(room.sizes, y.POSITIONS), True
    row, seen, out = y.PROGRAM * at(room.teacher, g), at(r, y.R_SEEN), skip(room.out, 2 * at(room.teacher, g))
    fill(arena, at(r, y.R_TOP), width, LEAST)
    for begin in range(0, positions, y.TILE):
        count = min(y.TILE, positions - begin)
        for i in range(y.SEEN_COUNT):
            put(offset, y.FIRST_SEEN + i, seen + (i * positions + begin) * width)
        execute(arena, room.code, at(room.programs, row + y.T_BIRTH), at(room.programs, row + y.T_END), offset, stride,
                count, width)  # fmt: skip
        for e in range(count):
            if at(room.candidate, begin + e):
                take(r, arena, begin + e, first, at(offset, at(out, 0)) + e * at(stride, at(out, 0)),
                     at(offset, at(out, 1)) + e * at(stride, at(out, 1)) if at(out, 1) >= 0 else -1, width)  # fmt: skip
                first = False


@njit(error_model="numpy", nogil=True, cache=True)
def take(r: Any, arena: Any, place: int, first: bool, priority: int, insist: int, width: int) -> None:
    """Take a candidate in the lanes where none had such a priority; `insist`: where that lies, below 0 for nowhere."""
    for v in range(0, width, LANES):
        x, top = load(arena, priority + v), load(arena, at(r, y.R_TOP) + v)
        m = load(arena, insist + v) if insist >= 0 else F(1.0)
        if not first:
            m = select(x > top, m, load(arena, at(r, y.R_INSIST) + v))
        store(arena, at(r, y.R_INSIST) + v, m)
        store(arena, at(r, y.R_PLACE) + v, F(place) if first else
              select(x > top, F(place), load(arena, at(r, y.R_PLACE) + v)))  # fmt: skip
        store(arena, at(r, y.R_TOP) + v, select(x > top, x, top))


@njit(error_model="numpy", nogil=True, cache=True)
def settle(q: Any, r: Any, room: Any, arena: Any, cells: Any, draws: int, width: int) -> None:
    """Write the move that is taught in each lane, m, and what that lesson adds to the sums.

    `cells`: the arena as an array, to write single numbers; `draws`: the first of this lesson's.
    """
    positions, moves, sums = at(room.sizes, y.POSITIONS), at(room.sizes, y.MOVES), at(r, y.R_SUMS)
    for lane in range(width):
        place = int(number(arena, at(r, y.R_PLACE) + lane))
        move = int(number(arena, at(r, y.R_FAVOURITE) + place * width + lane))
        if at(room.sizes, y.DRAWN):
            move = drawn(skip(room.best, place * moves), moves, number(room.draws, draws + lane))
        cells[at(r, y.R_MOVE) + lane] = move
        cells[at(r, y.R_SEEN) + (y.TAUGHT * positions + place) * width + lane] += np.float32(1)
        cells[at(r, y.R_SEEN) + (y.SINCE * positions + place) * width + lane] = np.float32(-1)  # 0 when all grow by 1
    for v in range(0, width, LANES):
        insist, over = load(arena, at(r, y.R_INSIST) + v), load(arena, at(r, y.R_FINISHED) + v)
        m = select(insist > F(1.0), select(insist > F(MOST), F(MOST), insist), F(1.0))
        store(arena, at(q, w.Q_LANE) + w.M * width + v, select(over > F(0.0), F(0.0), m))
        gap, given = load(arena, sums + y.OPEN * width + v), select(over > F(0.0), F(0.0), F(1.0))
        effort = select(over > F(0.0), F(0.0), F(1.0) + gap / (F(1.0) + gap))
        store(arena, sums + y.LESSONS * width + v, load(arena, sums + y.LESSONS * width + v) + given)
        store(arena, sums + y.EFFORT * width + v, load(arena, sums + y.EFFORT * width + v) + effort)


@njit(error_model="numpy", nogil=True, cache=True)
def drawn(best: Any, moves: int, v: Any) -> int:
    """Return of the n best moves number trunc(v·n)."""
    count = 0
    for a in range(moves):
        count += at(best, a)
    wanted = min(int(v * np.float32(count)), count - 1)
    for a in range(moves):
        if at(best, a):
            if wanted == 0:
                return a
            wanted -= 1
    return 0


@njit(error_model="numpy", nogil=True, cache=True)
def grow(r: Any, room: Any, arena: Any, width: int) -> None:
    """Let every position be one lesson older."""
    positions = at(room.sizes, y.POSITIONS)
    begin = at(r, y.R_SEEN) + y.SINCE * positions * width
    for i in range(begin, begin + positions * width, LANES):
        store(arena, i, load(arena, i) + F(1.0))
