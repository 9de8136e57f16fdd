"""Slopes of whole lives as JAX finds them, which knows nothing of our adjoints: in float64."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.lifetime.lives_of_rules import Batch
from tests.lifetime.plain_life import PlainLife


def in_jax(batch: Batch, g: int) -> np.ndarray:
    """Return a genome's slopes one behind the other, as JAX has them."""
    import jax

    people, tasks, births, plan, trees, weights = batch
    one = people[g]
    loss = None if one.loss is None else trees[one.loss.key]
    drawn = births.weights[people.graph[g]] if one.innate is None else one.innate[:, None]
    assert drawn is not None
    with jax.enable_x64(True):
        life = PlainLife(one.graph, trees[one.program.key], loss, tasks, plan, one.feedback, 0, xp=jax.numpy)

        def objective(w0: Any, c: Any, p: Any) -> Any:
            return life.objective(w0[:, None], c[:, None], p[..., None], weights[g])[0]

        numbers = (
            jax.numpy.asarray(part, jax.numpy.float64) for part in (drawn[:, 0], one.coefficients, one.plasticity)
        )
        innate, coefficients, plasticity = jax.grad(objective, (0, 1, 2))(*numbers)
    parts = (np.zeros_like(innate) if one.innate is None else innate, coefficients, plasticity.reshape(-1))
    return np.concatenate([np.asarray(part) for part in parts])
