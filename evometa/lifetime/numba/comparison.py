"""Heads that compare, for many lanes (formulas and the order of operations: evometa/lifetime/comparison.py).

Arguments as in trial.py. Row d of example i begins at `e + (d*streams + i)*width`, whether these are embeddings, as the
network gives them or as they are compared, or adjoints; keys have `room` places each. Distances, and what becomes of
them, lie in A_NEAR: of key j and example i at (j*streams + i)*width, as answers do.
"""

from __future__ import annotations

from typing import Any

from evometa.lifetime import columns as k
from evometa.lifetime.numba.arena import (
    A_C,
    A_COUNTS,
    A_KEYS,
    A_KTARGET,
    A_MEANS,
    A_NEAR,
    A_PARTS,
    A_TARGET,
    A_TOTALS,
    A_UNIT,
)
from evometa.lifetime.numba.generated_switch import exp_f, log_f
from evometa.lifetime.numba.ridge import fit, solves, weigh
from evometa.lifetime.numba.sweeps import copy
from evometa.lifetime.numba.vector import LANES, F, at, fmaf, load, select, store
from evometa.spec.comparisons import ABSENT, COMPARISONS, EPSILON
from evometa.system.jit import njit

BY_CLASS = sum(1 << code for code, row in enumerate(COMPARISONS.values()) if row.keys == "class")


@njit(error_model="numpy", nogil=True, forceinline=True)
def is_plain(lessons: Any) -> bool:
    """Return whether embeddings are compared as they are."""
    return lessons.metric.norm_by < 0 and lessons.metric.norm == 0


@njit(error_model="numpy", nogil=True, forceinline=True)
def by_class(lessons: Any) -> bool:
    """Return whether there is a key for each class, and not for each example."""
    return (BY_CLASS >> lessons.comparison) & 1 > 0


@njit(error_model="numpy", nogil=True, forceinline=True)
def scale_of(p: Any, arena: Any, lessons: Any, width: int) -> Any:
    """Return the scale of distances in 16 lanes."""
    own = F(lessons.metric.scale)
    return load(arena, at(p, A_C) + lessons.metric.scale_by * width) if lessons.metric.scale_by >= 0 else own


@njit(error_model="numpy", nogil=True, forceinline=True)
def slope_of(p: Any, arena: Any, lessons: Any, width: int) -> Any:
    """Return what net inputs change by as half a squared distance does, or a product, in 16 lanes."""
    scale = scale_of(p, arena, lessons, width)
    return scale if solves(lessons) else scale * F(-2.0)


@njit(error_model="numpy", nogil=True, forceinline=True)
def norm_of(p: Any, arena: Any, lessons: Any, width: int) -> Any:
    """Return the exponent of lengths in 16 lanes."""
    own = F(lessons.metric.norm)
    return load(arena, at(p, A_C) + lessons.metric.norm_by * width) if lessons.metric.norm_by >= 0 else own


@njit(error_model="numpy", nogil=True, cache=True)
def unit(m: Any, p: Any, arena: Any, lessons: Any, e: int, streams: int, target: int, room: int, count: int,
         width: int) -> None:  # fmt: skip
    """Write embeddings as they are compared to `target`, where examples have `room`."""
    dims, plain = at(m, k.OUTPUTS), is_plain(lessons)
    for i in range(0, count * width, LANES):
        f = F(1.0)
        if not plain:
            n = F(EPSILON)
            for d in range(dims):
                x = load(arena, e + d * streams * width + i)
                n = fmaf(x, x, n)
            f = exp_f((norm_of(p, arena, lessons, width) * F(-0.5)) * log_f(n))
        for d in range(dims):
            x = load(arena, e + d * streams * width + i)
            store(arena, target + d * room * width + i, x if plain else x * f)


