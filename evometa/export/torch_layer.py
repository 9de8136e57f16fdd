"""Part of the PyTorch module: the plastic layer."""

from __future__ import annotations

from evometa.export.python_plan import FilePlan
from evometa.export.rule_text import RESULTS, Function
from evometa.export.spelling import call, number

_READ = '''
    def read(self, x):
        """Return what synapses read, f32[B, columns]: inputs x f32[B, inputs], 1 for the biases."""
        return torch.cat([x, torch.ones_like(x[:, :1])], dim=1)
'''
_READ_BACK = '''
    def read(self, x):
        """Return what synapses read, f32[B, columns].

        Inputs x f32[B, inputs], 1 for the biases, the layer's own nodes at the update before.
        """
        before = self.before
        if len(before) != len(x):
            before = before[:1].expand(len(x), -1)
        return torch.cat([x, torch.ones_like(x[:, :1]), before], dim=1)
'''
_FORWARD = '''
    def forward(self, x):
        """Return net inputs f32[B, outputs] for inputs f32[B, inputs]."""
        return self.read(x) @ self.w.T
'''
_LATERAL = """        inputs = weights.shape[1] - 1 - lateral
        exists = torch.ones_like(weights, dtype=torch.bool)
        exists[:, inputs + 1 :] = exists[:, inputs + 1 :].triu()
        self.register_buffer("exists", exists)
        self.register_buffer("before", torch.zeros(1, lateral))"""

# What `learn` is told, what it needs of that for each signal, and how the signals are made: a column has a number
# for each node of the layer, a row one for each thing that they read.
_WORDS = {
    "x": "x f32[B, inputs]: what the layer was given",
    "post": "post f32[B, outputs]: its activations",
    "target": "target f32[B, outputs]: desired answers (for hidden layers the first of them)",
    "err": "err f32[B, outputs]: ∂loss/∂(net input)",
    "reward": "reward: of the examples, one number",
    "age": "age: share of the life that has passed, one number",
}
_NEEDS = {
    "pre": {"x"}, "grad": {"x", "err"}, "post": {"post"}, "target": {"target"}, "err": {"err"},
    "reward": {"reward"}, "age": {"age"},
}  # fmt: skip
_SIGNALS = {
    "pre": "pre[0]", "post": "post[0, :, None]", "target": "target[0, :, None]", "err": "err[0, :, None]",
    "grad": "err.T @ pre / len(x)", "reward": "reward", "age": "age",
}  # fmt: skip


def told(plan: FilePlan) -> list[str]:
    """Return the parameters of the layer's method `learn`."""
    needed = {"post"} if plan.recurrent else set()
    needed |= {name for signal in plan.reads for name in _NEEDS.get(signal, ())}
    return [name for name in _WORDS if name in needed]


def plastic_layer(plan: FilePlan, rule: Function) -> str:
    """Return the class `PlasticLayer`."""
    lines = [
        "class PlasticLayer(torch.nn.Module):",
        '    """A fully connected layer whose weights change by the rule.',
        "",
    ]
    lines.append("    weights: f32[outputs, columns] at birth; the column after those of the inputs holds the biases.")
    if plan.recurrent:
        lines.append("    lateral: how many further columns hold synapses from the layer's own nodes, as they were at")
        lines.append("        the update before: each node reads itself and later ones.")
    lines += [f"    {name}: per-synapse coefficients, in the shape of the weights." for name in plan.plastic]
    parameters = ["self", "weights", *plan.plastic, *(["lateral=0"] if plan.recurrent else [])]
    lines += ['    """', "", call("def __init__", parameters, ":", "    "), "        super().__init__()"]
    lines.append('        self.register_buffer("w", weights.clone())')
    lines += ['        self.register_buffer("w0", weights.clone())'] if "w0" in plan.reads else []
    lines += [f'        self.register_buffer("{s}", torch.zeros_like(weights))' for s in _states(plan)]
    lines += [f'        self.register_buffer("{name}", {name}.clone())' for name in plan.plastic]
    lines += [_LATERAL] if plan.recurrent else []
    read = _READ_BACK if plan.recurrent else _READ
    return "\n".join([*lines, read.rstrip(), _FORWARD.rstrip(), "", *_learn(plan, rule)])


def _states(plan: FilePlan) -> list[str]:
    return [state for state in ("s1", "s2") if state in plan.reads or state in plan.subject.genome.rule]


def _learn(plan: FilePlan, rule: Function) -> list[str]:
    """The method `learn`."""
    names = told(plan)
    lines = ["    @torch.no_grad()", call("def learn", ["self", *names], ":", "    ")]
    lines += ['        """Make one weight update.', "", *(f"        {_WORDS[name]}." for name in names), '        """']
    if {"pre", "grad"} & plan.reads:
        lines.append("        pre = self.read(x)")
    own = plan.subject.coefficients
    arguments = [f"{name}={_SIGNALS.get(name, f'self.{name}')}" for name in rule.reads if name not in own]
    lines.append(call(f"{', '.join(rule.gives)} = rule", arguments, "", "        "))
    lines += [
        f"        self.{state} = torch.zeros_like(self.w) + {RESULTS[state]}"
        for state in ("s1", "s2")
        if RESULTS[state] in rule.gives
    ]
    new = f"torch.clip(self.w + update, -{number(plan.bound)}, {number(plan.bound)})"
    if not plan.recurrent:
        return [*lines, f"        self.w = {new}"]
    lines += [f"        w = {new}", "        self.w = torch.where(self.exists, w, 0.0)"]
    return [*lines, "        self.before = post[:, : self.before.shape[1]]"]
