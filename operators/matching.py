"""Genes matched by their historical markings, compiled: crossover of topologies, and the distance between them."""

from __future__ import annotations

from typing import Any

import numpy as np

from evometa.genetics.counted import begin, draw
from evometa.genetics.expression import longest_part, positions
from evometa.genetics.genes import ENABLED, F64, I64, Genes
from evometa.spec.arrays import U8
from evometa.system.jit import njit

LAST = np.int64(1 << 62)  # a mark behind all others
EITHER, FIRST = 0, 1  # whose structure a child has: both parents', or the first's where that is not valid


@njit(cache=True)
def cross(t: Genes, first: I64, second: I64, equal: Any, chances: Any, most: Any, key: Any) -> Any:
    """Return children's begins, gene, other, enabled; node begins, node gene (rows of t's arrays).

    Child c has parents first[c] and second[c] (−1: it is a copy). Its gene number i takes mark and ends from row
    `gene[i]`, its numbers from there or, where `other[i]` is another row, from the mean of both. `chances`: that what
    was disabled stays so, and that means are taken; `most`: hidden nodes and synapses of a child.
    """
    disabled, average = chances
    count = len(first)
    longest, widest = np.int64(0), np.int64(0)
    for c in range(count):
        for parent in (first[c], second[c] if equal[c] else np.int64(-1)):
            if parent >= 0:
                longest += t.begins[parent + 1] - t.begins[parent]
                widest += t.node_begins[parent + 1] - t.node_begins[parent]
    begins, node_begins = np.zeros(count + 1, np.int64), np.zeros(count + 1, np.int64)
    gene, other, node = np.empty(longest, np.int64), np.empty(longest, np.int64), np.empty(widest, np.int64)
    enabled = np.empty(longest, np.uint8)
    seen = positions(t).astype(np.int64)  # of each node mark: the last child that a synapse or a way led to it in
    seen[:] = -1
    size = 2
    while size < 4 * longest_part(t.begins):
        size *= 2
    table = np.full(size, -1, np.int64)  # of a child's synapses by their ends
    state = np.zeros(1, np.uint64)
    for c in range(count):
        e, n = begins[c], node_begins[c]
        begin(state, key, c)
        a, b = first[c], second[c]
        if b < 0:
            for i in range(t.begins[a], t.begins[a + 1]):
                gene[e], other[e], enabled[e] = i, i, t.traits[i] & ENABLED
                e += 1
            for i in range(t.node_begins[a], t.node_begins[a + 1]):
                node[n] = i
                n += 1
        else:
            mean = draw(state) < average
            whose = EITHER
            for whose in (EITHER, FIRST):
                e = _mix(t, a, b, equal[c], whose, mean, disabled, gene, other, enabled, begins[c], state)
                if equal[c] and whose == EITHER:
                    e = _once(t, gene, other, enabled, begins[c], e, table)
                child = gene[begins[c] : e]
                n = _mix_nodes(t, a, b, child, node, node_begins[c], seen, 4 * c + whose, state)
                small = n - node_begins[c] <= most[0] and e - begins[c] <= most[1]
                if small and _fed(t, child, enabled[begins[c] : e], seen, 4 * c + 2):
                    break
        begins[c + 1], node_begins[c + 1] = e, n
    e, n = begins[count], node_begins[count]
    return begins, gene[:e], other[:e], enabled[:e], node_begins, node[:n]


@njit(cache=True)
def _mix(
    t: Genes, a: int, b: int, equal: bool, whose: int, mean: bool, disabled: float,
    gene: I64, other: I64, enabled: U8, e: int, state: Any,
) -> int:  # fmt: skip
    """Write one child's genes from number e on; return where they end."""
    p, p_end, q, q_end = t.begins[a], t.begins[a + 1], t.begins[b], t.begins[b + 1]
    while p < p_end or q < q_end:
        x = t.mark[p] if p < p_end else LAST
        y = t.mark[q] if q < q_end else LAST
        i = j = p
        if x == y:  # matching: from either parent
            on = t.traits[p] & t.traits[q] & ENABLED
            i, j = (p, q) if draw(state) < 0.5 else (q, p)
            if whose == FIRST:
                on = t.traits[p] & ENABLED
            p += 1
            q += 1
        elif x < y:  # disjoint or excess: from the fitter, or from both at random
            on = t.traits[p] & ENABLED
            p += 1
            if equal and whose == EITHER and draw(state) < 0.5:
                continue
        else:
            i = j = q
            on = t.traits[q] & ENABLED
            q += 1
            if not equal or whose == FIRST or draw(state) < 0.5:
                continue
        if not on and whose == EITHER and draw(state) >= disabled:
            on = ENABLED
        gene[e], other[e], enabled[e] = i, j if mean else i, on
        e += 1
    return e


@njit(cache=True)
def _once(t: Genes, gene: I64, other: I64, enabled: U8, begin: int, end: int, table: I64) -> int:
    """Leave one synapse between two nodes, the one of the lower mark, where both parents came by it on their own."""
    table[:] = -1
    e = begin
    for k in range(begin, end):
        u, v = t.source[gene[k]], t.target[gene[k]]
        slot = (u * 31 + v * 7919) % len(table)
        while table[slot] >= 0 and (t.source[table[slot]] != u or t.target[table[slot]] != v):
            slot = (slot + 1) % len(table)
        if table[slot] < 0:
            table[slot] = gene[k]
            gene[e], other[e], enabled[e] = gene[k], other[k], enabled[k]
            e += 1
    return e


