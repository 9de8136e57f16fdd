"""Where structural mutations of topologies take place, and crossover by marks: compiled, with counted randomness."""

from __future__ import annotations

from typing import Any

import numpy as np

from evometa.genetics.counted import begin, draw
from evometa.genetics.genes import ENABLED, F64, I64, Genes
from evometa.system.jit import njit

TRIES = 20  # of a new synapse, as its ends are drawn


@njit(cache=True)
def place_of(t: Genes, g: int, mark: int) -> float:
    """Return the place of a node of topology g."""
    if mark <= t.inputs:
        return 0.0
    if mark <= t.inputs + t.outputs:
        return 1.0
    for h in range(t.node_begins[g], t.node_begins[g + 1]):
        if t.node[h] == mark:
            return t.place[h]
    return np.nan


@njit(cache=True)
def splits(t: Genes, rows: I64, key: Any) -> tuple[I64, F64]:
    """Draw an enabled gene to split in each topology, −1 where there is none; and the place of the new node.

    Places are float64: after some thousand splits in a row nothing lies between two nodes, and the next gene is taken.
    """
    genes, places = np.full(len(rows), -1, np.int64), np.zeros(len(rows), np.float64)
    state = np.zeros(1, np.uint64)
    for n, g in enumerate(rows):
        begin(state, key, n)
        first, size = t.begins[g], t.begins[g + 1] - t.begins[g]
        enabled = 0
        for i in range(first, first + size):
            enabled += t.traits[i] & ENABLED
        pick = int(draw(state) * enabled)
        i = first
        while enabled:  # the gene of that rank, then those after it, from the first again behind the last
            if t.traits[i] & ENABLED:
                if pick <= 0:
                    low, high = place_of(t, g, t.source[i]), place_of(t, g, t.target[i])
                    middle = 0.5 * (low + high)
                    if 0 < middle < 1 and (low < middle < high or low > high or t.source[i] == t.target[i]):
                        genes[n], places[n] = i, middle
                        break
                    enabled -= 1
                pick -= 1
            i = first + (i + 1 - first) % size
    return genes, places


@njit(cache=True)
def node_at(t: Genes, g: int, n: int) -> tuple[int, float]:
    """Return mark and place of the n-th node of topology g: inputs, the constant, hidden, outputs."""
    hidden = t.node_begins[g + 1] - t.node_begins[g]
    if n <= t.inputs:
        return n, 0.0
    if n <= t.inputs + hidden:
        h = t.node_begins[g] + n - t.inputs - 1
        return t.node[h], t.place[h]
    return n - hidden, 1.0


@njit(cache=True)
def pairs(t: Genes, rows: I64, recurrent: bool, key: Any) -> tuple[I64, I64]:
    """Draw two nodes without a synapse between them in each topology; −1 where TRIES draws were in vain.

    `recurrent`: outputs may be sources, too, and a source need not come before its target. None goes from an output
    to a later one, as the head makes all answers at once.
    """
    sources, targets = np.full(len(rows), -1, np.int64), np.full(len(rows), -1, np.int64)
    state = np.zeros(1, np.uint64)
    for n, g in enumerate(rows):
        begin(state, key, n)
        hidden = t.node_begins[g + 1] - t.node_begins[g]
        first = t.inputs + 1
        begins = first + hidden + (t.outputs if recurrent else 0)
        for _ in range(TRIES):
            u, low = node_at(t, g, int(draw(state) * begins))
            v, high = node_at(t, g, first + int(draw(state) * (hidden + t.outputs)))
            known = first <= u < v < first + t.outputs
            known |= not recurrent and (low > high or (low == high and u >= v))
            for i in range(t.begins[g], t.begins[g + 1]):
                known |= t.source[i] == u and t.target[i] == v
            if not known:
                sources[n], targets[n] = u, v
                break
    return sources, targets
