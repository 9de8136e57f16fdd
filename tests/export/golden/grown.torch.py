"""A network that evometa evolved, with the rule by which its synapses learn.

formula       Δw = −0.01·w − 0.2·s1; s1 ← grad + 0.5·s1
which is      momentum (c1 = 0.5) × 0.2, minus 0.01·w
network       3 inputs, 5 hidden nodes (2 step, 1 relu, 1 tanh, 1 linear), 1 output; 24 synapses
              (12 recurrent, 15 plastic), depth 2; learns from backpropagated errors
run           evolved1, recipe given, seed 0; individual 0, born in generation 1 of 1
digest …
written by …

Use (here on random numbers; FILE is this file without .py):

    import torch
    from FILE import PlasticNetwork

    network = PlasticNetwork()
    for update in range(10):
        x = torch.randn(1, 3)  # inputs
        y = torch.randint(2, (1, 1)).float()  # desired outputs
        network.learn(x, y)
    print(network(x))

The weights are buffers, not parameters: they learn by the rule, in life, and torch's own
gradients have no part in it. With differentiable=True autograd follows each life, so that what
it is born with can be tuned by gradients.
"""

import functools

import torch


def rule(grad, w, s1):
    """Return the change of weights and the next states.

    Δw = −0.01·w − 0.2·s1
    s1 ← grad + 0.5·s1
    """
    new_s1 = 0.5 * s1 + grad
    update = -0.2 * new_s1 - 0.01 * w
    return update, new_s1


def activate(x, kind):
    """Return the activations of hidden nodes.

    kind: 0 linear, 1 tanh, 2 relu, 3 step.
    """
    choices = [
        x,
        torch.tanh(x),
        torch.relu(x),
        torch.where(x > 0.0, 1.0, 0.0),
    ]
    return torch.stack(choices).gather(0, kind.expand_as(x)[None])[0]


def answer(net):
    """Return the answers to net inputs."""
    return torch.sigmoid(net)


def through(err, a, kind):
    """Return errors err taken back through activations a.

    kind: 0 linear, 1 tanh, 2 relu, 3 step.
    """
    choices = [
        err,
        err * (1.0 - a * a),
        torch.where(a > 0.0, err, 0.0),
        err,
    ]
    return torch.stack(choices).gather(0, kind.expand_as(err)[None])[0]


def life(learn):
    """Return a method that autograd follows only where its module is `differentiable`."""

    @functools.wraps(learn)
    def method(self, *examples, **named):
        with torch.set_grad_enabled(self.differentiable and torch.is_grad_enabled()):
            return learn(self, *examples, **named)

    return method