@njit(cache=True)
def _fed(t: Genes, gene: I64, enabled: U8, seen: I64, stamp: int) -> bool:
    """Tell whether enabled ways lead to all outputs of a child; `seen`: nodes that they lead to have the stamp."""
    first = t.inputs + 1
    seen[:first] = stamp
    missing = t.outputs
    changed = True
    while changed and missing:
        changed = False
        for k in range(len(gene)):
            v = t.target[gene[k]]
            if enabled[k] and seen[v] != stamp and seen[t.source[gene[k]]] == stamp:
                seen[v] = stamp
                changed = True
                missing -= v < first + t.outputs
    return missing == 0


@njit(cache=True)
def _mix_nodes(t: Genes, a: int, b: int, gene: I64, node: I64, n: int, seen: I64, stamp: int, state: Any) -> int:
    """Write the hidden nodes that a child's synapses touch, from either parent; return where they end."""
    for i in gene:
        seen[t.source[i]] = seen[t.target[i]] = stamp
    p, p_end, q, q_end = t.node_begins[a], t.node_begins[a + 1], t.node_begins[b], t.node_begins[b + 1]
    while p < p_end or q < q_end:
        if p < p_end and q < q_end and t.node[p] == t.node[q]:
            i = p if draw(state) < 0.5 else q
            p += 1
            q += 1
        elif q >= q_end or (
            p < p_end and (t.place[p] < t.place[q] or (t.place[p] == t.place[q] and t.node[p] < t.node[q]))
        ):
            i = p
            p += 1
        else:
            i = q
            q += 1
        if seen[t.node[i]] == stamp:
            node[n] = i
            n += 1
    return n


@njit(cache=True)
def distance(a: Genes, i: int, b: Genes, j: int, settings: Any, limit: float) -> float:
    """Return δ of topology i of a and topology j of b, infinity where it is found to be no less than the limit."""
    c1, c2, c3, small = settings
    p, p_end, q, q_end = a.begins[i], a.begins[i + 1], b.begins[j], b.begins[j + 1]
    genes = max(p_end - p, q_end - q)
    size = 1.0 if genes < small else float(genes)
    most = limit * size / min(c1, c2) if min(c1, c2) > 0 else np.inf  # unmatched genes
    if abs((p_end - p) - (q_end - q)) > most:
        return np.inf
    disjoint = same = 0
    total = 0.0
    while p < p_end and q < q_end:
        x, y = a.mark[p], b.mark[q]
        if x == y:
            same += 1
            total += abs(a.weight[p] - b.weight[q])
        else:
            disjoint += 1
            if disjoint > most:
                return np.inf
        p += x <= y
        q += y <= x
    excess = (p_end - p) + (q_end - q)
    return c1 * excess / size + c2 * disjoint / size + (c3 * total / same if same else 0.0)


@njit(cache=True)
def distances(a: Genes, b: Genes, settings: Any) -> F64:
    """Return δ of all topologies of a from all of b, f64[G, R]."""
    found = np.empty((len(a.begins) - 1, len(b.begins) - 1), np.float64)
    for i in range(len(found)):
        for j in range(found.shape[1]):
            found[i, j] = distance(a, i, b, j, settings, np.inf)
    return found


@njit(cache=True)
def first_near(a: Genes, b: Genes, settings: Any, limit: float) -> tuple[I64, I64]:
    """Return the place of the first of b, and then of founders, that is near each topology of a; the founders' rows."""
    count, others = len(a.begins) - 1, len(b.begins) - 1
    place, founders, new = np.empty(count, np.int64), np.empty(count, np.int64), 0
    c1, c2, _, small = settings
    most = limit / min(c1, c2) if min(c1, c2) > 0 else np.inf
    bits, sizes = _mark_bits(a), np.diff(a.begins)
    all_bits, all_sizes = np.append(_mark_bits(b), bits), np.append(np.diff(b.begins), sizes)  # of b, then of founders
    for i in range(count):
        k, near = 0, False
        while k < others + new:
            genes = max(sizes[i], all_sizes[k])
            if _ones(bits[i] ^ all_bits[k]) <= (most if genes < small else most * genes):  # few are: most need no more
                if k < others:
                    near = distance(a, i, b, k, settings, limit) < limit
                else:
                    near = distance(a, i, a, founders[k - others], settings, limit) < limit
            if near:
                break
            k += 1
        if not near:
            all_bits[k], all_sizes[k], founders[new] = bits[i], sizes[i], i
            new += 1
        place[i] = k
    return place, founders[:new]


@njit(cache=True)
def _mark_bits(t: Genes) -> Any:
    """Return u64[T]: of the marks of each topology, modulo 64, which there are."""
    bits = np.zeros(len(t.begins) - 1, np.uint64)
    for g in range(len(bits)):
        for i in range(t.begins[g], t.begins[g + 1]):
            bits[g] |= np.uint64(1) << np.uint64(t.mark[i] & 63)
    return bits


@njit(cache=True)
def _ones(bits: Any) -> int:
    """Return how many bits are set."""
    ones = 0
    while bits:
        bits, ones = bits & (bits - np.uint64(1)), ones + 1  # the lowest goes
    return ones
