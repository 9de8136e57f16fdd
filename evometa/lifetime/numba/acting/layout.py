"""Lives that act as the kernel takes them, and where a life's rows lie in the arena, behind those that every life has.

`q` holds the beginnings of these regions in floats (Q_…), as `p` does of the others (arena.py).
"""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

import numpy as np

from evometa.language.signals import ACTING, INPUTS, NODES
from evometa.lifetime import columns as k
from evometa.lifetime.numba.arena import A_END
from evometa.lifetime.numba.vector import at, put
from evometa.spec.acting import MEASURES
from evometa.spec.arrays import F32, I32, I64, U8
from evometa.spec.states import LANE, LANE_RULE
from evometa.system.jit import njit

ACT, ACTED = (ACTING[name].register for name in NODES)
OF_LANES = tuple(name for name in ACTING if name not in NODES)  # their registers follow each other
FIRST_LANE = ACTING[OF_LANES[0]].register
LANE_COUNT, MEMORY_COUNT, MEASURE_COUNT, SLOT_COUNT = len(OF_LANES), len(LANE), len(MEASURES), len(LANE_RULE)
(VALUE, BEFORE, DONE, CUT, START, TRIAL, GREEDY, VISITS, SURPRISE, M, M1, M2) = range(LANE_COUNT)  # places among these
REWARD, AGE, NOVEL, NUMBER, C0 = (INPUTS[name].register for name in ("reward", "age", "novel", "task", "c0"))

(Q_WORLD, Q_ACT, Q_ACTED, Q_LANE, Q_Z, Q_MAY, Q_AFTER, Q_NEXT, Q_EXPECTED, Q_EARNED, Q_OVER, Q_ACTION, Q_PREVIOUS,
 Q_FAULTY, Q_SEEN, Q_TRIAL, Q_MOVE, Q_MET, Q_WIDE, Q_SUMS, Q_CONSTANTS, Q_ROWS, Q_FORETOLD, Q_MISSED,
 Q_END) = range(25)  # fmt: skip
SINGLE = (Q_EXPECTED, Q_EARNED, Q_OVER, Q_ACTION, Q_PREVIOUS, Q_FAULTY, Q_SEEN, Q_TRIAL, Q_MOVE)  # regions of one row

# Columns of `Stage.sizes`
(TICKS, ACTIONS, SHOWN, NOISE, STATES, PARAMETERS, TABLES, REGISTERS, CONSTANTS, BIRTH_END, SHOW_END, CODE_END, ID, IDS,
 LEGAL, PREDICTIONS, SOFTMAX, RANDOM_TIES, CRITIC, SEE_REWARD, SEE_ACTION, FORGET, NEXT_TICK, CREDIT,
 WAYS, ANSWERS, ALIASES, TASK, LIVES) = range(29)  # fmt: skip
# Columns of `Stage.lanes`, of each lane program
L_CODE, L_BIRTH, L_END, L_CONSTANT, L_CONSTANTS, L_ROWS = range(6)


class Stage(NamedTuple):
    """A world and its lives, taken in pieces of `width` lanes, how they go, and the lane programs of learners.

    `sizes`: numbers by the names above: WAYS the afterstates that a network is asked about in a tick (0: there are
    none), ANSWERS the outputs that stand for actions, TASK the ticks of each of several worlds in a row (0: there is
    one), LIVES lanes that fill whole pieces. The world's code lies in loops (rerolling.py): BIRTH_END, SHOW_END,
    CODE_END count these, ALIASES registers behind the world's own. Parameters are cut into pieces, noise
    f32[N, D, LIVES] and draws f32[T, 2, LIVES] are not.
    """

    sizes: Annotated[I64, "*"]
    code: Annotated[I32, "*"]
    loops: Annotated[I32, "*"]
    aliases: Annotated[I32, "*"]
    constants: Annotated[F32, "*"]
    observe: Annotated[I32, "I"]
    legal: Annotated[I32, "*"]
    step: Annotated[I32, "6"]
    after: Annotated[I32, "*"]
    born: Annotated[I32, "*"]
    tables: Annotated[F32, "*"]
    begins: Annotated[I32, "*"]
    parameters: Annotated[F32, "*"]
    noise: Annotated[F32, "*"]
    draws: Annotated[F32, "*"]
    projection: Annotated[F32, "*"]
    windows: Annotated[I32, "C"]
    lane: Annotated[I32, "G"]
    lanes: Annotated[I64, "*"]
    lane_code: Annotated[I32, "*"]
    lane_out: Annotated[I32, "*"]
    lane_constants: Annotated[F32, "*"]
    optimism: Annotated[F32, "G"]
    bound: Annotated[F32, "G"]
    epsilon: Any
    critic: Any


class Results(NamedTuple):
    """What the kernel writes; `learned`, where wanted: all genomes' weights of lane 0, one after the other."""

    measures: Annotated[F32, "M G C L"]
    status: Annotated[U8, "G L"]
    learned: Annotated[F32, "*"]


@njit(error_model="numpy", nogil=True, cache=True)
def lay_out(m: Any, p: Any, q: Any, s: Any, g: int, width: int) -> int:
    """Lay out what one genome's lives need to act, behind the rest of the arena; return its length in floats."""
    sizes, lane = np.zeros(Q_END, np.int64), at(s.lane, g)
    sizes[Q_WORLD] = at(s.sizes, REGISTERS)
    sizes[Q_ACT] = sizes[Q_ACTED] = at(m, k.NODES)
    sizes[Q_LANE] = LANE_COUNT
    sizes[Q_Z] = sizes[Q_MAY] = at(s.sizes, ACTIONS)
    sizes[Q_FORETOLD] = sizes[Q_MISSED] = at(s.sizes, PREDICTIONS)
    sizes[Q_AFTER], sizes[Q_NEXT], sizes[Q_MET] = at(s.sizes, STATES), MEMORY_COUNT, at(s.sizes, IDS)
    for region in SINGLE:
        sizes[region] = 1
    sizes[Q_WIDE] = 2 * max(at(m, k.LONGEST), 1)
    sizes[Q_SUMS] = MEASURE_COUNT
    if lane >= 0:
        sizes[Q_CONSTANTS] = at(s.lanes, 6 * lane + L_CONSTANTS)
        sizes[Q_ROWS] = at(s.lanes, 6 * lane + L_ROWS)
    top = at(p, A_END)
    for region in range(Q_END):
        put(q, region, top)
        top += sizes[region] * width
    put(q, Q_END, top)
    return top
