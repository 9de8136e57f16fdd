"""A learning rule that evometa evolved, as an optimizer for PyTorch.

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

    import torch
    from FILE import evolved_loss, EvolvedRule, network, parameter_groups

    model = network()
    optimizer = EvolvedRule(parameter_groups(model))
    x, y = torch.randn(32, 3), torch.randint(2, (32, 1)).float()
    for step in range(10):
        optimizer.zero_grad()
        loss = evolved_loss(model(x), y)
        loss.backward()
        optimizer.step()
    print(loss.item())
"""

import torch


def exp(a):
    """e^a, a held within [−87, 88]."""
    return torch.exp(torch.clip(a, -87.0, 88.0))


def sigmoid(a):
    """Logistic function 1/(1 + e^−a)."""
    return 1.0 / (1.0 + torch.exp(torch.clip(-a, -87.0, 88.0)))


def choose(a, b, c):
    """b where a is positive, else c."""
    return torch.where(a > 0.0, b, c)


def rule(grad, w, p0, p1):
    """Return the change of weights: Δw = −0.5·grad − 0.1·p0·p1·σ(w)"""
    update = -0.5 * grad - sigmoid(w) * (0.1 * p0 * p1)
    return update


def loss_value(output, target):
    """Return the loss of each output: loss = select(target, exp(−output), output²)"""
    value = choose(target, exp(-output), torch.square(output))
    return value


def loss_slope(output, target):
    """Return the derivative, with respect to the output, of the loss of each output.

    loss = select(target, exp(−output), output²)
    """
    t1 = -output
    t2 = choose(target, choose(t1 - 88.0, 0.0, choose(output - 87.0, 0.0, -exp(t1))), 0.0)
    slope = choose(target, 0.0, 2.0 * output) + t2
    return slope


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


def apply_rule(w, grad, state=None, *, p0, p1, lr=1.0, bound=20.0):
    """Return a parameter after one update, and its states then: autograd goes through it.

    grad: made with `create_graph`, if slopes are to be exact; state: as it was given after the
        update before, None at birth.
    Other options are those of EvolvedRule; those that are tensors may need gradients.
    """
    update = rule(
        grad=grad,
        w=w,
        p0=torch.as_tensor(p0, dtype=w.dtype, device=w.device),
        p1=torch.as_tensor(p1, dtype=w.dtype, device=w.device),
    )
    return bounded(w, lr * update, bound), {}


class EvolvedRule(torch.optim.Optimizer):
    """Changes parameters by the rule.

    params: parameters, or groups of them with options of their own.
    lr: factor on every change; with 1 the rule is as it evolved.
    updates: not read by this rule.
    p0, p1: per-synapse coefficients, each a number or a tensor in a
        parameter's shape; as an option of each group.
    bound: parameters are kept within plus and minus this, those outside go no further; or None.
    foreach: change many parameters at once; None: on a GPU.
    """

    def __init__(self, params, lr=1.0, *, updates=None, p0=None, p1=None, bound=20.0, foreach=None):
        if not lr >= 0:
            raise ValueError(f"lr of at least 0 expected, not {lr}")
        defaults = {
            "lr": lr,
            "p0": p0,
            "p1": p1,
            "bound": bound,
            "foreach": foreach,
        }
        super().__init__(params, defaults)

    def add_param_group(self, param_group):
        """Add a group of parameters."""
        super().add_param_group(param_group)
        if self.param_groups[-1]["p0"] is None:
            raise ValueError("p0 expected as an option of each group of parameters")
        if self.param_groups[-1]["p1"] is None:
            raise ValueError("p1 expected as an option of each group of parameters")

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
            alike.setdefault((w.dtype, w.device), []).append(w)
        return list(alike.values())

    def change(self, weights, group):
        """Make one update of parameters of one type and device."""
        like = {"dtype": weights[0].dtype, "device": weights[0].device}
        w = one(weights)
        update = rule(
            grad=one([w.grad for w in weights]),
            w=w,
            p0=one([torch.as_tensor(group["p0"], **like).expand_as(w) for w in weights]),
            p1=one([torch.as_tensor(group["p1"], **like).expand_as(w) for w in weights]),
        )
        new = bounded(w, group["lr"] * update, group["bound"])
        torch._foreach_copy_(weights, each(new))


class _Loss(torch.autograd.Function):
    """The evolved loss of each output, with the slope that the run descended."""

    @staticmethod
    def forward(ctx, output, target):
        ctx.save_for_backward(output, target)
        return loss_value(output, target)

    @staticmethod
    def backward(ctx, above):
        output, target = ctx.saved_tensors
        return above * loss_slope(output, target), None


def evolved_loss(net, target):
    """Return the mean evolved loss; net: net inputs of the outputs; target: desired answers."""
    answer = torch.sigmoid(net)
    return _Loss.apply(answer, target).mean()


def network():
    """Return the network that the rule evolved with, its weights innate; it gives net inputs."""
    model = torch.nn.Sequential(
        torch.nn.Linear(3, 4),
        torch.nn.Tanh(),
        torch.nn.Linear(4, 1),
    )
    with torch.no_grad():
        for parameter, values in zip(model.parameters(), WEIGHTS):
            parameter.copy_(values)
    return model


def parameter_groups(model):
    """Return a model's parameters with the per-synapse coefficients that evolved.

    The model must have 2 layers of the class Linear, as the one that the rule evolved with.
    """
    layers = [module for module in model.modules() if isinstance(module, torch.nn.Linear)]
    if len(layers) != 2:
        raise ValueError(f"2 linear layers expected, not {len(layers)}")
    groups = []
    for i, layer in enumerate(layers):
        for parameter, j in ((layer.weight, 2 * i), (layer.bias, 2 * i + 1)):
            groups.append({"params": [parameter], "p0": P0[j], "p1": P1[j]})
    return groups


def numbers(text, shape=-1):
    """Read an array that is written as numbers with spaces between them."""
    return torch.tensor([float(word) for word in text.split()]).reshape(shape)


P0 = [
    numbers(
        """
-0.24057943 -0.3973077 -0.07450849 0.34081396 0.03291192 -0.1657942 0.22462372 0.4904349 0.081830636
-0.28747955 0.48000574 0.06086473
""",
        (4, 3),
    ),
    numbers("0.12613358 -0.2354341 -0.3699986 -0.51964045"),
    numbers("-0.3489678 -0.18878643 -0.14640175 -0.21399401", (1, 4)),
    numbers("-0.025108857"),
]
P1 = [
    numbers(
        """
0.16601354 -0.018925792 -0.17682938 0.24895659 -0.49290702 -0.077019036 -0.05194657 -0.38682562
0.0062071183 -0.09130132 -0.31437796 -0.1188571
""",
        (4, 3),
    ),
    numbers("0.12289135 -0.2942242 -0.011365722 -0.32739866"),
    numbers("0.06743572 -0.33280498 0.35108882 0.2149763", (1, 4)),
    numbers("-0.40656263"),
]
WEIGHTS = [
    numbers(
        """
-1.0678779 0.145459 -0.5888923 0.02332228 -1.0628604 -0.12476958 0.51421094 -0.63150984 0.39449996
-0.17708243 -0.4492518 0.77437943
""",
        (4, 3),
    ),
    numbers("0 -0 -0 0"),
    numbers("0.40598357 0.5344203 0.53169453 -0.38365483", (1, 4)),
    numbers("0"),
]
