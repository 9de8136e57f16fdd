"""Where everything of one genome's lifetimes lies in the kernel's flat arena, and how it is at birth.

`m` is the genome's row of sizes and beginnings (see columns.py), `p` the beginnings of the arena's regions
in floats (A_…), both as addresses. A region's rows are `width` lanes. Registers of a program are (offset,
stride) pairs: row e of register r begins at `offset[r] + e*stride[r]`; stride 0 repeats one row.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from evometa.language.signals import COEFFICIENTS, INPUTS, SIGNAL_COUNT, SIGNALS
from evometa.language.signals import PLASTICITY as PLASTICITIES
from evometa.lifetime import SILENT
from evometa.lifetime import columns as k
from evometa.lifetime.numba.generated_nodes import SCORE_COUNT
from evometa.lifetime.numba.sweeps import copy, fill
from evometa.lifetime.numba.vector import LANES, address, at, load, number, put, store
from evometa.spec.states import GATE, SYNAPSE
from evometa.system.jit import njit

PRE, POST, TARGET, ERR, GRAD, W, W0, REWARD, AGE, NOVEL, TASK, C0, P0, OUTPUT = (
    INPUTS[name].register for name in ("pre", "post", "target", "err", "grad", "w", "w0", "reward", "age", "novel",
                                       "task", "c0", "p0", "output"))  # fmt: skip
COEFFICIENT_COUNT, PLASTICITY_COUNT, STATE_COUNT = len(COEFFICIENTS), len(PLASTICITIES), len(SYNAPSE)
BY_SYNAPSE = tuple(signal.register for signal in INPUTS.values() if signal.rate == "synapse")
STATES = tuple(SIGNALS[state.name].register for state in SYNAPSE)
INNATE, OPEN = (tuple(state.born == born for state in SYNAPSE) for born in ("innate", "open"))

# Behind the regions of the states of synapses, in their order (state s: A_W + s). A_OPEN, A_PASS: weights and feedback
# weights as they transmit; where a genome has no gates, these regions are A_W and A_BACK. A_SHARED: weights as they
# transmit, one float for all lanes, where these share them: then it is A_OPEN.
# A_OUTPUT to A_GIVEN: of heads that compare (comparison.py), whose answers lie apart from the network's outputs; of
# these, A_FACTOR to A_GIVEN where weights of classes are solved for (ridge.py).
# A_MEMORY, A_ACCESS: of an external memory (memory.py).
A_W = 0
(A_W0, A_GRAD, A_BACK, A_OPEN, A_PASS, A_SHARED, A_P, A_ACT, A_ERR, A_TARGET, A_QACT, A_QTARGET, A_SUMS, A_REWARD,
 A_AGE, A_TASK, A_C, A_OUTPUT, A_QOUTPUT, A_OUTBAR, A_KEYS, A_KTARGET, A_MEANS, A_COUNTS, A_UNIT, A_NEAR, A_PARTS,
 A_TOTALS, A_KEYBAR, A_FACTOR, A_SHARES, A_GIVEN, A_MEMORY, A_ACCESS, A_WIDE, A_STASH, A_CONSTANTS, A_ROWS,
 A_TEMPORARIES, A_LOSS_CONSTANTS, A_LOSS_ROWS, A_LOSS_TEMPORARIES, A_END,
) = range(STATE_COUNT, STATE_COUNT + 43)  # fmt: skip


@njit(error_model="numpy", nogil=True, cache=True)
def place(m: Any, p: Any, width: int, batch: int, block: int, ways: int, room: int, solved: bool) -> int:
    """Lay out the arena for one genome; return its length in floats.

    `ways`, `room`: classes and most keys of a head that compares, else 0; `solved`: whether weights are solved for.
    """
    synapses, banks = at(m, k.SYNAPSES) * width, 2 if at(m, k.RECURRENT) else 1
    reads, longest = at(m, k.READS), max(at(m, k.LONGEST), 1) * width
    sizes, gated = np.zeros(A_END, np.int64), has(m, GATE)
    sizes[A_W] = synapses
    for s in range(1, STATE_COUNT):
        sizes[A_W + s] = synapses if has(m, s) else 0
    sizes[A_GRAD] = sizes[A_BACK] = synapses
    sizes[A_OPEN] = sizes[A_PASS] = synapses if gated else 0
    sizes[A_W0] = synapses if (reads >> W0) & 1 else 0
    sizes[A_SHARED] = ((at(m, k.SYNAPSES) + LANES) // width + 1) * width  # with a whole vector from the last on
    sizes[A_P] = synapses * PLASTICITY_COUNT if (reads >> P0) & 15 else 0
    sizes[A_ACT], sizes[A_ERR] = at(m, k.NODES) * batch * width * banks, at(m, k.NODES) * batch * width
    answers, streams = ways if ways > 0 else at(m, k.OUTPUTS), max(batch, block) if ways > 0 else 0
    sizes[A_TARGET] = answers * batch * width
    sizes[A_QACT] = at(m, k.NODES) * block * width * banks
    sizes[A_QTARGET] = answers * block * width
    sizes[A_SUMS] = SCORE_COUNT * width
    sizes[A_REWARD] = sizes[A_AGE] = width
    sizes[A_TASK] = 2 * width
    sizes[A_C] = COEFFICIENT_COUNT * width
    sizes[A_OUTPUT], sizes[A_QOUTPUT] = ways * batch * width, ways * block * width
    sizes[A_OUTBAR] = sizes[A_TOTALS] = ways * streams * width
    sizes[A_KEYS], sizes[A_KTARGET] = at(m, k.OUTPUTS) * room * width, ways * room * width
    sizes[A_MEANS], sizes[A_COUNTS] = at(m, k.OUTPUTS) * ways * width, 2 * ways * width
    sizes[A_UNIT] = at(m, k.OUTPUTS) * streams * width
    sizes[A_NEAR], sizes[A_PARTS] = max(ways, room) * streams * width, room * streams * width
    sizes[A_KEYBAR] = at(m, k.OUTPUTS) * max(ways, room) * width
    if solved:
        sizes[A_FACTOR], sizes[A_SHARES], sizes[A_GIVEN] = room * room * width, room * ways * width, room * ways * width
    sizes[A_MEMORY], sizes[A_ACCESS] = memory_rows(m) * width, access_rows(m) * width
    sizes[A_WIDE] = (3 + at(m, k.ROWS)) * longest  # copies of pre, post, err and results of nodes for each synapse
    sizes[A_STASH] = (STATE_COUNT - 1) * longest
    sizes[A_CONSTANTS] = at(m, k.CONSTANT_COUNT) * width
    sizes[A_ROWS] = at(m, k.ROWS) * at(m, k.NODES) * width
    sizes[A_TEMPORARIES] = at(m, k.TEMPORARIES) * longest
    sizes[A_LOSS_CONSTANTS], sizes[A_LOSS_ROWS] = at(m, k.LOSS_CONSTANT_COUNT) * width, at(m, k.LOSS_ROWS) * width
    sizes[A_LOSS_TEMPORARIES] = at(m, k.LOSS_TEMPORARIES) * batch * width
    top = 0
    for region in range(A_END):
        put(p, region, top)
        top += sizes[region]
    put(p, A_END, top)
    if not gated:
        put(p, A_OPEN, at(p, A_W))
        put(p, A_PASS, at(p, A_BACK))
    return top


@njit(error_model="numpy", nogil=True, cache=True)
def memory_rows(m: Any) -> int:
    """Return how many rows a memory has: its cells, attention, and what was read."""
    return at(m, k.SLOTS) * at(m, k.CELLS) + at(m, k.SLOTS) + at(m, k.CELLS)


@njit(error_model="numpy", nogil=True, cache=True)
def access_rows(m: Any) -> int:
    """Return how many rows an access to it makes on its way."""
    return at(m, k.CELLS) + 3 + 6 * at(m, k.SLOTS) if at(m, k.CELLS) > 0 else 0


@njit(error_model="numpy", nogil=True, cache=True)
def has(m: Any, state: int) -> bool:
    """Return whether a genome keeps a state (0, the weight: always)."""
    return state == 0 or (at(m, k.STATES) >> state) & 1 > 0


def region(room: tuple[Any, Any], number: int, width: int) -> Any:
    """Return a copy of a region's rows, f32[rows, width], as the kernel has left them in an arena and its scratch."""
    arena, ((begin, end), *_) = room[0], room[1][:, number : number + 2]
    return arena[begin:end].reshape(-1, width).copy()


