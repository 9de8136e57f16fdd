"""Random lives with heads that compare: what `random_batch` gives, with as many classes as one likes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from evometa.language.signals import SIGNALS
from evometa.lifetime import Births, Metric, Phenotypes, Plan, Tasks
from evometa.spec import COMPARISONS
from tests.lifetime.strategies import random_batch

TARGET = 1 << SIGNALS["target"].register


def one_hot(rng: np.random.Generator, count: int, ways: int, lanes: int) -> np.ndarray:
    """Return targets f32[count, ways, lanes]; some classes may lack."""
    labels = rng.integers(0, ways, (count, 1, lanes))
    return (labels == np.arange(ways)[None, :, None]).astype(np.float32)


def random_metric(rng: np.random.Generator) -> Metric:
    """Return a metric whose numbers are constants, or coefficients."""
    numbers = float(rng.uniform(0.1, 3)), float(rng.choice([0, 0, 1, 0.5])), float(rng.uniform(-4, 3))
    return Metric(*numbers, *(int(rng.choice([-1, -1, place])) for place in (3, 5, 4)))


def comparing(batch: tuple[Phenotypes, Tasks, Births, Plan], seed: int) -> tuple[Phenotypes, Tasks, Births, Plan]:
    """Return the lives of a batch with a head that compares, and other classes."""
    phenotypes, tasks, births, plan = batch
    rng = np.random.default_rng(seed)
    ways, lanes = int(rng.integers(2, 7)), tasks.lanes
    tasks = replace(tasks, support_y=one_hot(rng, len(tasks.support_x), ways, lanes),
                    query_y=one_hot(rng, len(tasks.query_x), ways, lanes))  # fmt: skip
    return phenotypes, tasks, births, replace(plan, head=str(rng.choice(COMPARISONS.names)), metric=random_metric(rng))


def comparing_batch(seed: int, trees: dict[bytes, Any] | None = None) -> tuple[Phenotypes, Tasks, Births, Plan]:
    """Return a small batch of lives with such a head, everything else drawn as in `random_batch`."""
    rng = np.random.default_rng(seed)
    while True:
        batch = random_batch(int(rng.integers(1 << 30)), trees)
        if not any(program.mask & TARGET for program in batch[0].programs):
            return comparing(batch, seed)
