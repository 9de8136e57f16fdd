"""A learner that evometa evolved, with the rule by which it learns.

formula       Δw = −0.01·w − 0.2·s1; s1 ← grad + 0.5·s1
which is      momentum (c1 = 0.5) × 0.2, minus 0.01·w
network       3 inputs, 5 hidden nodes (2 step, 1 relu, 1 tanh, 1 linear), 1 output; 24 synapses
              (12 recurrent, 15 plastic), depth 2; learns from backpropagated errors
run           evolved1, recipe given, seed 0; individual 0, born in generation 1 of 1
digest …
written by …

Use (here on random numbers; FILE is this file without .py):

    import numpy as np
    from FILE import Learner

    rng = np.random.default_rng(0)
    learner = Learner()
    for update in range(10):
        x = rng.normal(size=(1, 3))  # inputs
        y = rng.integers(0, 2, size=(1, 1))  # desired outputs
        learner.learn(x, y)
    print(learner.predict(x))

It needs NumPy only. All numbers are float32, rounded in the order in which the run rounded
them: `python FILE.py` lives a piece of a lifetime again (a held-out task of the run (boolean: 3
separable maps of 3 bits, found in no other split)) and compares it with what the run computed,
bit for bit.
"""

import numpy as np

F = np.float32


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


def pow2(n):
    """2 to the power of a whole number from -126 to 127."""
    return ((np.asarray(n, F).astype(np.int32) + np.int32(127)) << np.int32(23)).view(F)


def exp(x):
    """e^x with x held within [-87, 88], within 1 ulp (polynomial: Cephes expf)."""
    y = np.where(x < F(-87.0), F(-87.0), np.where(x > F(88.0), F(88.0), x))
    n = y * F(1.442695) + F(12582912.0) - F(12582912.0)
    r = y - n * F(0.6933594) - n * F(-0.00021219444)
    p = F(0.00019875691) * r + F(0.0013981999)
    p = p * r + F(0.008333452)
    p = p * r + F(0.041665796)
    p = p * r + F(0.16666666)
    p = p * r + F(0.5)
    return (p * (r * r) + r + F(1.0)) * pow2(n)


def tanh(x):
    """Hyperbolic tangent, exactly odd, never beyond ±1, within 5.3 ulp (rational minimax fit
    in x² on [0, 8.1]).
    """
    y = np.where(x < F(-8.1), F(-8.1), np.where(x > F(8.1), F(8.1), x))
    z = y * y
    p = F(2.3104229e-11) * z + F(-1.4573833e-08)
    p = p * z + F(9.841734e-06)
    p = p * z + F(0.0029822348)
    p = p * z + F(0.12975986)
    p = p * z + F(1.0)
    q = F(0.00023667811) * z + F(0.024013493)
    q = q * z + F(0.46309307)
    q = q * z + F(1.0)
    return y * (p / q)


def sigmoid(x):
    """Logistic function 1/(1 + e^-x), within 2.5 ulp."""
    e = exp(-x)
    return F(1.0) / (F(1.0) + e)


def rule(grad, w, s1):
    """Return the change of weights and the next states.

    Δw = −0.01·w − 0.2·s1
    s1 ← grad + 0.5·s1
    """
    new_s1 = F(0.5) * s1 + grad
    update = F(-0.2) * new_s1 - F(0.01) * w
    return update, new_s1


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


def activate(x, kind):
    """Return the activations of hidden nodes.

    kind: 0 linear, 1 tanh, 2 relu, 3 step.
    """
    choices = [
        x,
        tanh(x),
        np.where(x < F(0.0), F(0.0), x),
        np.where(x > F(0.0), F(1.0), F(0.0)),
    ]
    return np.choose(kind, choices)


def answer(net):
    """Return the answers to net inputs f32[B, outputs]: logistic function of each net input."""
    return sigmoid(net)


def through(err, a, kind):
    """Return errors err taken back through activations a.

    kind: 0 linear, 1 tanh, 2 relu, 3 step.
    """
    choices = [
        err,
        err * (F(1.0) - a * a),
        np.where(a > F(0.0), err, F(0.0)),
        err,
    ]
    return np.choose(kind, choices)


