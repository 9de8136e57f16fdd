"""The Numba kernel: whole lifetimes of one genome in `width` lanes at a time, all state in one flat arena.

`live` walks a list of (genome, piece of lanes) items. For each it lays out the arena (`place`), is born, and
then alternates weight updates with checkpoints, as the contract says. `m` is the genome's row of sizes and
beginnings (columns in packing.py); `p` says where each region of the arena begins.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from evometa.lifetime import heads, sweeps
from evometa.lifetime.generated_switch import execute
from evometa.lifetime.packing import (
    ACTIVATION,
    BIRTH_END,
    CODE,
    CODE_END,
    CONSTANT_COUNT,
    CONSTANTS,
    FEEDBACK,
    FRESH,
    INNATE,
    INPUTS,
    LONGEST,
    LOSS_BIRTH,
    LOSS_CODE,
    LOSS_CONSTANT_COUNT,
    LOSS_CONSTANTS,
    LOSS_END,
    LOSS_OUT,
    LOSS_ROWS,
    LOSS_TEMPORARIES,
    NODE_END,
    NODES,
    OUT,
    OUTPUTS,
    PLASTICITY,
    PTR,
    READS,
    RECURRENT,
    ROWS,
    SCATTERED,
    SIGNAL_COUNT,
    SRC,
    SYNAPSES,
    TEMPORARIES,
    TILE_COUNT,
    TILES,
    WEIGHTS_OUT,
)
from evometa.lifetime.vector import LANES, F, at, load, select, store

# Registers of the signals (evometa/language/signals.py) and places of the credit modes (contract).
PRE, POST, TARGET, ERR, GRAD, W, W0, S1, S2, REWARD, AGE, C0, P0, OUTPUT = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 19, 23
COEFFICIENTS, PLASTICITIES = 8, 4
LOCAL, BROADCAST, FEEDBACK_CREDIT, BACKPROP = range(4)

# Regions of the arena.
(A_W, A_W0, A_S1, A_S2, A_GRAD, A_BACK, A_P, A_ACT, A_ERR, A_TARGET, A_QACT, A_QTARGET, A_SUMS, A_REWARD, A_AGE, A_C,
 A_PRE, A_STASH, A_CONSTANTS, A_ROWS, A_TEMPORARIES, A_LOSS_CONSTANTS, A_LOSS_ROWS, A_LOSS_TEMPORARIES, A_END) = range(25)  # fmt: skip


@njit(error_model="numpy", nogil=True, cache=True)
def place(m: Any, p: Any, width: int, batch: int, block: int) -> int:
    """Lay out the arena for one genome; return its length in floats."""
    synapses = m[SYNAPSES] * width
    banks = 2 if m[RECURRENT] else 1
    reads = m[READS]
    longest = max(m[LONGEST], 1) * width
    sizes = np.zeros(A_END, np.int64)
    sizes[A_W] = sizes[A_GRAD] = sizes[A_BACK] = synapses
    sizes[A_S1] = sizes[A_S2] = synapses
    sizes[A_W0] = synapses if (reads >> W0) & 1 else 0
    sizes[A_P] = synapses * PLASTICITIES if (reads >> P0) & 15 else 0
    sizes[A_ACT] = m[NODES] * batch * width * banks
    sizes[A_ERR] = m[NODES] * batch * width
    sizes[A_TARGET] = m[OUTPUTS] * batch * width
    sizes[A_QACT] = m[NODES] * block * width * banks
    sizes[A_QTARGET] = m[OUTPUTS] * block * width
    sizes[A_SUMS] = 3 * width
    sizes[A_REWARD] = sizes[A_AGE] = width
    sizes[A_C] = COEFFICIENTS * width
    sizes[A_PRE] = longest
    sizes[A_STASH] = 2 * longest
    sizes[A_CONSTANTS] = m[CONSTANT_COUNT] * width
    sizes[A_ROWS] = m[ROWS] * width
    sizes[A_TEMPORARIES] = m[TEMPORARIES] * longest
    sizes[A_LOSS_CONSTANTS] = m[LOSS_CONSTANT_COUNT] * width
    sizes[A_LOSS_ROWS] = m[LOSS_ROWS] * width
    sizes[A_LOSS_TEMPORARIES] = m[LOSS_TEMPORARIES] * batch * width
    top = 0
    for region in range(A_END):
        p[region] = top
        top += sizes[region]
    p[A_END] = top
    return top


@njit(error_model="numpy", nogil=True, cache=True)
def longest_arena(genomes: Any, width: int, batch: int, block: int) -> int:
    """Return the length in floats of the largest arena that any genome of the batch needs."""
    p = np.zeros(A_END + 1, np.int64)
    longest = 1
    for g in range(len(genomes)):
        longest = max(longest, place(genomes[g], p, width, batch, block))
    return longest


@njit(error_model="numpy", nogil=True, cache=True)
def registers(m: Any, p: Any, offset: Any, stride: Any, width: int, loss: bool, batch: int) -> None:
    """Point each register of the rule's (or the loss's) program to its first row; stride 0 repeats one row."""
    constants, count = (A_LOSS_CONSTANTS, m[LOSS_CONSTANT_COUNT]) if loss else (A_CONSTANTS, m[CONSTANT_COUNT])
    rows, row_count = (A_LOSS_ROWS, m[LOSS_ROWS]) if loss else (A_ROWS, m[ROWS])
    tiles, tile_count = (A_LOSS_TEMPORARIES, m[LOSS_TEMPORARIES]) if loss else (A_TEMPORARIES, m[TEMPORARIES])
    tile = (batch if loss else max(m[LONGEST], 1)) * width
    offset[:] = 0
    stride[:] = 0
    for i in range(COEFFICIENTS):
        offset[C0 + i] = p[A_C] + i * width
    offset[REWARD], offset[AGE] = p[A_REWARD], p[A_AGE]
    r = SIGNAL_COUNT
    for i in range(count):
        offset[r + i] = p[constants] + i * width
    r += count
    for i in range(row_count):
        offset[r + i] = p[rows] + i * width
    r += row_count
    for i in range(tile_count):
        offset[r + i] = p[tiles] + i * tile
        stride[r + i] = width
    if loss:
        stride[OUTPUT] = stride[TARGET] = width
    else:
        for s in (PRE, GRAD, W, W0, S1, S2):
            stride[s] = width
        for i in range(PLASTICITIES):
            stride[P0 + i] = width


@njit(error_model="numpy", nogil=True, cache=True)
def birth(m: Any, p: Any, arena: Any, packed: Any, g: int, piece: int, credit: int, width: int) -> None:
    """Set weights, states, coefficients and constants as they are at birth."""
    code, constants, innate, coefficients, plasticity, feedback, births = packed
    synapses = m[SYNAPSES]
    fill(arena, p[A_S1], 2 * synapses * width, 0.0)
    fill(arena, p[A_ACT], p[A_TARGET] - p[A_ACT], 0.0)
    if m[FRESH]:
        start = m[INNATE] + piece * synapses * width
        for i in range(0, synapses * width, LANES):
            store(arena, p[A_W] + i, load(births, start + i))
    else:
        spread(arena, p[A_W], innate, m[INNATE], synapses, width)
    if (m[READS] >> W0) & 1:
        copy(arena, p[A_W0], p[A_W], synapses * width)
    for i in range(PLASTICITIES):
        if (m[READS] >> (P0 + i)) & 1:
            spread(arena, p[A_P] + i * synapses * width, plasticity, m[PLASTICITY] + i * synapses, synapses, width)
    if credit == FEEDBACK_CREDIT:
        spread(arena, p[A_BACK], feedback, m[FEEDBACK], synapses, width)
    for i in range(min(COEFFICIENTS, coefficients.shape[1])):
        fill(arena, p[A_C] + i * width, width, coefficients[g, i])
    spread(arena, p[A_CONSTANTS], constants, m[CONSTANTS], m[CONSTANT_COUNT], width)
    spread(arena, p[A_LOSS_CONSTANTS], constants, m[LOSS_CONSTANTS], m[LOSS_CONSTANT_COUNT], width)


fill, copy = sweeps.fill, sweeps.copy


@njit(error_model="numpy", nogil=True, cache=True)
def spread(arena: Any, start: int, source: Any, first: int, count: int, width: int) -> None:
    """Write each of `count` numbers to a row of its own."""
    for i in range(count):
        fill(arena, start + i * width, width, source[first + i])


@njit(error_model="numpy", nogil=True, cache=True)
def forward(m: Any, arena: Any, src: Any, ptr: Any, activation: Any, w: int, act: int, head: int, streams: int,
            count: int, width: int) -> None:  # fmt: skip
    """Sweep once over the nodes for `count` examples whose inputs are in place."""
    step = streams * width
    inputs, nodes, outputs = m[INPUTS], m[NODES], m[OUTPUTS]
    fill(arena, act + inputs * step, count * width, 1.0)
    for j in range(inputs + 1, nodes):
        first, last = ptr[m[PTR] + j], ptr[m[PTR] + j + 1]
        out = act + j * step
        sweeps.net_input(arena, src, m[SRC] + first, m[SRC] + last, w - m[SRC] * width, act, out, streams, count, width)
        if j < nodes - outputs:
            sweeps.activate(arena, activation[m[ACTIVATION] + j], out, count * width)
    heads.answer(arena, head, act + (nodes - outputs) * step, outputs, step, count * width)


@njit(error_model="numpy", nogil=True, cache=True)
def take(arena: Any, start: int, source: Any, first: int, rows: int, streams: int, k: int, width: int) -> None:
    """Copy one example's rows (inputs or targets), which begin at `first` of a flat array, to example place k."""
    for i in range(rows):
        target, begin = start + (i * streams + k) * width, first + i * width
        for v in range(0, width, LANES):
            store(arena, target + v, load(source, begin + v))


