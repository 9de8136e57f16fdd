"""Part of the PyTorch module: the network of plastic layers, its birth, answers, errors and learning."""

from __future__ import annotations

from evometa.export.python_plan import FilePlan
from evometa.export.rule_text import Function
from evometa.export.spelling import call
from evometa.export.torch_layer import told

_ACTIVATE = {
    "linear": "x",
    "tanh": "torch.tanh(x)",
    "sigmoid": "torch.sigmoid(x)",
    "relu": "torch.relu(x)",
    "step": "torch.where(x > 0.0, 1.0, torch.zeros_like(x))",
}
_THROUGH = {
    "linear": "err",
    "tanh": "err * (1.0 - a * a)",
    "sigmoid": "err * (a * (1.0 - a))",
    "relu": "torch.where(a > 0.0, err, 0.0)",
    "step": "err",
}
_ANSWER = {"linear": "net", "sigmoid": "torch.sigmoid(net)", "softmax": "torch.softmax(net, dim=1)"}
_ERRORS = {
    "linear": "(act[-1] - y) * (2.0 / y.shape[1])",
    "sigmoid": "(act[-1] - y) / y.shape[1]",
    "softmax": "act[-1] - y",
}
_LOSS_ERRORS = {
    "linear": "slope / y.shape[1]",
    "sigmoid": "slope * (act[-1] * (1.0 - act[-1])) / y.shape[1]",
    "softmax": "act[-1] * (slope - (slope * act[-1]).sum(dim=1, keepdim=True)) / y.shape[1]",
}
_REWARDS = {
    "linear": "-(act[-1] - y).square().mean()",
    "sigmoid": "((act[-1] > 0.5) == (y > 0.5)).float().mean()",
    "softmax": "(act[-1].argmax(dim=1) == y.argmax(dim=1)).float().mean()",
}
_CREDIT = {
    "local": "        return [*(torch.zeros_like(post) for post in act[1:-1]), err]",
    "broadcast": """        mean = err.mean(dim=1, keepdim=True)
        return [*(mean.expand_as(post) for post in act[1:-1]), err]""",
    "backprop": """        errs = [err]
        for layer, post in zip(reversed(self.layers[1:]), reversed(act[1:-1])):
            errs.insert(0, through(errs[0] @ layer.w[:, : post.shape[1]], post))
        return errs""",
    "feedback": """        errs = [err]
        for layer, post in zip(reversed(self.layers[1:]), reversed(act[1:-1])):
            errs.insert(0, through(errs[0] @ layer.feedback, post))
        return errs""",
}
_CREDIT_WORDS = {
    "local": "Hidden layers have none.",
    "broadcast": "Hidden layers have the mean error of the outputs.",
    "backprop": "Errors go back to hidden layers through the weights.",
    "feedback": "Errors go back to hidden layers through fixed random weights.",
}
_FORWARD = '''
    def forward(self, x):
        """Return the answers f32[Q, outputs] to inputs f32[Q, inputs]; nothing is learned."""
        return self.activations(x)[-1]

    def activations(self, x):
        """Return the inputs and the activations of each layer, the answers last."""
        act = [x]
        for layer in self.layers[:-1]:
            act.append(activate(layer(act[-1])))
        return [*act, answer(self.layers[-1](act[-1]))]
'''
_FORWARD_AT_ONCE = '''
    def forward(self, x):
        """Return the answers f32[Q, outputs] to inputs f32[Q, inputs]; nothing is learned."""
        return self.activations(x)[-1]

    def activations(self, x):
        """Return the inputs and the answers."""
        return [x, answer(self.layers[0](x))]
'''
_DRAWS = {
    "normal": "{scale} * torch.randn(outputs, inputs + 1)",
    "uniform": "{scale} * (2.0 * torch.rand(outputs, inputs + 1) - 1.0)",
    "he": "{scale} * (2.0 / inputs) ** 0.5 * torch.randn(outputs, inputs + 1)",
    "glorot": "{scale} * (2.0 / (inputs + outputs)) ** 0.5 * torch.randn(outputs, inputs + 1)",
    "zeros": "torch.zeros(outputs, inputs + 1)",
}


