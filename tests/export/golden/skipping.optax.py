"""A learning rule that evometa evolved, as a gradient transformation for optax.

formula       Δw = −0.1·p0·grad
which is      none of the classic rules, by algebra
network       3 inputs → 1 relu → 2 tanh → 1 step → 1 step → 1 output, partly connected, 21
              synapses; learns from backpropagated errors
run           skipping, recipe given, seed 0; individual 0, born in generation 1 of 1
digest …
written by …

It evolved with batches of 1 example and lives of 20 updates. It learned from the binary
cross-entropy.

Use (here on random numbers; FILE is this file without .py):

    import jax
    import jax.numpy as jnp
    import optax
    from FILE import INNATE, evolved_rule, network

    key = jax.random.key(0)
    params = INNATE
    x = jax.random.normal(key, (32, 3))
    y = jax.random.bernoulli(key, shape=(32, 1)).astype(jnp.float32)
    optimizer = evolved_rule()
    state = optimizer.init(params)

    def loss(params):
        return optax.sigmoid_binary_cross_entropy(network(params, x), y).mean()

    for step in range(10):
        updates, state = optimizer.update(jax.grad(loss)(params), state, params)
        params = optax.apply_updates(params, updates)
    print(loss(params))
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax


def rule(grad, p0):
    """Return the change of weights: Δw = −0.1·p0·grad"""
    update = -0.1 * p0 * grad
    return update


class EvolvedRuleState(NamedTuple):
    """count: updates so far; the others hold what the rule reads of each parameter."""

    count: jax.Array


def evolved_rule(*, updates=None, p0=None, bound=20.0):
    """Return the rule as a gradient transformation; its updates are added to the parameters.

    updates: not read by this rule.
    p0: per-synapse coefficients, each a number or a tree like the parameters'
        (if not given, those that evolved, for parameters of `network`).
    bound: parameters are kept within plus and minus this, those outside go no further; or None.
    """
    p0 = P0 if p0 is None else p0

    def init(params):
        return EvolvedRuleState(
            count=jnp.zeros([], jnp.int32),
        )

    def update(grads, state, params=None):
        if params is None:
            raise ValueError("this rule needs the parameters: update(grads, state, params)")

        def change(w, grad, p0):
            update = rule(
                grad=grad,
                p0=jnp.asarray(p0, w.dtype),
            )
            update = jnp.zeros_like(w) + update
            if bound is not None:
                new = w + update
                low, high = jnp.minimum(w, -bound), jnp.maximum(w, bound)
                update = jnp.where(new > high, high - w, update)
                update = jnp.where(new < low, low - w, update)
            return (update,)

        weights, tree = jax.tree.flatten(params)
        rows = zip(
            weights,
            tree.flatten_up_to(grads),
            tree.flatten_up_to(like(p0, params)),
        )
        columns = zip(*[change(*row) for row in rows])
        (update,) = (tree.unflatten(column) for column in columns)
        return update, state._replace(count=state.count + 1)

    return optax.GradientTransformation(init, update)


def like(values, params):
    """Return a number as a tree like that of the parameters; a tree as it is."""
    return jax.tree.map(lambda w: values, params) if jnp.isscalar(values) else values


def activate(x, kind):
    """Return the activations of hidden nodes.

    kind: 0 tanh, 1 relu, 2 step.
    """
    choices = [
        jnp.tanh(x),
        jax.nn.relu(x),
        jnp.where(x > 0.0, 1.0, 0.0) + (x - jax.lax.stop_gradient(x)),
    ]
    return jnp.select([kind == place for place in range(len(choices))], choices)


def network(params, x):
    """Return net inputs of the outputs, for inputs x.

    The network is the one that evolved with the rule: a synapse goes from node SRC to node DST,
    and nodes of one LEVEL are computed together.
    params: f32[synapses].
    """
    act = jnp.ones((len(x), len(LEVEL)), x.dtype).at[:, :3].set(x)
    for level in range(1, int(np.max(LEVEL)) + 1):
        nodes, e = np.flatnonzero(LEVEL == level), np.flatnonzero(LEVEL[DST] == level)
        net = jnp.zeros_like(act).at[:, DST[e]].add(params[e] * act[:, SRC[e]])[:, nodes]
        net = jnp.where(nodes < 9, activate(net, KIND[nodes]), net)
        act = act.at[:, nodes].set(net)
    return act[:, 9:]


def numbers(text, shape=-1, dtype=np.float32):
    """Read an array that is written as numbers with spaces between them."""
    return np.array([float(word) for word in text.split()], dtype).reshape(shape)


SRC = numbers("0 1 3 0 1 2 4 0 1 4 1 5 6 0 1 5 7 0 1 5 7", dtype=np.int32)
DST = numbers("4 4 4 5 5 5 5 6 6 6 7 7 7 8 8 8 8 9 9 9 9", dtype=np.int32)
KIND = numbers("0 0 0 0 1 0 0 2 2 0", dtype=np.int32)
P0 = numbers("""
0.35453194 -1.1912267 -1.0484055 -1.0484055 0.35453194 -1.0484055 -1.0484055 -1.1912267 -1.0484055
0.35453194 -1.1912267 0.35453194 -1.0484055 0.35453194 0.35453194 -1.0484055 0.35453194 0.35453194
-1.1912267 -1.1912267 -1.0484055
""")
LEVEL = numbers("0 0 0 0 1 2 2 3 4 5", dtype=np.int32)
INNATE = numbers("""
0.5840583 0.5825384 -0.21482891 -0.7828086 0.2291539 -2.4938943 0.69012475 0.49136826 -1.6388571
0.06135351 -0.96409965 0.75722104 -2.0341673 -0.9144945 0.70958 1.156401 -2.1580055 -0.49803984
0.3280201 -0.60921615 1.5906402
""")
