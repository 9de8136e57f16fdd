"""What a learner makes of a tick: the slots of the lane, errors of the outputs, and the rule for each synapse."""

from __future__ import annotations

from typing import Any

from evometa.language.signals import COEFFICIENTS, SIGNAL_COUNT
from evometa.lifetime import columns as k
from evometa.lifetime.numba.acting import layout as w
from evometa.lifetime.numba.acting.world import one_hot
from evometa.lifetime.numba.arena import A_ACT, A_AGE, A_C, A_ERR, A_REWARD, A_TASK, A_W, A_W0, W0
from evometa.lifetime.numba.generated_switch import execute
from evometa.lifetime.numba.rule import (
    bound,
    gather_rows,
    point_nodes,
    point_synapses,
    point_tile,
    together,
)
from evometa.lifetime.numba.sweeps import copy, fill
from evometa.lifetime.numba.vector import LANES, F, at, load, number, put, select, skip, store
from evometa.system.jit import njit

COEFFICIENT_COUNT = len(COEFFICIENTS)


@njit(error_model="numpy", nogil=True, cache=True)
def hope(m: Any, p: Any, b: Any, arena: Any, actions: int, optimism: Any, width: int) -> None:
    """Add what is hoped to the innate weights of synapses that enter the nodes of actions.

    Of those from the constant only where a node reads nothing else.
    """
    first, ptr = at(m, k.NODES) - at(m, k.OUTPUTS), skip(b.ptr, at(m, k.PTR))
    for node in range(first, first + actions):
        others = False
        for e in range(at(ptr, node), at(ptr, node + 1)):
            others = others or at(b.src, at(m, k.SRC) + e) != at(m, k.INPUTS)
        for e in range(at(ptr, node), at(ptr, node + 1)):
            if others and at(b.src, at(m, k.SRC) + e) == at(m, k.INPUTS):
                continue
            for i in range(e * width, (e + 1) * width, LANES):
                weight = load(arena, at(p, A_W) + i) + F(optimism)
                store(arena, at(p, A_W) + i, weight)
                if (at(m, k.READS) >> W0) & 1:
                    store(arena, at(p, A_W0) + i, weight)


@njit(error_model="numpy", nogil=True, cache=True)
def point_lane(p: Any, q: Any, s: Any, lane: int, arena: Any, offset: Any, stride: Any, own: Any, step: Any,
               width: int) -> None:  # fmt: skip
    """Point the lane's signals in the rule's registers, and all registers of the lane's program (`own`, `step`)."""
    rows = at(q, w.Q_LANE)
    fill(arena, rows, w.LANE_COUNT * width, 0.0)
    fill(arena, rows + w.CUT * width, width, 1.0)
    fill(arena, rows + w.START * width, width, 1.0)
    fill(arena, at(p, A_REWARD), width, 0.0)
    for i in range(w.LANE_COUNT):
        put(offset, w.FIRST_LANE + i, rows + i * width)
        put(stride, w.FIRST_LANE + i, 0)
    if lane < 0:
        return
    constants, other = at(s.lanes, 6 * lane + w.L_CONSTANTS), at(s.lanes, 6 * lane + w.L_ROWS)
    for r in range(SIGNAL_COUNT + constants + other):
        put(own, r, rows)
        put(step, r, 0)
    for i in range(w.LANE_COUNT):
        put(own, w.FIRST_LANE + i, rows + i * width)
    put(own, w.REWARD, at(q, w.Q_EARNED))
    put(own, w.AGE, at(p, A_AGE))
    put(own, w.NOVEL, at(p, A_TASK))
    put(own, w.NUMBER, at(p, A_TASK) + width)
    for i in range(COEFFICIENT_COUNT):
        put(own, w.C0 + i, at(p, A_C) + i * width)
    for i in range(constants):
        put(own, SIGNAL_COUNT + i, at(q, w.Q_CONSTANTS) + i * width)
        fill(arena, at(q, w.Q_CONSTANTS) + i * width, width,
             number(s.lane_constants, at(s.lanes, 6 * lane + w.L_CONSTANT) + i))  # fmt: skip
    for i in range(other):
        put(own, SIGNAL_COUNT + constants + i, at(q, w.Q_ROWS) + i * width)
    execute(arena, s.lane_code, at(s.lanes, 6 * lane + w.L_CODE), at(s.lanes, 6 * lane + w.L_BIRTH), own, step, 1,
            width)  # fmt: skip


@njit(error_model="numpy", nogil=True, cache=True)
def modulate(p: Any, q: Any, s: Any, lane: int, arena: Any, own: Any, step: Any, width: int) -> None:
    """Run the slots of the lane: the reward that the rule reads, m, and what the memories become."""
    rows, reward = at(q, w.Q_LANE), at(p, A_REWARD)
    copy(arena, reward, at(q, w.Q_EARNED), width)
    if lane < 0:
        return
    execute(arena, s.lane_code, at(s.lanes, 6 * lane + w.L_BIRTH), at(s.lanes, 6 * lane + w.L_END), own, step, 1, width)
    out = skip(s.lane_out, w.SLOT_COUNT * lane)
    for i in range(w.MEMORY_COUNT):
        given = at(out, 2 + i)
        copy(arena, at(q, w.Q_NEXT) + i * width, at(own, given) if given >= 0 else rows + (w.M1 + i) * width, width)
    if at(out, 0) >= 0:
        for v in range(0, width, LANES):
            store(arena, reward + v, load(arena, reward + v) + load(arena, at(own, at(out, 0)) + v))
    if at(out, 1) >= 0:
        copy(arena, rows + w.M * width, at(own, at(out, 1)), width)


