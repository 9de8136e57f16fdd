"""Self-adaptation: each genome carries its own mutation steps, which mutate before they are used."""

from __future__ import annotations

from random import Random

import numpy as np
from numpy.typing import NDArray

from evometa import elementary

from .stock import GLOBAL

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]


def initStrategy(count: int, sigma: float) -> F32:
    """Return the steps that every genome starts with."""
    return np.full(count, sigma, np.float32)


def mutStep(strategy: F32, index: int, tau: float, low: float, high: float, rng: Random = GLOBAL) -> tuple[F32]:
    """Multiply one step by exp(τ·N(0, 1)), held between `low` and `high` (Schwefel 1981)."""
    if tau == 0:
        return (strategy,)
    return (stepped(strategy[None], index, np.array([rng.gauss(0.0, 1.0)]), tau, low, high)[0],)


def stepped(strategies: F32, index: int, noise: F64, tau: float, low: float, high: float) -> F32:
    """The same for the steps of many, f32[n, steps], with `noise f64[n]` from N(0, 1)."""
    if tau == 0:
        return strategies
    new = strategies.copy()
    new[:, index] = np.clip(new[:, index].astype(np.float64) * elementary.exp(tau * noise), low, high)
    return new
