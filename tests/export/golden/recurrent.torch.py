"""A network of plastic layers that learn by a rule that evometa evolved.

formula       Δw = 0.1·p0·tanh(pre·post) − 0.005·grad
which is      none of the classic rules, by algebra
coefficients  c0 = 0.005
network       1 input → 4 tanh → 3 tanh → 1 output, fully connected, 43 synapses, 16 of them
              recurrent; learns from backpropagated errors
run           recurrent, recipe given, seed 0; individual 0, born in generation 1 of 1
digest …
written by …

Use (here on random numbers; FILE is this file without .py):

    import torch
    from FILE import PlasticNetwork

    network = PlasticNetwork()
    for update in range(10):
        x = torch.randn(1, 1)  # inputs
        y = torch.randn(1, 1)  # desired outputs
        network.learn(x, y)
    print(network(x))

The weights are buffers, not parameters: they learn by the rule, in life, and torch's own
gradients have no part in it. With differentiable=True autograd follows each life, so that what
it is born with can be tuned by gradients. A PlasticLayer can be used by itself, in a network of
your own.
"""

import functools

import torch

C0 = torch.tensor(0.005)


def tanh(a):
    """Hyperbolic tangent."""
    return torch.tanh(a)


def rule(pre, post, grad, p0, c0=C0):
    """Return the change of weights: Δw = 0.1·p0·tanh(pre·post) − c0·grad"""
    update = -c0 * grad + 0.1 * p0 * tanh(pre * post)
    return update


def activate(x):
    """Return the activations of hidden nodes (tanh)."""
    return torch.tanh(x)


def answer(net):
    """Return the answers to net inputs."""
    return net


def through(err, a):
    """Return errors err taken back through activations a (tanh)."""
    return err * (1.0 - a * a)


def life(learn):
    """Return a method that autograd follows only where its module is `differentiable`."""

    @functools.wraps(learn)
    def method(self, *examples, **named):
        with torch.set_grad_enabled(self.differentiable and torch.is_grad_enabled()):
            return learn(self, *examples, **named)

    return method


class PlasticLayer(torch.nn.Module):
    """A fully connected layer whose weights change by the rule.

    weights: f32[outputs, columns] at birth; the column after those of the inputs holds the biases.
    lateral: how many further columns hold synapses from the layer's own nodes, as they were at
        the update before: each node reads itself and later ones.
    p0: per-synapse coefficients, in the shape of the weights.
    differentiable: autograd follows what it learns.
    """

    def __init__(self, weights, p0, lateral=0, differentiable=False):
        super().__init__()
        self.differentiable = differentiable
        self.register_buffer("w", weights.clone())
        self.register_buffer("p0", p0.clone())
        inputs = weights.shape[1] - 1 - lateral
        exists = torch.ones_like(weights, dtype=torch.bool)
        exists[:, inputs + 1 :] = exists[:, inputs + 1 :].triu()
        self.register_buffer("exists", exists)
        self.register_buffer("before", torch.zeros(1, lateral))

    def read(self, x):
        """Return what synapses read, f32[B, columns].

        Inputs x f32[B, inputs], 1 for the biases, the layer's own nodes at the update before.
        """
        before = self.before
        if len(before) != len(x):
            before = before[:1].expand(len(x), -1)
        return torch.cat([x, torch.ones_like(x[:, :1]), before], dim=1)

    def forward(self, x):
        """Return net inputs f32[B, outputs] for inputs f32[B, inputs]."""
        return self.read(x) @ self.w.T

    @life
    def learn(self, x, post, err):
        """Make one weight update.

        x f32[B, inputs]: what the layer was given.
        post f32[B, outputs]: its activations.
        err f32[B, outputs]: ∂loss/∂(net input).
        """
        pre = self.read(x)
        update = rule(pre=pre[0], post=post[0, :, None], grad=err.T @ pre / len(x), p0=self.p0)
        w = torch.clip(self.w + update, -20.0, 20.0)
        self.w = torch.where(self.exists, w, 0.0)
        self.before = post[:, : self.before.shape[1]]


