"""Ridge regression from embeddings to classes, for many lanes (formulas, order: evometa/lifetime/comparison.py).

Arguments as in comparison.py. The Cholesky factor lies in A_FACTOR, `room` places to a row, reciprocals on its
diagonal; what each example counts for each class in A_SHARES, the weights of classes in A_MEANS. A matrix is a tuple:
where it begins, and how far on its next two places are.
"""

from __future__ import annotations

from typing import Any

from evometa.lifetime import columns as k
from evometa.lifetime.numba.arena import A_C, A_FACTOR, A_KEYS, A_KTARGET, A_MEANS, A_SHARES
from evometa.lifetime.numba.generated_switch import exp_f
from evometa.lifetime.numba.vector import LANES, F, at, fmaf, load, select, sqrt, store
from evometa.spec.comparisons import COMPARISONS, ROUNDING
from evometa.system.jit import njit

SOLVES = sum(1 << code for code, row in enumerate(COMPARISONS.values()) if row.solves)


@njit(error_model="numpy", nogil=True, forceinline=True)
def solves(lessons: Any) -> bool:
    """Return whether keys are weights that are solved for (a head that compares)."""
    return (SOLVES >> lessons.comparison) & 1 > 0


@njit(error_model="numpy", nogil=True, forceinline=True)
def log_ridge_of(p: Any, arena: Any, lessons: Any, width: int) -> Any:
    """Return the log of the penalty in 16 lanes."""
    own = F(lessons.metric.log_ridge)
    return load(arena, at(p, A_C) + lessons.metric.ridge_by * width) if lessons.metric.ridge_by >= 0 else own


@njit(error_model="numpy", nogil=True, cache=True)
def products(arena: Any, left: Any, right: Any, out: Any, rows: int, columns: int, count: int, sign: int) -> None:
    """Write Σ left·right of `count` summands to a matrix in 16 lanes, or add it to what is there, times a `sign`.

    `left`: its next row, its next summand; `right`: its next column, its next summand; `out`: its next row, column.
    """
    for column in range(columns):
        row, other = 0, right[0] + column * right[1]
        while row < rows:
            x, place, five = left[0] + row * left[1], out[0] + row * out[1] + column * out[2], row + 5 <= rows
            a = b = c = d = e = F(0.0)
            if sign != 0:
                a = load(arena, place)
                if five:
                    b, c = load(arena, place + out[1]), load(arena, place + 2 * out[1])
                    d, e = load(arena, place + 3 * out[1]), load(arena, place + 4 * out[1])
            for i in range(count):
                y, z = load(arena, other + i * right[2]), x + i * left[2]
                if sign < 0:
                    y = -y
                a = fmaf(load(arena, z), y, a)
                if five:
                    b, c = fmaf(load(arena, z + left[1]), y, b), fmaf(load(arena, z + 2 * left[1]), y, c)
                    d, e = fmaf(load(arena, z + 3 * left[1]), y, d), fmaf(load(arena, z + 4 * left[1]), y, e)
            store(arena, place, a)
            if five:
                store(arena, place + out[1], b)
                store(arena, place + 2 * out[1], c)
                store(arena, place + 3 * out[1], d)
                store(arena, place + 4 * out[1], e)
            row += 5 if five else 1


@njit(error_model="numpy", nogil=True, cache=True)
def factor(arena: Any, u: int, lower: int, penalty: Any, dims: int, room: int, count: int, width: int) -> None:
    """Write the Cholesky factor of the products of `count` examples with one another, and the penalty, in 16 lanes."""
    step = room * width
    for j in range(count):
        own, row, rows, zero = u + j * width, lower + j * step, count - j, F(0.0)
        corner = row + j * width
        products(arena, (own, width, step), (own, 0, step), (corner, step, 0), rows, 1, dims, 0)
        added = fmaf(F(ROUNDING * count), load(arena, corner), penalty)
        products(arena, (row, step, width), (row, 0, width), (corner, step, 0), rows, 1, j, -1)
        rest = load(arena, corner)
        inverse = F(1.0) / sqrt(added + select(rest < zero, zero, rest))
        store(arena, corner, inverse)
        for i in range(corner + step, corner + rows * step, step):
            store(arena, i, load(arena, i) * inverse)


@njit(error_model="numpy", nogil=True, cache=True)
def solve(arena: Any, lower: int, x: int, ways: int, room: int, count: int, width: int) -> None:
    """Turn what the matrix of that factor gives, of `count` examples and of classes, into what it is given."""
    step, hop, last = room * width, ways * width, count - 1
    for i in range(count):
        products(arena, (x, width, hop), (lower + i * step, 0, width), (x + i * hop, width, 0), ways, 1, i, -1)
        multiply(arena, x + i * hop, ways, load(arena, lower + i * (step + width)), width)
    for i in range(last, -1, -1):
        products(arena, (x + last * hop, width, -hop), (lower + last * step + i * width, 0, -step),
                 (x + i * hop, width, 0), ways, 1, last - i, -1)  # fmt: skip
        multiply(arena, x + i * hop, ways, load(arena, lower + i * (step + width)), width)


@njit(error_model="numpy", nogil=True, cache=True)
def multiply(arena: Any, x: int, count: int, factor: Any, step: int) -> None:
    """Multiply numbers by a factor, in 16 lanes."""
    for i in range(x, x + count * step, step):
        store(arena, i, load(arena, i) * factor)


@njit(error_model="numpy", nogil=True, cache=True)
def fit(m: Any, p: Any, arena: Any, lessons: Any, room: int, count: int, width: int) -> None:
    """Write factor, shares and weights of classes, of `count` examples as they are compared, and their targets."""
    dims, ways = at(m, k.OUTPUTS), lessons.ways
    for v in range(0, width, LANES):
        u, lower, shares = at(p, A_KEYS) + v, at(p, A_FACTOR) + v, at(p, A_SHARES) + v
        penalty = exp_f(log_ridge_of(p, arena, lessons, width))
        factor(arena, u, lower, penalty, dims, room, count, width)
        for i in range(count):
            for way in range(ways):
                target = load(arena, at(p, A_KTARGET) + (way * room + i) * width + v)
                store(arena, shares + (i * ways + way) * width, target)
        solve(arena, lower, shares, ways, room, count, width)
        products(arena, (u, room * width, width), (shares, width, ways * width),
                 (at(p, A_MEANS) + v, ways * width, width), dims, ways, count, 0)  # fmt: skip


@njit(error_model="numpy", nogil=True, cache=True)
def weigh(p: Any, arena: Any, ways: int, dims: int, u: int, streams: int, near: int, apart: int, count: int,
          width: int) -> None:  # fmt: skip
    """Write the products of `count` examples with the weights of classes; in `near`, examples have `apart` places."""
    for v in range(0, width, LANES):
        products(arena, (u + v, width, streams * width), (at(p, A_MEANS) + v, width, ways * width),
                 (near + v, width, apart * width), count, ways, dims, 0)  # fmt: skip
