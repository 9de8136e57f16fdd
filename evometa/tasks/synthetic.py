"""Synthetic classification problems of varied difficulty, drawn for all lanes at once."""

from __future__ import annotations

import numpy as np

from evometa import elementary
from evometa.lifetime import F32
from evometa.tasks.episodes import I64

MOST_CLUSTERS, FACTORS = 6, 4


def clusters(
    examples: int, inputs: int, classes: int, lanes: int, distance: tuple[float, float], rng: np.random.Generator
) -> tuple[F32, I64]:
    """Draw one problem a lane: x f32[examples, inputs, lanes] and classes i64[examples, lanes].

    A class is one to six Gaussian clusters. Each lane has its own number of them, distance between them (in deviations
    of a cluster, within the two of `distance`), correlated noise (4 common factors), share of inputs that say nothing,
    scales of the inputs, and share of wrong labels (0 to 3 %).
    """
    labels = rng.integers(0, classes, (examples, lanes))
    cluster = labels * MOST_CLUSTERS + rng.integers(0, rng.integers(1, MOST_CLUSTERS + 1, lanes), (examples, lanes))
    scale = rng.uniform(*distance, lanes)
    says = rng.random((inputs, lanes)) < rng.uniform(0.3, 1.0, lanes)
    says[rng.integers(0, inputs, lanes), np.arange(lanes)] = True  # at least one input says something
    centres = scale * rng.standard_normal((classes * MOST_CLUSTERS, inputs, lanes)) * says
    mixing = rng.uniform(0.0, 1.0, lanes) * rng.standard_normal((FACTORS, inputs, lanes)) / np.sqrt(FACTORS)
    x = centres[cluster[:, None, :], np.arange(inputs)[None, :, None], np.arange(lanes)]
    for factor in range(FACTORS):  # no BLAS: the same bits on every CPU
        x += rng.standard_normal((examples, 1, lanes)) * mixing[factor]
    x += rng.standard_normal(x.shape)
    units = elementary.power(4.0, rng.uniform(-1.0, 1.0, (inputs, lanes)))
    wrong = rng.random((examples, lanes)) < rng.uniform(0.0, 0.03, lanes)
    return (x * units).astype(np.float32), np.where(wrong, rng.integers(0, classes, labels.shape), labels)
