"""Operators on float32 arrays (coefficients, weights, plasticity); each returns new arrays in a tuple.

Noise is drawn in float64 and rounded, as libraries differ in the last bit of float32 logarithms.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
Generator = np.random.Generator

LARGEST = np.float32(1e30)  # no number walks further off: what is added to it stays finite


def initNumbers(size: int | tuple[int, ...], low: float, high: float, rng: Generator, log: bool = False) -> F32:
    """Draw numbers evenly between `low` and `high`, on a logarithmic scale if `log` (then both above 0)."""
    bottom, top = (np.log(low), np.log(high)) if log else (low, high)
    drawn = rng.uniform(bottom, top, size)
    return _held(np.exp(drawn) if log else drawn, low, high)


def mutGaussian(values: F32, sigma: float, unit: Any, rng: Generator, indpb: float = 1.0) -> tuple[F32]:
    """Add Gaussian noise of deviation `sigma * unit` (a number or an array like `values`) to each value.

    `indpb`: the probability of each value to be touched; one at least is.
    """
    noise = rng.standard_normal(values.shape).astype(np.float32)
    noise *= np.float32(sigma) * np.asarray(unit, np.float32)
    if indpb < 1.0:
        noise *= _touched(values.shape, indpb, rng)
    noise += values
    return (np.clip(noise, -LARGEST, LARGEST, out=noise),)


def mutBounded(
    values: F32, sigma: float, low: float, high: float, rng: Generator, log: bool = False, indpb: float = 1.0
) -> tuple[F32]:
    """Add Gaussian noise of deviation `sigma` times the range, reflected at the bounds.

    `log`: on a logarithmic scale (bounds above 0). `indpb`: the probability of each value to be touched.
    """
    if not values.size:
        return (values,)
    bottom, top = (np.log(low), np.log(high)) if log else (low, high)
    place = np.clip(values.astype(np.float64), low, high)
    place = np.log(place) if log else place
    touched = _touched(values.shape, indpb, rng)
    moved = place + sigma * (top - bottom) * rng.standard_normal(values.shape)
    moved = np.where(moved < bottom, 2 * bottom - moved, moved)
    moved = np.where(moved > top, 2 * top - moved, moved)
    moved = np.clip(moved, bottom, top)
    return (np.where(touched, _held(np.exp(moved) if log else moved, low, high), values),)


def cxUniform(values1: F32, values2: F32, rng: Generator, indpb: float = 0.5) -> tuple[F32, F32]:
    """Exchange each number with probability `indpb` (DEAP's goes element by element in Python)."""
    swap = rng.random(values1.shape, dtype=np.float32) < indpb
    return np.where(swap, values2, values1), np.where(swap, values1, values2)


def cxArithmetic(values1: F32, values2: F32, rng: Generator) -> tuple[F32, F32]:
    """Return two points on the line between both, at a share drawn evenly and at the rest."""
    share = np.float32(rng.random())
    rest = np.float32(1) - share
    return share * values1 + rest * values2, rest * values1 + share * values2


def _touched(shape: tuple[int, ...], indpb: float, rng: Generator) -> NDArray[np.bool_]:
    chosen = rng.random(shape, dtype=np.float32) < indpb
    if chosen.size and not chosen.any():
        chosen.flat[rng.integers(chosen.size)] = True
    return chosen


def _held(values: NDArray[np.float64], low: float, high: float) -> F32:
    """Round to float32 without leaving the bounds."""
    return np.clip(values.astype(np.float32), np.float32(low), np.float32(high))
