"""Parts of the Python export: arithmetic, the network's synapses, first weights, activations, the forward pass."""

from __future__ import annotations

from evometa.export.python_plan import FilePlan

FMA = '''
def fma(x, y, z):
    """Return x * y + z in float32, rounded once, as the run did it.

    By way of float64 rounded to odd (Boldo and Melquiond 2008): the product is exact there, and
    what its sum with z leaves over says in which direction the last bit must lean.
    """
    product = np.asarray(x, np.float64) * np.asarray(y, np.float64)
    total = product + z
    part = total - product
    rest = (product - (total - part)) + (z - part)
    bits = total.view(np.int64)
    lean = np.where((rest > 0) == (total > 0), np.int64(1), np.int64(-1))
    inexact = np.isfinite(total) & (rest != 0) & (bits % 2 == 0)
    return np.where(inexact, bits + lean, bits).view(np.float64).astype(F)
'''

_LAYERED = '''
def layered(inputs, hidden, outputs):
    """Return the synapses of fully connected layers: node each comes from, node it enters, group.

    Nodes are the inputs, the constant 1 (its synapses are biases), hidden nodes, outputs; synapses
    are ordered by the node that they enter, then by the one that they come from.
    """
    src, dst, group = [], [], []
    below, node = range(inputs), inputs + 1
    for layer, width in enumerate([*hidden, outputs]):
        own = range(node, node + width)
        for j in own:
            into = [(i, 2 * layer) for i in below] + [(inputs, 2 * layer + 1)]
{recurrent}            src += [i for i, _ in sorted(into)]
            dst += [j] * len(into)
            group += [g for _, g in sorted(into)]
        below, node = own, own.stop
    return np.array(src), np.array(dst), np.array(group)
'''
_BACK = """            if layer < len(hidden):  # what it and later nodes of the layer were before
                into += [(i, 2 * len(hidden) + 2 + layer) for i in range(j, own.stop)]
"""

_SWEEP = '''
def sweep(src, dst, inputs, outputs):
    """Return the order of a forward pass: nodes that can be computed together, with their synapses.

    Each entry: nodes i64[n], synapses i64[fan in, n], and whether they are hidden.
    """
    nodes = dst.max() + 1
    level, groups = np.zeros(nodes, int), {}
    for j in range(inputs + 1, nodes):
        into = np.arange(*np.searchsorted(dst, [j, j + 1]))
        below = src[into][src[into] < j]
        level[j] = 1 + max(level[below], default=0)
        groups.setdefault((level[j], j < nodes - outputs, len(into)), []).append((j, into))
    return [
        (np.array([j for j, _ in group]), np.array([into for _, into in group], int).T, hidden)
        for (_, hidden, _), group in sorted(groups.items())
    ]
'''

_DRAW = '''
def {name}(src, dst, inputs, rng):
    """Draw {what}.

    {meaning}.
    """
{body}
'''
_FANS = """    bias = src == inputs
    fan_in = np.maximum(np.bincount(dst[~bias], minlength=dst.max() + 1), 1)[dst]
"""
_FAN_OUT = "    fan_out = np.bincount(src, minlength=dst.max() + 1)[src]\n"
_DRAWS = {
    "normal": ("Normal, deviation {scale}", "    return ({scale} * rng.standard_normal(len(src))).astype(F)"),
    "uniform": ("Even, within ±{scale}", "    return rng.uniform(-{scale}, {scale}, len(src)).astype(F)"),
    "he": (
        "Normal, variance 2/fan in (He 2015) times {scale} squared; biases 0",
        _FANS + "    deviation = np.where(bias, 0.0, {scale} * np.sqrt(2 / fan_in))\n"
        "    return (deviation * rng.standard_normal(len(src))).astype(F)",
    ),
    "glorot": (
        "Normal, variance 2/(fan in + fan out) (Glorot and Bengio 2010) times {scale} squared; biases 0",
        _FANS + _FAN_OUT + "    deviation = np.where(bias, 0.0, {scale} * np.sqrt(2 / (fan_in + fan_out)))\n"
        "    return (deviation * rng.standard_normal(len(src))).astype(F)",
    ),
    "zeros": ("All are 0", "    return np.zeros(len(src), F)"),
}

_ACTIVATIONS = {
    "linear": "x",
    "tanh": "tanh(x)",
    "sigmoid": "sigmoid(x)",
    "relu": "np.where(x < F(0.0), F(0.0), x)",
    "step": "np.where(x > F(0.0), F(1.0), F(0.0))",
}
_SLOPES = {
    "linear": "err",
    "tanh": "err * (F(1.0) - a * a)",
    "sigmoid": "err * (a * (F(1.0) - a))",
    "relu": "np.where(a > F(0.0), err, F(0.0))",
    "step": "err",
}

