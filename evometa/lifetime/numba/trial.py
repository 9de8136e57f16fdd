"""One weight update, step by step, as separate kernel functions: forward, errors, gradients, rule; and the queries.

Arguments as in arena.py; `b` holds the addresses of the batch's arrays (packing.Packed), `lessons` those of its tasks
(lanes.Lanes). A node's rows for example i begin at `act + (node*streams + i)*width`.
"""

from __future__ import annotations

from typing import Any

from evometa.lifetime import columns as k
from evometa.lifetime.graphs import SCATTERED
from evometa.lifetime.numba import generated_nodes as node_rows
from evometa.lifetime.numba import sweeps
from evometa.lifetime.numba.arena import (
    A_ACT,
    A_BACK,
    A_ERR,
    A_GRAD,
    A_P,
    A_PRE,
    A_QACT,
    A_QTARGET,
    A_REWARD,
    A_STASH,
    A_SUMS,
    A_TARGET,
    A_W,
    A_W0,
    ERR,
    GRAD,
    OUTPUT,
    P0,
    PLASTICITY_COUNT,
    POST,
    PRE,
    STATE_COUNT,
    STATES,
    TARGET,
    W0,
    W,
    point_loss,
)
from evometa.lifetime.numba.generated_nodes import FIXED_CREDIT, SCORE_COUNT, SHARED_CREDIT, WEIGHT_CREDIT
from evometa.lifetime.numba.generated_switch import execute
from evometa.lifetime.numba.jit import njit
from evometa.lifetime.numba.sweeps import copy, fill
from evometa.lifetime.numba.vector import LANES, F, at, load, put, select, store


@njit(error_model="numpy", nogil=True, cache=True)
def forward(m: Any, b: Any, arena: Any, w: int, act: int, head: int, streams: int, count: int, width: int) -> None:
    """Sweep once over the nodes for `count` examples whose inputs are in place."""
    step, first_ptr, first_src = streams * width, at(m, k.PTR), at(m, k.SRC)
    inputs, nodes, outputs = at(m, k.INPUTS), at(m, k.NODES), at(m, k.OUTPUTS)
    fill(arena, act + inputs * step, count * width, 1.0)
    for node in range(inputs + 1, nodes):
        first, last = first_src + at(b.ptr, first_ptr + node), first_src + at(b.ptr, first_ptr + node + 1)
        out = act + node * step
        sweeps.net_input(arena, b.src, first, last, w - first_src * width, act, out, streams, count, width)
        if node < nodes - outputs:
            node_rows.activate(arena, at(b.activation, at(m, k.ACTIVATION) + node), out, count * width)
    node_rows.answer(arena, head, act + (nodes - outputs) * step, outputs, step, count * width)


