"""The adjoints of a life's steps (evometa/lifetime/slopes.py), a kernel function for each.

Arguments as in trial.py, `q` as in tape.py; `p` points to the rows of the update at hand. Rows are 16 lanes.
"""

from __future__ import annotations

from typing import Any

from evometa.lifetime import columns as k
from evometa.lifetime.numba import generated_nodes as node_rows
from evometa.lifetime.numba import gru
from evometa.lifetime.numba.arena import (
    A_ACT,
    A_ERR,
    A_OPEN,
    A_OUTPUT,
    A_PASS,
    A_TARGET,
    A_W,
    COEFFICIENT_COUNT,
    has,
)
from evometa.lifetime.numba.comparison import answers_of, output
from evometa.lifetime.numba.descent import sweeps
from evometa.lifetime.numba.descent.rule import add
from evometa.lifetime.numba.descent.tape import D_ABAR, D_BAR, D_EBAR, D_H, D_OUTBAR, D_RBAR, D_SLOPES, D_SUMS, twins_of
from evometa.lifetime.numba.generated_nodes import FIXED_CREDIT, SHARED_CREDIT, WEIGHT_CREDIT
from evometa.lifetime.numba.vector import LANES, F, at, fmaf, load, skip, store
from evometa.spec import ACTIVATIONS, GRU
from evometa.spec.states import GATE
from evometa.system.jit import njit

CURVED = tuple(row.curve != "F(0.0)" for row in ACTIVATIONS.values())  # others add nothing


@njit(error_model="numpy", nogil=True, cache=True)
def answers_bar(m: Any, q: Any, lessons: Any, batch: int) -> int:
    """Return where the adjoints of answers lie: among those of activations, but where these are compared."""
    first = (at(m, k.NODES) - at(m, k.OUTPUTS)) * batch * LANES
    return at(q, D_OUTBAR) if lessons.comparison >= 0 else at(q, D_ABAR) + first


@njit(error_model="numpy", nogil=True, cache=True)
def errors_way(m: Any, q: Any, lessons: Any, batch: int) -> int:
    """Return where the adjoints of the head's errors lie: those of the outputs', but where these are compared."""
    first = (at(m, k.NODES) - at(m, k.OUTPUTS)) * batch * LANES
    own = at(q, D_OUTBAR) + lessons.ways * batch * LANES
    return own if lessons.comparison >= 0 else at(q, D_EBAR) + first


@njit(error_model="numpy", nogil=True, cache=True)
def supervise_adjoint(m: Any, p: Any, q: Any, arena: Any, lessons: Any, batch: int) -> None:
    """Add what the reward made of the answers."""
    step, count = batch * LANES, answers_of(m, lessons)
    answers, bar = output(m, p, lessons, A_ACT, A_OUTPUT, batch, LANES), answers_bar(m, q, lessons, batch)
    share, slopes = load(arena, at(q, D_RBAR)) / F(batch), at(q, D_SLOPES)
    node_rows.reward_slope(arena, lessons.head, answers, at(p, A_TARGET), slopes, count, step, step)
    for i in range(0, count * step, LANES):
        store(arena, bar + i, fmaf(load(arena, slopes + i), share, load(arena, bar + i)))


@njit(error_model="numpy", nogil=True, cache=True)
def gradient_adjoint(m: Any, p: Any, q: Any, b: Any, arena: Any, batch: int) -> None:
    """Add what the gradients made of errors, and then of activations."""
    ptr, src, nodes = skip(b.ptr, at(m, k.PTR)), skip(b.src, at(m, k.SRC)), at(m, k.NODES)
    ends = skip(b.onward, at(m, k.PTR) + 2 * at(m, k.SRC))
    hidden = at(m, k.INPUTS) + 1
    sweeps.enter(arena, ptr, src, twins_of(q), hidden, nodes, -1, at(q, D_H), at(p, A_ACT), at(q, D_EBAR), batch)
    sweeps.leave(arena, ends, skip(ends, nodes + 1), twins_of(q), hidden, nodes - at(m, k.OUTPUTS), at(q, D_H),
                 at(p, A_ERR), at(q, D_ABAR), batch, batch)  # fmt: skip
    leave_others(m, arena, ptr, src, at(q, D_H), at(p, A_ERR), at(q, D_ABAR), batch, batch)


