"""A learner that evometa evolved, with the rule by which it learns.

formula       Δw = 0.01·p0·pre·post − 0.1·grad
which is      none of the classic rules, by algebra
network       3 inputs → 2 linear/relu → 3 linear/relu → 1 output, partly connected, 30
              synapses, 9 of them recurrent; learns from backpropagated errors
run           sparse, recipe given, seed 0; individual 0, born in generation 1 of 1
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


def sigmoid(x):
    """Logistic function 1/(1 + e^-x), within 2.5 ulp."""
    e = exp(-x)
    return F(1.0) / (F(1.0) + e)


def rule(pre, post, grad, p0):
    """Return the change of weights: Δw = 0.01·p0·pre·post − 0.1·grad"""
    update = F(-0.1) * grad + pre * (post * (F(0.01) * p0))
    return update


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

    kind: 0 linear, 1 relu.
    """
    choices = [
        x,
        np.where(x < F(0.0), F(0.0), x),
    ]
    return np.choose(kind, choices)


def answer(net):
    """Return the answers to net inputs f32[B, outputs]: logistic function of each net input."""
    return sigmoid(net)


def through(err, a, kind):
    """Return errors err taken back through activations a.

    kind: 0 linear, 1 relu.
    """
    choices = [
        err,
        np.where(a > F(0.0), err, F(0.0)),
    ]
    return np.choose(kind, choices)


class Learner:
    """A newborn network that learns by the rule.

    weights: f32[synapses] to be born with; if not given, its innate ones.
    """

    def __init__(self, weights=None):
        self.src, self.dst = SRC, DST
        self.group = GROUP
        self.inputs, self.outputs = 3, 1
        self.nodes = self.dst.max() + 1
        self.first_output = self.nodes - self.outputs
        self.sweep = sweep(self.src, self.dst, self.inputs, self.outputs)
        self.kind = KIND
        below = (self.src > self.inputs) & (self.src < self.first_output)
        below &= self.src < self.dst
        nodes = range(self.nodes)
        self.hidden_into = [np.flatnonzero((self.dst == j) & below) for j in nodes]
        if weights is None:
            weights = WEIGHTS
        self.w = np.array(weights, F)
        self.p0 = P0[self.group]
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
        """Make one weight update from one example: x f32[1, inputs], y f32[1, outputs]."""
        x, y = np.asarray(x, F), np.asarray(y, F)
        if y.shape != (len(x), self.outputs):
            raise ValueError(f"outputs of shape (examples, {self.outputs}) expected, not {y.shape}")
        if len(x) != 1:
            raise ValueError(f"one example at a time; {len(x)} were given")
        before = self.act
        act = self.forward(x, before)
        err = self.errors(act, y)
        pre = np.where(self.src < self.dst, act[:, self.src], before[:, self.src])
        grad = np.zeros(len(self.w), F)
        for k in range(len(x)):
            grad = fma(err[k, self.dst], pre[k], grad)
        grad = grad * (F(1) / F(len(x)))
        update = rule(pre=pre[0], post=act[0, self.dst], grad=grad, p0=self.p0)
        bound = F(20.0)
        w = self.w + update
        self.w = np.where(w < -bound, -bound, np.where(w > bound, bound, w))
        self.act = act


def numbers(text, shape=-1, dtype=np.float32):
    """Read an array that is written as numbers with spaces between them."""
    return np.array([dtype(word) for word in text.split()], dtype).reshape(shape)


SRC = numbers("0 1 3 5 6 7 8 0 2 3 7 0 2 4 7 9 0 1 3 5 7 3 5 8 0 1 3 4 6 8", dtype=np.int32)
DST = numbers("4 4 4 4 4 4 4 5 5 5 5 6 6 6 6 6 7 7 7 7 7 8 8 8 9 9 9 9 9 9", dtype=np.int32)
GROUP = numbers("2 2 2 1 0 0 2 1 0 2 2 2 1 2 1 1 2 1 2 1 2 2 0 1 1 0 0 0 0 2", dtype=np.int32)
KIND = numbers("0 0 0 0 1 0 0 1 0 0", dtype=np.int32)
WEIGHTS = numbers("""
1.405963 -0.021651229 -0.37225056 -1.718185 1.6818255 0.7527786 0.7535638 1.1378813 0.34922656
-0.6392466 -0.80024123 -0.8002 1.3700724 -1.4603812 -0.5963695 -0.3212439 0.22461903 0.5753494
-1.249097 -1.7300135 -0.0044142324 1.2135638 0.7570581 0.21565078 -0.31715563 0.2932337 -0.24333508
0.81720656 -0.79444736 0.13423994
""")
P0 = numbers("-0.110780135 0.5433594 0.22463852")


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
    update = rule(
        pre=numbers("1 1 0.4986347 1.5910592 1 1 0.8137593 2.5570905 0 1 -0.8660066 1.090364"),
        post=numbers("""
1.0120611 0.4986347 0 0.92977875 0 0.8137593 0 0.2729935 0 -0.8660066 0.26384124 0.428132
"""),
        grad=numbers("""
1.8385469 0.09449103 0 1.479333 0 0.028624518 0 -1.8590214 0 0.05849723 0 -0.6235443
"""),
        p0=numbers("""
0.22463852 0.22463852 0.5433594 0.22463852 0.22463852 0.22463852 0.5433594 0.22463852 0.22463852
0.22463852 0.5433594 0.22463852
"""),
    )
    expect(
        "update",
        update,
        numbers("""
-0.1815812 -0.008328977 0 -0.14461015 0 -0.0010344349 0 0.18747029 0 -0.0077951076 -0.0012415124
0.063403085
"""),
    )

    # 20 updates of a learner: its answers before and after, and some of its weights after.
    learner = Learner()
    x = numbers("0 1 0 1 1 0 0 0 0 1 1 1 0 0 1 1 0 1 0 1 1 1 0 0", (8, 3))
    y = numbers("0 0 0 1 1 1 0 0", (8, 1))
    order = numbers("1 2 3 7 4 0 5 6 3 7 5 6 0 2 1 4 7 0 2 4", (20, 1), dtype=np.int32)
    queries = numbers("0 1 0 1 1 0 0 0 0", (3, 3))
    expect(
        "answers at birth",
        learner.predict(queries),
        numbers("0.5368934 0.92977875 0.46371603", (3, 1)),
    )
    for chosen in order:
        learner.learn(x[chosen], y[chosen])
    expect(
        "answers after learning",
        learner.predict(queries),
        numbers("0.09101363 0.021084433 0.08326459", (3, 1)),
    )
    expect(
        "weights after learning",
        learner.w[::1],
        numbers("""
1.2844968 -0.34006748 -0.66868937 -1.7263998 1.4388765 0.75303495 0.5448196 1.1471969 0.31404594
-0.68375075 -0.8069954 -0.76721895 1.3560371 -1.4519664 -0.607935 -0.3402991 0.22461903 0.5832104
-1.2425116 -1.7435881 -0.0026778106 1.2349148 0.7528046 0.4401142 -0.32151338 -0.101067886
-0.49200284 0.17565928 0.52307856 -0.07390863
"""),
    )
    print("12 results of the rule, 20 updates, 3 answers: as in the run")


if __name__ == "__main__":
    check()
