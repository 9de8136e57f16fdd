"""Adam (Kingma & Ba 2015, ICLR) on the numbers of many genomes at once, each with its own count of steps.

Elementwise float32; what is worked out for a genome as a whole is float64 and rounded, as libraries differ in the last
bit of float32 powers and roots.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evometa.config.gradient import Gradient
from evometa.genetics.parameters import Parameters
from evometa.lifetime import F32

EPSILON = np.float32(1e-8)
LEAST = 0.01  # share of its rate that a schedule ends with
SMALL = np.float32(1e-2)  # constants below move as if they were as large (ε₂ of Adafactor, Shazeer & Stern 2018: 1e-3)
STEEPEST = 1e19  # beyond it second moments would be infinite, for ever
F64 = NDArray[np.float64]


@dataclass
class Adam:
    """The state of Adam on `parameters`: `values`, `first` and `second` moments f32[N], `steps i32[G]` taken so far."""

    parameters: Parameters
    settings: Gradient
    values: F32
    first: F32
    second: F32
    steps: NDArray[np.int32]

    @classmethod
    def of(cls, parameters: Parameters, settings: Gradient) -> Adam:
        """Return the state that genomes bring along."""
        known = parameters.genomes.moments
        steps = np.zeros(len(parameters), np.int32) if known is None else known.steps.copy()
        return cls(parameters, settings, parameters.values, *parameters.moments(), steps)

    def step(self, gradient: F32, rates: F32) -> F64:
        """Go a step down a gradient, each number by its rate f32[N]; return the norm of each genome's gradient, f64[G].

        A genome whose norm is not finite, or has no square in float32, stays as it is.
        """
        own, row = self.settings, self.parameters.row
        norm = np.sqrt(self.parameters.by_genome(np.square(gradient.astype(np.float64))))
        sound = np.isfinite(norm) & ((np.minimum(norm, own.clip) if own.clip else norm) < STEEPEST)
        short = np.ones_like(norm)
        if own.clip:
            np.divide(own.clip, norm, out=short, where=sound & (norm > own.clip))
        moving = sound[row]
        slope = np.where(moving, gradient, np.float32(0)) * short.astype(np.float32)[row]
        self.steps = self.steps + sound.astype(np.int32)
        counts = self.steps.tolist()
        unbiased = [
            np.array([1.0 / (1.0 - beta**count) if count else 0.0 for count in counts]).astype(np.float32)[row]
            for beta in (own.beta1, own.beta2)
        ]
        moments = []
        for known, beta, new in ((self.first, own.beta1, slope), (self.second, own.beta2, slope * slope)):
            moments.append(np.where(moving, np.float32(beta) * known + np.float32(1.0 - beta) * new, known))
        self.first, self.second = moments
        change = rates * (self.first * unbiased[0]) / (np.sqrt(self.second * unbiased[1]) + EPSILON)
        self.values = np.where(moving, self.values - change, self.values)
        return norm


def schedule(settings: Gradient, generation: int) -> float:
    """Return what rates are multiplied by in a generation: half a cosine from 1 down to LEAST."""
    if not settings.decay:
        return 1.0
    place = min(1.0, generation / settings.decay)
    return LEAST + (1.0 - LEAST) * 0.5 * (1.0 + math.cos(math.pi * place))


def warmth(settings: Gradient, steps: NDArray[np.int32]) -> F64:
    """Return what rates are multiplied by while a line of descent takes its first steps, f64[G]."""
    return np.minimum(1.0, (steps + 1) / max(1, settings.warmup))
