"""What the adjoint of a lifetime keeps of it, and where its own numbers lie, in the kernel's flat arena.

Of each update of a part of a life there is a row of the tape: the states before it, and what its steps left. A part is
lived onto the tape; of the other parts only their beginnings are kept, and they are lived again when their turn comes.
`q` has the beginnings of these regions in floats (D_…), behind those that a life has of its own (arena.py), as an
address; `p` and `p2` are the beginnings as the rule's program and its adjoint see them. Rows are 16 lanes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from evometa.language.signals import SEEDS
from evometa.lifetime import columns as k
from evometa.lifetime.memory import GATES
from evometa.lifetime.numba.arena import (
    A_ACCESS,
    A_ACT,
    A_CONSTANTS,
    A_END,
    A_ERR,
    A_GRAD,
    A_LOSS_CONSTANTS,
    A_LOSS_ROWS,
    A_LOSS_TEMPORARIES,
    A_MEMORY,
    A_OPEN,
    A_REWARD,
    A_ROWS,
    A_STASH,
    A_TARGET,
    A_TEMPORARIES,
    A_W,
    A_WIDE,
    COEFFICIENT_COUNT,
    PLASTICITY_COUNT,
    REWARD,
    STATE_COUNT,
    access_rows,
    has,
    memory_rows,
    place,
)
from evometa.lifetime.numba.sweeps import copy
from evometa.lifetime.numba.vector import LANES, address, at, put, skip
from evometa.spec.states import GATE, RULE
from evometa.system.jit import njit

SEED_OF = tuple(SEEDS[f"d_{slot}"].register for slot in RULE)  # of each state of synapses

# The tape; D_BACK: what came back to each node before its slope; D_KEPT: beginnings of parts. Then adjoints, D_BAR of
# states, D_H: of gradients, over the examples; D_SUMS: of coefficients, in one update; D_QUERY: of queries'
# activations; D_BAD: lanes that have diverged; D_OUTBAR to D_RESTWAY: of heads that compare (comparison.py), of answers
# twice: their adjoints, and those of the errors' own. D_MEMORY to D_ACCESSBAR: of an external memory (memory.py).
D_STATE = 0
(D_GRAD, D_ACT, D_ERR, D_BACK, D_TARGET, D_REWARD, D_KEPT, D_KEPT_ACT) = range(STATE_COUNT, STATE_COUNT + 8)
D_BAR = STATE_COUNT + 8
(D_W0, D_P, D_H, D_C, D_SUMS, D_RBAR, D_ABAR, D_EBAR, D_QUERY, D_SEED, D_PUT_ASIDE, D_SLOPES, D_BAD,
 D_OUTBAR, D_WAY, D_KEYWAY, D_NEARWAY, D_ZWAY, D_SHARE, D_GBAR, D_BENT, D_UBAR, D_SHAREWAY, D_GIVENWAY, D_RESTWAY,
 D_MEMORY, D_ACCESS, D_KEPT_MEMORY, D_MEMORYBAR, D_ACCESSBAR, D_END) = range(
    D_BAR + STATE_COUNT, D_BAR + STATE_COUNT + 31
)  # fmt: skip
OF_PROGRAM = (A_WIDE, A_STASH, A_CONSTANTS, A_ROWS, A_TEMPORARIES, A_LOSS_CONSTANTS, A_LOSS_ROWS, A_LOSS_TEMPORARIES)


@njit(error_model="numpy", nogil=True, cache=True)
def lay(m: Any, m2: Any, p: Any, p2: Any, q: Any, batch: int, block: int, ways: int, room: int, solved: bool,
        length: int, parts: int) -> int:  # fmt: skip
    """Lay out the arena of one genome, for parts of `length` updates; return its length in floats.

    `m`, `m2`: the genome's rows, with its rule and with the adjoint of that; `ways`, `room`, `solved`: see `place`.
    """
    top = place(m2, p2, LANES, batch, block, ways, room, solved)
    own = np.zeros(A_END + 1, np.int64)
    for region in OF_PROGRAM:
        own[region] = at(p2, region + 1) - at(p2, region)
    top = place(m, p, LANES, batch, block, ways, room, solved)
    for region in range(A_END + 1):
        put(p2, region, at(p, region))
    for region in OF_PROGRAM:
        put(p2, region, top)
        top += own[region]
    synapses, banks = at(m, k.SYNAPSES), 2 if at(m, k.RECURRENT) else 1
    nodes, answers = at(m, k.NODES) * batch, (ways if ways > 0 else at(m, k.OUTPUTS)) * batch
    sizes = np.zeros(D_END, np.int64)
    for s in range(STATE_COUNT):
        if has(m, s):
            sizes[D_STATE + s] = (length + 1) * synapses
            sizes[D_KEPT] += (parts - 1) * synapses
            sizes[D_BAR + s] = synapses
    sizes[D_GRAD] = length * synapses
    sizes[D_ACT] = (length + 1) * nodes * banks
    sizes[D_ERR] = sizes[D_BACK] = length * nodes
    sizes[D_TARGET] = length * answers
    sizes[D_REWARD] = length
    sizes[D_KEPT_ACT] = (parts - 1) * nodes if at(m, k.RECURRENT) else 0
    sizes[D_W0] = sizes[D_H] = synapses
    sizes[D_P] = PLASTICITY_COUNT * synapses
    sizes[D_C] = sizes[D_SUMS] = COEFFICIENT_COUNT
    sizes[D_RBAR] = 1
    sizes[D_ABAR] = nodes * banks
    sizes[D_EBAR] = nodes
    sizes[D_QUERY] = at(m, k.NODES) * block * banks
    sizes[D_SEED] = max(at(m, k.LONGEST), 1)
    sizes[D_PUT_ASIDE] = sizes[D_SEED] * (STATE_COUNT - 1)
    sizes[D_SLOPES] = max(2 * answers, at(m, k.OUTPUTS) * batch)  # an embedding may be wider than its answers
    sizes[D_BAD] = 1
    if ways > 0:
        sizes[D_OUTBAR], sizes[D_ZWAY] = 2 * ways * batch, ways * batch
        sizes[D_WAY] = sizes[D_UBAR] = at(m, k.OUTPUTS) * batch
        sizes[D_KEYWAY] = at(m, k.OUTPUTS) * max(ways, room)
        sizes[D_NEARWAY] = sizes[D_SHARE] = sizes[D_GBAR] = sizes[D_BENT] = max(ways, room) * batch
    if solved:
        sizes[D_SHAREWAY] = sizes[D_GIVENWAY] = room * ways
        sizes[D_RESTWAY] = at(m, k.OUTPUTS) * ways
    if at(m, k.CELLS) > 0:
        memory = memory_rows(m)
        sizes[D_MEMORY], sizes[D_ACCESS] = (length + 1) * memory, length * access_rows(m)
        sizes[D_KEPT_MEMORY], sizes[D_MEMORYBAR] = (parts - 1) * memory, memory
        sizes[D_ACCESSBAR] = at(m, k.CELLS) + GATES + 4 + 2 * at(m, k.SLOTS)
    for region in range(D_END):
        put(q, region, top)
        top += sizes[region] * LANES
    put(q, D_END, top)
    return top


@njit(error_model="numpy", nogil=True, cache=True)
def twins_of(q: Any) -> Any:
    """Return where it stands of each node what it has in common with the next (sweeps.py): behind the regions."""
    return skip(q, D_END + 1)


@njit(error_model="numpy", nogil=True, cache=True)
def longest_tape(genomes: Any, adjoints: Any, places: Any, batch: int, block: int, ways: int, room: int, solved: bool,
                 length: int, parts: int) -> int:  # fmt: skip
    """Return the length in floats of the largest arena that any genome of the batch needs; `places`: scratch."""
    longest = 1
    for g in range(len(genomes)):
        m, m2 = genomes[g], adjoints[g]
        longest = max(longest, lay(address(m), address(m2), address(places[0]), address(places[1]), address(places[2]),
                                   batch, block, ways, room, solved, length, parts))  # fmt: skip
    return longest


@njit(error_model="numpy", nogil=True, cache=True)
def wind(m: Any, p: Any, p2: Any, q: Any, registers: Any, before: int, row: int, answers: int, batch: int) -> None:
    """Point regions to rows of the tape: states and memory to `before`, what the steps of an update leave to `row`.

    `registers`: offsets of the rule's program, and of its adjoint; `answers`: how many the head gives.
    """
    synapses, nodes = at(m, k.SYNAPSES) * LANES, at(m, k.NODES) * batch * LANES
    banks = 2 if at(m, k.RECURRENT) else 1
    for own in (p, p2):
        for s in range(STATE_COUNT):
            put(own, A_W + s, at(q, D_STATE + s) + before * synapses)
        put(own, A_GRAD, at(q, D_GRAD) + row * synapses)
        put(own, A_ACT, at(q, D_ACT) + row * nodes * banks)
        put(own, A_ERR, at(q, D_ERR) + row * nodes)
        put(own, A_TARGET, at(q, D_TARGET) + row * answers * batch * LANES)
        put(own, A_REWARD, at(q, D_REWARD) + row * LANES)
        put(own, A_MEMORY, at(q, D_MEMORY) + before * memory_rows(m) * LANES)
        put(own, A_ACCESS, at(q, D_ACCESS) + row * access_rows(m) * LANES)
        if not has(m, GATE):
            put(own, A_OPEN, at(own, A_W))
    for offset in registers:
        put(offset, REWARD, at(p, A_REWARD))


@njit(error_model="numpy", nogil=True, cache=True)
def advance(m: Any, q: Any, arena: Any, source: int, target: int) -> None:
    """Copy the states of synapses, and a memory, from one row of the tape to another."""
    synapses, memory = at(m, k.SYNAPSES) * LANES, memory_rows(m) * LANES
    copy(arena, at(q, D_MEMORY) + target * memory, at(q, D_MEMORY) + source * memory, memory)
    for s in range(STATE_COUNT):
        if has(m, s):
            copy(arena, at(q, D_STATE + s) + target * synapses, at(q, D_STATE + s) + source * synapses, synapses)


@njit(error_model="numpy", nogil=True, cache=True)
def remember(m: Any, q: Any, arena: Any, source: int, target: int, batch: int) -> None:
    """Copy the activations of a row of the tape to another one, and behind these, as those of the update before.

    Nothing to do without recurrent synapses.
    """
    if not at(m, k.RECURRENT):
        return
    nodes = at(m, k.NODES) * batch * LANES
    old, new = at(q, D_ACT) + 2 * source * nodes, at(q, D_ACT) + 2 * target * nodes
    copy(arena, new + nodes, old, nodes)
    copy(arena, new, old, nodes)


@njit(error_model="numpy", nogil=True, cache=True)
def keep(m: Any, q: Any, arena: Any, part: int, batch: int, up: bool) -> None:
    """Keep the first row of the tape as the beginning of a part, or take it `up` again."""
    synapses, nodes, place = at(m, k.SYNAPSES) * LANES, at(m, k.NODES) * batch * LANES, at(q, D_KEPT)
    kept = 0
    for s in range(STATE_COUNT):
        kept += has(m, s)
    place += part * kept * synapses
    for s in range(STATE_COUNT):
        if has(m, s):
            _move(arena, at(q, D_STATE + s), place, synapses, up)
            place += synapses
    memory = memory_rows(m) * LANES
    _move(arena, at(q, D_MEMORY), at(q, D_KEPT_MEMORY) + part * memory, memory, up)
    if at(m, k.RECURRENT):
        _move(arena, at(q, D_ACT), at(q, D_KEPT_ACT) + part * nodes, nodes, up)
        copy(arena, at(q, D_ACT) + nodes, at(q, D_ACT), nodes)


@njit(error_model="numpy", nogil=True, cache=True)
def _move(arena: Any, row: int, place: int, count: int, up: bool) -> None:
    if up:
        copy(arena, row, place, count)
    else:
        copy(arena, place, row, count)