@njit(error_model="numpy", nogil=True, cache=True)
def query(m: Any, p: Any, arena: Any, src: Any, ptr: Any, activation: Any, query_x: Any, query_y: Any, total: int, piece: int,
          head: int, batch: int, block: int, width: int) -> None:  # fmt: skip
    """Answer all queries without learning; leave the sums of loss, rightness and |error| in the arena."""
    act, nodes, outputs = p[A_QACT], m[NODES], m[OUTPUTS]
    out = act + (nodes - outputs) * block * width
    fill(arena, p[A_SUMS], 3 * width, 0.0)
    if m[RECURRENT]:
        # recurrent synapses read stream 0 as it stood after the last update, the same for every query
        for j in range(nodes):
            for k in range(block):
                copy(arena, act + ((nodes + j) * block + k) * width, p[A_ACT] + j * batch * width, width)
    for first in range(0, total, block):
        count = min(block, total - first)
        for k in range(count):
            example = piece * total + first + k
            take(arena, act, query_x, example * m[INPUTS] * width, m[INPUTS], block, k, width)
            take(arena, p[A_QTARGET], query_y, example * outputs * width, outputs, block, k, width)
        forward(m, arena, src, ptr, activation, p[A_W], act, head, block, count, width)
        heads.score(arena, head, out, p[A_QTARGET], p[A_SUMS], outputs, block * width, count, width)


