"""The PyTorch export of a gradient rule: a `torch.optim.Optimizer`."""

from __future__ import annotations

from evometa.export.dialects import TORCH
from evometa.export.gradient import GradientPlan, conditions, updates_in_words
from evometa.export.rule_text import RESULTS, Function, coefficient_lines, loss_function, rule_function
from evometa.export.spelling import call, docstring, mapping, number
from evometa.export.subject import Subject
from evometa.export.torch_text import evolved_loss, imports, innate_network, plasticity_groups, readers, usage

_MANY = '''
class Many:
    """Tensors that are computed with as one: by torch._foreach_… where there is such a function.

    Each gets the numbers that it would get alone.
    """

    def __init__(self, tensors):
        self.tensors = tensors

    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        name, kwargs = function.__name__.strip("_"), kwargs or {}
        if name in ("add", "mul") and not isinstance(args[0], Many):
            args = args[::-1]  # a number comes second
        if name == "square":
            name, args = "mul", args * 2
        together = getattr(torch, f"_foreach_{name}", None)
        able = (Many, float, int, *([torch.Tensor] if name in ("add", "mul") else []))
        if together and isinstance(args[0], Many) and all(isinstance(a, able) for a in args):
            return Many(list(together(*(a.tensors if isinstance(a, Many) else a for a in args))))
        count = max(len(a.tensors) for a in args if isinstance(a, Many))
        rows = zip(*(a.tensors if isinstance(a, Many) else [a] * count for a in args))
        return Many([function(*row, **kwargs) for row in rows])

    def __add__(self, other):
        return torch.add(self, other)

    def __sub__(self, other):
        return torch.sub(self, other)

    def __rsub__(self, other):
        return torch.neg(self) + other

    def __mul__(self, other):
        return torch.mul(self, other)

    def __truediv__(self, other):
        return torch.div(self, other)

    def __rtruediv__(self, other):
        return Many([other / tensor for tensor in self.tensors])

    def __neg__(self):
        return torch.neg(self)

    def __lt__(self, other):
        return torch.lt(self, other)

    def __le__(self, other):
        return torch.le(self, other)

    def __gt__(self, other):
        return torch.gt(self, other)

    def __ge__(self, other):
        return torch.ge(self, other)

    __radd__, __rmul__ = __add__, __mul__


def one(tensors):
    """Return a tensor that is alone, or several as one."""
    return tensors[0] if len(tensors) == 1 else Many(tensors)


def each(value):
    """Return the tensors that a value is made of."""
    return value.tensors if isinstance(value, Many) else [value]
'''
_STEP = '''
    @torch.no_grad()
    def step(self, closure=None):
        """Change all parameters that have a gradient; return the loss, computed by `closure`."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for weights in self.batches(group):
                self.change(weights, group)
        return loss

    def batches(self, group):
        """Return the parameters in lists of those that change together."""
        weights = [w for w in group["params"] if w.grad is not None]
        if any(w.grad.is_sparse for w in weights):
            raise RuntimeError("sparse gradients are not supported")
        foreach = group["foreach"]
        if foreach is None:
            foreach = all(w.is_cuda for w in weights) and not torch.compiler.is_compiling()
        if not foreach:
            return [[w] for w in weights]
        alike = {}
        for w in weights:
            alike.setdefault({key}, []).append(w)
        return list(alike.values())
'''
_AGE = """
        step, updates = states[0]["step"], group["updates"]
        if step >= updates and not self.past:
            self.past = True
            warnings.warn(f"more updates than {updates}: the rule's age stays at 1", stacklevel=2)
        age = min(step / max(updates - 1, 1), 1.0)
        for state in states:
            state["step"] += 1
"""
_BOUNDED = """
        new = w + group["lr"] * update
        if group["bound"] is not None:  # what is outside may come in, and goes no further out
            low, high = torch.clamp_max(w, -group["bound"]), torch.clamp_min(w, group["bound"])
            new = torch.minimum(torch.maximum(new, low), high)
        torch._foreach_copy_(weights, each(new))
"""


def torch_optimizer(subject: Subject) -> str:
    """Return the file's text; the rule must be one that `why_not_gradient` has nothing against."""
    plan = GradientPlan(subject)
    rule = rule_function(subject, TORCH, defaults=False)
    functions, primitives = [rule.source, _MANY.strip("\n"), _optimizer(plan, rule)], rule.primitives
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


def _parameters(plan: GradientPlan, rule: Function) -> list[str]:
    found = ["self", "params", "lr=1.0", "*", "updates" if "age" in plan.reads else "updates=None"]
    found += [f"{name}={name.upper()}" for name in plan.subject.coefficients if name in rule.reads]
    found += [f"{name}=None" for name in plan.plastic]
    return [*found, f"bound={number(plan.subject.bound)}", "foreach=None"]


