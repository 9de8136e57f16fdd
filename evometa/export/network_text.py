"""Heads, activations and credit modes as generated code has them: one row each, for each dialect."""

from __future__ import annotations

CREDIT_WORDS = {
    "local": "Hidden {nodes} have no error.",
    "broadcast": "Hidden {nodes} have the mean error of the outputs.",
    "feedback": "Errors go back to hidden {nodes} through fixed random weights.",
    "backprop": "Errors go back to hidden {nodes} through the weights.",
}

# x: net inputs; a: activations; err: errors of them.
ACTIVATIONS = {
    "np": {
        "linear": "x",
        "tanh": "tanh(x)",
        "sigmoid": "sigmoid(x)",
        "relu": "np.where(x < F(0.0), F(0.0), x)",
        "step": "np.where(x > F(0.0), F(1.0), F(0.0))",
    },
    "torch": {
        "linear": "x",
        "tanh": "torch.tanh(x)",
        "sigmoid": "torch.sigmoid(x)",
        "relu": "torch.relu(x)",
        "step": "torch.where(x > 0.0, 1.0, torch.zeros_like(x))",
    },
    "jnp": {"linear": "{x}", "tanh": "jnp.tanh({x})", "sigmoid": "jax.nn.sigmoid({x})", "relu": "jax.nn.relu({x})"},
}
SLOPES = {
    "np": {
        "linear": "err",
        "tanh": "err * (F(1.0) - a * a)",
        "sigmoid": "err * (a * (F(1.0) - a))",
        "relu": "np.where(a > F(0.0), err, F(0.0))",
        "step": "err",
    },
    "torch": {
        "linear": "err",
        "tanh": "err * (1.0 - a * a)",
        "sigmoid": "err * (a * (1.0 - a))",
        "relu": "torch.where(a > 0.0, err, 0.0)",
        "step": "err",
    },
}
MODULES = {"linear": "Identity", "tanh": "Tanh", "sigmoid": "Sigmoid", "relu": "ReLU"}
FORMULAS = {"tanh": ["tanh_f"], "sigmoid": ["sigmoid_f"], "softmax": ["exp_f"]}

HEADS = {
    "np": {
        "linear": {
            "words": "themselves",
            "answer": "return net",
            "error": "(answers - y) * (F(2) / F(self.outputs))",
            "loss": "the mean over outputs of (answer - desired)²",
            "through": "err[:, self.first_output :] = slope",
            "right": "less the mean squared error",
            "reward": """squares = F(0)
for o in range(self.outputs):
    squares = squares + (answer[o] - desired[o]) * (answer[o] - desired[o])
total = total - squares / F(self.outputs)""",
            "targets": "rng.normal(size=({rows}, {outputs}))",
        },
        "sigmoid": {
            "words": "logistic",
            "answer": "return sigmoid(net)",
            "error": "(answers - y) * (F(1) / F(self.outputs))",
            "loss": "the mean over outputs of the binary cross-entropy",
            "through": "err[:, self.first_output :] = slope * (answers * (F(1) - answers))",
            "right": "the share of outputs on the right side",
            "reward": "total = total + F(((answer > 0.5) == (desired > 0.5)).sum()) / F(self.outputs)",
            "targets": "rng.integers(0, 2, size=({rows}, {outputs}))",
        },
        "softmax": {
            "words": "softmax, summed in order",
            "answer": """top = net[:, 0]
for x in net.T[1:]:
    top = np.where(x > top, x, top)
raised = exp(net - top[:, None])
total = np.zeros(len(net), F)
for x in raised.T:
    total = total + x
return raised / total[:, None]""",
            "error": "answers - y",
            "loss": "the cross-entropy",
            "through": """dot = np.zeros((len(y), 1), F)
for o in range(self.outputs):
    dot = dot + slope[:, o : o + 1] * answers[:, o : o + 1]
err[:, self.first_output :] = answers * (slope - dot) * (F(1) / F(self.outputs))""",
            "right": "the share of right answers",
            "reward": "total = total + F(first_largest(answer) == first_largest(desired))",
            "targets": "np.eye({outputs})[rng.integers(0, {outputs}, size={rows})]",
        },
    },
    "torch": {
        "linear": {
            "answer": "net",
            "error": "(act[-1] - y) * (2.0 / y.shape[1])",
            "through": "slope / y.shape[1]",
            "reward": "-(act[-1] - y).square().mean()",
            "loss": "torch.nn.functional.mse_loss(model(x), y)",
            "targets": "torch.randn({rows}, {outputs})",
        },
        "sigmoid": {
            "answer": "torch.sigmoid(net)",
            "error": "(act[-1] - y) / y.shape[1]",
            "through": "slope * (act[-1] * (1.0 - act[-1])) / y.shape[1]",
            "reward": "((act[-1] > 0.5) == (y > 0.5)).float().mean()",
            "loss": "torch.nn.functional.binary_cross_entropy_with_logits(model(x), y)",
            "targets": "torch.randint(2, ({rows}, {outputs})).float()",
        },
        "softmax": {
            "answer": "torch.softmax(net, dim=1)",
            "error": "act[-1] - y",
            "through": "act[-1] * (slope - (slope * act[-1]).sum(dim=1, keepdim=True)) / y.shape[1]",
            "reward": "(act[-1].argmax(dim=1) == y.argmax(dim=1)).float().mean()",
            "loss": "torch.nn.functional.cross_entropy(model(x), y)",
            "targets": "torch.eye({outputs})[torch.randint({outputs}, ({rows},))]",
        },
    },
    "jnp": {
        "linear": {
            "answer": "net",
            "loss": "jnp.mean((network(params, x) - y) ** 2)",
            "targets": "jax.random.normal(key, ({rows}, {outputs}))",
        },
        "sigmoid": {
            "answer": "jax.nn.sigmoid(net)",
            "loss": "optax.sigmoid_binary_cross_entropy(network(params, x), y).mean()",
            "targets": "jax.random.bernoulli(key, shape=({rows}, {outputs})).astype(jnp.float32)",
        },
        "softmax": {
            "answer": "jax.nn.softmax(net)",
            "loss": "optax.softmax_cross_entropy(network(params, x), y).mean()",
            "targets": "jax.nn.one_hot(jnp.arange({rows}) % {outputs}, {outputs})",
        },
    },
}
LOSS_WORDS = {"linear": "squared error", "sigmoid": "binary cross-entropy", "softmax": "cross-entropy"}
