"""THE table of activations: what hidden nodes answer, and how errors go back through them.

Expressions are in the vocabulary of the primitives (evometa/spec/primitives.py): `value` over the net input `x`;
`slope`, an error `d` times the derivative, over the activation `a`, whose derivative every row has in terms of itself;
`curve`, the derivative of that in `a` for the error 1, times a number `d`.
To add an activation: append a row (positions are codes), generate, run the tests.

GRU is more than its row: to the net input x it adds h + g·(c − h), with h its own activation before, g that of the node
before it, and c that of the node before that one, both of now. So a candidate, an update gate and a GRU, in this order,
are a gated recurrent unit (Cho et al. 2014) without reset gate; any nodes may be its candidate and its gate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from evometa.spec.table import Table


@dataclass(frozen=True)
class Activation:
    """One row; `own`: what frameworks have it as: an expression of x, an operator ("onnx"), a module ("torch.nn").

    `flat`: its derivative is 0 wherever it has one, and `slope` a substitute: nothing can be tuned through it.
    """

    name: str
    value: str
    slope: str
    curve: str
    meaning: str
    own: Mapping[str, str] = field(default_factory=dict)
    flat: bool = False


ACTIVATIONS = Table(
    Activation("linear", "x", "d", "F(0.0)", "the net input itself", {"onnx": "Identity", "torch.nn": "Identity"}),
    Activation("tanh", "tanh_f(x)", "d * (F(1.0) - a * a)", "d * (F(-2.0) * a)", "hyperbolic tangent",
               {"onnx": "Tanh", "torch": "torch.tanh(x)", "torch.nn": "Tanh", "jnp": "jnp.tanh(x)"}),
    Activation("sigmoid", "sigmoid_f(x)", "d * (a * (F(1.0) - a))", "d * (F(1.0) - F(2.0) * a)", "logistic function",
               {"onnx": "Sigmoid", "torch": "torch.sigmoid(x)", "torch.nn": "Sigmoid", "jnp": "jax.nn.sigmoid(x)"}),
    Activation("relu", "select(x < F(0.0), F(0.0), x)", "select(a > F(0.0), d, F(0.0))", "F(0.0)",
               "x where positive, else 0",
               {"onnx": "Relu", "torch": "torch.relu(x)", "torch.nn": "ReLU", "jnp": "jax.nn.relu(x)"}),
    Activation("step", "select(x > F(0.0), F(1.0), F(0.0))", "d", "F(0.0)",
               "1 where x is positive, else 0; errors go back as if linear",
               {"jnp": "jnp.where(x > 0.0, 1.0, 0.0) + (x - jax.lax.stop_gradient(x))"},  # JAX makes its own slopes
               flat=True),
    Activation("gru", "x", "d", "F(0.0)",
               "gated recurrent unit: what it was, moved towards the node before last as far as the node before says",
               {"onnx": "Identity"}),
)  # fmt: skip
GRU = ACTIVATIONS.code("gru")