class PlasticNetwork(torch.nn.Module):
    """The network that the rule evolved with, newborn.

    weights: a matrix for each layer, as in PlasticLayer; if not given, drawn by torch's generator.
    p0: a matrix for each layer, too; if not given, as they evolved.
    differentiable: autograd follows its life, back to weights, p0.
    """

    def __init__(self, weights=None, p0=None, differentiable=False):
        super().__init__()
        self.differentiable = differentiable
        if weights is None:
            weights = [d * torch.randn_like(d) for d in DEVIATIONS]
        self.layers = torch.nn.ModuleList()
        widths = [4, 3, 0]  # of layers whose nodes read each other
        p0 = P0 if p0 is None else p0
        for w, p0, lateral in zip(weights, p0, widths):
            self.layers.append(PlasticLayer(w, p0, lateral, differentiable=differentiable))

    def forward(self, x):
        """Return the answers f32[Q, outputs] to inputs f32[Q, inputs]; nothing is learned."""
        return self.activations(x)[-1]

    def activations(self, x):
        """Return the inputs and the activations of each layer, the answers last."""
        act = [x]
        for layer in self.layers[:-1]:
            act.append(activate(layer(act[-1])))
        return [*act, answer(self.layers[-1](act[-1]))]

    def errors(self, act, y):
        """Return ∂loss/∂(net input) of each layer.

        The network learns from backpropagated errors.
        """
        err = (act[-1] - y) * (2.0 / y.shape[1])
        errs = [err]
        for layer, post in zip(reversed(self.layers[1:]), reversed(act[1:-1])):
            errs.insert(0, through(errs[0] @ layer.w[:, : post.shape[1]], post))
        return errs

    @life
    def learn(self, x, y):
        """Make one weight update from examples: x f32[1, inputs], y f32[1, outputs]."""
        if len(x) != 1:
            raise ValueError(f"one example at a time; {len(x)} were given")
        act = self.activations(x)
        errs = self.errors(act, y)
        for i, layer in enumerate(self.layers):
            layer.learn(x=act[i], post=act[i + 1], err=errs[i])


def numbers(text, shape=-1):
    """Read an array that is written as numbers with spaces between them."""
    return torch.tensor([float(word) for word in text.split()]).reshape(shape)


DEVIATIONS = [
    numbers(
        """
0.47140452 0 0.47140452 0.4472136 0.42640144 0.4082483 0.5 0 0 0.47140452 0.4472136 0.42640144
0.5345225 0 0 0 0.47140452 0.4472136 0.57735026 0 0 0 0 0.47140452
""",
        (4, 6),
    ),
    numbers(
        """
0.42640144 0.4082483 0.39223227 0.37796447 0 0.47140452 0.4472136 0.42640144 0.4472136 0.42640144
0.4082483 0.39223227 0 0 0.47140452 0.4472136 0.47140452 0.4472136 0.42640144 0.4082483 0 0 0
0.47140452
""",
        (3, 8),
    ),
    numbers("0.6324555 0.57735026 0.5345225 0", (1, 4)),
]
P0 = [
    numbers(
        """
-0.24057943 -0.3973077 -0.1657942 -0.1657942 -0.1657942 -0.1657942 -0.24057943 -0.3973077 0
-0.1657942 -0.1657942 -0.1657942 -0.24057943 -0.3973077 0 0 -0.1657942 -0.1657942 -0.24057943
-0.3973077 0 0 0 -0.1657942
""",
        (4, 6),
    ),
    numbers(
        """
-0.07450849 -0.07450849 -0.07450849 -0.07450849 0.12613358 -0.2354341 -0.2354341 -0.2354341
-0.07450849 -0.07450849 -0.07450849 -0.07450849 0.12613358 0 -0.2354341 -0.2354341 -0.07450849
-0.07450849 -0.07450849 -0.07450849 0.12613358 0 0 -0.2354341
""",
        (3, 8),
    ),
    numbers("0.34081396 0.34081396 0.34081396 0.03291192", (1, 4)),
]
