"""Self-adaptation: each genome carries its own mutation steps, which mutate before they are used."""

from __future__ import annotations

import math
from random import Random

import numpy as np
from numpy.typing import NDArray

from .stock import GLOBAL

F32 = NDArray[np.float32]


def initStrategy(count: int, sigma: float) -> F32:
    """Return the steps that every genome starts with."""
    return np.full(count, sigma, np.float32)


def mutStep(strategy: F32, index: int, tau: float, low: float, high: float, rng: Random = GLOBAL) -> tuple[F32]:
    """Multiply one step by exp(τ·N(0, 1)), held between `low` and `high` (Schwefel 1981)."""
    if tau == 0:
        return (strategy,)
    new = strategy.copy()
    new[index] = max(low, min(high, float(new[index]) * math.exp(tau * rng.gauss(0.0, 1.0))))
    return (new,)