@njit(error_model="numpy", nogil=True, cache=True)
def longest_arena(genomes: Any, scratch: Any, width: int, batch: int, block: int, ways: int, room: int,
                  solved: bool) -> int:  # fmt: skip
    """Return the length in floats of the largest arena that any genome of the batch needs."""
    longest, p = 1, address(scratch[0])
    for g in range(len(genomes)):
        longest = max(longest, place(address(genomes[g]), p, width, batch, block, ways, room, solved))
    return longest


@njit(error_model="numpy", nogil=True, cache=True)
def point_rule(m: Any, p: Any, offset: Any, stride: Any, width: int) -> None:
    """Point the registers of the rule's program to their rows; those of synapses and nodes move with each tile."""
    spread_registers(m, p, offset, stride, width, A_CONSTANTS, at(m, k.CONSTANT_COUNT), at(m, k.ROWS),
                     at(m, k.NODES) * width, at(m, k.TEMPORARIES), max(at(m, k.LONGEST), 1) * width)  # fmt: skip
    for register in BY_SYNAPSE:
        put(stride, register, width)


@njit(error_model="numpy", nogil=True, cache=True)
def point_loss(m: Any, p: Any, offset: Any, stride: Any, batch: int, width: int) -> None:
    """Point the registers of an evolved loss's program to their rows: one tile is a batch of examples."""
    spread_registers(m, p, offset, stride, width, A_LOSS_CONSTANTS, at(m, k.LOSS_CONSTANT_COUNT), at(m, k.LOSS_ROWS),
                     width, at(m, k.LOSS_TEMPORARIES), batch * width)  # fmt: skip
    put(stride, OUTPUT, width)
    put(stride, TARGET, width)


