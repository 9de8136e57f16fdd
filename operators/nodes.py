"""Nodes of trees, compiled: which one a variation meets, and where each stands.

Axis letters: T trees, C codes of all of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from evometa.genetics.counted import draw
from evometa.language.codes import CONSTANT
from evometa.system.jit import njit

from .growth import STACK, arity

CROSSOVER, SUBTREE, NODE, INSERT, SHRINK, NUMBER, BLOCK, OTHER = range(8)  # OTHER: a crossover's second child


@njit()
def fits(kind: int, code: int) -> bool:
    """Whether a mutation of that kind can meet a node."""
    if kind == SHRINK:
        return arity(code) > 0
    return code >= CONSTANT if kind == NUMBER else True


@njit()
def node_of(state: Any, codes: Any, start: int, stop: int, kind: int, weights: Any) -> int:
    """Draw which of codes[start:stop] a variation meets, -1 for none: by `weights`, if there are any above 0."""
    count, total = 0, 0.0
    for place in range(start, stop):
        if fits(kind, codes[place]):
            count += 1
            total += weights[place] if len(weights) else 0.0
    if count == 0:
        return -1
    reach = draw(state) * (total if total > 0.0 else count)
    last = -1
    for place in range(start, stop):
        if fits(kind, codes[place]) and (total == 0.0 or weights[place] > 0.0):
            reach -= weights[place] if total > 0.0 else 1.0
            last = place
            if reach < 0.0:
                break
    return last


@njit(cache=True)
def depths_and_sizes(codes: Any, starts: Any, stops: Any) -> Any:
    """Return of each node its depth, the nodes of its subtree, and its place as a share of its tree, f64[C] each.

    `starts`, `stops i64[T]`: where each tree lies.
    """
    depth, size, place = np.zeros(len(codes)), np.zeros(len(codes)), np.zeros(len(codes))
    stack = np.zeros(STACK, np.int64)
    for t in range(len(starts)):
        start, stop = starts[t], stops[t]
        stack[0], top = 0, 1
        for i in range(start, stop):
            top -= 1
            own = stack[top]
            depth[i], place[i] = own, (i - start) / (stop - start)
            for _ in range(arity(codes[i])):
                stack[top] = own + 1
                top += 1
        for i in range(stop - 1, start - 1, -1):  # children stand behind their parents
            size[i] = 1.0
            child = i + 1
            for _ in range(arity(codes[i])):
                size[i] += size[child]
                child += int(size[child])
    return depth, size, place