_ANSWERS = {
    "linear": '''
def answer(net):
    """Return the answers to net inputs f32[B, outputs]: themselves."""
    return net
''',
    "sigmoid": '''
def answer(net):
    """Return the answers to net inputs f32[B, outputs]: logistic."""
    return sigmoid(net)
''',
    "softmax": '''
def answer(net):
    """Return the answers to net inputs f32[B, outputs]: softmax, summed in order."""
    top = net[:, 0]
    for x in net.T[1:]:
        top = np.where(x > top, x, top)
    raised = exp(net - top[:, None])
    total = np.zeros(len(net), F)
    for x in raised.T:
        total = total + x
    return raised / total[:, None]
''',
}

_FORWARD = '''
    def forward(self, x{before_too}):
        """Return the activations of all nodes, f32[B, nodes], for inputs f32[B, inputs].{before_words}"""
        if x.ndim != 2 or x.shape[1] != self.inputs:
            raise ValueError(f"inputs of shape (examples, {self.inputs}) expected, not {x.shape}")
        act = np.zeros((len(x), self.nodes), F)
        act[:, : self.inputs] = x
        act[:, self.inputs] = 1
        for nodes, synapses, hidden in self.sweep:
            net = np.zeros((len(x), len(nodes)), F)
            for e in synapses:  # one synapse of each node at a time
{read}                net = fma(self.w[e], {what}, net)
            act[:, nodes] = {activate}
        act[:, self.first_output :] = answer(act[:, self.first_output :])
        return act
'''


def network_parts(plan: FilePlan) -> list[str]:
    """Return the functions that build and run the network."""
    parts = []
    if plan.layers is not None:
        text = _LAYERED.replace("{recurrent}", _BACK if plan.recurrent else "")
        parts.append(text)
    parts.append(_SWEEP)
    if plan.draws:
        parts.append(_draw("first_weights", "the weights of a newborn", plan.init, plan.scale))
    if plan.sized and plan.credit == "feedback":
        parts.append(_draw("fixed_weights", "the weights by which errors go back", "glorot", 1.0))
    if plan.kinds:
        parts.append(_by_kind("activate", "x", "the activations of hidden nodes", plan, _ACTIVATIONS))
    parts.append(_ANSWERS[plan.head])
    return [part.strip("\n") for part in parts]


def slope_part(plan: FilePlan) -> str:
    """Return the function that takes errors back through the activation of hidden nodes."""
    return _by_kind("through", "err, a", "errors err taken back through activations a", plan, _SLOPES)


def forward_part(plan: FilePlan) -> str:
    """Return the learner's method `forward`."""
    read, what = "", "act[:, self.src[e]]"
    activate = "activate(net{}) if hidden else net".format(", self.kind[nodes]" if plan.mixed else "")
    if plan.recurrent:
        source, what = "self.src[e]", "read"
        read = f"                read = np.where({source} < nodes, act[:, {source}], before[:, {source}])\n"
    text = (
        _FORWARD.replace("{read}", read)
        .replace("{what}", what)
        .replace("{activate}", activate if plan.kinds else "net")
    )
    text = text.replace("{before_too}", ", before" if plan.recurrent else "")
    words = "\n\n        Recurrent synapses read `before`, the activations of the update before.\n        "
    return text.replace("{before_words}", words if plan.recurrent else "").strip("\n")


def _draw(name: str, what: str, init: str, scale: float) -> str:
    """The function that draws weights."""
    meaning, body = _DRAWS[init]
    text = _DRAW.replace("{name}", name).replace("{what}", what).replace("{meaning}", meaning).replace("{body}", body)
    if scale == 1:
        text = text.replace(" times {scale} squared", "").replace("{scale} * ", "")
    return text.replace("{scale}", repr(scale))


def _by_kind(name: str, arguments: str, what: str, plan: FilePlan, table: dict[str, str]) -> str:
    """One expression for a network whose hidden nodes are alike, else one for each kind."""
    if not plan.mixed:
        kind = plan.kinds[0]
        return f'def {name}({arguments}):\n    """Return {what} ({kind})."""\n    return {table[kind]}'
    named = ", ".join(f"{number} {kind}" for number, kind in enumerate(plan.kinds))
    choices = ",\n        ".join(table[kind] for kind in plan.kinds)
    doc = f'    """Return {what}; `kind` is {named}."""'
    body = f"    choices = [\n        {choices},\n    ]\n    return np.choose(kind, choices)"
    return f"def {name}({arguments}, kind):\n{doc}\n{body}"
