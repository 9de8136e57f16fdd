"""Parts that both PyTorch exports share: reading arrays, the evolved loss, innate networks, examples of use."""

from __future__ import annotations

from itertools import pairwise

from evometa.export.gradient import GradientPlan
from evometa.export.layers import matrices
from evometa.export.rule_text import Function
from evometa.export.spelling import block, call, number

_NUMBERS = '''
def numbers(text, shape=-1):
    """Read an array that is written as numbers with spaces between them."""
    return torch.tensor([float(word) for word in text.split()]).reshape(shape)
'''
_PACKED = '''
def packed(text, shape=-1):
    """Read an array that is written as base64 of little-endian float32."""
    return torch.frombuffer(bytearray(base64.b64decode(text)), dtype=torch.float32).reshape(shape)
'''

ACTIVATIONS = {"linear": "Identity", "tanh": "Tanh", "sigmoid": "Sigmoid", "relu": "ReLU"}
ANSWERS = {"linear": "net", "sigmoid": "torch.sigmoid(net)", "softmax": "torch.softmax(net, dim=1)"}

_LOSSES = {
    "linear": "torch.nn.functional.mse_loss(model(x), y)",
    "sigmoid": "torch.nn.functional.binary_cross_entropy_with_logits(model(x), y)",
    "softmax": "torch.nn.functional.cross_entropy(model(x), y)",
}
TARGETS = {
    "linear": "torch.randn({rows}, {outputs})",
    "sigmoid": "torch.randint(2, ({rows}, {outputs})).float()",
    "softmax": "torch.eye({outputs})[torch.randint({outputs}, ({rows},))]",
}

_EVOLVED_LOSS = '''
class _Loss(torch.autograd.Function):
    """The evolved loss of each output, with the slope that the run descended."""

    @staticmethod
    def forward(ctx, output, target):
        ctx.save_for_backward(output, target)
        {numbers}return {zeros_value}{value}

    @staticmethod
    def backward(ctx, above):
        output, target = ctx.saved_tensors
        {numbers}return above * {slope}, None
'''
_MEAN_LOSS = '''
def evolved_loss(net, target):
    """Return the mean evolved loss; net: {what}; target: desired answers."""
    return _Loss.apply({answers}, target).mean()
'''
_NETWORK = '''
def network():
    """Return the network that the rule evolved with, its weights innate; it gives net inputs."""
    model = torch.nn.Sequential(
{layers}    )
    with torch.no_grad():
        for layer, weights in zip(model[::2], WEIGHTS):
            layer.weight.copy_(weights[:, :-1])
            layer.bias.copy_(weights[:, -1])
    return model
'''
_GROUPS = '''
def parameter_groups(model):
    """Return a model's parameters with the per-synapse coefficients that evolved.

    The model must have {count} layers of the class Linear, as the one that the rule evolved with.
    """
    layers = [module for module in model.modules() if isinstance(module, torch.nn.Linear)]
    if len(layers) != {count}:
        raise ValueError(f"{count} linear layers expected, not {len(layers)}")
    groups = []
    for i, layer in enumerate(layers):
        groups.append({"params": [layer.weight], {weights}})
        groups.append({"params": [layer.bias], {biases}})
    return groups
'''


def readers(text: str) -> list[str]:
    """Return the functions by which the arrays of a text are read."""
    return [s.strip("\n") for name, s in (("numbers(", _NUMBERS), ("packed(", _PACKED)) if name in text]


def imports(body: str) -> str:
    """Return the import statements that a file needs."""
    standard = [f"import {name}" for name in ("base64", "warnings") if f"{name}." in body]
    return "\n".join([*standard, *([""] if standard else []), "import torch"])


def listed(name: str, arrays: list[str]) -> str:
    """Return the assignment of a list of arrays, each already spelled as an item."""
    return "\n".join([f"{name} = [", *arrays, "]"])