@njit(error_model="numpy", nogil=True, cache=True)
def know(m: Any, p: Any, arena: Any, lessons: Any, room: int, count: int, width: int) -> None:
    """Count the examples of each class, and make the keys of `count` examples whose targets are in place."""
    ways, step = lessons.ways, room * width
    counts, shares, targets = at(p, A_COUNTS), at(p, A_COUNTS) + ways * width, at(p, A_KTARGET)
    for v in range(0, width, LANES):
        for way in range(ways):
            total, one = F(0.0), F(1.0)
            for i in range(count):
                total = total + load(arena, targets + way * step + i * width + v)
            store(arena, counts + way * width + v, total)
            store(arena, shares + way * width + v, one / select(total < one, one, total))
    if solves(lessons):
        fit(m, p, arena, lessons, room, count, width)
    elif by_class(lessons):
        dims = at(m, k.OUTPUTS)
        means(arena, dims, at(p, A_KEYS), room, targets, room, shares, ways, at(p, A_MEANS), count, width)


@njit(error_model="numpy", nogil=True, cache=True)
def means(arena: Any, dims: int, u: int, streams: int, targets: int, room: int, shares: int, ways: int, out: int,
          count: int, width: int) -> None:  # fmt: skip
    """Write the mean of each class, of `count` examples; `shares`: what each counts in that of its class."""
    for v in range(0, width, LANES):
        for d in range(dims):
            for way in range(ways):
                total, own, t = F(0.0), u + d * streams * width + v, targets + way * room * width + v
                for i in range(0, count * width, width):
                    total = fmaf(load(arena, t + i), load(arena, own + i), total)
                store(arena, out + (d * ways + way) * width + v, total * load(arena, shares + way * width + v))


@njit(error_model="numpy", nogil=True, cache=True)
def distances(arena: Any, dims: int, u: int, streams: int, v: int, room: int, keys: int, near: int, apart: int,
              count: int, width: int) -> None:  # fmt: skip
    """Write the squared distances of `count` examples from `keys`; in `near`, examples have `apart` places."""
    own, other = streams * width, room * width
    for lane in range(0, width, LANES):
        for j in range(keys):
            i, key, out = 0, v + j * width + lane, near + j * apart * width + lane
            while i + 5 <= count:
                a = b = c = e = f = F(0.0)
                x = u + i * width + lane
                for d in range(dims):
                    y, z = load(arena, key + d * other), x + d * own
                    s, t, r = load(arena, z) - y, load(arena, z + width) - y, load(arena, z + 2 * width) - y
                    q, w = load(arena, z + 3 * width) - y, load(arena, z + 4 * width) - y
                    a, b, c, e, f = fmaf(s, s, a), fmaf(t, t, b), fmaf(r, r, c), fmaf(q, q, e), fmaf(w, w, f)
                store(arena, out + i * width, a)
                store(arena, out + (i + 1) * width, b)
                store(arena, out + (i + 2) * width, c)
                store(arena, out + (i + 3) * width, e)
                store(arena, out + (i + 4) * width, f)
                i += 5
            while i < count:
                a = F(0.0)
                for d in range(dims):
                    s = load(arena, u + d * own + i * width + lane) - load(arena, key + d * other)
                    a = fmaf(s, s, a)
                store(arena, out + i * width, a)
                i += 1


@njit(error_model="numpy", nogil=True, cache=True)
def net_inputs(m: Any, p: Any, arena: Any, lessons: Any, u: int, streams: int, room: int, known: int, z: int,
               apart: int, count: int, width: int) -> None:  # fmt: skip
    """Write the head's net inputs of `count` examples to `z`, compared with `known` keys; they have `apart` places."""
    ways, near = lessons.ways, at(p, A_NEAR)
    keys, means = (ways, at(p, A_MEANS)) if by_class(lessons) else (known, at(p, A_KEYS))
    if solves(lessons):
        weigh(p, arena, ways, at(m, k.OUTPUTS), u, streams, near, apart, count, width)
    else:
        distances(arena, at(m, k.OUTPUTS), u, streams, means, ways if by_class(lessons) else room, keys, near, apart,
                  count, width)  # fmt: skip
    absent, zero = F(ABSENT), F(0.0)
    if not by_class(lessons):
        attend(p, arena, lessons, room, known, z, apart, count, width)
    for v in range(0, width, LANES):
        factor = scale_of(p, arena, lessons, width)
        factor = factor if solves(lessons) else -factor
        for way in range(ways):
            there = load(arena, at(p, A_COUNTS) + way * width + v) > zero
            for i in range(v, count * width, width):
                place = way * apart * width + i
                if by_class(lessons):
                    store(arena, z + place, select(there, load(arena, near + place) * factor, absent))
                else:
                    own = load(arena, z + place) + log_f(load(arena, at(p, A_TOTALS) + place))
                    store(arena, z + place, select(there, own, absent))


