"""Parts of the optax export: reading arrays, the evolved loss, the network of the run, an example of use."""

from __future__ import annotations

from evometa.export.gradient import GradientPlan
from evometa.export.layers import matrices
from evometa.export.rule_text import Function
from evometa.export.spelling import block, number
from evometa.lifetime import F32

_NUMBERS = '''
def numbers(text, shape=-1):
    """Read an array that is written as numbers with spaces between them."""
    return jnp.array([float(word) for word in text.split()], jnp.float32).reshape(shape)
'''
_PACKED = '''
def packed(text, shape=-1):
    """Read an array that is written as base64 of little-endian float32."""
    return jnp.frombuffer(base64.b64decode(text), dtype=jnp.float32).reshape(shape)
'''
_LIKE = '''
def like(values, params):
    """Return a number as a tree like that of the parameters; a tree as it is."""
    return jax.tree.map(lambda w: values, params) if jnp.isscalar(values) else values
'''
_NETWORK = '''
def network(params, x):
    """Return net inputs of the outputs, for inputs x.

    The network is the one that the rule evolved with: {words}.
    params: {{"w": f32[inputs, outputs], "b": f32[outputs]}} for each layer.
    """
    for layer in params[:-1]:
        x = {activation}
    return x @ params[-1]["w"] + params[-1]["b"]
'''
_NET = 'x @ layer["w"] + layer["b"]'
_ACTIVATIONS = {
    "linear": _NET,
    "tanh": f"jnp.tanh({_NET})",
    "sigmoid": f"jax.nn.sigmoid({_NET})",
    "relu": f"jax.nn.relu({_NET})",
}
_ANSWERS = {"linear": "net", "sigmoid": "jax.nn.sigmoid(net)", "softmax": "jax.nn.softmax(net)"}
_LOSSES = {
    "linear": "jnp.mean((network(params, x) - y) ** 2)",
    "sigmoid": "optax.sigmoid_binary_cross_entropy(network(params, x), y).mean()",
    "softmax": "optax.softmax_cross_entropy(network(params, x), y).mean()",
}
_TARGETS = {
    "linear": "jax.random.normal(key, (32, {outputs}))",
    "sigmoid": "jax.random.bernoulli(key, shape=(32, {outputs})).astype(jnp.float32)",
    "softmax": "jax.nn.one_hot(jnp.arange(32) % {outputs}, {outputs})",
}
_EVOLVED_LOSS = '''
@jax.custom_jvp
def _loss(output, target):
    """The evolved loss of each output, with the slope that the run descended."""
{numbers}    return jnp.zeros_like(output) + {value}


@_loss.defjvp
def _slope(primals, tangents):
    output, target = primals
{numbers}    return _loss(output, target), tangents[0] * {slope}


def evolved_loss(net, target):
    """Return the mean evolved loss; net: {what}; target: desired answers."""
    return _loss({answers}, target).mean()
'''


def readers(text: str) -> list[str]:
    """Return the functions by which the arrays of a text are read."""
    return [s.strip("\n") for name, s in (("numbers(", _NUMBERS), ("packed(", _PACKED)) if name in text]


def evolved_loss(plan: GradientPlan, value: Function, slope: Function) -> list[str]:
    """Return the functions of an evolved loss that `jax.grad` can go through."""
    calls = [f"loss_{function.gives[0]}({', '.join(function.reads)})" for function in (value, slope)]
    own = [name for name in value.reads if name in plan.subject.coefficients]
    numbers = "".join(f"    {name} = jnp.asarray({name.upper()}, output.dtype)\n" for name in own)
    told = plan.setting is not None
    text = _EVOLVED_LOSS.replace("{numbers}", numbers).replace("{value}", calls[0]).replace("{slope}", calls[1])
    text = text.replace("{answers}", _ANSWERS[plan.head] if told else "net")
    text = text.replace("{what}", "net inputs of the outputs" if told else "answers")
    return [value.source, slope.source, text.strip("\n")]