@njit(error_model="numpy", nogil=True, cache=True)
def assign_errors(m: Any, p: Any, arena: Any, src: Any, ptr: Any, activation: Any, code: Any, out: Any, offset: Any,
                  stride: Any, head: int, credit: int, batch: int, width: int) -> None:  # fmt: skip
    """Write the error rows of every node: the head's own or the evolved loss at the outputs, then the credit mode."""
    nodes, outputs, inputs = m[NODES], m[OUTPUTS], m[INPUTS]
    step = batch * width
    answers, err = p[A_ACT] + (nodes - outputs) * step, p[A_ERR] + (nodes - outputs) * step
    if m[LOSS_CODE] < 0:
        heads.output_errors(arena, head, answers, p[A_TARGET], err, outputs, step, step)
    else:
        registers(m, p, offset, stride, width, True, batch)
        start = m[LOSS_CODE]
        derivative = out[m[LOSS_OUT] + 1]
        execute(arena, code, start, start + m[LOSS_BIRTH], offset, stride, 1, width)
        for o in range(outputs):
            offset[OUTPUT], offset[TARGET] = answers + o * step, p[A_TARGET] + o * step
            execute(arena, code, start + m[LOSS_BIRTH], start + m[LOSS_END], offset, stride, batch, width)
            for k in range(batch):
                copy(arena, err + o * step + k * width, offset[derivative] + k * stride[derivative], width)
        heads.through_head(arena, head, answers, err, outputs, step, step)
    hidden = p[A_ERR] + (inputs + 1) * step
    if credit == LOCAL:
        return
    fill(arena, hidden, (nodes - outputs - inputs - 1) * step, 0.0)
    if credit == BROADCAST:
        for j in range(inputs + 1, nodes - outputs):
            for i in range(0, step, LANES):
                total = F(0.0)
                for o in range(outputs):
                    total = total + load(arena, err + o * step + i)
                store(arena, p[A_ERR] + j * step + i, total / F(outputs))
        return
    back = p[A_W] if credit == BACKPROP else p[A_BACK]
    for j in range(nodes - 1, inputs, -1):
        own = p[A_ERR] + j * step
        if j < nodes - outputs:
            sweeps.slope(arena, activation[m[ACTIVATION] + j], p[A_ACT] + j * step, own, step)
        first, last = m[SRC] + ptr[m[PTR] + j], m[SRC] + ptr[m[PTR] + j + 1]
        sweeps.backward(arena, src, first, last, back - m[SRC] * width, own, p[A_ERR], inputs + 1,
                        min(j, nodes - outputs), batch, batch, width)  # fmt: skip