class Learner:
    """A newborn network that learns by the rule.

    weights: f32[synapses] to be born with; if not given, its innate ones.
    """

    def __init__(self, weights=None):
        self.src, self.dst = SRC, DST
        self.inputs, self.outputs = 3, 1
        self.nodes = self.dst.max() + 1
        self.first_output = self.nodes - self.outputs
        self.sweep = sweep(self.src, self.dst, self.inputs, self.outputs)
        self.kind = KIND
        self.learns = LEARNS == 1
        below = (self.src > self.inputs) & (self.src < self.first_output)
        below &= self.src < self.dst
        nodes = range(self.nodes)
        self.hidden_into = [np.flatnonzero((self.dst == j) & below) for j in nodes]
        if weights is None:
            weights = WEIGHTS
        self.w = np.array(weights, F)
        self.s1 = np.zeros(len(self.w), F)
        self.act = np.zeros((1, self.nodes), F)

    def forward(self, x, before):
        """Return the activations of all nodes, f32[B, nodes], for inputs f32[B, inputs].

        Recurrent synapses read `before`, the activations of the update before.
        """
        if x.ndim != 2 or x.shape[1] != self.inputs:
            raise ValueError(f"inputs of shape (examples, {self.inputs}) expected, not {x.shape}")
        act = np.zeros((len(x), self.nodes), F)
        act[:, : self.inputs] = x
        act[:, self.inputs] = 1
        for nodes, synapses, hidden in self.sweep:
            net = np.zeros((len(x), len(nodes)), F)
            for e in synapses:  # one synapse of each node at a time
                read = np.where(self.src[e] < nodes, act[:, self.src[e]], before[:, self.src[e]])
                net = fma(self.w[e], read, net)
            act[:, nodes] = activate(net, self.kind[nodes]) if hidden else net
        act[:, self.first_output :] = answer(act[:, self.first_output :])
        return act

    @np.errstate(all="ignore")
    def predict(self, x):
        """Return the answers f32[Q, outputs] to inputs f32[Q, inputs]; nothing is learned."""
        x = np.asarray(x, F)
        before = np.repeat(self.act[:1], len(x), axis=0)
        return self.forward(x, before)[:, self.first_output :]

    def errors(self, act, y):
        """Return ∂loss/∂(net input) of every node, f32[B, nodes].

        The loss is the binary cross-entropy.
        The network learns from backpropagated errors.
        """
        err = np.zeros_like(act)
        answers = act[:, self.first_output :]
        above = (answers - y) * (F(1.0) / F(self.outputs))
        err[:, self.first_output :] = above
        for j in range(self.nodes - 1, self.inputs, -1):
            if j < self.first_output:
                err[:, j] = through(err[:, j], act[:, j], self.kind[j])
            e = self.hidden_into[j]
            err[:, self.src[e]] = fma(self.w[e], err[:, j : j + 1], err[:, self.src[e]])
        return err

    @np.errstate(all="ignore")
    def learn(self, x, y):
        """Make one weight update from examples: x f32[B, inputs], y f32[B, outputs]."""
        x, y = np.asarray(x, F), np.asarray(y, F)
        if y.shape != (len(x), self.outputs):
            raise ValueError(f"outputs of shape (examples, {self.outputs}) expected, not {y.shape}")
        before = self.act
        if len(before) != len(x):
            before = np.repeat(before[:1], len(x), axis=0)
        act = self.forward(x, before)
        err = self.errors(act, y)
        pre = np.where(self.src < self.dst, act[:, self.src], before[:, self.src])
        grad = np.zeros(len(self.w), F)
        for k in range(len(x)):
            grad = fma(err[k, self.dst], pre[k], grad)
        grad = grad * (F(1) / F(len(x)))
        update, new_s1 = rule(grad=grad, w=self.w, s1=self.s1)
        self.s1 = np.where(self.learns, new_s1, F(0))
        bound = F(20.0)
        w = self.w + update
        w = np.where(w < -bound, -bound, np.where(w > bound, bound, w))
        self.w = np.where(self.learns, w, self.w)
        self.act = act


def numbers(text, shape=-1, dtype=np.float32):
    """Read an array that is written as numbers with spaces between them."""
    return np.array([dtype(word) for word in text.split()], dtype).reshape(shape)


