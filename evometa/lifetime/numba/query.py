"""Queries: what a life answers at a checkpoint, learning nothing. Arguments as in trial.py."""

from __future__ import annotations

from typing import Any

from evometa.lifetime import columns as k
from evometa.lifetime.numba import comparison, sweeps
from evometa.lifetime.numba import generated_nodes as node_rows
from evometa.lifetime.numba.arena import (
    A_ACT,
    A_KEYS,
    A_KTARGET,
    A_QACT,
    A_QOUTPUT,
    A_QTARGET,
    A_SUMS,
)
from evometa.lifetime.numba.comparison import answers_of, compare, output
from evometa.lifetime.numba.generated_nodes import SCORE_COUNT
from evometa.lifetime.numba.memory import recollect
from evometa.lifetime.numba.sweeps import copy, fill
from evometa.lifetime.numba.trial import forward, perceive
from evometa.lifetime.numba.vector import LANES, at, load, store
from evometa.system.jit import njit


@njit(error_model="numpy", nogil=True, cache=True)
def query(m: Any, p: Any, b: Any, arena: Any, lessons: Any, first: int, total: int, support: int, known: int,
          room: int, batch: int, block: int, keep: bool, answers: Any, width: int) -> None:  # fmt: skip
    """Answer `total` queries, from number `first` on, without learning; leave the sums of all scores.

    Or `keep` the answers, f32[total, A, width], without a score. A head that compares does so with `known` support
    examples, from number `support` on.
    """
    act, ways = at(p, A_QACT), answers_of(m, lessons)
    out = output(m, p, lessons, A_QACT, A_QOUTPUT, block, width)
    fill(arena, at(p, A_SUMS), SCORE_COUNT * width, 0.0)
    if at(m, k.RECURRENT):
        recall(m, arena, act, at(p, A_ACT), batch, block, width)
    if lessons.comparison >= 0:
        embed(m, p, b, arena, lessons, support, known, room, block, width)
    for begin in range(0, total, block):
        count = min(block, total - begin)
        ask(m, p, b, arena, lessons, first + begin, count, room, known, block, width)
        if keep:
            for i in range(count * ways):
                row = out + (i % ways * block + i // ways) * width
                for v in range(0, width, LANES):
                    store(answers, (begin * ways + i) * width + v, load(arena, row + v))
            continue
        score(m, p, arena, lessons, first + begin, out, block, count, width)


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
def embed(m: Any, p: Any, b: Any, arena: Any, lessons: Any, first: int, known: int, room: int, block: int,
          width: int) -> None:  # fmt: skip
    """Put in place what queries are compared with: `known` support examples, from number `first` on."""
    act, dims = at(p, A_QACT), at(m, k.OUTPUTS)
    for begin in range(0, known, block):
        count = min(block, known - begin)
        for i in range(count):
            perceive(m, arena, act, lessons.support_x, first + begin + i, None, block, i, width)
            target = (first + begin + i) * lessons.ways * width
            sweeps.take(arena, at(p, A_KTARGET), lessons.support_y, target, lessons.ways, room, begin + i, width)
        forward(m, p, b, arena, act, block, count, width)
        e = act + (at(m, k.NODES) - dims) * block * width
        comparison.unit(m, p, arena, lessons, e, block, at(p, A_KEYS) + begin * width, room, count, width)
    comparison.know(m, p, arena, lessons, room, known, width)


@njit(error_model="numpy", nogil=True, cache=True)
def ask(m: Any, p: Any, b: Any, arena: Any, lessons: Any, first: int, count: int, room: int, known: int, block: int,
        width: int) -> None:  # fmt: skip
    """Answer `count` queries of a block, from number `first` on; `room`, `known`: of what they are compared with."""
    act = at(p, A_QACT)
    for i in range(count):
        perceive(m, arena, act, lessons.query_x, first + i, None, block, i, width)
    recollect(m, p, arena, act, block, count, width)
    forward(m, p, b, arena, act, block, count, width)
    out = output(m, p, lessons, A_QACT, A_QOUTPUT, block, width)
    if lessons.comparison >= 0:
        compare(m, p, arena, lessons, act, room, known, out, block, count, width)
    node_rows.answer(arena, lessons.head, out, answers_of(m, lessons), block * width, count * width)


@njit(error_model="numpy", nogil=True, cache=True)
def score(m: Any, p: Any, arena: Any, lessons: Any, first: int, out: int, block: int, count: int,
          width: int) -> None:  # fmt: skip
    """Add the scores of `count` answered queries, from number `first` on, to the sums."""
    outputs, y = answers_of(m, lessons), lessons.query_y
    for i in range(count):
        sweeps.take(arena, at(p, A_QTARGET), y, (first + i) * outputs * width, outputs, block, i, width)
    for v in range(0, width, LANES):
        sums = at(p, A_SUMS) + v
        for i in range(v, count * width, width):
            node_rows.add_scores(
                arena, lessons.head, out + i, at(p, A_QTARGET) + i, outputs, block * width, sums, width
            )