def layer_functions(plan: FilePlan) -> list[str]:
    """Return the functions between layers, and the one that draws first weights."""
    parts = []
    if plan.kinds:
        kind = plan.kinds[0]
        doc = f'    """Return the activations of hidden nodes ({kind})."""'
        parts.append(f"def activate(x):\n{doc}\n    return {_ACTIVATE[kind]}")
    parts.append(f'def answer(net):\n    """Return the answers to net inputs."""\n    return {_ANSWER[plan.head]}')
    if plan.credit in ("backprop", "feedback"):
        kind = plan.kinds[0]
        doc = f'    """Return errors err taken back through activations a ({kind})."""'
        parts.append(f"def through(err, a):\n{doc}\n    return {_THROUGH[kind]}")
    if plan.sized and not plan.recurrent:
        drawn = _DRAWS[plan.init].replace("{scale} * ", "" if plan.scale == 1 else f"{plan.scale!r} * ")
        if drawn.startswith("(2.0 *"):
            drawn = drawn[1:-1]
        lines = ["def first_weights(inputs, outputs):", '    """Draw the weights of a newborn layer, biases last."""']
        lines.append(f"    weights = {drawn}")
        lines += [] if plan.init in ("normal", "uniform") else ["    weights[:, -1] = 0.0"]
        parts.append("\n".join([*lines, "    return weights"]))
    return parts


def plastic_network(plan: FilePlan, loss: Function | None) -> str:
    """Return the class `PlasticNetwork`."""
    parts = [_birth(plan), (_FORWARD if plan.kinds else _FORWARD_AT_ONCE).strip("\n")]
    if plan.errs:
        parts.append(_errors(plan, loss))
    return "\n\n".join([*parts, _learn(plan)])


def _birth(plan: FilePlan) -> str:
    """The head of the class and its method `__init__`."""
    lines = ["class PlasticNetwork(torch.nn.Module):", '    """The network that the rule evolved with, newborn.', ""]
    parameters, layers = ["self"], plan.layers
    assert layers is not None
    if plan.sized and not plan.recurrent:
        lines.append("    inputs, outputs: how many nodes.")
        lines += ["    hidden: widths of the hidden layers."] if plan.kinds else []
        parameters += [f"inputs={layers.inputs}", *([f"hidden={layers.hidden!r}"] if plan.kinds else [])]
        parameters.append(f"outputs={layers.outputs}")
    if "age" in plan.reads:
        lines.append("    updates: weight updates in its life; its age goes from 0 to 1 with them.")
        parameters.append(f"updates={plan.updates}")
    born = "drawn by torch's generator" if plan.draws else "its innate ones"
    lines.append(f"    weights: a matrix for each layer, as in PlasticLayer; if not given, {born}.")
    parameters.append("weights=None")
    lines += ['    """', "", call("def __init__", parameters, ":", "    "), "        super().__init__()"]
    lines += ["        if weights is None:", *_first(plan)]
    items = ["w", *(f"p{name[1:]}" for name in plan.plastic)]
    arrays = ["weights", *(_coefficients(plan, name) for name in plan.plastic)]
    over = f"zip({', '.join(arrays)})" if plan.plastic else "weights"
    arguments = [*items]
    if plan.recurrent:
        lines.append(f"        widths = {[*layers.hidden, 0]!r}  # of layers whose nodes read each other")
        over = f"zip({', '.join([*arrays, 'widths'])})"
        items.append("width")
        arguments.append("lateral=width")
    made = f"PlasticLayer({', '.join(arguments)}) for {', '.join(items)} in {over}"
    lines.append(call("self.layers = torch.nn.ModuleList", [made], "", "        ", last=False))
    lines += _feedback(plan)
    if "age" in plan.reads:
        lines.append("        self.updates, self.done = updates, 0")
    return "\n".join(lines)