SRC = numbers("2 3 5 6 3 5 6 7 8 9 1 2 8 9 1 3 7 9 4 9 2 3 5 6", dtype=np.int32)
DST = numbers("4 4 4 4 5 5 5 5 5 5 6 6 6 6 7 7 7 7 8 8 9 9 9 9", dtype=np.int32)
KIND = numbers("0 0 0 0 2 1 3 0 3 0", dtype=np.int32)
LEARNS = numbers("0 1 1 0 0 1 1 0 1 1 0 1 1 0 1 1 0 1 1 0 1 1 0 1", dtype=np.int32)
WEIGHTS = numbers("""
-0.6904314 -2.9636366 -0.22002153 -0.8916563 -3.2616985 -2.3903263 1.7675781 1.3595301 -1.2804867
-0.0020975932 0.89114714 0.93680865 1.7524844 0.5129713 -0.18965667 -0.51769614 2.1114857 -4.5017085
-0.27731064 0.06600021 -2.850698 0.66562724 -1.302562 1.7248896
""")


def expect(what, found, wanted):
    """Raise AssertionError unless all numbers are equal (NaN to NaN)."""
    found = np.broadcast_to(np.asarray(found, F), wanted.shape)
    wrong = (found != wanted) & ~(np.isnan(found) & np.isnan(wanted))
    if wrong.any():
        raise AssertionError(f"{what}: {int(wrong.sum())} of {wrong.size} numbers differ")


def check():
    """Live a piece of a lifetime again.

    It is on a held-out task of the run (boolean: 3 separable maps of 3 bits, found in no other
    split).
    """
    # What the rule read at some synapses, and what it gave.
    update, new_s1 = rule(
        grad=numbers("0 0 0 0.9756187 0 -0.021129508 0 -0.82984734 0 488.78732 0 0.5482632"),
        w=numbers("""
-0.6904314 1.3595301 -0.51769614 1.7248896 -0.6904314 1.3595301 -0.4452489 -0.11614779 -0.6904314
1.3595301 -0.3868081 -0.1587274
"""),
        s1=numbers("0 0 0 0 0 0 0 1.3013625 0 0 0 0.36069298"),
    )
    expect(
        "update",
        update,
        numbers("""
0.006904314 -0.013595301 0.0051769614 -0.21237265 0.006904314 -0.009369399 0.004452489 0.036994696
0.006904314 -97.771065 0.003868081 -0.14413467
"""),
    )
    expect(
        "s1",
        new_s1,
        numbers("0 0 0 0.9756187 0 -0.021129508 0 -0.17916608 0 488.78732 0 0.7286097"),
    )

    # 30 updates of a learner: its answers before and after, and some of its weights after.
    learner = Learner()
    x = numbers("0 1 0 1 1 0 0 0 0 1 1 1 0 0 1 1 0 1 0 1 1 1 0 0", (8, 3))
    y = numbers("0 0 0 1 1 1 0 0", (8, 1))
    order = numbers(
        """
1 2 3 7 4 0 5 6 3 7 5 6 0 2 1 4 7 0 2 4 3 1 6 5 1 3 2 5 6 0
""",
        (30, 1),
        dtype=np.int32,
    )
    queries = numbers("0 1 0 1 1 0 0 0 0", (3, 3))
    expect(
        "answers at birth",
        learner.predict(queries),
        numbers("0.9756187 0.9756187 0.877005", (3, 1)),
    )
    for chosen in order:
        learner.learn(x[chosen], y[chosen])
    expect(
        "answers after learning",
        learner.predict(queries),
        numbers("0.47833884 0.47833884 0.47833884", (3, 1)),
    )
    expect(
        "weights after learning",
        learner.w[::1],
        numbers("""
-0.6904314 -2.1922033 -0.16275005 -0.8916563 -3.2616985 -2.1172905 1.6576706 1.3595301 -0.9471764
0.3401026 0.89114714 0.84668666 0.48115075 0.5129713 -0.14028913 -0.38294002 2.1114857 -3.3299146
-0.20512678 0.06600021 -0.20913139 -1.0863988 -1.302562 -0.30286205
"""),
    )
    print("12 results of the rule, 30 updates, 3 answers: as in the run")


if __name__ == "__main__":
    check()
