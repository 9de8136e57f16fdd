"""First-order MAML, ANIL and Reptile on sinusoids in JAX and optax: other code for the work of our recipes.

By `python -m benchmarks.meta_learners`. Finn et al. 2017, Raghu et al. 2020 and Nichol et al. 2018 as in their papers,
on the protocol of recipe `maml`: 1-40-40-1 ReLU, inner gradient descent, Adam with 25 tasks a step.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from typing import Any

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax
import jax.numpy as jnp
import numpy as np
import optax

WIDTHS = (1, 40, 40, 1)
TASKS, SHOTS, TRAINED, MANY = 25, 10, 50, 1000
RATE, ADAM, UPDATES = 0.01, 1e-3, 10
Weights = list[tuple[jax.Array, jax.Array]]
Examples = tuple[jax.Array, jax.Array]


def born(key: jax.Array) -> Weights:
    """Return first weights (Glorot & Bengio 2010), with biases of 0."""
    keys = jax.random.split(key, len(WIDTHS) - 1)
    return [
        (jax.random.normal(k, (a, b)) * jnp.sqrt(2 / (a + b)), jnp.zeros(b))
        for k, a, b in zip(keys, WIDTHS, WIDTHS[1:], strict=False)
    ]


def answer(weights: Weights, x: jax.Array) -> jax.Array:
    """Return the answers f32[n, 1] to x f32[n, 1]."""
    for matrix, bias in weights[:-1]:
        x = jax.nn.relu(x @ matrix + bias)
    return x @ weights[-1][0] + weights[-1][1]


def loss(weights: Weights, x: jax.Array, y: jax.Array) -> jax.Array:
    """Return the mean squared error."""
    return jnp.mean(jnp.square(answer(weights, x) - y))


def sines(key: jax.Array, count: int, points: int) -> tuple[jax.Array, jax.Array, Any]:
    """Return x, y f32[count, points, 1] of as many sines, and a function that gives their y at other x."""
    amplitude, phase, x = jax.random.split(key, 3)
    high = jax.random.uniform(amplitude, (count, 1, 1), minval=0.1, maxval=5.0)
    shift = jax.random.uniform(phase, (count, 1, 1), maxval=jnp.pi)
    at = jax.random.uniform(x, (count, points, 1), minval=-5.0, maxval=5.0)
    return at, high * jnp.sin(at - shift), lambda other: high * jnp.sin(other - shift)


def adapted(recipe: str, weights: Weights, x: jax.Array, y: jax.Array) -> Weights:
    """Return the weights after one update by gradient descent; of ANIL's those of the last layer alone change."""
    slopes = jax.grad(loss)(weights, x, y)
    if recipe == "fomaml":
        slopes = jax.lax.stop_gradient(slopes)
    if recipe == "anil":
        slopes = [*jax.tree.map(jnp.zeros_like, slopes[:-1]), slopes[-1]]
    return jax.tree.map(lambda w, g: w - RATE * g, weights, slopes)


def gradient(recipe: str, weights: Weights, key: jax.Array) -> Weights:
    """Return what the step of a meta-learner goes down, on new tasks."""
    tasks, more = jax.random.split(key)
    if recipe == "reptile":
        return displacement(weights, tasks, more)
    x, y, at = sines(tasks, TASKS, SHOTS)
    asked = jax.random.uniform(more, x.shape, minval=-5.0, maxval=5.0)
    return slopes(recipe, weights, (x, y), (asked, at(asked)))


def slopes(recipe: str, weights: Weights, shown: Examples, asked: Examples) -> Weights:
    """Return the slopes of the mean loss on what is asked, after one update on what is shown, f32[tasks, n, 1] each."""

    def lost(weights: Weights) -> jax.Array:
        learned = jax.vmap(partial(adapted, recipe, weights))(*shown)
        return jnp.mean(jax.vmap(loss)(learned, *asked))

    return jax.grad(lost)(weights)


def displacement(weights: Weights, tasks: jax.Array, orders: jax.Array) -> Weights:
    """Return Reptile's direction: how far UPDATES, each on SHOTS of a task's points, carry the weights.

    Lives that are lost, as some are at first, count 0.
    """
    x, y, _ = sines(tasks, TASKS, TRAINED)

    def live(x: jax.Array, y: jax.Array, key: jax.Array) -> Weights:
        passes = -(-UPDATES * SHOTS // TRAINED)
        order = jnp.concatenate([jax.random.permutation(k, TRAINED) for k in jax.random.split(key, passes)])
        learned = weights
        for some in order[: UPDATES * SHOTS].reshape(UPDATES, SHOTS):
            learned = adapted("reptile", learned, x[some], y[some])
        return learned

    learned = jax.vmap(live)(x, y, jax.random.split(orders, TASKS))
    sound = jnp.stack([jnp.isfinite(part.reshape(TASKS, -1)).all(axis=1) for part in jax.tree.leaves(learned)]).all(
        axis=0
    )
    ways = jax.tree.map(lambda w, u: jax.vmap(lambda a, ok: jnp.where(ok, w - a, 0.0))(u, sound), weights, learned)
    return jax.tree.map(lambda way: way.mean(axis=0), ways)


def train(recipe: str, seed: int, steps: int, updates: Sequence[int]) -> dict[int, tuple[float, float]]:
    """Return the error of MANY fresh tasks after each of `updates`, and half its 95 % interval over tasks."""
    first, drawn, fresh = jax.random.split(jax.random.key(seed), 3)
    rate = optax.cosine_decay_schedule(ADAM, steps, 0.01) if recipe == "reptile" else ADAM
    adam = optax.adam(rate)

    def step(state: Any, key: jax.Array) -> tuple[Any, None]:
        weights, moments = state
        change, moments = adam.update(gradient(recipe, weights, key), moments)
        return (optax.apply_updates(weights, change), moments), None

    weights = born(first)
    (weights, _), _ = jax.jit(lambda state, keys: jax.lax.scan(step, state, keys))(
        (weights, adam.init(weights)), jax.random.split(drawn, steps)
    )
    return tested(recipe, weights, fresh, updates)


def tested(recipe: str, weights: Weights, key: jax.Array, updates: Sequence[int]) -> dict[int, tuple[float, float]]:
    """Return the mean error on a grid after each of `updates` on SHOTS points, and half its interval."""
    x, y, at = sines(key, MANY, SHOTS)
    grid = jnp.broadcast_to(jnp.linspace(-5.0, 5.0, 100)[None, :, None], (MANY, 100, 1))
    learned, found = jax.vmap(lambda _: weights)(jnp.arange(MANY)), {}
    for update in range(max(updates) + 1):
        if update in updates:
            errors = np.asarray(jax.vmap(loss)(learned, grid, at(grid)), np.float64)
            found[update] = float(errors.mean()), 1.96 * float(errors.std(ddof=1)) / MANY**0.5
        learned = jax.vmap(partial(adapted, recipe))(learned, x, y)
    return found
