"""What a learner does with examples: a kernel function for each step (evometa/spec/steps.py); and the queries.

Arguments as in arena.py; `b` holds the addresses of the batch's arrays (packing.Packed), `lessons` those of its tasks
(lanes.Lanes). A node's rows for example i begin at `act + (node*streams + i)*width`.
"""

from __future__ import annotations

from typing import Any

from evometa.lifetime import columns as k
from evometa.lifetime.numba import generated_nodes as node_rows
from evometa.lifetime.numba import sweeps
from evometa.lifetime.numba.arena import (
    A_ACT,
    A_ERR,
    A_GRAD,
    A_OPEN,
    A_PASS,
    A_QACT,
    A_QTARGET,
    A_REWARD,
    A_SUMS,
    A_TARGET,
    REWARD,
)
from evometa.lifetime.numba.generated_nodes import FIXED_CREDIT, SCORE_COUNT, SHARED_CREDIT, WEIGHT_CREDIT
from evometa.lifetime.numba.rule import evolved_loss
from evometa.lifetime.numba.sweeps import copy, fill
from evometa.lifetime.numba.vector import LANES, F, at, load, select, skip, store
from evometa.system.jit import njit

SPAN = 1 << 12  # floats of activations in a sweep's hands at a time, which stay in a core's innermost cache


@njit(error_model="numpy", nogil=True, cache=True)
def perceive(m: Any, arena: Any, act: Any, x: Any, number: int, own: Any, streams: int, i: int, width: int) -> None:
    """Put an example in place i: of this number, or, counted from there, the one that each lane has as its `own`."""
    inputs = at(m, k.INPUTS)
    if own is None:
        sweeps.take(arena, act, x, number * inputs * width, inputs, streams, i, width)
    else:
        sweeps.take_own(arena, act, x, number * inputs * width, own, inputs, streams, i, width)