@njit(error_model="numpy", nogil=True, cache=True)
def leave_others(m: Any, arena: Any, ptr: Any, src: Any, w: int, x: int, sums: int, streams: int, count: int) -> None:
    """Add Σ w·x[target] to the rows of what hidden nodes read beside one another: of the past, and of a memory."""
    nodes, inputs = at(m, k.NODES), at(m, k.INPUTS)
    if at(m, k.RECURRENT):
        sweeps.leave_from(arena, ptr, src, nodes, 2 * nodes, inputs + 1, nodes, w, x, sums, streams, count)
    if at(m, k.CELLS) > 0:
        first = inputs - at(m, k.CELLS)
        sweeps.leave_from(arena, ptr, src, first, inputs, inputs + 1, nodes, w, x, sums, streams, count)


@njit(error_model="numpy", nogil=True, cache=True)
def back_adjoint(m: Any, p: Any, q: Any, b: Any, arena: Any, credit: int, came: int, batch: int) -> None:
    """Add what the errors of hidden nodes made of those of the outputs, of activations and of weights.

    `came`: what came back to the nodes, before their slopes; it is not kept.
    """
    nodes, outputs, step = at(m, k.NODES), at(m, k.OUTPUTS), batch * LANES
    hidden, out, bar = at(m, k.INPUTS) + 1, nodes - outputs, at(q, D_EBAR)
    if (SHARED_CREDIT >> credit) & 1:
        for i in range(0, step, LANES):
            total = F(0.0)
            for node in range(hidden, out):
                total = total + load(arena, bar + node * step + i)
            for o in range(outputs):
                store(arena, at(q, D_SLOPES) + o * step + i, total)
        node_rows.shared_adjoint(arena, credit, at(q, D_SLOPES), outputs, step, step)
        add(arena, bar + out * step, LANES, at(q, D_SLOPES), LANES, outputs * batch)
    if not ((WEIGHT_CREDIT | FIXED_CREDIT) >> credit) & 1:
        return
    ptr, src = skip(b.ptr, at(m, k.PTR)), skip(b.src, at(m, k.SRC))
    spans, activation = skip(b.spans, at(m, k.ACTIVATION)), skip(b.activation, at(m, k.ACTIVATION))
    through = (WEIGHT_CREDIT >> credit) & 1 > 0
    weights, node = at(p, A_OPEN) if through else at(p, A_PASS), hidden
    while node < nodes:
        end, first = at(spans, node), node * step
        sweeps.enter(arena, ptr, src, twins_of(q), node, end, hidden, weights, bar, bar, batch)
        if node < out:
            kind, count = at(activation, node), (end - node) * step
            if CURVED[kind]:
                for i in range(first, first + count, LANES):
                    store(arena, came + i, load(arena, came + i) * load(arena, bar + i))
                node_rows.curve(arena, kind, at(p, A_ACT) + first, came + first, count)
                add(arena, at(q, D_ABAR) + first, LANES, came + first, LANES, count // LANES)
            if kind == GRU:
                gru.errors_adjoint(m, arena, node, bar, at(q, D_ABAR), at(p, A_ERR), at(p, A_ACT), step)
            node_rows.slope(arena, kind, at(p, A_ACT) + first, bar + first, count)
        node = end
    if through:
        sweeps.products(arena, ptr, src, twins_of(q), hidden, nodes, hidden, at(p, A_ERR), bar, at(q, D_BAR),
                        gate_rows(m, p), batch, batch)  # fmt: skip


@njit(error_model="numpy", nogil=True, cache=True)
def error_adjoint(m: Any, p: Any, q: Any, arena: Any, lessons: Any, batch: int) -> None:
    """Add what the head's errors made of the answers, of its own loss."""
    step, count = batch * LANES, answers_of(m, lessons)
    answers, bar = output(m, p, lessons, A_ACT, A_OUTPUT, batch, LANES), errors_way(m, q, lessons, batch)
    node_rows.error_adjoint(arena, lessons.head, answers, at(p, A_TARGET), bar, count, step, step)
    add(arena, answers_bar(m, q, lessons, batch), LANES, bar, LANES, count * batch)


@njit(error_model="numpy", nogil=True, cache=True)
def through_adjoint(m: Any, p: Any, q: Any, arena: Any, lessons: Any, batch: int) -> None:
    """Add what the head's errors made of the answers, of an evolved loss; they become adjoints of its slopes."""
    step, count = batch * LANES, answers_of(m, lessons)
    answers, bar = output(m, p, lessons, A_ACT, A_OUTPUT, batch, LANES), errors_way(m, q, lessons, batch)
    more = at(q, D_SLOPES) + count * step
    node_rows.through_y(arena, lessons.head, answers, at(q, D_SLOPES), bar, more, count, step, step)
    add(arena, answers_bar(m, q, lessons, batch), LANES, more, LANES, count * batch)
    node_rows.through_s(arena, lessons.head, answers, bar, count, step, step)


@njit(error_model="numpy", nogil=True, cache=True)
def loss_shares(m: Any, q: Any, b: Any, arena: Any, offset: Any, stride: Any, answers: int, batch: int) -> None:
    """Add what the adjoint of a loss gives for an output's `answers`, and for coefficients, to the sums of these."""
    for place in range(1 + COEFFICIENT_COUNT):
        own = at(b.out, at(m, k.LOSS_OUT) + place)
        if own >= 0:
            target, step = (answers, LANES) if place == 0 else (at(q, D_SUMS) + (place - 1) * LANES, 0)
            add(arena, target, step, at(offset, own), at(stride, own), batch)


@njit(error_model="numpy", nogil=True, cache=True)
def is_curved(m: Any, b: Any) -> bool:
    """Return whether a network has activations whose slope changes smoothly."""
    found = False
    for node in range(at(m, k.NODES)):
        found = found or CURVED[at(b.activation, at(m, k.ACTIVATION) + node)]
    return found


@njit(error_model="numpy", nogil=True, cache=True)
def answer_adjoint(m: Any, p: Any, q: Any, arena: Any, lessons: Any, batch: int) -> None:
    """Turn the adjoints of the answers into those of the head's net inputs."""
    step, answers = batch * LANES, output(m, p, lessons, A_ACT, A_OUTPUT, batch, LANES)
    bar, count = answers_bar(m, q, lessons, batch), answers_of(m, lessons)
    node_rows.answer_adjoint(arena, lessons.head, answers, bar, count, step, step)


@njit(error_model="numpy", nogil=True, cache=True)
def forward_adjoint(m: Any, p: Any, q: Any, b: Any, arena: Any, batch: int) -> None:
    """Sweep once over the nodes, backwards."""
    fall(m, p, q, b, arena, at(p, A_ACT), at(q, D_ABAR), batch, batch)


@njit(error_model="numpy", nogil=True, cache=True)
def fall(m: Any, p: Any, q: Any, b: Any, arena: Any, act: int, bar: int, streams: int, count: int) -> None:
    """Go from the adjoints of the outputs' net inputs to all others, and add what they make of weights, past, memory.

    `bar`: adjoints of `act`, those of hidden nodes become adjoints of net inputs; `count` of `streams` rows of a node.
    """
    nodes, outputs, hidden = at(m, k.NODES), at(m, k.OUTPUTS), at(m, k.INPUTS) + 1
    step, weights = streams * LANES, at(p, A_OPEN)
    ptr, src = skip(b.ptr, at(m, k.PTR)), skip(b.src, at(m, k.SRC))
    ends = skip(b.onward, at(m, k.PTR) + 2 * at(m, k.SRC))
    pairs, spans = skip(ends, nodes + 1), skip(b.spans, at(m, k.ACTIVATION))
    end = nodes - outputs
    while end > hidden:
        begin = end - 1
        while begin > hidden and at(spans, begin - 1) == end:
            begin -= 1
        sweeps.leave(arena, ends, pairs, twins_of(q), begin, end, weights, bar, bar, streams, count)
        gru.through(m, b, arena, begin, end, bar, act, step, count * LANES)
        kind, first = at(b.activation, at(m, k.ACTIVATION) + begin), begin * step
        node_rows.slope(arena, kind, act + first, bar + first, (end - begin) * step)
        end = begin
    leave_others(m, arena, ptr, src, weights, bar, bar, streams, count)
    gru.to_others(m, b, arena, bar, act, step, count * LANES)
    sweeps.products(
        arena, ptr, src, twins_of(q), hidden, nodes, -1, bar, act, at(q, D_BAR), gate_rows(m, p), streams, count
    )


@njit(error_model="numpy", nogil=True, cache=True)
def gate_rows(m: Any, p: Any) -> int:
    """Return where gates lie, −1 where the genome has none."""
    return at(p, A_W + GATE) if has(m, GATE) else -1