class PlasticNetwork(torch.nn.Module):
    """The network that evolved, newborn.

    Nodes are inputs (3), the constant 1, hidden nodes (5), outputs (1); a synapse goes from
    node SRC to node DST, and reads what a node after it was at the update before. Nodes of one
    LEVEL are computed together.

    weights: f32[synapses] to be born with; if not given, its innate ones.
    differentiable: autograd follows its life, back to weights.
    """

    def __init__(self, weights=None, differentiable=False):
        super().__init__()
        self.differentiable = differentiable
        if weights is None:
            weights = WEIGHTS
        self.register_buffer("w", weights.clone())
        self.register_buffer("s1", torch.zeros_like(weights))
        self.register_buffer("src", SRC)
        self.register_buffer("dst", DST)
        self.register_buffer("kind", KIND)
        self.register_buffer("learns", LEARNS)
        into_hidden = (SRC > 3) & (SRC < 9) & (SRC < DST)
        self.register_buffer("into_hidden", into_hidden)
        self.register_buffer("nodes", LEVEL.argsort(stable=True))
        self.register_buffer("synapses", LEVEL[DST].argsort(stable=True))
        levels = int(LEVEL.max()) + 1
        self.widths = LEVEL.bincount(minlength=levels).tolist()
        self.fan_ins = LEVEL[DST].bincount(minlength=levels).tolist()
        self.register_buffer("before", torch.zeros(1, len(LEVEL)))

    def levels(self):
        """Return the nodes of each level but the first, and the synapses into them."""
        parts = zip(self.nodes.split(self.widths), self.synapses.split(self.fan_ins))
        return list(parts)[1:]

    def forward(self, x):
        """Return the answers f32[Q, outputs] to inputs f32[Q, inputs]; nothing is learned."""
        return self.activations(x)[:, 9:]

    def activations(self, x):
        """Return the activations of all nodes, f32[B, nodes]."""
        if x.ndim != 2 or x.shape[1] != 3:
            raise ValueError(f"inputs of shape (examples, 3) expected, not {tuple(x.shape)}")
        act = x.new_ones(len(x), len(self.nodes))
        act[:, :3] = x
        for nodes, e in self.levels():
            product = self.w[e] * self.read(act, e)
            net = torch.zeros_like(act).index_add(1, self.dst[e], product)[:, nodes]
            post = activate(net, self.kind[nodes])
            act = act.index_copy(1, nodes, torch.where(nodes < 9, post, net))
        return torch.cat([act[:, :9], answer(act[:, 9:])], dim=1)

    def past(self, act):
        """Return the activations of the update before, f32[B, nodes] or f32[1, nodes]."""
        return self.before if len(self.before) == len(act) else self.before[:1]

    def read(self, act, e=slice(None)):
        """Return what synapses read, f32[B, synapses]."""
        src = self.src[e]
        return torch.where(src < self.dst[e], act[:, src], self.past(act)[:, src])

    def errors(self, act, y):
        """Return ∂loss/∂(net input) of every node, f32[B, nodes].

        The network learns from backpropagated errors.
        """
        answers = act[:, 9:]
        above = (answers - y) * (1.0 / y.shape[1])
        err = torch.zeros_like(act)
        err[:, 9:] = above
        for nodes, e in reversed(self.levels()):
            hidden = nodes[nodes < 9]
            err[:, hidden] = through(err[:, hidden], act[:, hidden], self.kind[hidden])
            e = e[self.into_hidden[e]]
            err.index_add_(1, self.src[e], self.w[e] * err[:, self.dst[e]])
        return err

    @life
    def learn(self, x, y):
        """Make one weight update from examples: x f32[B, inputs], y f32[B, outputs]."""
        act = self.activations(x)
        err = self.errors(act, y)
        pre = self.read(act)
        update, new_s1 = rule(grad=(err[:, self.dst] * pre).mean(dim=0), w=self.w, s1=self.s1)
        self.s1 = torch.where(self.learns > 0, new_s1, 0.0)
        w = torch.clip(self.w + update, -20.0, 20.0)
        self.w = torch.where(self.learns > 0, w, self.w)
        self.before = act


def numbers(text, shape=-1, dtype=torch.float32):
    """Read an array that is written as numbers with spaces between them."""
    return torch.tensor([float(word) for word in text.split()]).to(dtype).reshape(shape)


SRC = numbers("2 3 5 6 3 5 6 7 8 9 1 2 8 9 1 3 7 9 4 9 2 3 5 6", dtype=torch.long)
DST = numbers("4 4 4 4 5 5 5 5 5 5 6 6 6 6 7 7 7 7 8 8 9 9 9 9", dtype=torch.long)
KIND = numbers("0 0 0 0 2 1 3 0 3 0", dtype=torch.long)
LEARNS = numbers("0 1 1 0 0 1 1 0 1 1 0 1 1 0 1 1 0 1 1 0 1 1 0 1", dtype=torch.long)
WEIGHTS = numbers("""
-0.6904314 -2.9636366 -0.22002153 -0.8916563 -3.2616985 -2.3903263 1.7675781 1.3595301 -1.2804867
-0.0020975932 0.89114714 0.93680865 1.7524844 0.5129713 -0.18965667 -0.51769614 2.1114857 -4.5017085
-0.27731064 0.06600021 -2.850698 0.66562724 -1.302562 1.7248896
""")
LEVEL = numbers("0 0 0 0 1 1 1 1 2 3", dtype=torch.long)
