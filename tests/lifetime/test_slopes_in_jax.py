"""JAX, which knows nothing of our adjoints, finds the same slopes: it differentiates whole lives in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.lifetime.plain_life import PlainLife
from tests.lifetime.test_slopes import NAMED, Batch, distance, flat, of_a_rule, slopes

jax = pytest.importorskip("jax", reason="jax is not installed: it differentiates no lives")
NEAR = 1e-9  # in float64: what float32 approximates by polynomials is NumPy's own here


def in_jax(batch: Batch, g: int) -> np.ndarray:
    """Return a genome's slopes one behind the other, as JAX has them."""
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


RULES = ["adam", "rmsprop", "gated", "rewarded", "mixed", "oja with errors", "abcd with a trace", "anchored"]


@pytest.mark.parametrize(("seed", "name"), [*enumerate(RULES)])  # of more rules it takes minutes; differences do it
def test_slopes_of_rules(seed: int, name: str) -> None:
    batch = of_a_rule(NAMED[name], seed, updates=2)  # all heads and three credit modes in turn
    g = seed % 2
    found = flat(slopes(batch, double=True), g, batch.phenotypes[g].graph.synapses)
    assert distance(found, in_jax(batch, g)) < NEAR