@njit(error_model="numpy", nogil=True, cache=True)
def remember(q: Any, arena: Any, lane: int, width: int) -> None:
    """Let the modulator's memories become what they become."""
    if lane >= 0:
        copy(arena, at(q, w.Q_LANE) + w.M1 * width, at(q, w.Q_NEXT), w.MEMORY_COUNT * width)


@njit(error_model="numpy", nogil=True, cache=True)
def blame(m: Any, p: Any, q: Any, s: Any, arena: Any, width: int) -> None:
    """Write the errors of the outputs, with the action taken as the target."""
    first, actions = at(m, k.NODES) - at(m, k.OUTPUTS), at(s.sizes, w.ANSWERS)
    critic = at(s.sizes, w.CRITIC)
    answers, errors = at(p, A_ACT) + first * width, at(p, A_ERR) + first * width
    for v in range(0, width, LANES):
        action = load(arena, at(q, w.Q_ACTION) + v)
        for a in range(actions):
            taken, row = select(action == F(a), F(1.0), F(0.0)), a * width + v
            if at(s.sizes, w.WAYS) > 0:
                taken = select(action < F(0.0), F(0.0), F(1.0))
            given = load(arena, answers + row) if at(s.sizes, w.SOFTMAX) > 0 else F(0.0)
            store(arena, errors + row, given - taken)
        if critic > 0:
            store(arena, errors + actions * width + v, F(-s.critic))
        for h in range(at(s.sizes, w.PREDICTIONS)):
            missed = load(arena, at(q, w.Q_MISSED) + h * width + v)
            store(arena, errors + (actions + critic + h) * width + v, missed)


@njit(error_model="numpy", nogil=True, cache=True)
def show_action(m: Any, q: Any, s: Any, arena: Any, width: int) -> None:
    """Write `act` and `acted` of every node: 1 at that of the action."""
    first, actions = at(m, k.NODES) - at(m, k.OUTPUTS), at(s.sizes, w.ACTIONS)
    act, acted = at(q, w.Q_ACT) + first * width, at(q, w.Q_ACTED) + first * width
    if at(s.sizes, w.WAYS) > 0:
        any_taken(arena, act, at(q, w.Q_ACTION), width)
        any_taken(arena, acted, at(q, w.Q_PREVIOUS), width)
    else:
        one_hot(arena, act, at(q, w.Q_ACTION), actions, width)
        one_hot(arena, acted, at(q, w.Q_PREVIOUS), actions, width)


@njit(error_model="numpy", nogil=True, cache=True)
def any_taken(arena: Any, rows: Any, action: Any, width: int) -> None:
    """Write 1 where any action is taken: with afterstates one node stands for all."""
    for v in range(0, width, LANES):
        store(arena, rows + v, select(load(arena, action + v) < F(0.0), F(0.0), F(1.0)))


@njit(error_model="numpy", nogil=True, inline="always")
def apply_rule(m: Any, p: Any, q: Any, b: Any, arena: Any, offset: Any, stride: Any, wide: Any, most: Any,
               width: int) -> None:  # fmt: skip
    """Run the rule's program for every node and then for every synapse, tile by tile; change weights and states.

    As `rule.apply_rule`, with a row of `act` and of `acted` for each node.
    """
    start, reads, hidden = at(m, k.CODE), at(m, k.READS), at(m, k.NODES) - at(m, k.OUTPUTS)
    node = at(m, k.INPUTS) + 1
    while at(m, k.BIRTH_END) < at(m, k.NODE_END) and node < at(m, k.NODES):
        following = min(node + at(m, k.LONGEST), at(m, k.NODES) if node >= hidden else hidden)
        point_nodes(m, p, b.code, offset, stride, node, 1, width)
        put(offset, w.ACT, at(q, w.Q_ACT) + node * width)
        put(offset, w.ACTED, at(q, w.Q_ACTED) + node * width)
        put(stride, w.ACT, width)
        put(stride, w.ACTED, width)
        execute(arena, b.code, start + at(m, k.BIRTH_END), start + at(m, k.NODE_END), offset, stride, following - node,
                width)  # fmt: skip
        node = following
    by_node = at(wide, 0) > 0 or ((reads >> w.ACT) & 1) > 0 or ((reads >> w.ACTED) & 1) > 0
    tile, last = at(m, k.TILES), at(m, k.TILES) + at(m, k.TILE_COUNT)
    while tile < last:
        following, count = together(m, b.tiles, tile, last, by_node)
        point_synapses(m, p, offset, at(b.tiles, 4 * tile + 1), width)
        point_tile(m, p, b, arena, offset, stride, wide, tile, following, 1, width)
        point_actions(m, q, b, arena, offset, stride, tile, following, width)
        execute(arena, b.code, start + at(m, k.NODE_END), start + at(m, k.CODE_END), offset, stride, count, width)
        bound(m, p, b.out, arena, offset, stride, most, count, width)
        tile = following


@njit(error_model="numpy", nogil=True, cache=True)
def point_actions(m: Any, q: Any, b: Any, arena: Any, offset: Any, stride: Any, tile: int, following: int,
                  width: int) -> None:  # fmt: skip
    """Point `act` and `acted` to the row of a tile's node, or, where tiles of several are together, to copies."""
    node, copies = at(b.tiles, 4 * tile), at(q, w.Q_WIDE)
    for number_of in range(2):
        register, base = (w.ACT, at(q, w.Q_ACT)) if number_of == 0 else (w.ACTED, at(q, w.Q_ACTED))
        if (at(m, k.READS) >> register) & 1:
            if following > tile + 1:
                put(offset, register, copies)
                put(stride, register, width)
                gather_rows(m, b, arena, copies, base, width, False, tile, following, width)
            else:
                put(offset, register, base + node * width)
                put(stride, register, 0)
        copies += max(at(m, k.LONGEST), 1) * width