def layers_text(plan: GradientPlan) -> tuple[list[str], list[str]]:
    """Return the network of the run as a function, and constants: innate parameters, per-synapse coefficients."""
    functions = [_LIKE.strip("\n")] if plan.plastic else []
    if plan.layers is None or plan.setting is None:
        return functions, []
    widths = (plan.layers.inputs, *plan.layers.hidden, plan.layers.outputs)
    words = f"{' → '.join(map(str, widths))}{f' ({plan.layers.activation})' * bool(plan.layers.hidden)}"
    text = _NETWORK.replace("{words}", words).replace("{activation}", _ACTIVATIONS[plan.layers.activation])
    functions.append(text.replace("{{", "{").replace("}}", "}").strip("\n"))
    data = [] if plan.innate is None else [_tree("INNATE", matrices(plan.setting.graph, plan.innate))]
    for name in plan.plastic:
        values = plan.plasticity(name)
        if plan.tied:
            pairs = zip(values[::2], values[1::2], strict=False)
            lines = [f'    {{"w": {number(a)}, "b": {number(b)}}},' for a, b in pairs]
            data.append("\n".join([f"{name.upper()} = [", *lines, "]"]))
        else:
            data.append(_tree(name.upper(), matrices(plan.setting.graph, values)))
    return functions, data


def _tree(name: str, parts: list[F32]) -> str:
    """A list with the weights and biases of each layer; parts: f32[outputs, inputs + 1]."""
    lines = [f"{name} = ["]
    for part in parts:
        lines += [
            "    {",
            block('        "w": ', part[:, :-1].T, ","),
            block('        "b": ', part[:, -1], ","),
            "    },",
        ]
    return "\n".join([*lines, "]"])


def usage(plan: GradientPlan) -> str:
    """Return an example of use for the head of the file."""
    names = ["evolved_rule", *(["evolved_loss"] if plan.subject.loss else [])]
    layers = plan.layers
    widths = (layers.inputs, *layers.hidden, layers.outputs) if layers else (4, 16, 3)
    lines = ["import jax", "import jax.numpy as jnp", "import optax"]
    if plan.innate is not None:
        names.append("INNATE")
        params = ["params = INNATE"]
    else:
        params = [f"widths = {list(widths)!r}",
                  'params = [{"w": jax.random.normal(key, (a, b)) / a**0.5, "b": jnp.zeros(b)} for a, b in',
                  "          zip(widths[:-1], widths[1:])]"]  # fmt: skip
    own = []
    if layers is not None:
        names.append("network")
    else:
        own = ["def network(params, x):", "    for layer in params[:-1]:", f"        x = {_ACTIVATIONS['tanh']}",
               '    return x @ params[-1]["w"] + params[-1]["b"]', ""]  # fmt: skip
    loss = "evolved_loss(network(params, x), y)" if plan.subject.loss else _LOSSES[plan.head]
    given = [f"{name}=0.0" for name in plan.plastic] if layers is None else []
    if "age" in plan.reads:
        given.append("updates=10")
    lines += [
        f"from FILE import {', '.join(sorted(names))}", "", *own, "key = jax.random.key(0)", *params,
        f"x = jax.random.normal(key, (32, {widths[0]}))", f"y = {_TARGETS[plan.head].format(outputs=widths[-1])}",
        f"optimizer = evolved_rule({', '.join(given)})", "state = optimizer.init(params)", "",
        "def loss(params):", f"    return {loss}", "", "for step in range(10):",
        "    updates, state = optimizer.update(jax.grad(loss)(params), state, params)",
        "    params = optax.apply_updates(params, updates)", "print(loss(params))",
    ]  # fmt: skip
    text = "\n".join(f"    {line}".rstrip() for line in lines)
    return f"Use (here on random numbers; FILE is this file without .py):\n\n{text}"
