"""Variation of trees in batches, compiled: a child is a tree with a span replaced, by another's, by new nodes, or less.

Trees are codes (evometa.language.codes); those of slot s and genome g are `codes[begins[s, g]:begins[s, g + 1]]`. What
a child draws depends on the key and its own number alone. Axis letters: S slots, G genomes, n children.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from evometa.genetics.counted import begin, draw
from evometa.language.codes import CONSTANT
from evometa.system.jit import njit

from .growth import STACK, arity, below, grow, inner, leaf, number, rounded
from .nodes import BLOCK, CROSSOVER, INSERT, NODE, NUMBER, OTHER, SHRINK, SUBTREE, node_of

LARGEST = 1e30  # no number walks further off


@njit()
def end(codes: Any, start: int) -> int:
    """Return the index after the subtree that begins at `start`."""
    missing = 1
    while missing:
        missing += arity(codes[start]) - 1
        start += 1
    return start


@njit()
def within(codes: Any, start: int, stop: int, limits: Any, stack: Any) -> bool:
    """Whether a tree keeps the limits."""
    if stop - start > limits.nodes:
        return False
    if stop - start <= limits.depth + 1:
        return True
    stack[0] = 0
    top = 1
    for place in range(start, stop):
        top -= 1
        depth = stack[top]
        if depth > limits.depth:
            return False
        for _ in range(arity(codes[place])):
            stack[top] = depth + 1
            top += 1
    return True


@njit()
def copy(out: Any, place: int, codes: Any, start: int, stop: int) -> int:
    """Copy a span of codes to out[place:]; return where it ends."""
    for index in range(start, stop):
        out[place] = codes[index]
        place += 1
    return place


@njit()
def shifted(state: Any, code: int, noise: float, unit: float) -> int:
    """Return a constant shifted by `noise` times its size (a tenth of `unit` at least), negated, halved or doubled."""
    bits = np.zeros(1, np.uint32)
    bits[0] = code - CONSTANT
    value = np.float64(bits.view(np.float32)[0])
    kind = draw(state)
    if kind < 0.8:
        value += noise * max(abs(value), 0.1 * unit)
    elif kind < 0.9:
        value = -value
    else:
        value *= 0.5 if draw(state) < 0.5 else 2.0
    return number(rounded(max(-LARGEST, min(LARGEST, value)), 4))


@njit()
def slot_of(state: Any, codes: Any, begins: Any, genome: int, numbered: bool) -> int:
    """Draw a slot by its share of nodes; of those with constants where `numbered`, -1 for none."""
    total = 0
    sizes = np.zeros(len(begins), np.int64)
    for slot in range(len(begins)):
        start, stop = begins[slot, genome], begins[slot, genome + 1]
        counts = not numbered
        for place in range(start, stop if numbered else start):
            counts = counts or codes[place] >= CONSTANT
        sizes[slot] = stop - start if counts else 0
        total += sizes[slot]
    place = below(state, total)
    for slot in range(len(begins)):
        place -= sizes[slot]
        if place < 0:
            return slot
    return -1


@njit()
def alike(state: Any, code: int, words: Any, slot: int) -> int:
    """Draw a node of the same arity; the node itself where there is no other."""
    if arity(code) == 0:
        return leaf(state, words, slot)
    first, last = words.inner_begins[slot], words.inner_begins[slot + 1]
    count = 0
    for place in range(first, last):
        count += arity(words.inner[place]) == arity(code)
    if count == 0:
        return code
    count = below(state, count)
    place = first - 1
    while count >= 0:
        place += 1
        count -= arity(words.inner[place]) == arity(code)
    return words.inner[place]


@njit()
def block(state: Any, out: Any, place: int, room: int, words: Any, slot: int) -> int:
    """Copy one of a slot's blocks to out[place:]; return where it ends, -1 where there is none, or none with `room`."""
    first = words.slot_blocks[slot]
    count = words.slot_blocks[slot + 1] - first
    if count == 0:
        return -1
    drawn = first + below(state, count)
    x, y = words.block_begins[drawn], words.block_begins[drawn + 1]
    return copy(out, place, words.blocks, x, y) if y - x <= room else -1


