"""A learner that evometa evolved, with the rule by which it learns.

formula       Δw = 0.1·p0·tanh(pre·post) − 0.005·grad
which is      none of the classic rules, by algebra
coefficients  c0 = 0.005
network       1 input → 4 tanh → 3 tanh → 1 output, fully connected, 43 synapses, 16 of them
              recurrent; learns from backpropagated errors
run           recurrent, recipe given, seed 0; individual 0, born in generation 1 of 1
digest …
written by …

Use (here on random numbers; FILE is this file without .py):

    import numpy as np
    from FILE import Learner

    rng = np.random.default_rng(0)
    learner = Learner()
    for update in range(10):
        x = rng.normal(size=(1, 1))  # inputs
        y = rng.normal(size=(1, 1))  # desired outputs
        learner.learn(x, y)
    print(learner.predict(x))

It needs NumPy only. All numbers are float32, rounded in the order in which the run rounded
them: `python FILE.py` lives a piece of a lifetime again (a held-out task of the run (sinusoid:
amplitudes and phases drawn from a stream of this split's own)) and compares it with what the
run computed, bit for bit.
"""

import numpy as np

F = np.float32
C0 = F(0.005)


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


def rule(pre, post, grad, p0, c0=C0):
    """Return the change of weights: Δw = 0.1·p0·tanh(pre·post) − c0·grad"""
    update = -c0 * grad + F(0.1) * p0 * tanh(pre * post)
    return update


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
            if layer < len(hidden):  # what it and later nodes of the layer were before
                into += [(i, 2 * len(hidden) + 2 + layer) for i in range(j, own.stop)]
            src += [i for i, _ in sorted(into)]
            dst += [j] * len(into)
            group += [g for _, g in sorted(into)]
        below, node = own, own.stop
    return np.array(src), np.array(dst), np.array(group)


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


def first_weights(src, dst, inputs, rng):
    """Draw the weights of a newborn.

    Normal, variance 2/(fan in + fan out) (Glorot and Bengio 2010); biases 0.
    """
    bias = src == inputs
    fan_in = np.maximum(np.bincount(dst[~bias], minlength=dst.max() + 1), 1)[dst]
    fan_out = np.bincount(src, minlength=dst.max() + 1)[src]
    deviation = np.where(bias, 0.0, np.sqrt(2 / (fan_in + fan_out)))
    return (deviation * rng.standard_normal(len(src))).astype(F)


def activate(x):
    """Return the activations of hidden nodes (tanh)."""
    return tanh(x)


def answer(net):
    """Return the answers to net inputs f32[B, outputs]: net inputs themselves."""
    return net


def through(err, a):
    """Return errors err taken back through activations a (tanh)."""
    return err * (F(1.0) - a * a)


