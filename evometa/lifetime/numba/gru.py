"""Gated recurrent units: nodes that read their own activation before, and those of the two nodes before them.

Arguments as in trial.py; node j's rows begin at `act + j*step`, and those of the trial before behind all nodes; `span`:
floats of a node that are taken.
"""

from __future__ import annotations

from typing import Any

from evometa.lifetime import columns as k
from evometa.lifetime.numba.vector import LANES, F, at, fmaf, load, store
from evometa.spec import GRU
from evometa.system.jit import njit


@njit(error_model="numpy", nogil=True, cache=True)
def mix(m: Any, arena: Any, act: int, node: int, step: int, span: int) -> None:
    """Add to a GRU's net input what it was, moved towards its candidate."""
    own, past = act + node * step, act + (at(m, k.NODES) + node) * step
    for i in range(0, span, LANES):
        h, g, c = load(arena, past + i), load(arena, own - step + i), load(arena, own - 2 * step + i)
        store(arena, own + i, load(arena, own + i) + fmaf(g, c - h, h))


@njit(error_model="numpy", nogil=True, cache=True)
def is_gru(m: Any, b: Any, node: int) -> bool:
    """Return whether a node is a GRU; there is none behind the last hidden one."""
    last = at(m, k.NODES) - at(m, k.OUTPUTS)
    return node < last and at(b.activation, at(m, k.ACTIVATION) + node) == GRU


@njit(error_model="numpy", nogil=True, cache=True)
def through(m: Any, b: Any, arena: Any, begin: int, end: int, bar: int, act: int, step: int, span: int) -> None:
    """Add to the rows of nodes at `bar` what those of GRUs behind them make of their candidate, and then of their gate.

    Of a stretch in which no other node is a GRU: so the last two alone can be either.
    """
    nodes = at(m, k.NODES)
    if not at(m, k.RECURRENT):  # there is none
        return
    for node in range(max(begin, end - 2), end):
        own, here = bar + node * step, act + node * step
        if is_gru(m, b, node + 2):
            for i in range(0, span, LANES):
                d, g = load(arena, own + 2 * step + i), load(arena, here + step + i)
                store(arena, own + i, fmaf(d, g, load(arena, own + i)))
        if is_gru(m, b, node + 1):
            past = act + (nodes + node + 1) * step
            for i in range(0, span, LANES):
                d, away = load(arena, own + step + i), load(arena, here - step + i) - load(arena, past + i)
                store(arena, own + i, fmaf(d, away, load(arena, own + i)))


@njit(error_model="numpy", nogil=True, cache=True)
def to_others(m: Any, b: Any, arena: Any, bar: int, act: int, step: int, span: int) -> None:
    """Add what GRUs, whose adjoints are among those at `bar`, make of their past, and of what was read of a memory."""
    nodes, inputs = at(m, k.NODES), at(m, k.INPUTS)
    for node in range(inputs + 1, nodes if at(m, k.RECURRENT) else 0):
        if is_gru(m, b, node):
            own, past = bar + node * step, bar + (nodes + node) * step
            for i in range(0, span, LANES):
                kept = F(1.0) - load(arena, act + (node - 1) * step + i)
                store(arena, past + i, fmaf(load(arena, own + i), kept, load(arena, past + i)))
    if at(m, k.CELLS) > 0:  # the last is what the first hidden node may have as its candidate
        through(m, b, arena, inputs - 1, inputs, bar, act, step, span)


@njit(error_model="numpy", nogil=True, cache=True)
def errors_adjoint(m: Any, arena: Any, node: int, bar: int, act_bar: int, err: int, act: int, step: int) -> None:
    """Add what a GRU's errors made of those of its candidate and of its gate, and what they sent these by.

    `bar`, `act_bar`: adjoints of errors at `err` and of activations at `act`, those of the trial before behind these.
    """
    nodes, hidden = at(m, k.NODES), at(m, k.INPUTS) + 1
    own, past = node * step, (nodes + node) * step
    g, c = own - step, own - 2 * step
    for i in range(0, step, LANES):
        d, total = load(arena, err + own + i), load(arena, bar + own + i)
        if node - 2 >= hidden:
            t = load(arena, bar + c + i)
            total = fmaf(t, load(arena, act + g + i), total)
            store(arena, act_bar + g + i, fmaf(t, d, load(arena, act_bar + g + i)))
        if node - 1 >= hidden:
            t, away = load(arena, bar + g + i), load(arena, act + c + i) - load(arena, act + past + i)
            total = fmaf(t, away, total)
            store(arena, act_bar + c + i, fmaf(t, d, load(arena, act_bar + c + i)))
            store(arena, act_bar + past + i, fmaf(-t, d, load(arena, act_bar + past + i)))
        store(arena, bar + own + i, total)
