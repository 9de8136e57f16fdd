"""A learning rule that evometa evolved, as a gradient transformation for optax.

formula       Δw = 0.001·s2 − 0.05·grad·s1; s1 ← 0.5 + 0.5·age; s2 ← 0.5·s2 + 0.25·s1
which is      none of the classic rules, by algebra
network       1 input → 5 tanh → 1 output, fully connected, 16 synapses; learns from
              backpropagated errors
run           stately, recipe given, seed 0; individual 0, born in generation 1 of 1
digest …
written by …

It evolved with batches of 2 examples and lives of 100 updates. It learned from the mean squared
error.

Use (here on random numbers; FILE is this file without .py):

    import jax
    import jax.numpy as jnp
    import optax
    from FILE import evolved_rule, network

    key = jax.random.key(0)
    widths = [1, 5, 1]
    params = [{"w": jax.random.normal(key, (a, b)) / a**0.5, "b": jnp.zeros(b)} for a, b in
              zip(widths[:-1], widths[1:])]
    x = jax.random.normal(key, (32, 1))
    y = jax.random.normal(key, (32, 1))
    optimizer = evolved_rule(updates=10)
    state = optimizer.init(params)

    def loss(params):
        return jnp.mean((network(params, x) - y) ** 2)

    for step in range(10):
        updates, state = optimizer.update(jax.grad(loss)(params), state, params)
        params = optax.apply_updates(params, updates)
    print(loss(params))
"""

import warnings
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax


def rule(grad, s1, s2, age):
    """Return the change of weights and the next states.

    Δw = 0.001·s2 − 0.05·grad·s1
    s1 ← 0.5 + 0.5·age
    s2 ← 0.5·s2 + 0.25·s1
    """
    new_s2 = 0.25 * s1 + 0.5 * s2
    new_s1 = 0.5 + 0.5 * age
    update = 0.001 * new_s2 + new_s1 * (-0.05 * grad)
    return update, new_s1, new_s2


class EvolvedRuleState(NamedTuple):
    """count: updates so far; the others hold what the rule reads of each parameter."""

    count: jax.Array
    s1: Any
    s2: Any


def warn(past, updates):
    """Say that there are more updates than the rule was told of; under vmap it is asked of each."""
    if past.any():
        warnings.warn(f"more updates than {updates}: the rule's age stays at 1", stacklevel=2)


def evolved_rule(*, updates, bound=0.8):
    """Return the rule as a gradient transformation; its updates are added to the parameters.

    updates: how many there will be (in the run 100); `age` goes from 0 to 1 with them.
    bound: parameters are kept within plus and minus this, those outside go no further; or None.
    """
    if not updates >= 1:
        raise ValueError(f"updates of at least 1 expected, not {updates}")

    def init(params):
        return EvolvedRuleState(
            count=jnp.zeros([], jnp.int32),
            s1=jax.tree.map(jnp.zeros_like, params),
            s2=jax.tree.map(jnp.zeros_like, params),
        )

    def update(grads, state, params=None):
        if params is None:
            raise ValueError("this rule needs the parameters: update(grads, state, params)")
        span = max(updates - 1, 1)
        age = jnp.minimum(state.count, span) / span
        past = state.count == updates
        jax.lax.cond(past, lambda: jax.debug.callback(warn, past, updates), lambda: None)

        def change(w, grad, s1, s2):
            update, new_s1, new_s2 = rule(
                grad=grad,
                s1=s1,
                s2=s2,
                age=jnp.asarray(age, w.dtype),
            )
            update = jnp.zeros_like(w) + update
            new_s1 = jnp.zeros_like(w) + new_s1
            new_s2 = jnp.zeros_like(w) + new_s2
            if bound is not None:
                new = w + update
                low, high = jnp.minimum(w, -bound), jnp.maximum(w, bound)
                update = jnp.where(new > high, high - w, update)
                update = jnp.where(new < low, low - w, update)
            return update, new_s1, new_s2

        weights, tree = jax.tree.flatten(params)
        rows = zip(
            weights,
            tree.flatten_up_to(grads),
            tree.flatten_up_to(state.s1),
            tree.flatten_up_to(state.s2),
        )
        columns = zip(*[change(*row) for row in rows])
        update, new_s1, new_s2 = (tree.unflatten(column) for column in columns)
        return update, state._replace(count=state.count + 1, s1=new_s1, s2=new_s2)

    return optax.GradientTransformation(init, update)


def network(params, x):
    """Return net inputs of the outputs, for inputs x.

    The network is the one that the rule evolved with: 1 → 5 → 1 (tanh).
    params: {"w": f32[inputs, outputs], "b": f32[outputs]} for each layer.
    """
    for layer in params[:-1]:
        net = x @ layer["w"] + layer["b"]
        x = jnp.tanh(net)
    return x @ params[-1]["w"] + params[-1]["b"]
