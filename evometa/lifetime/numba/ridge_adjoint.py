"""What goes back through ridge regression; arguments as in ridge.py and in comparison_adjoint.py.

A_KEYBAR has the adjoints of the weights of classes, and then (`solve_back`) what is left of them when those of shares,
solved for, are in A_GIVEN.
"""

from __future__ import annotations

from typing import Any

from evometa.lifetime import columns as k
from evometa.lifetime.numba.arena import A_FACTOR, A_GIVEN, A_KEYBAR, A_KEYS, A_MEANS, A_SHARES
from evometa.lifetime.numba.generated_switch import exp_f
from evometa.lifetime.numba.ridge import log_ridge_of, products, solve
from evometa.lifetime.numba.vector import LANES, F, at, fmaf, load, select, store
from evometa.system.jit import njit


@njit(error_model="numpy", nogil=True, cache=True)
def spread_weights(p: Any, arena: Any, ways: int, dims: int, u: int, streams: int, a: int, apart: int, u_bar: int,
                   hop: int, count: int, width: int) -> None:  # fmt: skip
    """Write ū of `count` examples to `u_bar`, as `spread_bar` does, and add to the adjoints of weights."""
    for v in range(0, width, LANES):
        products(arena, (a + v, width, apart * width), (at(p, A_MEANS) + v, ways * width, width),
                 (u_bar + v, width, hop * width), count, dims, ways, 0)  # fmt: skip
        products(arena, (u + v, streams * width, width), (a + v, apart * width, width),
                 (at(p, A_KEYBAR) + v, ways * width, width), dims, ways, count, 1)  # fmt: skip


@njit(error_model="numpy", nogil=True, cache=True)
def solve_back(m: Any, p: Any, arena: Any, lessons: Any, room: int, count: int, ridge_bar: int, width: int) -> None:
    """Go from adjoints of weights to those of shares; `ridge_bar`: to which that of the log of λ is added, or −1."""
    dims, ways, step, hop = at(m, k.OUTPUTS), lessons.ways, room * width, lessons.ways * width
    for v in range(0, width, LANES):
        u, given, bar = at(p, A_KEYS) + v, at(p, A_GIVEN) + v, at(p, A_KEYBAR) + v
        products(arena, (u, width, step), (bar, width, hop), (given, hop, width), count, ways, dims, 0)
        solve(arena, at(p, A_FACTOR) + v, given, ways, room, count, width)
        products(arena, (u, step, width), (given, width, hop), (bar, hop, width), dims, ways, count, -1)
        if ridge_bar >= 0:
            total = load(arena, ridge_bar + v)
            total = inner(arena, given, at(p, A_SHARES) + v, count * ways, total, width)
            store(arena, ridge_bar + v, total * ridge_slope(p, arena, lessons, width))


@njit(error_model="numpy", nogil=True, cache=True)
def inner(arena: Any, a: int, b: int, count: int, total: Any, step: int) -> Any:
    """Return a total less Σ a·b, in 16 lanes."""
    for i in range(0, count * step, step):
        total = fmaf(-load(arena, a + i), load(arena, b + i), total)
    return total


@njit(error_model="numpy", nogil=True, cache=True)
def ridge_slope(p: Any, arena: Any, lessons: Any, width: int) -> Any:
    """Return the derivative of λ by its log: 0 where it is held."""
    x, zero = log_ridge_of(p, arena, lessons, width), F(0.0)
    return select(x < F(-87.0), zero, select(x > F(88.0), zero, exp_f(x)))


@njit(error_model="numpy", nogil=True, forceinline=True)
def through_weights(p: Any, arena: Any, ways: int, d: int, i: int, v: int, total: Any, width: int) -> Any:
    """Return a total with what comes to number d of example i by way of the weights of classes."""
    for way in range(ways):
        key, share = (d * ways + way) * width + v, (i * ways + way) * width + v
        total = fmaf(load(arena, at(p, A_KEYBAR) + key), load(arena, at(p, A_SHARES) + share), total)
        total = fmaf(-load(arena, at(p, A_MEANS) + key), load(arena, at(p, A_GIVEN) + share), total)
    return total