@njit(error_model="numpy", nogil=True, cache=True)
def attend(p: Any, arena: Any, lessons: Any, room: int, known: int, top: int, apart: int, count: int,
           width: int) -> None:  # fmt: skip
    """Write the largest of each class to `top`, exp of what is below it to A_PARTS, the sum of these to A_TOTALS."""
    ways, step, zero = lessons.ways, apart * width, F(0.0)
    parts, totals, near, targets = at(p, A_PARTS), at(p, A_TOTALS), at(p, A_NEAR), at(p, A_KTARGET)
    for i in range(0, count * width, LANES):
        v, factor = i % width, -scale_of(p, arena, lessons, width)
        for way in range(ways):
            store(arena, top + way * step + i, F(ABSENT))
            store(arena, totals + way * step + i, zero)
        for j in range(known):
            g = load(arena, near + j * step + i) * factor
            for way in range(ways):
                member = load(arena, targets + (way * room + j) * width + v) > zero
                best = load(arena, top + way * step + i)
                store(arena, top + way * step + i, select(member, select(g > best, g, best), best))
        for j in range(known):
            best = own_of(arena, targets + j * width + v, room * width, top + i, step, ways)
            part = exp_f(load(arena, near + j * step + i) * factor - best)
            store(arena, parts + j * step + i, part)
            for way in range(ways):
                member = load(arena, targets + (way * room + j) * width + v) > zero
                total = load(arena, totals + way * step + i)
                store(arena, totals + way * step + i, select(member, total + part, total))


@njit(error_model="numpy", nogil=True, forceinline=True)
def own_of(arena: Any, target: int, hop: int, values: int, step: int, ways: int) -> Any:
    """Return the value of the last class that an example is of, 0 if of none; `hop`, `step`: from class to class."""
    found = F(0.0)
    for way in range(ways):
        found = select(load(arena, target + way * hop) > F(0.0), load(arena, values + way * step), found)
    return found


@njit(error_model="numpy", nogil=True, forceinline=True)
def answers_of(m: Any, lessons: Any) -> int:
    """Return how many answers a head gives: as many as there are outputs, but where it compares."""
    return lessons.ways if lessons.comparison >= 0 else at(m, k.OUTPUTS)


@njit(error_model="numpy", nogil=True, forceinline=True)
def output(m: Any, p: Any, lessons: Any, act: int, own: int, streams: int, width: int) -> int:
    """Return where answers lie: in the outputs' rows of a region `act`, or in a region of their `own`."""
    first = (at(m, k.NODES) - at(m, k.OUTPUTS)) * streams * width
    return at(p, own) if lessons.comparison >= 0 else at(p, act) + first


@njit(error_model="numpy", nogil=True, cache=True)
def compared_with(m: Any, p: Any, arena: Any, lessons: Any, act: int, streams: int, count: int,
                  width: int) -> int:  # fmt: skip
    """Return where embeddings lie as they are compared: where the network gave them, or in A_UNIT."""
    e = act + (at(m, k.NODES) - at(m, k.OUTPUTS)) * streams * width
    if is_plain(lessons):
        return e
    unit(m, p, arena, lessons, e, streams, at(p, A_UNIT), streams, count, width)
    return at(p, A_UNIT)


@njit(error_model="numpy", nogil=True, cache=True)
def compare(m: Any, p: Any, arena: Any, lessons: Any, act: int, room: int, known: int, out: int, streams: int,
            count: int, width: int) -> None:  # fmt: skip
    """Write net inputs of the head for `count` examples, compared with `known` ones: with themselves if that is 0."""
    u = compared_with(m, p, arena, lessons, act, streams, count, width)
    if known == 0:
        for d in range(at(m, k.OUTPUTS)):
            copy(arena, at(p, A_KEYS) + d * room * width, u + d * streams * width, count * width)
        for way in range(lessons.ways):
            copy(arena, at(p, A_KTARGET) + way * room * width, at(p, A_TARGET) + way * streams * width, count * width)
        know(m, p, arena, lessons, room, count, width)
    net_inputs(m, p, arena, lessons, u, streams, room, known if known > 0 else count, out, streams, count, width)
