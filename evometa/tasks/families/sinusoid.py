"""Sinusoid regression (Finn, Abbeel, Levine 2017, "Model-agnostic meta-learning", section 5.1)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from copy import copy
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from evometa.config.tasks import FamilySettings
from evometa.lifetime import Tasks
from evometa.spec.heads import Kind
from evometa.tasks.family import Family
from evometa.tasks.sine import F64, sine

LOWEST_X, HIGHEST_X = -5.0, 5.0
AMPLITUDE, PHASE = (0.1, 5.0), (0.0, math.pi)


class SinusoidTasks(FamilySettings):
    """Regression on A sin(x - phase), with few points each (Finn 2017)."""

    family: Literal["sinusoid"] = "sinusoid"
    kind: ClassVar[Kind] = "regression"
    shots: int = Field(10, ge=1, le=100_000, description="support points of a task (K)")
    queries: int = Field(10, ge=1, le=100_000, description="random query points of a task")
    test_queries: Literal["grid", "random"] = Field(
        "grid", description="query points of validation and test tasks: evenly spaced from -5 to 5, or random"
    )
    test_points: int = Field(100, ge=2, le=100_000, description="points of that grid")

    def open(self, seed: int, splits: Sequence[str], base: Path) -> Sinusoid:
        return Sinusoid(self)


class Sinusoid(Family):
    """y = A sin(x - φ); A U[0.1, 5], φ U[0, pi], x U[-5, 5]; queries of validation and test may be a grid."""

    def __init__(self, settings: SinusoidTasks) -> None:
        self._grid = settings.test_queries == "grid"
        self._amplitude, self._phase, self._frequency = AMPLITUDE, PHASE, (1.0, 1.0)
        held_out = settings.test_points if self._grid else settings.queries
        super().__init__(
            name="sinusoid",
            kind=settings.kind,
            inputs=1,
            outputs=1,
            support=settings.shots,
            queries={"train": settings.queries, "validation": held_out, "test": held_out},
            splits=dict.fromkeys(
                ("train", "validation", "test"),
                "amplitudes and phases drawn from a stream of this split's own",
            ),
        )

    def shifts(self) -> Mapping[str, Family]:
        ranges = {
            "amplitudes from 5 to 10": {"_amplitude": (5.0, 10.0)},
            "phases from π to 2π": {"_phase": (math.pi, 2 * math.pi)},
            "frequencies from 0.8 to 1.2": {"_frequency": (0.8, 1.2)},
        }
        return {name: self._with(**own) for name, own in ranges.items()}

    def richer(self, factor: int) -> Family:
        return self._with(support={split: factor * count for split, count in self.support.items()})

    def _with(self, **changed: Any) -> Sinusoid:
        """Return the same family with some attributes of other values."""
        other = copy(self)
        vars(other).update(changed)
        return other

    def _draw(self, split: str, count: int, rng: np.random.Generator) -> Tasks:
        amplitude = rng.uniform(*self._amplitude, count)
        phase = rng.uniform(*self._phase, count)
        support = rng.uniform(LOWEST_X, HIGHEST_X, (self.support[split], 1, count))
        queries = self.queries[split]
        if self._grid and split != "train":
            query = np.tile(np.linspace(LOWEST_X, HIGHEST_X, queries)[:, None, None], (1, 1, count))
        else:
            query = rng.uniform(LOWEST_X, HIGHEST_X, (queries, 1, count))
        low, high = self._frequency
        frequency = 1.0 if low == high else rng.uniform(low, high, count)

        def y(x: F64) -> F64:
            return amplitude * sine(frequency * x - phase)

        return Tasks(*(a.astype(np.float32) for a in (support, y(support), query, y(query))))
