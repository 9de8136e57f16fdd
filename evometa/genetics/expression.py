"""Genes → networks, compiled: which nodes lie on a way through the network, and their synapses in order."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.genetics.genes import ENABLED, I64, PLASTIC, Genes
from evometa.lifetime.graph import FIXED, SILENT
from evometa.spec import GRU
from evometa.spec.arrays import I32, U8
from evometa.system.jit import njit

Flags = NDArray[np.bool_]


@njit(cache=True)
def expressed(t: Genes, candidates: bool) -> Any:
    """Return begins, node begins, ptr, src, activation, traits, gene (see `decoding.Networks`)."""
    count, fixed = len(t.begins) - 1, t.inputs + 1 + t.outputs
    begins, node_begins = np.zeros(count + 1, np.int64), np.zeros(count + 1, np.int64)
    most = len(t.node) + count * fixed
    ptr, activation = np.zeros(most + count, np.int32), np.zeros(most, np.uint8)
    src, traits = np.empty(len(t.mark), np.int32), np.zeros(len(t.mark), np.uint8)
    gene = np.empty(len(t.mark), np.int64)
    position = positions(t)
    longest, widest = longest_part(t.begins), fixed + longest_part(t.node_begins)
    live, feeds = np.empty(widest, np.bool_), np.empty(widest, np.bool_)
    number = np.empty(widest, np.int32)  # of each node that stays
    rise = np.empty(widest + 1, np.int64)
    order, other = np.empty(longest, np.int64), np.empty(longest, np.int64)
    sources, targets = np.empty(longest, np.int32), np.empty(longest, np.int32)
    e, n = 0, 0
    for g in range(count):
        hidden = set_positions(t, g, position)
        size = 0
        for i in range(t.begins[g], t.begins[g + 1]):
            if candidates or t.traits[i] & ENABLED:
                other[size] = i
                size += 1
        _sort(other, order, size, t.source, position, rise, hidden + fixed)
        _sort(order, other, size, t.target, position, rise, hidden + fixed)
        for j in range(size):
            sources[j], targets[j] = position[t.source[other[j]]], position[t.target[other[j]]]
        kinds = t.activation[t.node_begins[g] : t.node_begins[g + 1]]
        _find_ways(sources[:size], targets[:size], t.inputs + 1, kinds, live[: hidden + fixed], feeds[: hidden + fixed])
        kept = _number_nodes(t, g, hidden, live, feeds, number, activation[n:])
        rows = ptr[n + g : n + g + kept + 1]
        for j in range(size):
            i, u, v = other[j], number[sources[j]], number[targets[j]]
            if u >= 0 and v >= 0:
                src[e], gene[e] = u, i
                traits[e] = (0 if t.traits[i] & PLASTIC else FIXED) | (0 if t.traits[i] & ENABLED else SILENT)
                rows[v + 1] += 1
                e += 1
        for v in range(kept):
            rows[v + 1] += rows[v]
        n += kept
        begins[g + 1], node_begins[g + 1] = e, n
    return begins, node_begins, ptr[: n + count], src[:e], activation[:n], traits[:e], gene[:e]


@njit(cache=True)
def positions(t: Genes) -> I32:
    """Return room for the position of each node by its mark, those of inputs and the constant filled in."""
    most = t.inputs + t.outputs
    for mark in t.node:
        most = max(most, mark)
    position = np.empty(most + 1, np.int32)
    for i in range(t.inputs + 1):
        position[i] = i
    return position


@njit(cache=True)
def set_positions(t: Genes, g: int, position: I32) -> int:
    """Fill in the positions of the nodes of topology g: hidden, then outputs; return how many are hidden."""
    first, begin = t.inputs + 1, t.node_begins[g]
    hidden = t.node_begins[g + 1] - begin
    for h in range(hidden):
        position[t.node[begin + h]] = first + h
    for o in range(t.outputs):
        position[first + o] = first + hidden + o
    return hidden


@njit(cache=True)
def longest_part(begins: I64) -> int:
    """Return the size of the largest of some parts."""
    most = 0
    for g in range(len(begins) - 1):
        most = max(most, begins[g + 1] - begins[g])
    return most


@njit(cache=True)
def _sort(given: I64, result: I64, size: int, ends: I64, position: I32, rise: I64, nodes: int) -> None:
    """Sort genes by the position of one end, equal ones as they were given."""
    rise[: nodes + 1] = 0
    for j in range(size):
        rise[position[ends[given[j]]] + 1] += 1
    for v in range(nodes):
        rise[v + 1] += rise[v]
    for j in range(size):
        at = position[ends[given[j]]]
        result[rise[at]] = given[j]
        rise[at] += 1


@njit(cache=True)
def _find_ways(sources: I32, targets: I32, first: int, kinds: U8, live: Flags, feeds: Flags) -> None:
    """Find the nodes that an input or the constant leads to, `live`, and those that lead to an output, `feeds`.

    Synapses come in the order of their targets, so that one sweep is enough where none goes back. `kinds`: activations
    of the hidden nodes. What a GRU has as candidate and gate stays with it, else it would have others.
    """
    hidden = len(kinds)
    live[:first], live[first:] = True, False
    feeds[: first + hidden], feeds[first + hidden :] = False, True
    again = True
    while again:
        changed = recurrent = False
        for j in range(len(sources)):
            u, v = sources[j], targets[j]
            recurrent |= u >= v
            if live[u] and not live[v]:
                live[v] = changed = True
        for j in range(len(sources) - 1, -1, -1):
            u, v = sources[j], targets[j]
            if feeds[v] and not feeds[u]:
                feeds[u] = changed = True
        for v in range(first + hidden - 1, first - 1, -1):
            if kinds[v - first] == GRU and feeds[v]:
                recurrent = True
                for u in range(v, max(v - 2, first) - 1, -1):
                    changed |= not (live[u] and feeds[u])
                    live[u] = feeds[u] = True
        again = changed and recurrent


@njit(cache=True)
def _number_nodes(t: Genes, g: int, hidden: int, live: Flags, feeds: Flags, number: I32, activation: U8) -> int:
    """Number the nodes that stay, −1 for the others, and note their activations; return how many stay."""
    first, kept = t.inputs + 1, 0
    for v in range(first + hidden + t.outputs):
        inside = first <= v < first + hidden
        number[v] = -1
        if not inside or (live[v] and feeds[v]):
            number[v] = kept
            if inside:
                activation[kept] = t.activation[t.node_begins[g] + v - first]
            kept += 1
    return kept