@njit(error_model="numpy", nogil=True, cache=True)
def spread_registers(m: Any, p: Any, offset: Any, stride: Any, width: int, region: int, constants: int, rows: int,
                     row: int, temporaries: int, tile: int) -> None:  # fmt: skip
    """Number the registers: signals, constants, rows, temporaries; the last three regions follow `region`.

    `row`, `tile`: floats that a row and a temporary have.
    """
    for r in range(SIGNAL_COUNT + constants + rows + temporaries):
        put(offset, r, 0)
        put(stride, r, 0)
    for i in range(COEFFICIENT_COUNT):
        put(offset, C0 + i, at(p, A_C) + i * width)
    for register, region_of in ((REWARD, A_REWARD), (AGE, A_AGE), (NOVEL, A_TASK)):
        put(offset, register, at(p, region_of))
    put(offset, TASK, at(p, A_TASK) + width)
    r = SIGNAL_COUNT
    for i in range(constants):
        put(offset, r + i, at(p, region) + i * width)
    r += constants
    for i in range(rows):
        put(offset, r + i, at(p, region + 1) + i * row)
    r += rows
    for i in range(temporaries):
        put(offset, r + i, at(p, region + 2) + i * tile)
        put(stride, r + i, width)


@njit(error_model="numpy", nogil=True, cache=True)
def spread(arena: Any, start: int, source: Any, first: int, count: int, width: int) -> None:
    """Write each of `count` numbers to a row of its own."""
    for i in range(count):
        fill(arena, start + i * width, width, number(source, first + i))