@njit(error_model="numpy", nogil=True, cache=True)
def mean_gradients(m: Any, p: Any, arena: Any, src: Any, ptr: Any, batch: int, width: int) -> None:
    """Write the mean over the batch of err·pre to each synapse's gradient row."""
    for j in range(m[INPUTS] + 1, m[NODES]):
        first, last = m[SRC] + ptr[m[PTR] + j], m[SRC] + ptr[m[PTR] + j + 1]
        sweeps.gradients(arena, src, first, last, p[A_ACT], p[A_ERR] + j * batch * width,
                         p[A_GRAD] - m[SRC] * width, batch, batch, width)  # fmt: skip
    share = F(1.0) / F(batch)
    for i in range(p[A_GRAD], p[A_GRAD] + m[SYNAPSES] * width, LANES):
        store(arena, i, load(arena, i) * share)


@njit(error_model="numpy", nogil=True, cache=True)
def apply_rule(m: Any, p: Any, arena: Any, src: Any, tiles: Any, code: Any, out: Any, offset: Any, stride: Any,
               bound: Any, batch: int, width: int) -> None:  # fmt: skip
    """Run the rule's program for every synapse, tile by tile, and change weights and states."""
    begin, middle, end = m[CODE] + m[BIRTH_END], m[CODE] + m[NODE_END], m[CODE] + m[CODE_END]
    low, high = F(-bound), F(bound)
    delta, next1, next2 = out[m[OUT]], out[m[OUT] + 1], out[m[OUT] + 2]
    pre = (m[READS] >> PRE) & 1
    step = batch * width
    node = -1
    for i in range(m[TILES], m[TILES] + m[TILE_COUNT]):
        target, first, count, source = tiles[i, 0], tiles[i, 1], tiles[i, 2], tiles[i, 3]
        if target != node:
            node = target
            offset[POST], offset[ERR] = p[A_ACT] + node * step, p[A_ERR] + node * step
            # hidden nodes have no target of their own: they see the first output's
            offset[TARGET] = p[A_TARGET] + max(0, node - (m[NODES] - m[OUTPUTS])) * step
            if begin < middle:
                execute(arena, code, begin, middle, offset, stride, 1, width)
        row = first * width
        offset[W], offset[S1], offset[S2] = p[A_W] + row, p[A_S1] + row, p[A_S2] + row
        offset[W0], offset[GRAD] = p[A_W0] + row, p[A_GRAD] + row
        for k in range(PLASTICITIES):
            offset[P0 + k] = p[A_P] + k * m[SYNAPSES] * width + row
        if pre:
            offset[PRE], stride[PRE] = p[A_ACT] + source * step, step
            if source == SCATTERED:
                offset[PRE], stride[PRE] = p[A_PRE], width
                for e in range(count):
                    copy(arena, p[A_PRE] + e * width, p[A_ACT] + at(src, m[SRC] + first + e) * step, width)
        execute(arena, code, middle, end, offset, stride, count, width)
        # a slot may give w, s1 or s2 as they were: those are put aside before any of them is written
        from1, step1 = aside(arena, next1, offset, stride, p[A_STASH], count, width)
        from2, step2 = aside(arena, next2, offset, stride, p[A_STASH] + max(m[LONGEST], 1) * width, count, width)
        if delta >= 0:
            for e in range(count):
                for v in range(0, width, LANES):
                    place_w = offset[W] + e * width + v
                    x = load(arena, place_w) + load(arena, offset[delta] + e * stride[delta] + v)
                    store(arena, place_w, select(x < low, low, select(x > high, high, x)))
        if next1 >= 0:
            rows(arena, offset[S1], width, from1, step1, count, width)
        if next2 >= 0:
            rows(arena, offset[S2], width, from2, step2, count, width)