@njit(error_model="numpy", nogil=True, cache=True)
def forward(m: Any, b: Any, arena: Any, w: int, act: int, streams: int, count: int, width: int) -> None:
    """Sweep once over the nodes for `count` examples whose inputs are in place."""
    step, ptr, src = streams * width, skip(b.ptr, at(m, k.PTR)), skip(b.src, at(m, k.SRC))
    inputs, hidden = at(m, k.INPUTS), at(m, k.NODES) - at(m, k.OUTPUTS)
    spans, activation = skip(b.spans, at(m, k.ACTIVATION)), skip(b.activation, at(m, k.ACTIVATION))
    fill(arena, act + inputs * step, count * width, 1.0)
    most = max(1, SPAN // step)
    node = inputs + 1
    while node < at(m, k.NODES):
        end = min(at(spans, node), node + most)
        sweeps.net_inputs(arena, ptr, src, node, end, w, act, streams, count, width)
        if node < hidden:
            kind = at(activation, node)
            if count == streams:  # their rows lie behind one another
                node_rows.activate(arena, kind, act + node * step, (end - node) * step)
            else:
                for own in range(node, end):
                    node_rows.activate(arena, kind, act + own * step, count * width)
        node = end


@njit(error_model="numpy", nogil=True, cache=True)
def query(m: Any, p: Any, b: Any, arena: Any, lessons: Any, first: int, total: int, batch: int, block: int,
          keep: bool, answers: Any, width: int) -> None:  # fmt: skip
    """Answer `total` queries, from number `first` on, without learning; leave the sums of all scores.

    Or `keep` the answers, f32[total, O, width], without a score.
    """
    act, nodes, outputs = at(p, A_QACT), at(m, k.NODES), at(m, k.OUTPUTS)
    out = act + (nodes - outputs) * block * width
    fill(arena, at(p, A_SUMS), SCORE_COUNT * width, 0.0)
    if at(m, k.RECURRENT):
        recall(m, arena, act, at(p, A_ACT), batch, block, width)
    for begin in range(0, total, block):
        count = min(block, total - begin)
        ask(m, p, b, arena, lessons, first + begin, count, block, width)
        if keep:
            for i in range(count * outputs):
                row = out + (i % outputs * block + i // outputs) * width
                for v in range(0, width, LANES):
                    store(answers, (begin * outputs + i) * width + v, load(arena, row + v))
            continue
        score(m, p, arena, lessons.query_y, first + begin, lessons.head, out, block, count, width)


@njit(error_model="numpy", nogil=True, cache=True)
def recall(m: Any, arena: Any, act: Any, old: Any, batch: int, block: int, width: int) -> None:
    """Put activations in place that recurrent synapses read while a `block` of queries is answered.

    They are those of stream 0 of the last update, which begin at `old`: the same for every query.
    """
    nodes = at(m, k.NODES)
    for node in range(nodes):
        for i in range(block):
            copy(arena, act + ((nodes + node) * block + i) * width, old + node * batch * width, width)


@njit(error_model="numpy", nogil=True, cache=True)
def ask(m: Any, p: Any, b: Any, arena: Any, lessons: Any, first: int, count: int, block: int, width: int) -> None:
    """Answer `count` queries of a block, from number `first` on."""
    act, outputs = at(p, A_QACT), at(m, k.OUTPUTS)
    for i in range(count):
        perceive(m, arena, act, lessons.query_x, first + i, None, block, i, width)
    forward(m, b, arena, at(p, A_OPEN), act, block, count, width)
    out = act + (at(m, k.NODES) - outputs) * block * width
    node_rows.answer(arena, lessons.head, out, outputs, block * width, count * width)


@njit(error_model="numpy", nogil=True, cache=True)
def score(m: Any, p: Any, arena: Any, y: Any, first: int, head: int, out: int, block: int, count: int,
          width: int) -> None:  # fmt: skip
    """Add the scores of `count` answered queries, from number `first` on, to the sums."""
    outputs = at(m, k.OUTPUTS)
    for i in range(count):
        sweeps.take(arena, at(p, A_QTARGET), y, (first + i) * outputs * width, outputs, block, i, width)
    for v in range(0, width, LANES):
        sums = at(p, A_SUMS) + v
        for i in range(v, count * width, width):
            node_rows.add_scores(arena, head, out + i, at(p, A_QTARGET) + i, outputs, block * width, sums, width)


@njit(error_model="numpy", nogil=True, cache=True)
def supervise(m: Any, p: Any, arena: Any, y: Any, first: int, chosen: Any, apart: bool, head: int, batch: int,
              width: int) -> None:  # fmt: skip
    """Put the targets in place, as `kernel.learn` has it; write the reward row: the mean over the batch's examples."""
    step, outputs = batch * width, at(m, k.OUTPUTS)
    for i in range(batch):
        if apart:
            own = skip(chosen, i * width)
            sweeps.take_own(arena, at(p, A_TARGET), y, first * outputs * width, own, outputs, batch, i, width)
        else:
            target = (first + at(chosen, i)) * outputs * width
            sweeps.take(arena, at(p, A_TARGET), y, target, outputs, batch, i, width)
    if not (at(m, k.READS) >> REWARD) & 1:
        return
    answers = at(p, A_ACT) + (at(m, k.NODES) - outputs) * step
    for v in range(0, width, LANES):
        total = F(0.0)
        for i in range(v, step, width):
            total = total + node_rows.reward(arena, head, answers + i, at(p, A_TARGET) + i, outputs, step)
        store(arena, at(p, A_REWARD) + v, total / F(batch))


@njit(error_model="numpy", nogil=True, inline="always")
def error(m: Any, p: Any, b: Any, arena: Any, offset: Any, stride: Any, head: int, batch: int,
          width: int) -> None:  # fmt: skip
    """Write the error rows of the outputs: of the head's own loss, or of an evolved one."""
    outputs, step = at(m, k.OUTPUTS), batch * width
    first = (at(m, k.NODES) - outputs) * step
    answers, err = at(p, A_ACT) + first, at(p, A_ERR) + first
    if at(m, k.LOSS_CODE) < 0:
        node_rows.error(arena, head, answers, at(p, A_TARGET), err, outputs, step, step)
    else:
        evolved_loss(m, p, b, arena, offset, stride, answers, err, batch, width)
        node_rows.through(arena, head, answers, err, outputs, step, step)


@njit(error_model="numpy", nogil=True, cache=True)
def back(m: Any, p: Any, b: Any, arena: Any, credit: int, aside: int, batch: int, width: int) -> None:
    """Write the error rows of the hidden nodes, as the credit mode says.

    What comes back to them is put `aside` (if that is 0 or more), before it is multiplied by their slopes.
    """
    nodes, outputs, inputs = at(m, k.NODES), at(m, k.OUTPUTS), at(m, k.INPUTS)
    step = batch * width
    if (SHARED_CREDIT >> credit) & 1:
        for i in range(0, step, LANES):
            shared = node_rows.shared_error(arena, credit, at(p, A_ERR) + (nodes - outputs) * step + i, outputs, step)
            for node in range(inputs + 1, nodes - outputs):
                store(arena, at(p, A_ERR) + node * step + i, shared)
    if not ((WEIGHT_CREDIT | FIXED_CREDIT) >> credit) & 1:
        return
    weights = at(p, A_OPEN) if (WEIGHT_CREDIT >> credit) & 1 else at(p, A_PASS)
    ends = skip(b.onward, at(m, k.PTR) + 2 * at(m, k.SRC))
    pairs, spans = skip(ends, nodes + 1), skip(b.spans, at(m, k.ACTIVATION))
    end = nodes - outputs
    while end > inputs + 1:
        begin = end - 1
        while begin > inputs + 1 and at(spans, begin - 1) == end:
            begin -= 1
        sweeps.backward(arena, ends, pairs, begin, end, weights, at(p, A_ERR), batch, batch, width)
        kind, first = at(b.activation, at(m, k.ACTIVATION) + begin), begin * step
        if aside >= 0:
            copy(arena, aside + first, at(p, A_ERR) + first, (end - begin) * step)
        node_rows.slope(arena, kind, at(p, A_ACT) + first, at(p, A_ERR) + first, (end - begin) * step)
        end = begin


@njit(error_model="numpy", nogil=True, cache=True)
def gradient(m: Any, p: Any, b: Any, arena: Any, cost: Any, batch: int, width: int) -> None:
    """Write the mean over the batch of err·pre to each synapse's gradient row, and `cost` where a weight transmits."""
    ptr, src = skip(b.ptr, at(m, k.PTR)), skip(b.src, at(m, k.SRC))
    sweeps.gradients(arena, ptr, src, at(m, k.INPUTS) + 1, at(m, k.NODES), at(p, A_ACT), at(p, A_ERR), at(p, A_GRAD),
                     batch, batch, width)  # fmt: skip
    if batch > 1:
        share = F(1.0) / F(batch)
        for i in range(at(p, A_GRAD), at(p, A_GRAD) + at(m, k.SYNAPSES) * width, LANES):
            store(arena, i, load(arena, i) * share)
    if cost > 0:
        for i in range(0, at(m, k.SYNAPSES) * width, LANES):
            w, zero = load(arena, at(p, A_OPEN) + i), F(0.0)
            toll = select(w > zero, F(cost), select(w < zero, F(-cost), zero))
            store(arena, at(p, A_GRAD) + i, load(arena, at(p, A_GRAD) + i) + toll)