@njit(error_model="numpy", nogil=True, cache=True)
def birth(m: Any, p: Any, arena: Any, b: Any, own: Any, width: int) -> None:
    """Set activations, coefficients and constants as they are at birth.

    `b`: addresses of the batch's arrays (packing.Packed); `own`: of the genome's coefficients, and their number.
    """
    coefficients, count = own
    fill(arena, at(p, A_ACT), at(p, A_TARGET) - at(p, A_ACT), 0.0)
    spread(arena, at(p, A_C), coefficients, 0, min(COEFFICIENT_COUNT, count), width)
    spread(arena, at(p, A_CONSTANTS), b.constants, at(m, k.CONSTANTS), at(m, k.CONSTANT_COUNT), width)
    spread(arena, at(p, A_LOSS_CONSTANTS), b.constants, at(m, k.LOSS_CONSTANTS), at(m, k.LOSS_CONSTANT_COUNT), width)


@njit(error_model="numpy", nogil=True, cache=True)
def birth_of_synapses(m: Any, p: Any, arena: Any, b: Any, piece: int, feedback: bool, width: int) -> None:
    """Set weights, and states and numbers of synapses, as they are at birth; `feedback`: there are such weights."""
    synapses = at(m, k.SYNAPSES)
    if at(m, k.FRESH):
        start = at(m, k.INNATE) + piece * synapses * width
        for i in range(0, synapses * width, LANES):
            store(arena, at(p, A_W) + i, load(b.births, start + i))
    else:
        spread(arena, at(p, A_W), b.innate, at(m, k.INNATE), synapses, width)
    for s in range(1, STATE_COUNT):
        if not has(m, s):
            continue
        if OPEN[s]:
            for e in range(synapses):
                silent = at(b.traits, at(m, k.SRC) + e) & SILENT
                fill(arena, at(p, A_W + s) + e * width, width, 0.0 if silent else 1.0)
        elif INNATE[s]:
            copy(arena, at(p, A_W + s), at(p, A_W), synapses * width)
        else:
            fill(arena, at(p, A_W + s), synapses * width, 0.0)
    if (at(m, k.READS) >> W0) & 1:
        copy(arena, at(p, A_W0), at(p, A_W), synapses * width)
    for i in range(PLASTICITY_COUNT):
        if (at(m, k.READS) >> (P0 + i)) & 1:
            first = at(m, k.PLASTICITY) + i * synapses
            spread(arena, at(p, A_P) + i * synapses * width, b.plasticity, first, synapses, width)
    if feedback:
        spread(arena, at(p, A_BACK), b.feedback, at(m, k.FEEDBACK), synapses, width)


@njit(error_model="numpy", nogil=True, cache=True)
def carry(m: Any, p: Any, arena: Any, states: Any, begin: int, piece: int, batch: int, width: int, up: bool) -> None:
    """Take lives `up` where they were put down, or put them down: rows of states, of activations, of the memory.

    `begin`: where the genome's begin, pieces of lanes outermost.
    """
    synapses, activations, memory = at(m, k.SYNAPSES) * width, at(m, k.NODES) * batch * width, memory_rows(m) * width
    row = begin + piece * (STATE_COUNT * synapses + activations + memory)
    for s in range(STATE_COUNT + 2):
        region, count = (A_W + s, synapses) if s < STATE_COUNT else (A_ACT, activations)
        if s > STATE_COUNT:
            region, count = A_MEMORY, memory
        for i in range(0, count if s >= STATE_COUNT or has(m, s) else 0, LANES):
            if up:
                store(arena, at(p, region) + i, load(states, row + i))
            else:
                store(states, row + i, load(arena, at(p, region) + i))
        row += count