@njit()
def mutated(
    kind: int, state: Any, codes: Any, start: int, stop: int, out: Any, place: int, words: Any, limits: Any, slot: int,
    least: int, height: int, noise: float, unit: float, stack: Any, weights: Any, shifts: Any,
) -> int:  # fmt: skip
    """Write the mutant of a tree at out[place:]; return where it ends, `place` where there is none."""
    size = stop - start
    if kind == NODE and size < 2:  # the root stays: it would be another rule
        return place
    if kind in (SHRINK, NUMBER):
        draw(state)  # of no use: what is drawn next has always been the second number
    i = node_of(state, codes, start + (kind == NODE), stop, kind, weights)
    if i < 0:
        return place
    j = end(codes, i)
    f = copy(out, place, codes, start, i)
    if kind == SUBTREE:
        f = grow(state, out, f, limits.nodes, least, height, words, slot, stack)
    elif kind == BLOCK:
        f = block(state, out, f, limits.nodes, words, slot)
    elif kind == NODE:
        out[f] = alike(state, codes[i], words, slot)
        f, j = f + 1, i + 1
    elif kind == INSERT:
        out[f] = inner(state, words, slot)
        count = arity(out[f])
        old = below(state, count)
        f += 1
        for argument in range(count):
            if argument == old:
                f = copy(out, f, codes, i, j)
            else:
                out[f] = leaf(state, words, slot)
                f += 1
    elif kind == SHRINK:
        x = i + 1
        for _ in range(below(state, arity(codes[i]))):
            x = end(codes, x)
        f = copy(out, f, codes, x, end(codes, x))
    else:
        out[f] = shifted(state, codes[i], shifts[i] if len(shifts) else noise, unit)
        f += 1
    return copy(out, f, codes, j, stop) if f >= 0 else place


@njit()
def differs(out: Any, place: int, stop: int, codes: Any, start: int, end: int) -> bool:
    """Whether out[place:stop] is another tree than codes[start:end]."""
    same = stop - place == end - start
    for index in range(end - start if same else 0):
        same = same and out[place + index] == codes[start + index]
    return not same


@njit(cache=True)
def vary(
    codes: Any, begins: Any, first: Any, second: Any, kind: Any, noise: Any, unit: float, least: int, height: int,
    words: Any, limits: Any, keys: Any, weights: Any, shifts: Any,
) -> Any:  # fmt: skip
    """Make a child of each of n genomes `first` by its `kind`, in a crossover with a subtree of genome `second`.

    `noise f64[n]`: of a NUMBER, see `shifted`; a new subtree has depth `least` to one drawn up to `height`. `keys
    u64[L]`: as many children draw from each, one after the other. `weights f64[N]` of each node to be met, `shifts
    f64[N]`: what stands in for `noise` at each; none: all the same. Returns the slots that were drawn, i64[n] (-1:
    none), the new trees one behind the other, and where they begin, i64[n+1]; a child that equals its parent, or is
    beyond the limits, in all of its attempts has none.
    """
    n = len(first)
    each = max(1, n // len(keys))
    slots, places = np.empty(n, np.int64), np.zeros(n + 1, np.int64)
    state, stack, out = np.empty(1, np.uint64), np.empty(STACK, np.int64), np.empty(32 * n, np.int64)
    e = 0
    for c in range(n):
        begin(state, keys[c // each], c % each)
        k = kind[c]
        g, h = (first[c], second[c]) if k != OTHER else (second[c], first[c])
        slot = slots[c] = slot_of(state, codes, begins, g, k == NUMBER)
        places[c + 1] = e
        if slot < 0:
            continue
        a, b = begins[slot, g], begins[slot, g + 1]
        p, q = begins[slot, h], begins[slot, h + 1]
        room = e + (b - a) + max(q - p, limits.nodes) + 4
        if room > len(out):
            out = np.concatenate((out[:e], np.empty(room + len(out) - e, np.int64)))
        for _ in range(1 if k == NUMBER else limits.chances):
            f = e
            if k != CROSSOVER and k != OTHER:
                tallest = least + below(state, height - least + 1) if k == SUBTREE else 0
                f = mutated(
                    k,
                    state,
                    codes,
                    a,
                    b,
                    out,
                    e,
                    words,
                    limits,
                    slot,
                    least,
                    tallest,
                    noise[c],
                    unit,
                    stack,
                    weights,
                    shifts,
                )
            elif b - a > 1 and q - p > 1:
                i = node_of(state, codes, a + 1, b, CROSSOVER, weights)
                x = node_of(state, codes, p + 1, q, CROSSOVER, weights)
                j, y = end(codes, i), end(codes, x)
                f = copy(out, copy(out, copy(out, e, codes, a, i), codes, x, y), codes, j, b)
            if f == e or not differs(out, e, f, codes, a, b) or not within(out, e, f, limits, stack):
                continue
            if k == OTHER:  # the first child is settled: this one is looked at once
                f = copy(out, copy(out, copy(out, e, codes, p, x), codes, i, j), codes, y, q)
            if k != OTHER or within(out, e, f, limits, stack):
                e = f
            break
        places[c + 1] = e
    return slots, out[:e].copy(), places