@njit(error_model="numpy", nogil=True, cache=True)
def query(m: Any, p: Any, b: Any, arena: Any, lessons: Any, first: int, total: int, batch: int, block: int,
          keep: bool, answers: Any, width: int) -> None:  # fmt: skip
    """Answer `total` queries, from number `first` on, without learning; leave the sums of all scores.

    Or `keep` the answers, f32[total, O, width], without a score.
    """
    act, nodes, inputs, outputs = at(p, A_QACT), at(m, k.NODES), at(m, k.INPUTS), at(m, k.OUTPUTS)
    out = act + (nodes - outputs) * block * width
    fill(arena, at(p, A_SUMS), SCORE_COUNT * width, 0.0)
    if at(m, k.RECURRENT):
        # recurrent synapses read stream 0 as it stood after the last update, the same for every query
        for node in range(nodes):
            for i in range(block):
                copy(arena, act + ((nodes + node) * block + i) * width, at(p, A_ACT) + node * batch * width, width)
    for begin in range(0, total, block):
        count = min(block, total - begin)
        for i in range(count):
            example = first + begin + i
            sweeps.take(arena, act, lessons.query_x, example * inputs * width, inputs, block, i, width)
            sweeps.take(arena, at(p, A_QTARGET), lessons.query_y, example * outputs * width, outputs, block, i, width)
        forward(m, b, arena, at(p, A_W), act, lessons.head, block, count, width)
        if keep:
            for i in range(count * outputs):
                row = out + (i % outputs * block + i // outputs) * width
                for v in range(0, width, LANES):
                    store(answers, (begin * outputs + i) * width + v, load(arena, row + v))
            continue
        for v in range(0, width, LANES):
            sums = at(p, A_SUMS) + v
            for i in range(v, count * width, width):
                node_rows.add_scores(
                    arena, lessons.head, out + i, at(p, A_QTARGET) + i, outputs, block * width, sums, width
                )


@njit(error_model="numpy", nogil=True, cache=True)
def evolved_loss(m: Any, p: Any, b: Any, arena: Any, offset: Any, stride: Any, answers: int, err: int, batch: int,
                 width: int) -> None:  # fmt: skip
    """Write ∂loss/∂answer of an evolved loss to the outputs' error rows."""
    step, start = batch * width, at(m, k.LOSS_CODE)
    point_loss(m, p, offset, stride, batch, width)
    derivative = at(b.out, at(m, k.LOSS_OUT) + 1)
    execute(arena, b.code, start, start + at(m, k.LOSS_BIRTH), offset, stride, 1, width)
    for o in range(at(m, k.OUTPUTS)):
        put(offset, OUTPUT, answers + o * step)
        put(offset, TARGET, at(p, A_TARGET) + o * step)
        execute(arena, b.code, start + at(m, k.LOSS_BIRTH), start + at(m, k.LOSS_END), offset, stride, batch, width)
        rows(arena, err + o * step, width, at(offset, derivative), at(stride, derivative), batch, width)


@njit(error_model="numpy", nogil=True, cache=True)
def assign_errors(m: Any, p: Any, b: Any, arena: Any, offset: Any, stride: Any, head: int, credit: int,
                  batch: int, width: int) -> None:  # fmt: skip
    """Write the error rows of every node: the head's own or the evolved loss at the outputs, then the credit mode."""
    nodes, outputs, inputs = at(m, k.NODES), at(m, k.OUTPUTS), at(m, k.INPUTS)
    step, first_src, first_ptr = batch * width, at(m, k.SRC), at(m, k.PTR)
    answers, err = at(p, A_ACT) + (nodes - outputs) * step, at(p, A_ERR) + (nodes - outputs) * step
    if at(m, k.LOSS_CODE) < 0:
        node_rows.error(arena, head, answers, at(p, A_TARGET), err, outputs, step, step)
    else:
        evolved_loss(m, p, b, arena, offset, stride, answers, err, batch, width)
        node_rows.through(arena, head, answers, err, outputs, step, step)
    if (SHARED_CREDIT >> credit) & 1:
        for i in range(0, step, LANES):
            shared = node_rows.shared_error(arena, credit, err + i, outputs, step)
            for node in range(inputs + 1, nodes - outputs):
                store(arena, at(p, A_ERR) + node * step + i, shared)
    if not ((WEIGHT_CREDIT | FIXED_CREDIT) >> credit) & 1:
        return
    fill(arena, at(p, A_ERR) + (inputs + 1) * step, (nodes - outputs - inputs - 1) * step, 0.0)
    back = (at(p, A_W) if (WEIGHT_CREDIT >> credit) & 1 else at(p, A_BACK)) - first_src * width
    for node in range(nodes - 1, inputs, -1):
        own = at(p, A_ERR) + node * step
        if node < nodes - outputs:
            kind = at(b.activation, at(m, k.ACTIVATION) + node)
            node_rows.slope(arena, kind, at(p, A_ACT) + node * step, own, step)
        first, last = first_src + at(b.ptr, first_ptr + node), first_src + at(b.ptr, first_ptr + node + 1)
        sweeps.backward(arena, b.src, first, last, back, own, at(p, A_ERR), inputs + 1, min(node, nodes - outputs),
                        batch, batch, width)  # fmt: skip


@njit(error_model="numpy", nogil=True, cache=True)
def mean_gradients(m: Any, p: Any, b: Any, arena: Any, batch: int, width: int) -> None:
    """Write the mean over the batch of err·pre to each synapse's gradient row."""
    first_src, first_ptr = at(m, k.SRC), at(m, k.PTR)
    for node in range(at(m, k.INPUTS) + 1, at(m, k.NODES)):
        first, last = first_src + at(b.ptr, first_ptr + node), first_src + at(b.ptr, first_ptr + node + 1)
        sweeps.gradients(arena, b.src, first, last, at(p, A_ACT), at(p, A_ERR) + node * batch * width,
                         at(p, A_GRAD) - first_src * width, batch, batch, width)  # fmt: skip
    if batch > 1:
        share = F(1.0) / F(batch)
        for i in range(at(p, A_GRAD), at(p, A_GRAD) + at(m, k.SYNAPSES) * width, LANES):
            store(arena, i, load(arena, i) * share)


@njit(error_model="numpy", nogil=True, cache=True)
def reward(m: Any, p: Any, arena: Any, head: int, batch: int, width: int) -> None:
    """Write the reward row: the mean over the batch's examples."""
    step, outputs = batch * width, at(m, k.OUTPUTS)
    answers = at(p, A_ACT) + (at(m, k.NODES) - outputs) * step
    for v in range(0, width, LANES):
        total = F(0.0)
        for i in range(v, step, width):
            total = total + node_rows.reward(arena, head, answers + i, at(p, A_TARGET) + i, outputs, step)
        store(arena, at(p, A_REWARD) + v, total / F(batch))


@njit(error_model="numpy", nogil=True, cache=True)
def apply_rule(m: Any, p: Any, b: Any, arena: Any, offset: Any, stride: Any, bound: Any, batch: int,
               width: int) -> None:  # fmt: skip
    """Run the rule's program for every synapse, tile by tile, and change weights and states."""
    start, begin, middle = at(m, k.CODE), at(m, k.BIRTH_END), at(m, k.NODE_END)
    reads_pre = (at(m, k.READS) >> PRE) & 1
    step, synapses = batch * width, at(m, k.SYNAPSES)
    node = -1
    for tile in range(at(m, k.TILES), at(m, k.TILES) + at(m, k.TILE_COUNT)):
        entered, first = at(b.tiles, 4 * tile), at(b.tiles, 4 * tile + 1)
        count, source = at(b.tiles, 4 * tile + 2), at(b.tiles, 4 * tile + 3)
        if entered != node:
            node = entered
            put(offset, POST, at(p, A_ACT) + node * step)
            put(offset, ERR, at(p, A_ERR) + node * step)
            # hidden nodes have no target of their own: they see the first output's
            put(offset, TARGET, at(p, A_TARGET) + max(0, node - (at(m, k.NODES) - at(m, k.OUTPUTS))) * step)
            if begin < middle:
                execute(arena, b.code, start + begin, start + middle, offset, stride, 1, width)
        row = first * width
        for s in range(STATE_COUNT):
            put(offset, STATES[s], at(p, A_W + s) + row)
        put(offset, W0, at(p, A_W0) + row)
        put(offset, GRAD, at(p, A_GRAD) + row)
        for i in range(PLASTICITY_COUNT):
            put(offset, P0 + i, at(p, A_P) + i * synapses * width + row)
        if reads_pre:
            scattered = source == SCATTERED
            put(offset, PRE, at(p, A_PRE) if scattered else at(p, A_ACT) + source * step)
            put(stride, PRE, width if scattered else step)
            if scattered:
                for e in range(count):
                    source_row = at(p, A_ACT) + at(b.src, at(m, k.SRC) + first + e) * step
                    copy(arena, at(p, A_PRE) + e * width, source_row, width)
        execute(arena, b.code, start + middle, start + at(m, k.CODE_END), offset, stride, count, width)
        write_back(m, p, b.out, arena, offset, stride, bound, count, width)


@njit(error_model="numpy", nogil=True, cache=True)
def write_back(
    m: Any, p: Any, out: Any, arena: Any, offset: Any, stride: Any, bound: Any, count: int, width: int
) -> None:
    """Change the weights of one tile of synapses, within the bound, and then their states."""
    first, stash = at(m, k.OUT), at(p, A_STASH) - count * width
    # a slot may give a state as it was: such are put aside before any is written
    for s in range(1, STATE_COUNT):
        given = at(out, first + s)
        if given in STATES:
            rows(arena, stash + s * count * width, width, at(offset, given), width, count, width)
    delta = at(out, first)
    if delta >= 0:
        low, high = F(-bound), F(bound)
        w, change, step = at(offset, W), at(offset, delta), at(stride, delta)
        for v in range(0, width, LANES):
            for e in range(count):
                x = load(arena, w + e * width + v) + load(arena, change + e * step + v)
                store(arena, w + e * width + v, select(x < low, low, select(x > high, high, x)))
    for s in range(1, STATE_COUNT):
        given = at(out, first + s)
        if given in STATES:
            rows(arena, at(offset, STATES[s]), width, stash + s * count * width, width, count, width)
        elif given >= 0:
            rows(arena, at(offset, STATES[s]), width, at(offset, given), at(stride, given), count, width)


@njit(error_model="numpy", nogil=True, cache=True)
def rows(arena: Any, target: int, target_stride: int, source: int, stride: int, count: int, width: int) -> None:
    """Copy `count` rows."""
    for e in range(count):
        copy(arena, target + e * target_stride, source + e * stride, width)
