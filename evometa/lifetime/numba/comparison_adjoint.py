"""What goes back through a comparison: errors of embeddings in an update, adjoints of them at a checkpoint.

Arguments as in comparison.py. `scale_bar`, `norm_bar`: rows to which the adjoints of the metric are added, −1 for none.
"""

from __future__ import annotations

from typing import Any

from evometa.lifetime import columns as k
from evometa.lifetime.numba.arena import (
    A_ACT,
    A_COUNTS,
    A_ERR,
    A_KEYBAR,
    A_KEYS,
    A_KTARGET,
    A_MEANS,
    A_NEAR,
    A_PARTS,
    A_TOTALS,
    A_UNIT,
)
from evometa.lifetime.numba.comparison import by_class, is_plain, norm_of, own_of, slope_of
from evometa.lifetime.numba.generated_switch import exp_f, log_f
from evometa.lifetime.numba.ridge import solves
from evometa.lifetime.numba.ridge_adjoint import solve_back, spread_weights, through_weights
from evometa.lifetime.numba.sweeps import fill
from evometa.lifetime.numba.vector import LANES, F, at, fmaf, load, select, store
from evometa.spec.comparisons import EPSILON
from evometa.system.jit import njit


@njit(error_model="numpy", nogil=True, cache=True)
def apart_bar(p: Any, arena: Any, lessons: Any, room: int, known: int, bar: int, apart: int, scale_bar: int, count: int,
              width: int) -> int:  # fmt: skip
    """Turn adjoints of net inputs, at `bar`, into those of squared distances, doubled; return where these are.

    Or into those of products, where there are these instead.
    """
    ways, step, zero, places = lessons.ways, apart * width, F(0.0), bar
    keys, targets = (ways if by_class(lessons) else known), at(p, A_KTARGET)
    if not by_class(lessons):
        places = at(p, A_PARTS)
    for i in range(0, count * width, LANES):
        v = i % width
        for j in range(keys):
            place = places + j * step + i
            if by_class(lessons):
                there = load(arena, at(p, A_COUNTS) + j * width + v) > zero
                store(arena, place, select(there, load(arena, place), zero))
                continue
            target, member = targets + j * width + v, zero
            for way in range(ways):
                member = select(load(arena, target + way * room * width) > zero, F(1.0), member)
            total = own_of(arena, target, room * width, at(p, A_TOTALS) + i, step, ways)
            given = own_of(arena, target, room * width, bar + i, step, ways)
            store(arena, place, select(member > zero, given * (load(arena, place) / total), zero))
    double = slope_of(p, arena, lessons, width)
    for i in range(0, count * width, LANES):
        for j in range(keys):
            own = load(arena, places + j * step + i)
            if scale_bar >= 0:
                row, near = scale_bar + i % width, load(arena, at(p, A_NEAR) + j * step + i)
                store(arena, row, fmaf(own, near if solves(lessons) else -near, load(arena, row)))
            store(arena, places + j * step + i, own * double)
    return places


@njit(error_model="numpy", nogil=True, cache=True)
def spread_bar(arena: Any, dims: int, u: int, streams: int, v: int, room: int, keys: int, a: int, apart: int,
               u_bar: int, hop: int, v_bar: int, bar_room: int, count: int, width: int) -> None:  # fmt: skip
    """Write ū to `u_bar`, where examples have `hop` places, and add to v̄ at `v_bar`; `a`: what `apart_bar` returns."""
    for lane in range(0, width, LANES):
        for d in range(dims):
            i = 0
            while i < count:
                x, out = u + (d * streams + i) * width + lane, u_bar + (d * hop + i) * width + lane
                five = i + 5 <= count
                x1 = x2 = x3 = x4 = x5 = load(arena, x)
                if five:
                    x2, x3 = load(arena, x + width), load(arena, x + 2 * width)
                    x4, x5 = load(arena, x + 3 * width), load(arena, x + 4 * width)
                sum1 = sum2 = sum3 = sum4 = sum5 = F(0.0)
                for j in range(keys):
                    key, place = load(arena, v + (d * room + j) * width + lane), a + (j * apart + i) * width + lane
                    row = v_bar + (d * bar_room + j) * width + lane
                    own, y = load(arena, place), x1 - key
                    sum1, total = fmaf(own, y, sum1), fmaf(-own, y, load(arena, row))
                    if five:
                        own, y = load(arena, place + width), x2 - key
                        sum2, total = fmaf(own, y, sum2), fmaf(-own, y, total)
                        own, y = load(arena, place + 2 * width), x3 - key
                        sum3, total = fmaf(own, y, sum3), fmaf(-own, y, total)
                        own, y = load(arena, place + 3 * width), x4 - key
                        sum4, total = fmaf(own, y, sum4), fmaf(-own, y, total)
                        own, y = load(arena, place + 4 * width), x5 - key
                        sum5, total = fmaf(own, y, sum5), fmaf(-own, y, total)
                    store(arena, row, total)
                store(arena, out, sum1)
                if five:
                    store(arena, out + width, sum2)
                    store(arena, out + 2 * width, sum3)
                    store(arena, out + 3 * width, sum4)
                    store(arena, out + 4 * width, sum5)
                i += 5 if five else 1


