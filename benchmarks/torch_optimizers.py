"""Optimizers in PyTorch for many replicas of a model at once: those of the literature, and evolved ones as exported.

Parameters are tensors of replicas [R, a, b], and each replica has dials of its own, tensors [R, 1, 1]: so many settings
are tried in the time of a few. No optimizer here looks beyond a single weight, so each replica changes as alone.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor

Dials = Mapping[str, Tensor]
ε = 1e-8


class Range(NamedTuple):
    """Where a dial is looked for; `scale`: on what scale evenly ("complement": that of log(1 - x))."""

    low: float
    high: float
    scale: str = "log"

    def value(self, share: Tensor) -> Tensor:
        """Return the values at some shares of the way, 0 to 1."""
        match self.scale:
            case "log":
                return torch.exp(math.log(self.low) + share * math.log(self.high / self.low))
            case "complement":
                return 1 - torch.exp(math.log(1 - self.low) + share * math.log((1 - self.high) / (1 - self.low)))
            case _:
                return self.low + share * (self.high - self.low)


class Optimizer(Protocol):
    """What changes weights by their gradients."""

    def step(self, gradients: Sequence[Tensor], rate: Tensor) -> None:
        """Change the weights; `rate`: the replicas' rates now, [R, 1, 1]."""

    def finish(self) -> None:
        """Give the weights the values with which they are to be used."""


@dataclass(frozen=True)
class Kind:
    """An optimizer by name, where its dials are looked for, and `make(weights, dials, updates)`.

    The rate falls evenly to `decay` times its first value where that is a dial, and rises over the share `warm-up` of
    the updates where that is.
    """

    name: str
    dials: Mapping[str, Range]
    make: Callable[[list[Tensor], Dials, int], Optimizer]

    def rate(self, dials: Dials, update: int, updates: int) -> Tensor:
        """Return the rates in an update."""
        end, age = dials.get("decay", torch.ones(())), update / (updates - 1)
        rise = torch.clamp_max((update + 1) / (dials["warm-up"] * updates), 1.0) if "warm-up" in dials else 1.0
        return dials["rate"] * (1 - (1 - end) * age) * rise


class Base(ABC):
    """Weights, dials, and states that begin at 0."""

    def __init__(self, weights: list[Tensor], dials: Dials, updates: int) -> None:
        self.weights, self.dials, self.count = weights, dials, 0
        self.first = [torch.zeros_like(w) for w in weights]
        self.second = [torch.zeros_like(w) for w in weights]

    def step(self, gradients: Sequence[Tensor], rate: Tensor) -> None:
        """Change each tensor."""
        self.count += 1
        for place, gradient in enumerate(gradients):
            self.change(place, gradient, rate)

    @abstractmethod
    def change(self, place: int, gradient: Tensor, rate: Tensor) -> None:
        """Change one tensor."""

    def finish(self) -> None:  # noqa: B027  # most have nothing to do
        """Weights are used as they are."""

    def mean_square(self, place: int, gradient: Tensor) -> Tensor:
        """Return the root of the running mean square, corrected for its start at 0."""
        β2 = self.dials["β2"]
        self.second[place].mul_(β2).add_((1 - β2) * gradient.square())
        return (self.second[place] / (1 - β2**self.count)).sqrt_().add_(ε)


class SGD(Base):
    """Gradient descent with momentum (0 where there is no such dial), as torch.optim.SGD."""

    nesterov = False

    def change(self, place: int, gradient: Tensor, rate: Tensor) -> None:
        """Change one tensor."""
        weight, β = self.weights[place], self.dials.get("β")
        gradient = gradient + self.dials["weight decay"] * weight
        if β is not None:
            state = self.first[place].mul_(β).add_(gradient)
            gradient = gradient + β * state if self.nesterov else state
        weight.sub_(rate * gradient)


class Nesterov(SGD):
    """Momentum that looks one step ahead, as torch.optim.SGD with nesterov=True."""

    nesterov = True


class AdamW(Base):
    """Loshchilov & Hutter 2019, ICLR, algorithm 2, as torch.optim.AdamW."""

    def change(self, place: int, gradient: Tensor, rate: Tensor) -> None:
        """Change one tensor."""
        weight, β1 = self.weights[place], self.dials["β1"]
        weight.mul_(1 - rate * self.dials["weight decay"])
        state = self.first[place].mul_(β1).add_((1 - β1) * gradient)
        weight.sub_(rate * (state / (1 - β1**self.count)) / self.mean_square(place, gradient))


class Adam(AdamW):
    """Kingma & Ba 2015, ICLR, algorithm 1, weight decay in the gradient, as torch.optim.Adam."""

    def change(self, place: int, gradient: Tensor, rate: Tensor) -> None:
        """Change one tensor."""
        weight, β1 = self.weights[place], self.dials["β1"]
        gradient = gradient + self.dials["weight decay"] * weight
        state = self.first[place].mul_(β1).add_((1 - β1) * gradient)
        weight.sub_(rate * (state / (1 - β1**self.count)) / self.mean_square(place, gradient))