def _first(plan: FilePlan) -> list[str]:
    """Where weights come from that are not given."""
    if plan.sized and not plan.recurrent:
        widths = f"[inputs, {'*hidden, ' if plan.kinds else ''}outputs]"
        return [
            f"            widths = {widths}",
            "            places = range(len(widths) - 1)",
            "            weights = [first_weights(widths[i], widths[i + 1]) for i in places]",
        ]
    if plan.draws and plan.init == "uniform":
        return ["            weights = [d * 3**0.5 * (2.0 * torch.rand_like(d) - 1.0) for d in DEVIATIONS]"]
    return [f"            weights = {'[d * torch.randn_like(d) for d in DEVIATIONS]' if plan.draws else 'WEIGHTS'}"]


def _coefficients(plan: FilePlan, name: str) -> str:
    """The matrices of a per-synapse coefficient."""
    sized = plan.sized and not plan.recurrent
    return f"spread({name.upper()}, weights)" if sized and plan.tied else name.upper()


def _feedback(plan: FilePlan) -> list[str]:
    """The fixed weights by which errors go back."""
    if plan.credit != "feedback":
        return []
    if plan.sized and not plan.recurrent:
        return [
            "        for layer in self.layers[1:]:",
            "            outputs, inputs = len(layer.w), layer.w.shape[1] - 1",
            "            deviation = (2.0 / (inputs + outputs)) ** 0.5",
            '            layer.register_buffer("feedback", deviation * torch.randn(outputs, inputs))',
        ]
    return [
        "        for layer, feedback in zip(self.layers[1:], FEEDBACK):",
        '            layer.register_buffer("feedback", feedback)',
    ]


def _errors(plan: FilePlan, loss: Function | None) -> str:
    """The method `errors`."""
    lines = ["    def errors(self, act, y):"]
    if plan.kinds:
        words = _CREDIT_WORDS[plan.credit]
        lines += ['        """Return ∂loss/∂(net input) of each layer.', "", f"        {words}", '        """']
    else:
        lines.append('        """Return ∂loss/∂(net input) of the only layer."""')
    if loss is None:
        lines.append(f"        err = {_ERRORS[plan.head]}")
    else:
        given = {"output": "act[-1]", "target": "y"}
        arguments = ", ".join(f"{name}={given[name]}" for name in loss.reads if name in given)
        lines.append(f"        slope = torch.zeros_like(y) + loss_slope({arguments})")
        lines.append(f"        err = {_LOSS_ERRORS[plan.head]}")
    return "\n".join([*lines, _CREDIT[plan.credit] if plan.kinds else "        return [err]"])


def _learn(plan: FilePlan) -> str:
    """The method `learn`."""
    rows = "1" if plan.single else "B"
    lines = ["    @torch.no_grad()", "    def learn(self, x, y):"]
    lines.append(f'        """Make one weight update from examples: x f32[{rows}, inputs], y f32[{rows}, outputs]."""')
    if plan.single:
        lines += [
            "        if len(x) != 1:",
            '            raise ValueError(f"one example at a time; {len(x)} were given")',
        ]
    names, sources = told(plan), {"x": "act[i]", "post": "act[i + 1]", "err": "errs[i]"}
    if {"x", "post", "err", "reward"} & set(names) or plan.kinds:
        lines.append("        act = self.activations(x)")
    if "err" in names:
        lines.append("        errs = self.errors(act, y)")
    if "reward" in names:
        lines.append(f"        reward = {_REWARDS[plan.head]}")
    if "age" in names:
        lines.append("        span = max(self.updates - 1, 1)")
        lines.append("        age = torch.tensor(min(self.done, span) / span)")
        lines.append("        self.done += 1")
    lines.append("        for i, layer in enumerate(self.layers):")
    if "target" in names and plan.kinds:
        lines.append("            hidden = i + 1 < len(self.layers)")
        lines.append("            target = y[:, :1].expand_as(act[i + 1]) if hidden else y")
    elif "target" in names:
        sources["target"] = "y"
    arguments = [f"{name}={sources.get(name, name)}" for name in names]
    lines.append(call("layer.learn", arguments, "", "            "))
    return "\n".join(lines)
