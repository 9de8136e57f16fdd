"""A learner that evometa evolved, with the rule by which it learns.

formula       Δw = pre·post·(0.05·reward − 0.025) − 0.02·grad
which is      none of the classic rules, by algebra
network       3 inputs → 4 relu → 1 output, fully connected, 21 synapses; learns from output
              errors sent back through fixed random weights
run           rewarded, recipe given, seed 0; individual 0, born in generation 1 of 1
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


def rule(pre, post, grad, reward):
    """Return the change of weights: Δw = pre·post·(0.05·reward − 0.025) − 0.02·grad"""
    update = post * (F(0.05) * (reward - F(0.5)) * pre) - F(0.02) * grad
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


def in_order(rows):
    """Return the sum of each row, added one after another, f32[B, 1]."""
    total = np.zeros((len(rows), 1), F)
    for column in rows.T:
        total = total + column[:, None]
    return total


def activate(x):
    """Return the activations of hidden nodes (relu)."""
    return np.where(x < F(0.0), F(0.0), x)


def answer(net):
    """Return the answers to net inputs f32[B, outputs]: logistic function of each net input."""
    return sigmoid(net)


def through(err, a):
    """Return errors err taken back through activations a (relu)."""
    return np.where(a > F(0.0), err, F(0.0))


class Learner:
    """A newborn network that learns by the rule.

    weights: f32[synapses] to be born with; if not given, its innate ones.
    """

    def __init__(self, weights=None):
        self.src, self.dst, _ = layered(3, (4,), 1)
        self.inputs, self.outputs = 3, 1
        self.nodes = self.dst.max() + 1
        self.first_output = self.nodes - self.outputs
        self.sweep = sweep(self.src, self.dst, self.inputs, self.outputs)
        below = (self.src > self.inputs) & (self.src < self.first_output)
        below &= self.src < self.dst
        nodes = range(self.nodes)
        self.hidden_into = [np.flatnonzero((self.dst == j) & below) for j in nodes]
        if weights is None:
            weights = WEIGHTS
        self.w = np.array(weights, F)
        self.feedback = FEEDBACK

    def forward(self, x):
        """Return the activations of all nodes, f32[B, nodes], for inputs f32[B, inputs]."""
        if x.ndim != 2 or x.shape[1] != self.inputs:
            raise ValueError(f"inputs of shape (examples, {self.inputs}) expected, not {x.shape}")
        act = np.zeros((len(x), self.nodes), F)
        act[:, : self.inputs] = x
        act[:, self.inputs] = 1
        for nodes, synapses, hidden in self.sweep:
            net = np.zeros((len(x), len(nodes)), F)
            for e in synapses:  # one synapse of each node at a time
                net = fma(self.w[e], act[:, self.src[e]], net)
            act[:, nodes] = activate(net) if hidden else net
        act[:, self.first_output :] = answer(act[:, self.first_output :])
        return act

    @np.errstate(all="ignore")
    def predict(self, x):
        """Return the answers f32[Q, outputs] to inputs f32[Q, inputs]; nothing is learned."""
        x = np.asarray(x, F)
        return self.forward(x)[:, self.first_output :]

    def errors(self, act, y):
        """Return ∂loss/∂(net input) of every node, f32[B, nodes].

        The loss is the binary cross-entropy.
        The network learns from output errors sent back through fixed random weights.
        """
        err = np.zeros_like(act)
        answers = act[:, self.first_output :]
        above = (answers - y) * (F(1.0) / F(self.outputs))
        err[:, self.first_output :] = above
        for j in range(self.nodes - 1, self.inputs, -1):
            if j < self.first_output:
                err[:, j] = through(err[:, j], act[:, j])
            e = self.hidden_into[j]
            err[:, self.src[e]] = fma(self.feedback[e], err[:, j : j + 1], err[:, self.src[e]])
        return err

    def reward(self, answers, y):
        """Return the mean reward of some examples (accuracy)."""
        part1 = np.where(answers > F(0.5), F(1.0), F(0.0))
        part2 = np.where(part1 == np.where(y > F(0.5), F(1.0), F(0.0)), F(1.0), F(0.0))
        rewards = in_order(part2) / F(self.outputs)
        return in_order(rewards.T)[0, 0] / F(len(y))

    @np.errstate(all="ignore")
    def learn(self, x, y):
        """Make one weight update from one example: x f32[1, inputs], y f32[1, outputs]."""
        x, y = np.asarray(x, F), np.asarray(y, F)
        if y.shape != (len(x), self.outputs):
            raise ValueError(f"outputs of shape (examples, {self.outputs}) expected, not {y.shape}")
        if len(x) != 1:
            raise ValueError(f"one example at a time; {len(x)} were given")
        act = self.forward(x)
        err = self.errors(act, y)
        pre = act[:, self.src]
        grad = np.zeros(len(self.w), F)
        for k in range(len(x)):
            grad = fma(err[k, self.dst], pre[k], grad)
        grad = grad * (F(1) / F(len(x)))
        update = rule(
            pre=pre[0],
            post=act[0, self.dst],
            grad=grad,
            reward=self.reward(act[:, self.first_output :], y),
        )
        bound = F(20.0)
        w = self.w + update
        self.w = np.where(w < -bound, -bound, np.where(w > bound, bound, w))


def numbers(text, shape=-1, dtype=np.float32):
    """Read an array that is written as numbers with spaces between them."""
    return np.array([dtype(word) for word in text.split()], dtype).reshape(shape)


WEIGHTS = numbers("""
0.49764216 -0.0638598 -0.084175885 -0 -1.3324636 -0.28428495 -0.5760762 0 -0.54248595 0.08921805
0.31595352 -0 -0.9450368 -0.28334963 -0.30383396 0 -0 0.4524652 -0.655108 0.0036576649 0.48411185
""")
FEEDBACK = numbers("""
0.544591 -0.6857928 -0.3378419 -0 -0.251323 -0.46850643 0.4542504 -0 -0.80072397 1.1042814
-0.07382653 -0 0.28170937 -0.43718985 -0.8258165 -0 -0 1.183155 -0.65416616 -0.2110914 -0.12367052
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
    update = rule(
        pre=numbers("1 0 1 0 1 0 0 0 0 1 1 0"),
        post=numbers("""
0.43378237 0 0 0.5489109 0.49001804 0 0 0.53921205 0.47932458 0 0 0.55197376
"""),
        grad=numbers("0.64944667 0 0 0 0.6379714 0 0 0 0 0 0 0"),
        reward=numbers("0 0 0 0 0 0 0 0 0 0 0 0"),
    )
    expect(
        "update",
        update,
        numbers("-0.023833493 -0 -0 -0 -0.025009878 -0 -0 -0 -0 -0 -0 -0"),
    )

    # 100 updates of a learner: its answers before and after, and some of its weights after.
    learner = Learner()
    x = numbers("0 1 0 1 1 0 0 0 0 1 1 1 0 0 1 1 0 1 0 1 1 1 0 0", (8, 3))
    y = numbers("0 0 0 1 1 1 0 0", (8, 1))
    order = numbers(
        """
1 2 3 7 4 0 5 6 3 7 5 6 0 2 1 4 7 0 2 4 3 1 6 5 1 3 2 5 6 0 7 4 0 3 2 6 7 4 1 5 0 7 4 3 5 6 1 2 2 5
7 0 4 1 6 3 6 0 5 1 2 3 4 7 3 2 4 1 5 6 0 7 1 0 7 4 2 3 5 6 7 5 4 1 0 2 3 6 6 4 2 7 5 3 0 1 3 5 7 6
""",
        (100, 1),
        dtype=np.int32,
    )
    queries = numbers("0 1 0 1 1 0 0 0 0", (3, 3))
    expect(
        "answers at birth",
        learner.predict(queries),
        numbers("0.5000816 0.5489109 0.5", (3, 1)),
    )
    for chosen in order:
        learner.learn(x[chosen], y[chosen])
    expect(
        "answers after learning",
        learner.predict(queries),
        numbers("0.4831545 0.5383573 0.4866539", (3, 1)),
    )
    expect(
        "weights after learning",
        learner.w[::1],
        numbers("""
0.5621732 -0.17216757 0.5614982 0.01486038 -1.3324636 -0.28428495 -0.5760762 0 -0.54248595
0.14127046 0.26094097 0.03276769 -0.9450368 -0.28334963 -0.30383396 0 -0.059803046 0.52742 -0.655108
-0.043694135 0.48411185
"""),
    )
    print("12 results of the rule, 100 updates, 3 answers: as in the run")


if __name__ == "__main__":
    check()
