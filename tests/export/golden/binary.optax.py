"""A learning rule that evometa evolved, as a gradient transformation for optax.

formula       Δw = −0.5·grad − 0.1·p0·p1·σ(w); loss = select(target, exp(−output), output²)
which is      none of the classic rules, by algebra
network       3 inputs → 4 tanh → 1 output, fully connected, 21 synapses; learns from
              backpropagated errors
run           binary, recipe given, seed 0; individual 0, born in generation 1 of 1
digest …
written by …

It evolved with batches of 2 examples and lives of 100 updates. The loss, too, evolved:
`evolved_loss`.

Use (here on random numbers; FILE is this file without .py):

    import jax
    import jax.numpy as jnp
    import optax
    from FILE import INNATE, evolved_loss, evolved_rule, network

    key = jax.random.key(0)
    params = INNATE
    x = jax.random.normal(key, (32, 3))
    y = jax.random.bernoulli(key, shape=(32, 1)).astype(jnp.float32)
    optimizer = evolved_rule()
    state = optimizer.init(params)

    def loss(params):
        return evolved_loss(network(params, x), y)

    for step in range(10):
        updates, state = optimizer.update(jax.grad(loss)(params), state, params)
        params = optax.apply_updates(params, updates)
    print(loss(params))
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import optax


def exp(a):
    """e^a, a held within [−87, 88]."""
    return jnp.exp(jnp.clip(a, -87.0, 88.0))


def sigmoid(a):
    """Logistic function 1/(1 + e^−a)."""
    return 1.0 / (1.0 + jnp.exp(jnp.clip(-a, -87.0, 88.0)))


def choose(a, b, c):
    """b where a is positive, else c."""
    return jnp.where(a > 0.0, b, c)


def rule(grad, w, p0, p1):
    """Return the change of weights: Δw = −0.5·grad − 0.1·p0·p1·σ(w)"""
    update = -0.5 * grad - sigmoid(w) * (0.1 * p0 * p1)
    return update


def loss_value(output, target):
    """Return the loss of each output: loss = select(target, exp(−output), output²)"""
    value = choose(target, exp(-output), jnp.square(output))
    return value


def loss_slope(output, target):
    """Return the derivative, with respect to the output, of the loss of each output.

    loss = select(target, exp(−output), output²)
    """
    t1 = -output
    t2 = choose(target, choose(t1 - 88.0, 0.0, choose(output - 87.0, 0.0, -exp(t1))), 0.0)
    slope = choose(target, 0.0, 2.0 * output) + t2
    return slope


class EvolvedRuleState(NamedTuple):
    """count: updates so far; the others hold what the rule reads of each parameter."""

    count: jax.Array


def evolved_rule(*, updates=None, p0=None, p1=None, bound=20.0):
    """Return the rule as a gradient transformation; its updates are added to the parameters.

    updates: not read by this rule.
    p0, p1: per-synapse coefficients, each a number or a tree like the parameters'
        (if not given, those that evolved, for parameters of `network`).
    bound: parameters are kept within plus and minus this, those outside go no further; or None.
    """
    p0 = P0 if p0 is None else p0
    p1 = P1 if p1 is None else p1

    def init(params):
        return EvolvedRuleState(
            count=jnp.zeros([], jnp.int32),
        )

    def update(grads, state, params=None):
        if params is None:
            raise ValueError("this rule needs the parameters: update(grads, state, params)")

        def change(w, grad, p0, p1):
            update = rule(
                grad=grad,
                w=w,
                p0=jnp.asarray(p0, w.dtype),
                p1=jnp.asarray(p1, w.dtype),
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
            tree.flatten_up_to(like(p1, params)),
        )
        columns = zip(*[change(*row) for row in rows])
        (update,) = (tree.unflatten(column) for column in columns)
        return update, state._replace(count=state.count + 1)

    return optax.GradientTransformation(init, update)


@jax.custom_jvp
def _loss(output, target):
    """The evolved loss of each output, with the slope that the run descended."""
    return jnp.zeros_like(output) + loss_value(output, target)


@_loss.defjvp
def _slope(primals, tangents):
    output, target = primals
    return _loss(output, target), tangents[0] * loss_slope(output, target)


def evolved_loss(net, target):
    """Return the mean evolved loss; net: net inputs of the outputs; target: desired answers."""
    answer = jax.nn.sigmoid(net)
    return _loss(answer, target).mean()


def like(values, params):
    """Return a number as a tree like that of the parameters; a tree as it is."""
    return jax.tree.map(lambda w: values, params) if jnp.isscalar(values) else values


def network(params, x):
    """Return net inputs of the outputs, for inputs x.

    The network is the one that the rule evolved with: 3 → 4 → 1 (tanh).
    params: {"w": f32[inputs, outputs], "b": f32[outputs]} for each layer.
    """
    for layer in params[:-1]:
        net = x @ layer["w"] + layer["b"]
        x = jnp.tanh(net)
    return x @ params[-1]["w"] + params[-1]["b"]


def numbers(text, shape=-1):
    """Read an array that is written as numbers with spaces between them."""
    return jnp.array([float(word) for word in text.split()], jnp.float32).reshape(shape)


INNATE = [
    {
        "w": numbers(
            """
-1.0678779 0.02332228 0.51421094 -0.17708243 0.145459 -1.0628604 -0.63150984 -0.4492518 -0.5888923
-0.12476958 0.39449996 0.77437943
""",
            (3, 4),
        ),
        "b": numbers("0 -0 -0 0"),
    },
    {
        "w": numbers("0.40598357 0.5344203 0.53169453 -0.38365483", (4, 1)),
        "b": numbers("0"),
    },
]
P0 = [
    {
        "w": numbers(
            """
-0.24057943 0.34081396 0.22462372 -0.28747955 -0.3973077 0.03291192 0.4904349 0.48000574 -0.07450849
-0.1657942 0.081830636 0.06086473
""",
            (3, 4),
        ),
        "b": numbers("0.12613358 -0.2354341 -0.3699986 -0.51964045"),
    },
    {
        "w": numbers("-0.3489678 -0.18878643 -0.14640175 -0.21399401", (4, 1)),
        "b": numbers("-0.025108857"),
    },
]
P1 = [
    {
        "w": numbers(
            """
0.16601354 0.24895659 -0.05194657 -0.09130132 -0.018925792 -0.49290702 -0.38682562 -0.31437796
-0.17682938 -0.077019036 0.0062071183 -0.1188571
""",
            (3, 4),
        ),
        "b": numbers("0.12289135 -0.2942242 -0.011365722 -0.32739866"),
    },
    {
        "w": numbers("0.06743572 -0.33280498 0.35108882 0.2149763", (4, 1)),
        "b": numbers("-0.40656263"),
    },
]
