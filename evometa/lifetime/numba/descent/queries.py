"""The adjoint of a checkpoint (evometa/lifetime/slopes.py): its queries are answered, and gone back through.

Arguments as in trial.py, `q` as in tape.py; `p` points to the rows of the update at hand. Rows are 16 lanes.
"""

from __future__ import annotations

from typing import Any

from evometa.lifetime import columns as k
from evometa.lifetime.numba import generated_nodes as node_rows
from evometa.lifetime.numba import query
from evometa.lifetime.numba.arena import (
    A_ACT,
    A_KEYBAR,
    A_OUTBAR,
    A_QACT,
    A_QOUTPUT,
    A_QTARGET,
    A_SUMS,
    A_UNIT,
)
from evometa.lifetime.numba.comparison import answers_of, is_plain, output
from evometa.lifetime.numba.comparison_adjoint import compare_back, through_keys, unit_back
from evometa.lifetime.numba.descent.memory import read_adjoint
from evometa.lifetime.numba.descent.metric import METRIC, metric_adjoint
from evometa.lifetime.numba.descent.steps import fall
from evometa.lifetime.numba.descent.tape import D_ABAR, D_QUERY, D_SUMS
from evometa.lifetime.numba.generated_nodes import SCORE_COUNT
from evometa.lifetime.numba.ridge import solves
from evometa.lifetime.numba.ridge_adjoint import solve_back
from evometa.lifetime.numba.sweeps import fill
from evometa.lifetime.numba.trial import forward, perceive
from evometa.lifetime.numba.vector import LANES, F, at, load, store
from evometa.system.jit import njit


@njit(error_model="numpy", nogil=True, cache=True)
def query_adjoint(m: Any, p: Any, q: Any, b: Any, arena: Any, lessons: Any, first: int, total: int, support: int,
                  known: int, room: int, share: Any, order: int, batch: int, block: int) -> None:  # fmt: skip
    """Answer `total` queries, from number `first` on, leave the sums of scores; then add to adjoints.

    `share`: what each query's loss counts. Nothing is added where that is 0. Recurrent synapses read the activations
    of the update before, which lie behind those of the update at hand. `support`, `known`, `room` as in `query.query`.
    """
    act, nodes = at(p, A_QACT), at(m, k.NODES)
    bar = at(q, D_QUERY) + (nodes - at(m, k.OUTPUTS)) * block * LANES
    out = output(m, p, lessons, A_QACT, A_QOUTPUT, block, LANES)
    fill(arena, at(p, A_SUMS), SCORE_COUNT * LANES, 0.0)
    if at(m, k.RECURRENT):
        query.recall(m, arena, act, at(p, A_ACT) + nodes * batch * LANES, batch, block, LANES)
    if lessons.comparison >= 0:
        query.embed(m, p, b, arena, lessons, support, known, room, block, LANES)
        fill(arena, at(p, A_KEYBAR), at(m, k.OUTPUTS) * max(lessons.ways, room) * LANES, 0.0)
        fill(arena, at(q, D_SUMS), METRIC * LANES, 0.0)
    for begin in range(0, total, block):
        count = min(block, total - begin)
        query.ask(m, p, b, arena, lessons, first + begin, count, room, known, block, LANES)
        query.score(m, p, arena, lessons, first + begin, out, block, count, LANES)
        if share == 0:
            continue
        own, answers, step = bar, answers_of(m, lessons), block * LANES
        if lessons.comparison >= 0:
            own = at(p, A_OUTBAR)
        node_rows.error(arena, lessons.head, out, at(p, A_QTARGET), own, answers, step, count * LANES)
        for i in range(own, own + answers * step, LANES):
            store(arena, i, load(arena, i) * F(share))
        if lessons.comparison >= 0:
            compared_adjoint(m, p, q, arena, lessons, room, known, bar, count, block)
        fall_all(m, p, q, b, arena, order, batch, count, block)
    if lessons.comparison >= 0 and share != 0:
        embed_adjoint(m, p, q, b, arena, lessons, support, known, room, order, batch, block)
        metric_adjoint(q, arena, lessons)


@njit(error_model="numpy", nogil=True, cache=True)
def fall_all(m: Any, p: Any, q: Any, b: Any, arena: Any, order: int, batch: int, count: int, block: int) -> None:
    """Go from the adjoints of the outputs of `count` examples to all others."""
    nodes, step, bar = at(m, k.NODES), block * LANES, at(q, D_QUERY)
    fill(arena, bar, (nodes - at(m, k.OUTPUTS)) * step, 0.0)
    fill(arena, bar + nodes * step, nodes * step if at(m, k.RECURRENT) else 0, 0.0)
    fall(m, p, q, b, arena, at(p, A_QACT), bar, block, count)
    if order > 1:
        read_adjoint(m, q, arena, bar, block, count)
    if at(m, k.RECURRENT) and order > 1:
        for node in range(nodes):
            own = at(q, D_ABAR) + node * batch * LANES
            for i in range(count):
                more = load(arena, bar + (nodes + node) * step + i * LANES)
                store(arena, own, load(arena, own) + more)


@njit(error_model="numpy", nogil=True, cache=True)
def compared_adjoint(m: Any, p: Any, q: Any, arena: Any, lessons: Any, room: int, known: int, bar: int, count: int,
                    block: int) -> None:  # fmt: skip
    """Write adjoints of the embeddings of queries to `bar`, and add to those of keys and of the metric."""
    e = at(p, A_QACT) + (at(m, k.NODES) - at(m, k.OUTPUTS)) * block * LANES
    u = e if is_plain(lessons) else at(p, A_UNIT)
    scale_bar = at(q, D_SUMS) if lessons.metric.scale_by >= 0 else -1
    norm_bar = at(q, D_SUMS) + LANES if lessons.metric.norm_by >= 0 else -1
    compare_back(m, p, arena, lessons, u, block, room, known, at(p, A_OUTBAR), block, bar, block, scale_bar, count,
                 LANES)  # fmt: skip
    unit_back(m, p, arena, lessons, e, block, bar, block, norm_bar, count, LANES)


@njit(error_model="numpy", nogil=True, cache=True)
def embed_adjoint(m: Any, p: Any, q: Any, b: Any, arena: Any, lessons: Any, first: int, known: int, room: int,
                  order: int, batch: int, block: int) -> None:  # fmt: skip
    """Go back through the support examples that queries were compared with: they are embedded once more."""
    act, rest = at(p, A_QACT), (at(m, k.NODES) - at(m, k.OUTPUTS)) * block * LANES
    bar, norm_bar = at(q, D_QUERY) + rest, at(q, D_SUMS) + LANES if lessons.metric.norm_by >= 0 else -1
    if solves(lessons):
        ridge_bar = at(q, D_SUMS) + 2 * LANES if lessons.metric.ridge_by >= 0 else -1
        solve_back(m, p, arena, lessons, room, known, ridge_bar, LANES)
    for begin in range(0, known, block):
        count = min(block, known - begin)
        for i in range(count):
            perceive(m, arena, act, lessons.support_x, first + begin + i, None, block, i, LANES)
        forward(m, p, b, arena, act, block, count, LANES)
        fill(arena, bar, at(m, k.OUTPUTS) * block * LANES, 0.0)
        through_keys(m, p, arena, lessons, room, bar, block, begin, count, LANES)
        unit_back(m, p, arena, lessons, act + rest, block, bar, block, norm_bar, count, LANES)
        fall_all(m, p, q, b, arena, order, batch, count, block)