@njit(error_model="numpy", nogil=True, cache=True)
def aside(arena: Any, register: int, offset: Any, stride: Any, stash: int, count: int, width: int) -> tuple[int, int]:
    """Return where a slot's result lies and its stride, after a copy if it is the weight or a state itself."""
    if register in (W, S1, S2):
        rows(arena, stash, width, offset[register], stride[register], count, width)
        return stash, width
    return (offset[register], stride[register]) if register >= 0 else (0, 0)


@njit(error_model="numpy", nogil=True, cache=True)
def rows(arena: Any, target: int, target_stride: int, source: int, stride: int, count: int, width: int) -> None:
    """Copy `count` rows."""
    for e in range(count):
        copy(arena, target + e * target_stride, source + e * stride, width)


@njit(error_model="numpy", nogil=True, cache=True)
def conclude(m: Any, p: Any, arena: Any, status: Any, width: int) -> None:
    """Mark the lanes in which a weight is not finite (x - x is 0 for finite x alone)."""
    for v in range(0, width, LANES):
        bad = F(0.0)
        for e in range(m[SYNAPSES]):
            x = load(arena, p[A_W] + e * width + v)
            bad = select(x - x == F(0.0), bad, F(1.0))
        store(arena, p[A_SUMS] + v, bad)
    for lane in range(width):
        if arena[p[A_SUMS] + lane] != 0:
            status[lane] = 1


@njit(error_model="numpy", nogil=True, cache=True)
def report(p: Any, arena: Any, queries: int, width: int, loss: Any, accuracy: Any, mae: Any, status: Any,
           first: int) -> None:  # fmt: skip
    """Write the mean scores of one checkpoint; answers that are not finite mark their lane."""
    count = np.float32(queries)
    for lane in range(width):
        a, b = arena[p[A_SUMS] + lane] / count, arena[p[A_SUMS] + 2 * width + lane] / count
        loss[first + lane], mae[first + lane] = a, b
        accuracy[first + lane] = arena[p[A_SUMS] + width + lane] / count
        if a - a != 0 or b - b != 0:
            status[first + lane] = 1