class Learner:
    """A newborn network that learns by the rule.

    inputs, outputs: how many nodes.
    hidden: widths of the hidden layers.
    weights: f32[synapses] to be born with; if not given, drawn by `seed`.
    """

    def __init__(self, inputs=1, hidden=(4, 3), outputs=1, weights=None, seed=0):
        self.src, self.dst, self.group = layered(inputs, hidden, outputs)
        self.inputs, self.outputs = inputs, outputs
        self.nodes = self.dst.max() + 1
        self.first_output = self.nodes - self.outputs
        self.sweep = sweep(self.src, self.dst, self.inputs, self.outputs)
        below = (self.src > self.inputs) & (self.src < self.first_output)
        below &= self.src < self.dst
        nodes = range(self.nodes)
        self.hidden_into = [np.flatnonzero((self.dst == j) & below) for j in nodes]
        rng = np.random.default_rng(seed)
        if weights is None:
            weights = first_weights(self.src, self.dst, self.inputs, rng)
        self.w = np.array(weights, F)
        if self.group.max() >= len(P0):
            raise ValueError("there must be as many layers as when the rule evolved")
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
            act[:, nodes] = activate(net) if hidden else net
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

        The loss is the mean squared error.
        The network learns from backpropagated errors.
        """
        err = np.zeros_like(act)
        answers = act[:, self.first_output :]
        above = (answers - y) * (F(2.0) / F(self.outputs))
        err[:, self.first_output :] = above
        for j in range(self.nodes - 1, self.inputs, -1):
            if j < self.first_output:
                err[:, j] = through(err[:, j], act[:, j])
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


P0 = numbers("""
-0.24057943 -0.3973077 -0.07450849 0.12613358 0.34081396 0.03291192 -0.1657942 -0.2354341
""")


def expect(what, found, wanted):
    """Raise AssertionError unless all numbers are equal (NaN to NaN)."""
    found = np.broadcast_to(np.asarray(found, F), wanted.shape)
    wrong = (found != wanted) & ~(np.isnan(found) & np.isnan(wanted))
    if wrong.any():
        raise AssertionError(f"{what}: {int(wrong.sum())} of {wrong.size} numbers differ")


def check():
    """Live a piece of a lifetime again.

    It is on a held-out task of the run (sinusoid: amplitudes and phases drawn from a stream of
    this split's own).
    """
    # What the rule read at some synapses, and what it gave.
    update = rule(
        pre=numbers("""
4.197614 0 -0.42536774 -0.08597891 -2.1970491 0.11485689 0.06400985 0.52337873 -4.2769885
0.006854255 -0.0017344838 0.5190351
"""),
        post=numbers("""
0.9684391 0.98678654 -0.68967897 -0.10288166 -0.1762979 -0.030285606 -0.020846542 -0.63620126
-0.0169512 -0.004923528 -0.024759496 -0.85702217
"""),
        grad=numbers("""
0.13448337 0 -0.20811138 -0.1848303 -0.0034862466 -0.0017288997 0.012457915 0.18378659 6.0178185
0.0060370993 0.008659805 -4.3231754
"""),
        p0=numbers("""
-0.24057943 -0.1657942 -0.07450849 0.34081396 -0.24057943 -0.1657942 -0.07450849 0.34081396
-0.24057943 -0.1657942 -0.07450849 0.34081396
"""),
    )
    expect(
        "update",
        update,
        numbers("""
-0.024716195 -0 -0.0010846563 0.0012256159 -0.008861407 6.6315944e-05 -5.2347288e-05 -0.01186556
-0.031830244 -2.9625988e-05 -4.3619e-05 0.0073822755
"""),
    )

    # 100 updates of a learner: its answers before and after, and some of its weights after.
    weights = numbers("""
0.49231285 0 -0.10207494 -0.2943375 -0.4967212 -0.95813936 -0.10821085 0 -0.08394772 0.665995
0.36172315 0.5971302 0 -0.7023118 -0.0211646 -0.4890043 0 0.20937344 -0 -0.29879785 -0.5118677
0.22098686 -0.61590016 -0.44334468 0.34487695 0.21926023 -0 -0.51045537 0.21166605 0.01371385
0.28576383 -0.41390494 -0.1985542 -0 -0.484465 -0.25379956 0.062019136 -0.22099337 1.0681009 0
0.20039007 0.4340449 -0.81544274
""")
    learner = Learner(weights=weights)
    x = numbers(
        """
3.666009 -4.2769885 4.197614 -2.6268797 -2.1970491 -0.005114931 4.7672877 3.8387196 1.2571739
-1.3517289
""",
        (10, 1),
    )
    y = numbers(
        """
0.61904913 3.3076048 -1.17774 0.65177804 -0.8117783 -2.2395835 -2.730583 0.029661989 1.7981241
-3.033735
""",
        (10, 1),
    )
    order = numbers(
        """
2 3 1 6 9 7 0 4 8 5 7 0 2 4 3 1 5 9 6 8 2 5 3 7 1 9 6 0 4 8 0 7 4 8 5 9 1 2 3 6 6 0 5 1 2 3 7 8 4 9
4 3 2 7 1 0 6 5 9 8 7 5 8 1 0 2 3 9 4 6 4 9 2 0 6 5 7 3 8 1 1 2 7 8 9 5 4 3 6 0 6 9 3 7 4 5 8 2 0 1
""",
        (100, 1),
        dtype=np.int32,
    )
    queries = numbers("-5 -3.3333333 -1.6666666", (3, 1))
    expect(
        "answers at birth",
        learner.predict(queries),
        numbers("0.11505925 0.08979672 0.063663304", (3, 1)),
    )
    for chosen in order:
        learner.learn(x[chosen], y[chosen])
    expect(
        "answers after learning",
        learner.predict(queries),
        numbers("-0.3184221 -0.4303836 -0.5443274", (3, 1)),
    )
    expect(
        "weights after learning",
        learner.w[::2],
        numbers("""
-0.023287684 -0.1293481 -0.49366984 -0.05715507 -0.04266597 0.414524 -0.023823384 -0.067775026
0.072069705 0.0723081 -0.47589892 -0.5679428 0.24794114 0.016810091 0.17616357 0.26272267
-0.05158307 -0.41611183 0.12528093 0.4899339 0.0030946229 -1.4854808
"""),
    )
    print("12 results of the rule, 100 updates, 3 answers: as in the run")


if __name__ == "__main__":
    check()
