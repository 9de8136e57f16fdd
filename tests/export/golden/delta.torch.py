"""A network of plastic layers that learn by a rule that evometa evolved.

formula       Δw = 0.5·pre·(target − post)
which is      the delta rule × 0.5
coefficients  c0 = 0.5
network       3 inputs → 1 output, fully connected, 4 synapses; learns locally
run           delta, recipe given, seed 0; individual 0, born in generation 1 of 1
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
it is born with can be tuned by gradients. A PlasticLayer can be used by itself, in a network of
your own.
"""

import functools

import torch

C0 = torch.tensor(0.5)


def rule(pre, post, target, c0=C0):
    """Return the change of weights: Δw = c0·pre·(target − post)"""
    update = c0 * ((target - post) * pre)
    return update


def answer(net):
    """Return the answers to net inputs."""
    return torch.sigmoid(net)


def first_weights(inputs, outputs):
    """Draw the weights of a newborn layer, biases last."""
    weights = (2.0 / (inputs + outputs)) ** 0.5 * torch.randn(outputs, inputs + 1)
    weights[:, -1] = 0.0
    return weights


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
    differentiable: autograd follows what it learns.
    """

    def __init__(self, weights, differentiable=False):
        super().__init__()
        self.differentiable = differentiable
        self.register_buffer("w", weights.clone())

    def read(self, x):
        """Return what synapses read, f32[B, columns]: inputs x f32[B, inputs], 1 for the biases."""
        return torch.cat([x, torch.ones_like(x[:, :1])], dim=1)

    def forward(self, x):
        """Return net inputs f32[B, outputs] for inputs f32[B, inputs]."""
        return self.read(x) @ self.w.T

    @life
    def learn(self, x, post, target):
        """Make one weight update.

        x f32[B, inputs]: what the layer was given.
        post f32[B, outputs]: its activations.
        target f32[B, outputs]: desired answers (for hidden layers the first of them).
        """
        pre = self.read(x)
        update = rule(pre=pre[0], post=post[0, :, None], target=target[0, :, None])
        self.w = torch.clip(self.w + update, -20.0, 20.0)


class PlasticNetwork(torch.nn.Module):
    """The network that the rule evolved with, newborn.

    inputs, outputs: how many nodes.
    weights: a matrix for each layer, as in PlasticLayer; if not given, drawn by torch's generator.
    differentiable: autograd follows its life, back to weights.
    """

    def __init__(self, inputs=3, outputs=1, weights=None, differentiable=False):
        super().__init__()
        self.differentiable = differentiable
        if weights is None:
            widths = [inputs, outputs]
            places = range(len(widths) - 1)
            weights = [first_weights(widths[i], widths[i + 1]) for i in places]
        self.layers = torch.nn.ModuleList()
        for w in weights:
            self.layers.append(PlasticLayer(w, differentiable=differentiable))

    def forward(self, x):
        """Return the answers f32[Q, outputs] to inputs f32[Q, inputs]; nothing is learned."""
        return self.activations(x)[-1]

    def activations(self, x):
        """Return the inputs and the answers."""
        return [x, answer(self.layers[0](x))]

    @life
    def learn(self, x, y):
        """Make one weight update from examples: x f32[1, inputs], y f32[1, outputs]."""
        if len(x) != 1:
            raise ValueError(f"one example at a time; {len(x)} were given")
        act = self.activations(x)
        for i, layer in enumerate(self.layers):
            layer.learn(x=act[i], post=act[i + 1], target=y)