@njit(error_model="numpy", nogil=True, cache=True)
def live(items: Any, genomes: Any, flat: Any, graph: Any, tasks: Any, sizes: Any, order: Any, checkpoints: Any, head: int,
         credit: int, bound: Any, block: int, width: int, arena: Any, results: Any) -> None:  # fmt: skip
    """Live the lifetimes of each (genome, piece of lanes) item; write scores, status and learned weights of lane 0."""
    code, out, constants, innate, coefficients, plasticity, feedback, births = flat
    ptr, src, activation, tiles = graph
    support_x, support_y, query_x, query_y = tasks
    loss, accuracy, mae, status, learned = results
    updates, batch = order.shape
    supports, queries = sizes
    p = np.zeros(A_END + 1, np.int64)
    for item in range(len(items)):
        g, piece = items[item]
        m = genomes[g]
        place(m, p, width, batch, block)
        size = SIGNAL_COUNT + max(m[CONSTANT_COUNT] + m[ROWS] + m[TEMPORARIES],
                                  m[LOSS_CONSTANT_COUNT] + m[LOSS_ROWS] + m[LOSS_TEMPORARIES])  # fmt: skip
        offset, stride = np.zeros(size, np.int64), np.zeros(size, np.int64)
        loss_offset, loss_stride = np.zeros(size, np.int64), np.zeros(size, np.int64)
        birth(m, p, arena, (code, constants, innate, coefficients, plasticity, feedback, births), g, piece, credit, width)
        registers(m, p, offset, stride, width, False, batch)
        execute(arena, code, m[CODE], m[CODE] + m[BIRTH_END], offset, stride, 1, width)
        step = batch * width
        answers = p[A_ACT] + (m[NODES] - m[OUTPUTS]) * step
        c = 0
        for u in range(updates + 1):
            if c < len(checkpoints) and checkpoints[c] == u:
                query(m, p, arena, src, ptr, activation, query_x, query_y, queries, piece, head, batch, block, width)
                report(p, arena, queries, width, loss[g, c], accuracy[g, c], mae[g, c], status[g], piece * width)
                c += 1
            if u == updates or c == len(checkpoints):
                break
            if m[RECURRENT]:
                copy(arena, p[A_ACT] + m[NODES] * step, p[A_ACT], m[NODES] * step)
            for k in range(batch):
                example = piece * supports + order[u, k]
                take(arena, p[A_ACT], support_x, example * m[INPUTS] * width, m[INPUTS], batch, k, width)
                take(arena, p[A_TARGET], support_y, example * m[OUTPUTS] * width, m[OUTPUTS], batch, k, width)
            forward(m, arena, src, ptr, activation, p[A_W], p[A_ACT], head, batch, batch, width)
            if (m[READS] >> ERR) & 1 or (m[READS] >> GRAD) & 1:
                assign_errors(m, p, arena, src, ptr, activation, code, out, loss_offset, loss_stride, head, credit,
                              batch, width)  # fmt: skip
            if (m[READS] >> GRAD) & 1:
                mean_gradients(m, p, arena, src, ptr, batch, width)
            if (m[READS] >> REWARD) & 1:
                heads.reward(arena, head, answers, p[A_TARGET], p[A_REWARD], m[OUTPUTS], step, batch, width)
            fill(arena, p[A_AGE], width, np.float32(u) / np.float32(max(updates - 1, 1)))
            apply_rule(m, p, arena, src, tiles, code, out, offset, stride, bound, batch, width)
        conclude(m, p, arena, status[g, piece * width : (piece + 1) * width], width)
        if len(learned) > 1 and piece == 0:
            for e in range(m[SYNAPSES]):
                learned[m[WEIGHTS_OUT] + e] = arena[p[A_W] + e * width]
