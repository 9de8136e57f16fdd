"""Three problems that no recipe has met, each with a small network, for many replicas at once.

A table (scikit-learn's `diabetes`, regression), a drawing (two spirals, two classes), a text (the next letter of
scikit-learn's descriptions of its data sets, by a recurrent network). Axis letters: R replicas, B examples, N rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

I64 = NDArray[np.int64]

HIDDEN, SPIRAL, MEMORY = 24, 16, 20  # nodes of each hidden layer
LETTERS = 8  # of a piece of text, each of which is to be foretold but the first
POINTS, NOISE, TURNS = 400, 0.06, 1.25
TRAIN = 2 / 3  # of the rows, for training and tuning; the others are for the test alone


@dataclass(frozen=True)
class Problem:
    """Rows, and a network for them: its parameters' `shapes`, `forward(weights, x[R, B, …])`, loss of each replica."""

    name: str
    x: Tensor
    y: Tensor
    shapes: Sequence[tuple[int, int]]
    forward: Callable[[Sequence[Tensor], Tensor], Tensor]
    loss: Callable[[Tensor, Tensor], Tensor]
    batch: int = 32  # rows of an update

    def split(self, seed: int) -> tuple[I64, I64]:
        """Return the rows for training and those for the test."""
        order = np.random.default_rng([seed, 1]).permutation(len(self.x))
        count = round(TRAIN * len(order))
        return order[:count], order[count:]

    def weights(self, replicas: int, generator: torch.Generator) -> list[Tensor]:
        """Draw first weights as torch.nn.Linear does, [R, a, b]; a row of one is a bias, and as its layer's weights."""
        found, fan_in = [], 1
        for a, b in self.shapes:
            fan_in = a if a > 1 else fan_in
            drawn = torch.rand(replicas, a, b, generator=generator)
            found.append(((2 * drawn - 1) / math.sqrt(fan_in)).requires_grad_())
        return found


def problems() -> list[Problem]:
    """Return all of them."""
    return [_diabetes(), _spirals(), _text()]


def layered(activation: Callable[[Tensor], Tensor]) -> Callable[[Sequence[Tensor], Tensor], Tensor]:
    """Return the answers of networks whose layers are a matrix and a bias each."""

    def forward(weights: Sequence[Tensor], x: Tensor) -> Tensor:
        for place in range(0, len(weights), 2):
            x = torch.baddbmm(weights[place + 1], x, weights[place])
            x = activation(x) if place + 2 < len(weights) else x
        return x

    return forward


def recurrent(weights: Sequence[Tensor], x: Tensor) -> Tensor:
    """Return Elman's network's answers after each letter, [R, B·T, letters]; x i64[R, B, T]."""
    into, within, bias, out, last = weights
    replica = torch.arange(len(x))[:, None]
    state, answers = torch.zeros(len(x), x.shape[1], within.shape[1]), []
    for t in range(x.shape[2]):
        state = torch.tanh(torch.baddbmm(bias, state, within) + into[replica, x[:, :, t]])
        answers.append(torch.baddbmm(last, state, out))
    return torch.stack(answers, dim=2).flatten(1, 2)


def squared(answers: Tensor, y: Tensor) -> Tensor:
    """Return mean squared errors, [R]."""
    return (answers - y).square().mean(dim=(1, 2))


def cross_entropy(answers: Tensor, y: Tensor) -> Tensor:
    """Return mean cross-entropies, [R]."""
    each = functional.cross_entropy(answers.flatten(0, 1), y.flatten(), reduction="none")
    return each.view(len(answers), -1).mean(dim=1)


def _dense(*widths: int) -> list[tuple[int, int]]:
    return [shape for a, b in pairwise(widths) for shape in ((a, b), (1, b))]


def _diabetes() -> Problem:
    from sklearn.datasets import load_diabetes

    data = load_diabetes()
    x = torch.tensor(data.data / data.data.std(axis=0), dtype=torch.float32)
    y = torch.tensor((data.target - data.target.mean()) / data.target.std(), dtype=torch.float32)[:, None]
    return Problem("diabetes", x, y, _dense(10, HIDDEN, HIDDEN, 1), layered(torch.relu), squared)


def _spirals() -> Problem:
    rng = np.random.default_rng(0)
    share, arm = np.sqrt(rng.random(POINTS)), np.arange(POINTS) % 2
    angle = 2 * np.pi * TURNS * share + np.pi * arm
    points = share[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1) + NOISE * rng.standard_normal(
        (POINTS, 2)
    )
    x = torch.tensor(2 * points, dtype=torch.float32)
    return Problem("spirals", x, torch.tensor(arm), _dense(2, SPIRAL, SPIRAL, 2), layered(torch.tanh), cross_entropy)


def _text() -> Problem:
    from sklearn import datasets

    names = ("diabetes", "digits", "iris", "linnerud", "wine", "breast_cancer")
    text = " ".join(getattr(datasets, f"load_{name}")().DESCR for name in names).lower()
    text = " ".join("".join(letter if letter.isalpha() and letter.isascii() else " " for letter in text).split())
    letters, codes = np.unique(list(text), return_inverse=True)
    rows = torch.tensor(codes[: len(codes) // (LETTERS + 1) * (LETTERS + 1)].reshape(-1, LETTERS + 1))
    count = len(letters)
    shapes = [(count, MEMORY), (MEMORY, MEMORY), (1, MEMORY), (MEMORY, count), (1, count)]
    return Problem("text", rows[:, :-1], rows[:, 1:], shapes, recurrent, cross_entropy, batch=16)