class Lion(Base):
    """Chen et al. 2023, NeurIPS, algorithm 2."""

    def change(self, place: int, gradient: Tensor, rate: Tensor) -> None:
        """Change one tensor."""
        weight, state, β1, β2 = self.weights[place], self.first[place], self.dials["β1"], self.dials["β2"]
        change = torch.sign(β1 * state + (1 - β1) * gradient) + self.dials["weight decay"] * weight
        weight.sub_(rate * change)
        state.mul_(β2).add_((1 - β2) * gradient)


class ScheduleFree(Base):
    """Schedule-Free AdamW (Defazio et al. 2024, NeurIPS): gradients are met at y, used is the mean x of the steps z.

    As in the authors' package `schedulefree` 1.4.1: the mean square is corrected for its start, weight decay is at y.
    """

    def __init__(self, weights: list[Tensor], dials: Dials, updates: int) -> None:
        super().__init__(weights, dials, updates)
        self.first = [w.clone() for w in weights]  # z; the weights themselves are y, and x follows from both
        self.mean = [w.clone() for w in weights]  # x
        self.weight = self.most = torch.zeros(())

    def step(self, gradients: Sequence[Tensor], rate: Tensor) -> None:
        """Change each tensor."""
        self.most = torch.maximum(self.most, rate)
        self.weight = self.weight + self.most**2
        self.share = self.most**2 / self.weight
        super().step(gradients, rate)

    def change(self, place: int, gradient: Tensor, rate: Tensor) -> None:
        """Change one tensor."""
        y, z, x, β1 = self.weights[place], self.first[place], self.mean[place], self.dials["β1"]
        z.sub_(rate * (gradient / self.mean_square(place, gradient) + self.dials["weight decay"] * y))
        x.add_(self.share * (z - x))
        y.copy_(z + β1 * (x - z))

    def finish(self) -> None:
        """Use the mean."""
        for weight, mean in zip(self.weights, self.mean, strict=True):
            weight.copy_(mean)


class Evolved:
    """An optimizer that `evometa export --to torch` wrote, its rate and a weight decay from outside."""

    def __init__(self, module: ModuleType, weights: list[Tensor], dials: Dials, updates: int) -> None:
        self.weights, self.dials = weights, dials
        self.optimizer: Any = module.EvolvedRule(weights, updates=updates)

    def step(self, gradients: Sequence[Tensor], rate: Tensor) -> None:
        """Change the weights."""
        for weight, gradient in zip(self.weights, gradients, strict=True):
            weight.mul_(1 - rate * self.dials["weight decay"])
            weight.grad = gradient
        self.optimizer.param_groups[0]["lr"] = rate
        self.optimizer.step()

    def finish(self) -> None:
        """Weights are used as they are."""


def evolved(name: str, text: str) -> Kind:
    """Return what the text of an export comes to, its rate a factor on every change."""
    module = ModuleType(name)
    exec(compile(text, f"{name}.py", "exec"), module.__dict__)
    dials = {"rate": Range(0.05, 20.0), "decay": _DECAY, "weight decay": Range(1e-5, 0.1)}
    return Kind(name, dials, lambda weights, own, updates: Evolved(module, weights, own, updates))


_DECAY, _β, _COUPLED, _DECOUPLED = (
    Range(0.0, 1.0, "linear"), Range(0.5, 0.99, "complement"), Range(1e-5, 0.1), Range(1e-3, 10.0),
)  # fmt: skip
_STEP, _UNIT = Range(0.003, 3.0), Range(3e-4, 0.3)
_COMMON = {"rate": _UNIT, "β1": Range(0.0, 0.98, "complement"), "β2": Range(0.5, 0.999, "complement")}

RIVALS: Sequence[Kind] = (
    Kind("SGD", {"rate": _STEP, "decay": _DECAY, "weight decay": _COUPLED}, SGD),
    Kind("momentum", {"rate": _STEP, "β": _β, "decay": _DECAY, "weight decay": _COUPLED}, SGD),
    Kind("Nesterov", {"rate": _STEP, "β": _β, "decay": _DECAY, "weight decay": _COUPLED}, Nesterov),
    Kind("Adam", {**_COMMON, "decay": _DECAY, "weight decay": _COUPLED}, Adam),
    Kind("AdamW", {**_COMMON, "decay": _DECAY, "weight decay": _DECOUPLED}, AdamW),
    Kind("Lion", {**_COMMON, "rate": Range(1e-4, 0.1), "decay": _DECAY, "weight decay": _DECOUPLED}, Lion),
    Kind("Schedule-Free", {**_COMMON, "warm-up": Range(0.02, 0.5), "weight decay": _DECOUPLED}, ScheduleFree),
)
"""Every rival with all its dials; Schedule-Free has a warm-up in the place of a decay."""
