"""The PyTorch export of a gradient rule: a `torch.optim.Optimizer`."""

from __future__ import annotations

from evometa.export.dialects import TORCH
from evometa.export.gradient import GradientPlan, conditions
from evometa.export.rule_text import RESULTS, Function, coefficient_lines, loss_function, rule_function
from evometa.export.spelling import call, docstring, mapping, number
from evometa.export.subject import Subject
from evometa.export.torch_text import evolved_loss, imports, innate_network, plasticity_groups, readers, usage

_STEP = '''
    @torch.no_grad()
    def step(self, closure=None):
        """Change all parameters that have a gradient; return the loss, computed by `closure`."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for w in group["params"]:
                if w.grad is not None:
                    self.change(w, group)
        return loss
'''


def torch_optimizer(subject: Subject) -> str:
    """Return the file's text; the rule must be one that `why_not_gradient` has nothing against."""
    plan = GradientPlan(subject)
    rule = rule_function(subject, TORCH, defaults=False)
    functions, primitives = [rule.source, _optimizer(plan, rule)], rule.primitives
    if subject.loss:
        value, slope = (loss_function(subject, TORCH, part, defaults=False) for part in ("value", "derivative"))
        functions += evolved_loss(plan, value, slope)
        primitives |= value.primitives | slope.primitives
    network, weights = innate_network(plan)
    groups, plasticity = plasticity_groups(plan)
    functions = [*TORCH.definitions(primitives), *functions, *network, *groups]
    data = [*plasticity, *weights]
    functions += [*readers("\n".join(data)), "\n".join(data)] if data else []
    body = "\n\n\n".join(functions)
    head = [docstring(f"{subject.story('A learning rule that evometa evolved, as an optimizer for PyTorch.')}\n\n"
                      f"{conditions(plan)}\n\n{usage(plan)}"), imports(body)]  # fmt: skip
    constants = coefficient_lines(subject, TORCH)
    head += ["\n".join(constants)] if constants else []
    return "\n\n".join(head) + f"\n\n\n{body}\n"


def _parameters(plan: GradientPlan) -> list[str]:
    found = ["self", "params", "lr=1.0", *(f"{name}={name.upper()}" for name in plan.subject.coefficients)]
    if "age" in plan.reads:
        updates = plan.subject.updates
        found.insert(2, "updates") if updates is None else found.append(f"updates={updates}")
    found += [f"{name}=None" for name in plan.plastic]
    return [*found, f"bound={number(plan.subject.bound)}"]


def _optimizer(plan: GradientPlan, rule: Function) -> str:
    """The class `EvolvedRule`."""
    lines = ["class EvolvedRule(torch.optim.Optimizer):", '    """Changes parameters by the rule.', ""]
    lines.append("    params: parameters, or groups of them with options of their own.")
    lines.append("    lr: factor on every change; with 1 the rule is as it evolved.")
    if own := [name for name in rule.reads if name in plan.subject.coefficients]:
        lines.append(f"    {', '.join(own)}: coefficients of the rule, by default as they evolved.")
    if "age" in plan.reads:
        lines.append("    updates: how many there will be; `age` goes from 0 to 1 with them, and stays there.")
    if plan.plastic:
        lines.append(f"    {', '.join(plan.plastic)}: per-synapse coefficients, each a number or a tensor in a")
        lines.append("        parameter's shape; as an option of each group.")
    lines += ["    bound: parameters are kept within plus and minus this; None: not at all.", '    """', ""]
    options = [name for name in (p.partition("=")[0] for p in _parameters(plan)) if name not in ("self", "params")]
    options = [name for name in options if name not in plan.subject.coefficients or name in rule.reads]
    parameters = [p for p in _parameters(plan) if p.partition("=")[0] in ("self", "params", *options)]
    lines += [call("def __init__", parameters, ":", "    "), "        if not lr >= 0:"]
    lines.append('            raise ValueError(f"lr of at least 0 expected, not {lr}")')
    items = [f'"{name}": {name}' for name in options]
    lines += [mapping("defaults = ", items, "        "), "        super().__init__(params, defaults)"]
    if plan.plastic:
        lines += ["", "    def add_param_group(self, param_group):", '        """Add a group of parameters."""']
        lines.append("        super().add_param_group(param_group)")
    for name in plan.plastic:
        lines.append(f'        if self.param_groups[-1]["{name}"] is None:')
        lines.append(f'            raise ValueError("{name} expected as an option of each group of parameters")')
    return "\n".join([*lines, _STEP.rstrip(), "", *_change(plan, rule)])


def _change(plan: GradientPlan, rule: Function) -> list[str]:
    """The method `change`."""
    lines = ["    def change(self, w, group):", '        """Make one update of a parameter."""']
    lines += ["        if w.grad.is_sparse:", '            raise RuntimeError("sparse gradients are not supported")']
    held = [*plan.states, *(["w0"] if "w0" in plan.reads else []), *(["step"] if "age" in plan.reads else [])]
    if held:
        first = {"step": "0", "w0": "w.clone()"}
        lines += ["        state = self.state[w]", "        if not state:"]
        lines += [f'            state["{name}"] = {first.get(name, "torch.zeros_like(w)")}' for name in held]
    if "age" in plan.reads:
        lines += ['        span = max(group["updates"] - 1, 1)', '        age = min(state["step"], span) / span']
        lines.append('        state["step"] += 1')
    numbers = [name for name in rule.reads if name in plan.subject.coefficients or name in ("age", *plan.plastic)]
    if numbers:
        lines.append('        like = {"dtype": w.dtype, "device": w.device}')
    given = {"grad": "w.grad", "w": "w"} | {name: f'state["{name}"]' for name in ("s1", "s2", "w0")}
    given |= {name: f'torch.as_tensor(group["{name}"], **like)' for name in numbers}
    given |= {name: f"{given[name]}.expand_as(w)" for name in plan.plastic}
    given["age"] = "torch.as_tensor(age, **like)"
    arguments = [f"{name}={given[name]}" for name in rule.reads]
    lines.append(call(f"{', '.join(rule.gives)} = rule", arguments, "", "        "))
    for state in plan.states:
        if RESULTS[state] in rule.gives:
            value = RESULTS[state] if state in rule.spread else f"torch.zeros_like(w) + {RESULTS[state]}"
            lines.append(f'        state["{state}"] = {value}')
    lines += ['        w.add_(group["lr"] * update)', '        if group["bound"] is not None:']
    return [*lines, '            w.clamp_(-group["bound"], group["bound"])']
