"""A learning rule that evometa evolved, as an optimizer for PyTorch.

formula       Δw = 0.001·s2 − 0.05·grad·s1; s1 ← 0.5 + 0.5·age; s2 ← 0.5·s2 + 0.25·s1
which is      none of the classic rules, by algebra
network       1 input → 5 tanh → 1 output, fully connected, 16 synapses; learns from
              backpropagated errors
run           stately, recipe given, seed 0; individual 0, born in generation 1 of 1
digest …
written by …

It evolved with batches of 2 examples and lives of 100 updates. It learned from the mean squared
error.

Use (here on random numbers; FILE is this file without .py):

    import torch
    from FILE import EvolvedRule

    model = torch.nn.Sequential(
        torch.nn.Linear(1, 5),
        torch.nn.Tanh(),
        torch.nn.Linear(5, 1),
    )
    optimizer = EvolvedRule(model.parameters(), updates=10)
    x, y = torch.randn(32, 1), torch.randn(32, 1)
    for step in range(10):
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
    print(loss.item())
"""

import warnings

import torch


def rule(grad, s1, s2, age):
    """Return the change of weights and the next states.

    Δw = 0.001·s2 − 0.05·grad·s1
    s1 ← 0.5 + 0.5·age
    s2 ← 0.5·s2 + 0.25·s1
    """
    new_s2 = 0.25 * s1 + 0.5 * s2
    new_s1 = 0.5 + 0.5 * age
    update = 0.001 * new_s2 + new_s1 * (-0.05 * grad)
    return update, new_s1, new_s2


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


def bounded(w, update, bound):
    """Return w + update within the bound: what is outside may come in, and goes no further out."""
    if bound is None:
        return w + update
    low, high = torch.clamp_max(w, -bound), torch.clamp_min(w, bound)
    return torch.minimum(torch.maximum(w + update, low), high)


def apply_rule(w, grad, state=None, *, age, lr=1.0, bound=0.8):
    """Return a parameter after one update, and its states then: autograd goes through it.

    grad: made with `create_graph`, if slopes are to be exact; state: as it was given after the
        update before, None at birth.
    age: from 0 at the first update to 1 at the last.
    Other options are those of EvolvedRule; those that are tensors may need gradients.
    """
    if state is None:
        state = {
            "s1": torch.zeros_like(w),
            "s2": torch.zeros_like(w),
        }
    update, new_s1, new_s2 = rule(
        grad=grad,
        s1=state["s1"],
        s2=state["s2"],
        age=torch.as_tensor(age, dtype=w.dtype, device=w.device),
    )
    state = {
        "s1": torch.zeros_like(w) + new_s1,
        "s2": torch.zeros_like(w) + new_s2,
    }
    return bounded(w, lr * update, bound), state


class EvolvedRule(torch.optim.Optimizer):
    """Changes parameters by the rule.

    params: parameters, or groups of them with options of their own.
    lr: factor on every change; with 1 the rule is as it evolved.
    updates: how many there will be (in the run 100); `age` goes from 0 to 1 with them.
    bound: parameters are kept within plus and minus this, those outside go no further; or None.
    foreach: change many parameters at once; None: on a GPU.
    """

    past = False

    def __init__(self, params, lr=1.0, *, updates, bound=0.8, foreach=None):
        if not lr >= 0:
            raise ValueError(f"lr of at least 0 expected, not {lr}")
        if not updates >= 1:
            raise ValueError(f"updates of at least 1 expected, not {updates}")
        defaults = {
            "lr": lr,
            "updates": updates,
            "bound": bound,
            "foreach": foreach,
        }
        super().__init__(params, defaults)

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
            alike.setdefault((w.dtype, w.device, self.state[w].get("step", 0)), []).append(w)
        return list(alike.values())

    def change(self, weights, group):
        """Make one update of parameters of one type, device and age."""
        states = [self.state[w] for w in weights]
        for w, state in zip(weights, states):
            if not state:
                state["s1"] = torch.zeros_like(w)
                state["s2"] = torch.zeros_like(w)
                state["step"] = 0
        step, updates = states[0]["step"], group["updates"]
        if step >= updates and not self.past:
            self.past = True
            warnings.warn(f"more updates than {updates}: the rule's age stays at 1", stacklevel=2)
        age = min(step / max(updates - 1, 1), 1.0)
        for state in states:
            state["step"] += 1
        like = {"dtype": weights[0].dtype, "device": weights[0].device}
        w = one(weights)
        update, new_s1, new_s2 = rule(
            grad=one([w.grad for w in weights]),
            s1=one([state["s1"] for state in states]),
            s2=one([state["s2"] for state in states]),
            age=torch.as_tensor(age, **like),
        )
        for state, value in zip(states, each(torch.zeros_like(w) + new_s1)):
            state["s1"] = value
        for state, value in zip(states, each(new_s2)):
            state["s2"] = value
        new = bounded(w, group["lr"] * update, group["bound"])
        torch._foreach_copy_(weights, each(new))
