"""What goes back through the errors of ridge regression of a batch on itself (evometa/lifetime/comparison.py).

Arguments as in descent/comparison.py. Along the direction there, D_KEYWAY has the derivative of weights, D_SHAREWAY
that of shares; D_GIVENWAY and D_RESTWAY have those of what `solve_back` leaves in A_GIVEN and in A_KEYBAR.
"""

from __future__ import annotations

from typing import Any

from evometa.lifetime import columns as k
from evometa.lifetime.numba.arena import A_FACTOR, A_GIVEN, A_KEYBAR, A_KEYS, A_MEANS, A_SHARES
from evometa.lifetime.numba.comparison import scale_of
from evometa.lifetime.numba.descent.tape import (
    D_BENT,
    D_GBAR,
    D_GIVENWAY,
    D_KEYWAY,
    D_NEARWAY,
    D_RESTWAY,
    D_SHAREWAY,
    D_SUMS,
    D_UBAR,
    D_WAY,
)
from evometa.lifetime.numba.ridge import multiply, products, solve
from evometa.lifetime.numba.ridge_adjoint import inner, ridge_slope, solve_back, spread_weights, through_weights
from evometa.lifetime.numba.sweeps import fill
from evometa.lifetime.numba.vector import LANES, F, at, fmaf, load, store
from evometa.system.jit import njit


@njit(error_model="numpy", nogil=True, cache=True)
def ridge_way(m: Any, p: Any, q: Any, arena: Any, ways: int, u: int, room: int, batch: int) -> None:
    """Write what changes along D_WAY: shares, weights, and the products of examples with these, to D_NEARWAY."""
    dims, step, hop = at(m, k.OUTPUTS), batch * LANES, ways * LANES
    way, keys, shares, near = at(q, D_WAY), at(q, D_KEYWAY), at(q, D_SHAREWAY), at(q, D_NEARWAY)
    of_examples, weights, known = (way, LANES, step), at(p, A_MEANS), at(p, A_KEYS)
    products(arena, (way, step, LANES), (at(p, A_SHARES), LANES, hop), (keys, hop, LANES), dims, ways, batch, 0)
    products(arena, of_examples, (weights, LANES, hop), (shares, hop, LANES), batch, ways, dims, 0)
    products(arena, (known, LANES, room * LANES), (keys, LANES, hop), (shares, hop, LANES), batch, ways, dims, 1)
    solve(arena, at(p, A_FACTOR), shares, ways, room, batch, LANES)
    multiply(arena, shares, batch * ways, F(-1.0), LANES)
    products(arena, (known, room * LANES, LANES), (shares, LANES, hop), (keys, hop, LANES), dims, ways, batch, 1)
    products(arena, of_examples, (weights, LANES, hop), (near, LANES, step), batch, ways, dims, 0)
    products(arena, (u, LANES, step), (keys, LANES, hop), (near, LANES, step), batch, ways, dims, 1)


@njit(error_model="numpy", nogil=True, cache=True)
def ridge_errors(m: Any, p: Any, q: Any, arena: Any, lessons: Any, u: int, room: int, batch: int) -> None:
    """Write what the errors' adjoints make of what was compared to D_UBAR, and add to those of the scale and of λ."""
    dims, ways, step, hop = at(m, k.OUTPUTS), lessons.ways, batch * LANES, lessons.ways * LANES
    way, rest, given, a = at(q, D_WAY), at(q, D_RESTWAY), at(q, D_GIVENWAY), at(q, D_BENT)
    scale, total = scale_of(p, arena, lessons, LANES), load(arena, at(q, D_SUMS))
    for i in range(0, step, LANES):
        for place in range(i, i + ways * step, step):
            g = load(arena, at(q, D_GBAR) + place)
            store(arena, a + place, g * scale)
            total = fmaf(g, load(arena, at(q, D_NEARWAY) + place), total)
    store(arena, at(q, D_SUMS), total)
    fill(arena, at(p, A_KEYBAR), dims * hop, 0.0)
    spread_weights(p, arena, ways, dims, u, batch, a, batch, at(q, D_UBAR), batch, batch, LANES)
    solve_back(m, p, arena, lessons, room, batch, -1, LANES)
    products(arena, (a, LANES, step), (at(q, D_KEYWAY), hop, LANES), (at(q, D_UBAR), LANES, step), batch, dims, ways, 0)
    products(arena, (way, step, LANES), (a, step, LANES), (rest, hop, LANES), dims, ways, batch, 0)
    products(arena, (way, step, LANES), (at(p, A_GIVEN), LANES, hop), (rest, hop, LANES), dims, ways, batch, -1)
    products(arena, (way, LANES, step), (at(p, A_KEYBAR), LANES, hop), (given, hop, LANES), batch, ways, dims, 0)
    products(arena, (at(p, A_KEYS), LANES, room * LANES), (rest, LANES, hop), (given, hop, LANES), batch, ways, dims, 1)
    solve(arena, at(p, A_FACTOR), given, ways, room, batch, LANES)
    products(arena, (at(p, A_KEYS), room * LANES, LANES), (given, LANES, hop), (rest, hop, LANES), dims, ways, batch,
             -1)  # fmt: skip
    bent_examples(p, q, arena, dims, ways, batch)
    row = at(q, D_SUMS) + 2 * LANES
    total = inner(arena, given, at(p, A_SHARES), batch * ways, load(arena, row), LANES)
    total = inner(arena, at(p, A_GIVEN), at(q, D_SHAREWAY), batch * ways, total, LANES)
    store(arena, row, total * ridge_slope(p, arena, lessons, LANES))


@njit(error_model="numpy", nogil=True, cache=True)
def bent_examples(p: Any, q: Any, arena: Any, dims: int, ways: int, batch: int) -> None:
    """Add to D_UBAR what comes to examples as weights and shares change."""
    for d in range(dims):
        for i in range(batch):
            place = at(q, D_UBAR) + (d * batch + i) * LANES
            total = load(arena, place)
            for way in range(ways):
                key, share = (d * ways + way) * LANES, (i * ways + way) * LANES
                total = fmaf(load(arena, at(q, D_RESTWAY) + key), load(arena, at(p, A_SHARES) + share), total)
                total = fmaf(load(arena, at(p, A_KEYBAR) + key), load(arena, at(q, D_SHAREWAY) + share), total)
                total = fmaf(-load(arena, at(q, D_KEYWAY) + key), load(arena, at(p, A_GIVEN) + share), total)
                total = fmaf(-load(arena, at(p, A_MEANS) + key), load(arena, at(q, D_GIVENWAY) + share), total)
            store(arena, place, total)


@njit(error_model="numpy", nogil=True, cache=True)
def ridge_again(m: Any, p: Any, q: Any, arena: Any, ways: int, batch: int) -> None:
    """Write the adjoints of what was compared to D_UBAR that the errors are made of, once `ridge_errors` is done."""
    dims, step = at(m, k.OUTPUTS), batch * LANES
    products(arena, (at(q, D_BENT), LANES, step), (at(p, A_MEANS), ways * LANES, LANES), (at(q, D_UBAR), LANES, step),
             batch, dims, ways, 0)  # fmt: skip
    for d in range(dims):
        for i in range(batch):
            place = at(q, D_UBAR) + (d * batch + i) * LANES
            store(arena, place, through_weights(p, arena, ways, d, i, 0, load(arena, place), LANES))
