"""Lives of students as the kernel takes them, and where their rows lie in the arena, behind those of lives that act.

`r` holds the beginnings of these regions in floats (R_…), as `q` does of those before (acting/layout.py).
"""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

import numpy as np

from evometa.language.signals import TEACHING
from evometa.lifetime import columns as k
from evometa.lifetime.numba.acting.layout import Q_END
from evometa.lifetime.numba.vector import at, put
from evometa.spec.arrays import F32, I32, I64, U8
from evometa.spec.teaching import RESULTS
from evometa.system.jit import njit

BLOCK = 15  # positions that a student answers in one sweep
TILE = 64  # positions that a teacher's program runs for at a time
RESULT_COUNT, SEEN_COUNT = len(RESULTS), len(TEACHING)
FIRST_SEEN = next(iter(TEACHING.values())).register  # the others follow
GAP, LOSS, BLUNDER, REACHED, CHANCE, PLY, ROLE, TAUGHT, SINCE, NOISE = range(SEEN_COUNT)
LESSONS, EFFORT, BLUNDERS, OPEN = range(RESULT_COUNT)

(R_ACT, R_SEEN, R_CHOICE, R_FAVOURITE, R_DETOUR, R_WAY, R_CHANCE, R_SUMS, R_FINISHED, R_PLACE, R_MOVE, R_TOP, R_INSIST,
 R_CONSTANTS, R_ROWS, R_TEMPORARIES, R_END) = range(17)  # fmt: skip

POSITIONS, SHOWN, MOVES, LEAN, ASKED, NUMBERS, DRAWN, LIVES = range(8)  # of `Room.sizes`
T_CODE, T_BIRTH, T_END, T_CONSTANT, T_CONSTANTS, T_ROWS, T_TILES, T_LOSS, T_CHANCE, T_NOISE = range(
    10
)  # of `Room.programs`
PROGRAM = 10


class Room(NamedTuple):
    """A game, its lives, taken in pieces of lanes, and the teachers.

    `sizes`: numbers by the names above; x, legal, sound, best, following: a row for each position; `asked`: positions
    that a student is asked, the first LEAN of them always, the others where a teacher reads `chance`; `candidate`: 1
    for those that may be taught; offset, draws: T rows of LIVES lanes; `programs`: a row for each teacher.
    """

    sizes: Annotated[I64, "*"]
    x: Annotated[F32, "*"]
    legal: Annotated[I32, "*"]
    sound: Annotated[I32, "*"]
    best: Annotated[I32, "*"]
    following: Annotated[I32, "*"]
    ply: Annotated[I32, "P"]
    asked: Annotated[I32, "*"]
    candidate: Annotated[I32, "P"]
    numbers: Annotated[F32, "N"]
    offset: Annotated[I32, "*"]
    draws: Annotated[F32, "*"]
    teacher: Annotated[I32, "G"]
    programs: Annotated[I64, "*"]
    code: Annotated[I32, "*"]
    out: Annotated[I32, "*"]
    constants: Annotated[F32, "*"]


class Results(NamedTuple):
    """What the kernel writes; `learned`: where wanted; `lessons`, `m`: those of the first genome's first lane."""

    results: Annotated[F32, "M G C L"]
    status: Annotated[U8, "G L"]
    learned: Annotated[F32, "*"]
    lessons: Annotated[I32, "2 T"]
    m: Annotated[F32, "T"]


@njit(error_model="numpy", nogil=True, cache=True)
def lay_out(m: Any, q: Any, r: Any, room: Any, g: int, width: int) -> int:
    """Lay out what one genome's students need, behind the rest of the arena; return its length in floats."""
    sizes, positions = np.zeros(R_END, np.int64), at(room.sizes, POSITIONS)
    row = PROGRAM * at(room.teacher, g)
    sizes[R_ACT] = at(m, k.NODES) * BLOCK
    sizes[R_SEEN] = SEEN_COUNT * positions
    for region in range(R_CHOICE, R_SUMS):
        sizes[region] = positions
    sizes[R_SUMS] = RESULT_COUNT
    for region in range(R_FINISHED, R_CONSTANTS):
        sizes[region] = 1
    sizes[R_CONSTANTS] = at(room.programs, row + T_CONSTANTS)
    sizes[R_ROWS] = at(room.programs, row + T_ROWS)
    sizes[R_TEMPORARIES] = at(room.programs, row + T_TILES) * TILE
    top = at(q, Q_END)
    for region in range(R_END):
        put(r, region, top)
        top += sizes[region] * width
    put(r, R_END, top)
    return top
