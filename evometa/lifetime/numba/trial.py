"""What a learner does with examples: a kernel function for each step (evometa/spec/steps.py).

Arguments as in arena.py; `b` holds the addresses of the batch's arrays (packing.Packed), `lessons` those of its tasks
(lanes.Lanes). A node's rows for example i begin at `act + (node*streams + i)*width`.
"""

from __future__ import annotations

from typing import Any

from evometa.lifetime import columns as k
from evometa.lifetime.numba import generated_nodes as node_rows
from evometa.lifetime.numba import gru, sweeps
from evometa.lifetime.numba.arena import (
    A_ACT,
    A_ERR,
    A_GRAD,
    A_OPEN,
    A_OUTBAR,
    A_OUTPUT,
    A_PASS,
    A_REWARD,
    A_TARGET,
    REWARD,
)
from evometa.lifetime.numba.comparison import answers_of, output
from evometa.lifetime.numba.comparison_adjoint import compare_error
from evometa.lifetime.numba.generated_nodes import FIXED_CREDIT, SHARED_CREDIT, WEIGHT_CREDIT
from evometa.lifetime.numba.rule import evolved_loss
from evometa.lifetime.numba.sweeps import copy, fill
from evometa.lifetime.numba.transmission import hop_of
from evometa.lifetime.numba.vector import LANES, F, at, load, select, skip, store
from evometa.spec import GRU
from evometa.system.jit import njit

SPAN = 1 << 12  # floats of activations in a sweep's hands at a time, which stay in a core's innermost cache


@njit(error_model="numpy", nogil=True, cache=True)
def perceive(m: Any, arena: Any, act: Any, x: Any, number: int, own: Any, streams: int, i: int, width: int) -> None:
    """Put an example in place i: of this number, or, counted from there, the one that each lane has as its `own`."""
    inputs = at(m, k.INPUTS) - at(m, k.CELLS)
    if own is None:
        sweeps.take(arena, act, x, number * inputs * width, inputs, streams, i, width)
    else:
        sweeps.take_own(arena, act, x, number * inputs * width, own, inputs, streams, i, width)


@njit(error_model="numpy", nogil=True, cache=True)
def forward(m: Any, p: Any, b: Any, arena: Any, act: int, streams: int, count: int, width: int) -> None:
    """Sweep once over the nodes for `count` examples whose inputs are in place."""
    step, ptr, src = streams * width, skip(b.ptr, at(m, k.PTR)), skip(b.src, at(m, k.SRC))
    inputs, hidden = at(m, k.INPUTS), at(m, k.NODES) - at(m, k.OUTPUTS)
    spans, activation = skip(b.spans, at(m, k.ACTIVATION)), skip(b.activation, at(m, k.ACTIVATION))
    fill(arena, act + inputs * step, count * width, 1.0)
    most, hop = max(1, SPAN // step), hop_of(p, width)
    if most > 4:
        most -= most % 4  # as many nodes as are taken together
    node = inputs + 1
    while node < at(m, k.NODES):
        end = min(at(spans, node), node + most)
        sweeps.net_inputs(arena, ptr, src, node, end, at(p, A_OPEN), hop, act, streams, count, width)
        if node < hidden:
            kind = at(activation, node)
            if count == streams:  # their rows lie behind one another
                node_rows.activate(arena, kind, act + node * step, (end - node) * step)
            else:
                for own in range(node, end):
                    node_rows.activate(arena, kind, act + own * step, count * width)
            if kind == GRU:
                gru.mix(m, arena, act, node, step, count * width)
        node = end


@njit(error_model="numpy", nogil=True, cache=True)
def put_targets(m: Any, p: Any, arena: Any, lessons: Any, first: int, chosen: Any, apart: bool, batch: int,
                width: int) -> None:  # fmt: skip
    """Put the targets of an update in place, as `kernel.learn` has it."""
    outputs, y = answers_of(m, lessons), lessons.support_y
    for i in range(batch):
        if apart:
            own = skip(chosen, i * width)
            sweeps.take_own(arena, at(p, A_TARGET), y, first * outputs * width, own, outputs, batch, i, width)
        else:
            target = (first + at(chosen, i)) * outputs * width
            sweeps.take(arena, at(p, A_TARGET), y, target, outputs, batch, i, width)


@njit(error_model="numpy", nogil=True, cache=True)
def supervise(m: Any, p: Any, arena: Any, lessons: Any, batch: int, width: int) -> None:
    """Write the reward row: the mean over the batch's examples."""
    if not (at(m, k.READS) >> REWARD) & 1:
        return
    step, outputs = batch * width, answers_of(m, lessons)
    answers = output(m, p, lessons, A_ACT, A_OUTPUT, batch, width)
    for v in range(0, width, LANES):
        total = F(0.0)
        for i in range(v, step, width):
            total = total + node_rows.reward(arena, lessons.head, answers + i, at(p, A_TARGET) + i, outputs, step)
        store(arena, at(p, A_REWARD) + v, total / F(batch))


@njit(error_model="numpy", nogil=True, inline="always")
def error(m: Any, p: Any, b: Any, arena: Any, offset: Any, stride: Any, lessons: Any, room: int, batch: int,
          width: int) -> None:  # fmt: skip
    """Write the error rows of the outputs: of the head's own loss, or of an evolved one."""
    count, step = answers_of(m, lessons), batch * width
    answers = output(m, p, lessons, A_ACT, A_OUTPUT, batch, width)
    err = output(m, p, lessons, A_ERR, A_OUTBAR, batch, width)
    if at(m, k.LOSS_CODE) < 0:
        node_rows.error(arena, lessons.head, answers, at(p, A_TARGET), err, count, step, step)
    else:
        evolved_loss(m, p, b, arena, offset, stride, answers, err, count, batch, width)
        node_rows.through(arena, lessons.head, answers, err, count, step, step)
    if lessons.comparison >= 0:
        compare_error(m, p, arena, lessons, err, room, batch, width)


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
        gru.through(m, b, arena, begin, end, at(p, A_ERR), at(p, A_ACT), step, step)
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