@njit(error_model="numpy", nogil=True, cache=True)
def compare_back(m: Any, p: Any, arena: Any, lessons: Any, u: int, streams: int, room: int, known: int, bar: int,
                 apart: int, u_bar: int, hop: int, scale_bar: int, count: int, width: int) -> None:  # fmt: skip
    """Go from adjoints of net inputs, at `bar`, to those of what was compared, and add to those of keys, A_KEYBAR."""
    ways = lessons.ways
    places = apart_bar(p, arena, lessons, room, known, bar, apart, scale_bar, count, width)
    if solves(lessons):
        spread_weights(p, arena, ways, at(m, k.OUTPUTS), u, streams, places, apart, u_bar, hop, count, width)
    elif by_class(lessons):
        spread_bar(arena, at(m, k.OUTPUTS), u, streams, at(p, A_MEANS), ways, ways, places, apart, u_bar, hop,
                   at(p, A_KEYBAR), ways, count, width)  # fmt: skip
    else:
        spread_bar(arena, at(m, k.OUTPUTS), u, streams, at(p, A_KEYS), room, known, places, apart, u_bar, hop,
                   at(p, A_KEYBAR), room, count, width)  # fmt: skip


@njit(error_model="numpy", nogil=True, cache=True)
def through_keys(m: Any, p: Any, arena: Any, lessons: Any, room: int, u_bar: int, hop: int, first: int, count: int,
                 width: int) -> None:  # fmt: skip
    """Add to adjoints of `count` examples, from number `first` on, what comes by way of keys."""
    ways, shares = lessons.ways, at(p, A_COUNTS) + lessons.ways * width
    for v in range(0, width, LANES):
        for d in range(at(m, k.OUTPUTS)):
            for i in range(count):
                row = u_bar + (d * hop + i) * width + v
                total = load(arena, row)
                if solves(lessons):
                    store(arena, row, through_weights(p, arena, ways, d, first + i, v, total, width))
                    continue
                if not by_class(lessons):
                    total = total + load(arena, at(p, A_KEYBAR) + (d * room + first + i) * width + v)
                for way in range(ways if by_class(lessons) else 0):
                    t = load(arena, at(p, A_KTARGET) + (way * room + first + i) * width + v)
                    key = load(arena, at(p, A_KEYBAR) + (d * ways + way) * width + v)
                    total = fmaf(t * load(arena, shares + way * width + v), key, total)
                store(arena, row, total)


@njit(error_model="numpy", nogil=True, cache=True)
def unit_back(m: Any, p: Any, arena: Any, lessons: Any, e: int, streams: int, bar: int, hop: int, norm_bar: int,
              count: int, width: int) -> None:  # fmt: skip
    """Turn adjoints of what was compared, at `bar`, into those of embeddings."""
    if is_plain(lessons):
        return
    own, other, dims, zero = streams * width, hop * width, at(m, k.OUTPUTS), F(0.0)
    norm = norm_of(p, arena, lessons, width)
    for i in range(0, count * width, LANES):
        n, phi = F(EPSILON), F(0.0)
        for d in range(dims):
            x = load(arena, e + d * own + i)
            n = fmaf(x, x, n)
            phi = fmaf(load(arena, bar + d * other + i), x, phi)
        log = log_f(n)
        x = (norm * F(-0.5)) * log
        f = exp_f(x)
        held = select(x < F(-87.0), zero, select(x > F(88.0), zero, f))
        kappa = (-norm * phi * held) / n
        for d in range(dims):
            place = bar + d * other + i
            store(arena, place, fmaf(kappa, load(arena, e + d * own + i), f * load(arena, place)))
        if norm_bar >= 0:
            row = norm_bar + i % width
            store(arena, row, load(arena, row) + phi * held * (log * F(-0.5)))


@njit(error_model="numpy", nogil=True, cache=True)
def compare_error(m: Any, p: Any, arena: Any, lessons: Any, bar: int, room: int, batch: int, width: int) -> None:
    """Write the error rows of embeddings, whose batch was compared with itself; `bar`: errors of the net inputs."""
    first = (at(m, k.NODES) - at(m, k.OUTPUTS)) * batch * width
    e, err = at(p, A_ACT) + first, at(p, A_ERR) + first
    u = e if is_plain(lessons) else at(p, A_UNIT)
    fill(arena, at(p, A_KEYBAR), at(m, k.OUTPUTS) * max(lessons.ways, room) * width, 0.0)
    compare_back(m, p, arena, lessons, u, batch, room, batch, bar, batch, err, batch, -1, batch, width)
    if solves(lessons):
        solve_back(m, p, arena, lessons, room, batch, -1, width)
    through_keys(m, p, arena, lessons, room, err, batch, 0, batch, width)
    unit_back(m, p, arena, lessons, e, batch, err, batch, -1, batch, width)