def evolved_loss(plan: GradientPlan, value: Function, slope: Function) -> list[str]:
    """Return the functions of an evolved loss that `backward` can go through."""
    calls = [f"loss_{function.gives[0]}({', '.join(function.reads)})" for function in (value, slope)]
    own = [name for name in value.reads if name in plan.subject.coefficients]
    numbers = "".join(f"{name} = output.new_tensor({name.upper()})\n        " for name in own)
    text = _EVOLVED_LOSS.replace("{numbers}", numbers).replace(
        "{zeros_value}", "" if value.spread else "torch.zeros_like(output) + "
    )
    text = text.replace("{value}", calls[0]).replace("{slope}", calls[1])
    told = plan.setting is not None
    mean = _MEAN_LOSS.replace("{answers}", ANSWERS[plan.head] if told else "net")
    mean = mean.replace("{what}", "net inputs of the outputs" if told else "answers")
    return [value.source, slope.source, text.strip("\n"), mean.strip("\n")]


def innate_network(plan: GradientPlan) -> tuple[list[str], list[str]]:
    """Return the function that makes the network with its innate weights, and their constants; empty without."""
    if plan.innate is None or plan.layers is None or plan.setting is None:
        return [], []
    lines = "".join(f"        {layer},\n" for layer in layer_calls(plan))
    arrays = [block("    ", matrix, ",") for matrix in matrices(plan.setting.graph, plan.innate)]
    return [_NETWORK.replace("{layers}", lines).strip("\n")], [listed("WEIGHTS", arrays)]


def layer_calls(plan: GradientPlan) -> list[str]:
    """Return the modules of the network that the rule evolved with, as they are made."""
    assert plan.layers is not None
    widths = (plan.layers.inputs, *plan.layers.hidden, plan.layers.outputs)
    calls = [f"torch.nn.Linear({a}, {b})" for a, b in pairwise(widths)]
    between = f"torch.nn.{ACTIVATIONS[plan.layers.activation]}()"
    return [item for call in calls for item in (call, between)][:-1]


def plasticity_groups(plan: GradientPlan) -> tuple[list[str], list[str]]:
    """Return the function that gives parameters their per-synapse coefficients, and the constants; or nothing."""
    if not plan.plastic or plan.layers is None or plan.setting is None:
        return [], []
    count, constants = len(plan.layers.hidden) + 1, []
    for name in plan.plastic:
        values = plan.plasticity(name)
        if plan.tied:
            constants.append(f"{name.upper()} = [{', '.join(number(v) for v in values)}]")
            continue
        parts = [part for m in matrices(plan.setting.graph, values) for part in (m[:, :-1], m[:, -1])]
        constants.append(listed(name.upper(), [block("    ", part, ",") for part in parts]))
    text = _GROUPS.replace("{count}", str(count))
    for key, place in (("{weights}", "2 * i"), ("{biases}", "2 * i + 1")):
        text = text.replace(key, ", ".join(f'"{name}": {name.upper()}[{place}]' for name in plan.plastic))
    return [text.strip("\n")], constants


def usage(plan: GradientPlan) -> str:
    """Return an example of use for the head of the file."""
    rows, sizes = 32, (plan.layers.inputs, plan.layers.outputs) if plan.layers else (4, 3)
    names = ["EvolvedRule", *(["evolved_loss"] if plan.subject.loss else [])]
    made = ["torch.nn.Linear(4, 16)", "torch.nn.Tanh()", "torch.nn.Linear(16, 3)"]
    model = call("model = torch.nn.Sequential", layer_calls(plan) if plan.layers else made, "", "    ")
    if plan.innate is not None:
        names.append("network")
        model = "    model = network()"
    parameters = "model.parameters()"
    if plan.plastic and plan.layers is not None:
        names.append("parameter_groups")
        parameters = "parameter_groups(model)"
    elif plan.plastic:
        parameters = ", ".join(["model.parameters()", *(f"{name}=0.0" for name in plan.plastic)])
    loss = "evolved_loss(model(x), y)" if plan.subject.loss else _LOSSES[plan.head]
    target = TARGETS[plan.head].format(rows=rows, outputs=sizes[1])
    lines = [
        "import torch", f"from FILE import {', '.join(sorted(names, key=str.lower))}", "",
        model, f"optimizer = EvolvedRule({parameters}{', updates=10' if 'age' in plan.reads else ''})",
        f"x, y = torch.randn({rows}, {sizes[0]}), {target}", "for step in range(10):", "    optimizer.zero_grad()",
        f"    loss = {loss}", "    loss.backward()", "    optimizer.step()", "print(loss.item())",
    ]  # fmt: skip
    text = "\n".join(line if line.startswith("    model = ") else f"    {line}".rstrip() for line in lines)
    return f"Use (here on random numbers; FILE is this file without .py):\n\n{text}"
