"""Operators on float32 arrays (coefficients, weights, plasticity), one array at a time or many, as rows of one.

`cx…` and `mut…` return new arrays in a tuple. Noise is drawn in float64 and rounded, as libraries differ in the last
bit of float32 logarithms. Axis letters: n arrays, N numbers in each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa import elementary

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
Generator = np.random.Generator

LARGEST = np.float32(1e30)  # no number walks further off: what is added to it stays finite


def initNumbers(size: int | tuple[int, ...], low: Any, high: Any, rng: Generator, log: bool = False) -> F32:
    """Draw numbers evenly between `low` and `high`, on a logarithmic scale if `log` (then both above 0).

    Both: numbers, or arrays that go with `size`.
    """
    bottom, top = (elementary.log(low), elementary.log(high)) if log else (low, high)
    drawn = rng.uniform(bottom, top, size)
    return _held(elementary.exp(drawn) if log else drawn, low, high)


def mutGaussian(values: F32, sigma: float, unit: Any, rng: Generator, indpb: float = 1.0) -> tuple[F32]:
    """Add Gaussian noise of deviation `sigma * unit` (a number or an array like `values`) to each value.

    `indpb`: the probability of each value to be touched; one at least is.
    """
    row, units = values.reshape(1, -1), np.broadcast_to(np.asarray(unit, np.float32), values.shape).reshape(-1)
    return (gaussian(row, np.array([sigma]), units, rng, np.array([indpb])).reshape(values.shape),)


def gaussian(rows: F32, sigma: F64, unit: Any, rng: Generator, share: F64) -> F32:
    """The same for rows f32[n, N]: row by row the `sigma` and the `share` of values that are touched, f64[n]."""
    noise = rng.standard_normal(rows.shape).astype(np.float32)
    noise *= sigma.astype(np.float32)[:, None] * np.asarray(unit, np.float32)
    some = np.flatnonzero(share < 1.0)
    if len(some):
        noise[some] *= _touched((len(some), rows.shape[1]), share[some], rng)
    noise += rows
    return np.clip(noise, -LARGEST, LARGEST, out=noise)


def mutBounded(
    values: F32, sigma: float, low: Any, high: Any, rng: Generator, log: bool = False, indpb: float = 1.0
) -> tuple[F32]:
    """Add Gaussian noise of deviation `sigma` times the range, reflected at the bounds: of all, or arrays [N].

    `log`: on a logarithmic scale (bounds above 0). `indpb`: the probability of each value to be touched.
    """
    moved = bounded(values.reshape(1, -1), np.array([sigma]), low, high, rng, log, indpb)
    return (moved.reshape(values.shape),)


def bounded(rows: F32, sigma: F64, low: Any, high: Any, rng: Generator, log: bool, indpb: float) -> F32:
    """The same for rows f32[n, N], with a `sigma f64[n]` each."""
    bottom, top = (elementary.log(low), elementary.log(high)) if log else (low, high)
    place = np.clip(rows.astype(np.float64), low, high)
    place = elementary.log(place) if log else place
    touched = _touched(rows.shape, np.full(len(rows), indpb), rng)
    moved = place + sigma[:, None] * (top - bottom) * rng.standard_normal(rows.shape)
    moved = np.where(moved < bottom, 2 * bottom - moved, moved)
    moved = np.where(moved > top, 2 * top - moved, moved)
    moved = np.clip(moved, bottom, top)
    return np.where(touched, _held(elementary.exp(moved) if log else moved, low, high), rows)


def cxUniform(values1: F32, values2: F32, rng: Generator, indpb: float = 0.5) -> tuple[F32, F32]:
    """Exchange each number with probability `indpb` (DEAP's goes element by element in Python)."""
    swap = rng.random(values1.shape, dtype=np.float32) < indpb
    return np.where(swap, values2, values1), np.where(swap, values1, values2)


def cxArithmetic(values1: F32, values2: F32, rng: Generator) -> tuple[F32, F32]:
    """Return two points on the line between both, at a share drawn evenly and at the rest."""
    share = np.float32(rng.random())
    return between(values1, values2, share), between(values2, values1, share)


def between(values1: F32, values2: F32, share: Any) -> F32:
    """Return the point on the line between both that has so much of the first: a number, or f32[n, 1] for rows."""
    return share * values1 + (np.float32(1) - share) * values2


def mixing(shape: tuple[int, int], rng: Generator) -> Callable[[F32, F32], F32]:
    """Draw how rows f32[n, N] cross with others: number by number, or on the line between them, half and half.

    Returns what mixes any such rows so: numbers, or what is known of them.
    """
    uniform = rng.random(shape[0]) < 0.5
    swap = rng.random(shape, dtype=np.float32) < 0.5
    share = rng.random((shape[0], 1)).astype(np.float32)
    return lambda one, other: np.where(uniform[:, None], np.where(swap, other, one), between(one, other, share))


def _touched(shape: tuple[int, int], share: F64, rng: Generator) -> NDArray[np.bool_]:
    """Choose a share of each row's numbers, one at least."""
    chosen = rng.random(shape, dtype=np.float32) < share[:, None]
    if shape[1]:
        none = np.flatnonzero(~chosen.any(axis=1))
        chosen[none, rng.integers(shape[1], size=len(none))] = True
    return chosen


def _held(values: NDArray[np.float64], low: Any, high: Any) -> F32:
    """Round to float32 without leaving the bounds."""
    return np.clip(values.astype(np.float32), np.asarray(low, np.float32), np.asarray(high, np.float32))