def _optimizer(plan: GradientPlan, rule: Function) -> str:
    """The class `EvolvedRule`."""
    lines = ["class EvolvedRule(torch.optim.Optimizer):", '    """Changes parameters by the rule.', ""]
    lines.append("    params: parameters, or groups of them with options of their own.")
    lines.append("    lr: factor on every change; with 1 the rule is as it evolved.")
    if own := [name for name in rule.reads if name in plan.subject.coefficients]:
        lines.append(f"    {', '.join(own)}: coefficients of the rule, by default as they evolved.")
    lines.append(f"    updates: {updates_in_words(plan)}")
    if plan.plastic:
        lines.append(f"    {', '.join(plan.plastic)}: per-synapse coefficients, each a number or a tensor in a")
        lines.append("        parameter's shape; as an option of each group.")
    lines.append("    bound: parameters are kept within plus and minus this, those outside go no further; or None.")
    lines.append("    foreach: change many parameters at once; None: on a GPU.")
    lines += ['    """', ""]
    lines += ["    past = False", ""] if "age" in plan.reads else []
    parameters = _parameters(plan, rule)
    options = [p.partition("=")[0] for p in parameters if p not in ("self", "params", "*", "updates=None")]
    lines += [call("def __init__", parameters, ":", "    "), "        if not lr >= 0:"]
    lines.append('            raise ValueError(f"lr of at least 0 expected, not {lr}")')
    if "age" in plan.reads:
        lines.append("        if not updates >= 1:")
        lines.append('            raise ValueError(f"updates of at least 1 expected, not {updates}")')
    items = [f'"{name}": {name}' for name in options]
    lines += [mapping("defaults = ", items, "        "), "        super().__init__(params, defaults)"]
    if plan.plastic:
        lines += ["", "    def add_param_group(self, param_group):", '        """Add a group of parameters."""']
        lines.append("        super().add_param_group(param_group)")
    for name in plan.plastic:
        lines.append(f'        if self.param_groups[-1]["{name}"] is None:')
        lines.append(f'            raise ValueError("{name} expected as an option of each group of parameters")')
    key = ["w.dtype", "w.device", *(['self.state[w].get("step", 0)'] if "age" in plan.reads else [])]
    step = _STEP.replace("{key}", f"({', '.join(key)})")
    return "\n".join([*lines, step.rstrip(), "", *_change(plan, rule)])


def _change(plan: GradientPlan, rule: Function) -> list[str]:
    """The method `change`."""
    alike = "one type, device and age" if "age" in plan.reads else "one type and device"
    lines = ["    def change(self, weights, group):", f'        """Make one update of parameters of {alike}."""']
    held = [*plan.states, *(["w0"] if "w0" in plan.reads else []), *(["step"] if "age" in plan.reads else [])]
    if held:
        first = {"step": "0", "w0": "w.clone()"}
        lines += ["        states = [self.state[w] for w in weights]", "        for w, state in zip(weights, states):"]
        lines.append("            if not state:")
        lines += [f'                state["{name}"] = {first.get(name, "torch.zeros_like(w)")}' for name in held]
    if "age" in plan.reads:
        lines.append(_AGE.strip("\n"))
    numbers = [name for name in rule.reads if name in plan.subject.coefficients or name in ("age", *plan.plastic)]
    if numbers:
        lines.append('        like = {"dtype": weights[0].dtype, "device": weights[0].device}')
    lines.append("        w = one(weights)")
    given = {"grad": "one([w.grad for w in weights])", "w": "w"}
    given |= {name: f'one([state["{name}"] for state in states])' for name in ("s1", "s2", "w0")}
    given |= {name: f'torch.as_tensor(group["{name}"], **like)' for name in numbers}
    given |= {name: f"one([{given[name]}.expand_as(w) for w in weights])" for name in plan.plastic}
    given["age"] = "torch.as_tensor(age, **like)"
    arguments = [f"{name}={given[name]}" for name in rule.reads]
    lines.append(call(f"{', '.join(rule.gives)} = rule", arguments, "", "        "))
    for state in plan.states:
        name = RESULTS[state]
        own = f"torch.clone({name})" if state in rule.copied else name  # a state is no other tensor under its name
        value = own if state in rule.spread else f"torch.zeros_like(w) + {name}"
        lines.append(f"        for state, value in zip(states, each({value})):")
        lines.append(f'            state["{state}"] = value')
    return [*lines, _BOUNDED.strip("\n")]
