"""How an action is chosen, in NumPy, as evometa/lifetime/acting.py says; what is hoped for, and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from evometa.language.generated_numpy import exp_f
from evometa.lifetime.graph import Graph
from evometa.spec.arrays import F32

ZERO = np.float32(0)


def allowed(legal: F32, actions: int, lanes: int) -> Any:
    """Return what may be chosen, bool[A, L]: what is legal; everything where nothing is, or the world does not say."""
    may = legal > 0 if len(legal) else np.ones((actions, lanes), bool)
    return may | ~may.any(axis=0)


def largest(z: F32, may: Any) -> F32:
    """Return the largest net input of those that may be chosen, f32[L]; the first one's where it is NaN."""
    best, known = np.zeros_like(z[0]), np.zeros(z.shape[1], bool)
    for row, own in zip(z, may, strict=True):
        better = own & (~known | (row > best))
        best, known = np.where(better, row, best).astype(np.float32), known | own
    return best


def shares(z: F32, may: Any) -> F32:
    """Return the softmax over what may be chosen, f32[A, L]."""
    best = largest(z, may)
    y = np.where(may, exp_f(z - best), ZERO)
    total = np.zeros_like(best)
    for row in y:
        total = total + row
    return (y / total).astype(np.float32)


def numbered(may: Any, v: F32) -> Any:
    """Return of n that may be chosen number trunc(v·n), i64[L]."""
    count = may.sum(axis=0)
    number = np.minimum((v * count.astype(np.float32)).astype(np.int64), count - 1)
    return (np.cumsum(may, axis=0) - 1 == number).argmax(axis=0) if len(may) else number


def by_shares(y: F32, may: Any, v: F32) -> Any:
    """Return the first action at which the sum of shares exceeds v, i64[L]; the last possible one if none does."""
    total, chosen = np.zeros_like(v), np.zeros(len(v), np.int64)
    found = np.zeros(len(v), bool)
    for number, (row, own) in enumerate(zip(y, may, strict=True)):
        total = total + row
        chosen = np.where(own & ~found, number, chosen)
        found |= own & (v < total)
    return chosen


def by_size(z: F32, may: Any, v: F32, ties: str) -> Any:
    """Return an action with the largest net input, i64[L]: the first one, or any of them by v."""
    equal = may & (z == largest(z, may))
    lost = ~equal.any(axis=0)  # where it is NaN the first that may be chosen stands for it
    equal = np.where(lost, may & (np.cumsum(may, axis=0) == 1), equal)
    return numbered(equal, v) if ties == "random" else equal.argmax(axis=0)


def hopeful(graph: Graph, answers: int) -> Any:
    """Return which synapses have optimism added, bool[E]: those of the first outputs, as many as `answers`.

    Of the constant those of nodes that read nothing else.
    """
    first, constant = graph.nodes - graph.outputs, graph.src == graph.inputs
    others = np.bincount(graph.dst[~constant], minlength=graph.nodes) > 0
    actions = (graph.dst >= first) & (graph.dst < first + answers)
    return actions & ~(constant & others[graph.dst])


def of_action(ways: Sequence[F32], action: Any) -> F32:
    """Return what each lane's action makes of the state, f32[I, L]; zeros where none is taken."""
    taken = np.zeros_like(ways[0])
    for number, x in enumerate(ways):
        taken = np.where(action == number, x, taken)
    return taken
