"""A lifetime in plain float64, written for itself alone: what slopes of lifetimes are compared with.

One lane's life is lived for many learners at once, which differ in their numbers: the last axis, V. It shares nothing
with the backends but trees, graphs and plans.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evometa.language.calculus import derivative
from evometa.language.tree import Tree
from evometa.lifetime import FIXED, SILENT, Graph, Plan, Tasks
from tests.lifetime.test_gradients import VALUES

F64 = NDArray[np.float64]
SMALL = 2.0**-126


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-np.clip(x, -87, 87)))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "aq": lambda a, b: a / np.hypot(1, b),
    "neg": np.negative, "abs": np.abs, "sign": np.sign, "min": np.minimum, "max": np.maximum, "square": np.square,
    "sqrtabs": lambda a: np.sqrt(np.abs(a)), "exp": lambda a: np.exp(np.clip(a, -87, 88)),
    "log": lambda a: np.log(np.maximum(np.abs(a), SMALL)), "tanh": np.tanh, "sigmoid": sigmoid,
    "relu": lambda a: np.maximum(a, 0), "step": lambda a: np.where(a > 0, 1.0, 0.0),
    "select": lambda a, b, c: np.where(a > 0, b, c), "sin": lambda a: np.sin(np.clip(a, -32768, 32768)),
    "cos": lambda a: np.cos(np.clip(a, -32768, 32768)),
}  # fmt: skip


def value(tree: Tree, signals: Mapping[str, Any]) -> Any:
    """Return what a tree comes to."""
    stack: list[Any] = []
    for item in reversed(tree):
        if item.arity:
            stack.append(FUNCTIONS[item.name](*(stack.pop() for _ in range(item.arity))))
        else:
            stack.append(np.float64(item.value) if item.constant else signals[item.name])
    return stack[0]


@dataclass
class PlainLife:
    """The lives of learners `w0 [E, V]`, `c [Kc, V]`, `p [K, E, V]` in one lane of the tasks.

    With `order` 1 all of them sense what the first one does.
    """

    graph: Graph
    rule: Mapping[str, Tree]
    loss: Tree | None
    tasks: Tasks
    plan: Plan
    feedback: Any
    lane: int
    order: int = 2

    def objective(self, w0: F64, c: F64, p: F64, weights: Any) -> F64:
        """Return the weighted sum of the losses at the checkpoints, [V]."""
        x, y, asked, answers = (
            part[..., self.lane].astype(np.float64)
            for part in (self.tasks.support_x, self.tasks.support_y, self.tasks.query_x, self.tasks.query_y)
        )
        order = self.plan.order[..., self.lane]
        self.c, self.p, self.w0 = c, p, w0
        zeros = np.zeros_like(w0)
        born = np.where((self.graph.traits & SILENT > 0)[:, None], zeros, 1.0)
        states = {"w": w0, "s1": zeros, "s2": zeros, "gate": born}
        act = np.zeros((order.shape[1], self.graph.nodes, w0.shape[1]))
        total = np.zeros(w0.shape[1])
        checkpoints = self.plan.checkpoints.tolist()
        for update in range(checkpoints[-1] + 1):
            if update in checkpoints:
                nets = [self.seen(states, example, act[0])[1] for example in asked]
                losses = [self.standard(z, t) for z, t in zip(nets, answers, strict=True)]
                total = total + weights[checkpoints.index(update)] * np.mean(losses, axis=0)
            if update < checkpoints[-1]:
                examples = order[update]
                age = update / max(len(order) - 1, 1)
                states, act = self.updated(states, x[examples], y[examples], act, age)
        return total

    @property
    def outputs(self) -> slice:
        return slice(self.graph.nodes - self.graph.outputs, None)

    def open(self, states: Mapping[str, F64], weights: F64) -> F64:
        return np.where(states["gate"] > 0, weights, 0.0)

    def seen(self, states: Mapping[str, F64], x: F64, before: F64) -> tuple[F64, F64]:
        """Return the activations [N, V] after an example x [I], and the outputs' net inputs."""
        graph, w = self.graph, self.open(states, states["w"])
        act = np.zeros((graph.nodes, w.shape[1]))
        act[: graph.inputs], act[graph.inputs] = x[:, None], 1.0
        for node in range(graph.inputs + 1, graph.nodes):
            into = slice(graph.ptr[node], graph.ptr[node + 1])
            source = graph.src[into]
            net = (w[into] * np.where((source >= node)[:, None], before[source], act[source])).sum(axis=0)
            act[node] = VALUES[graph.activation_of(node)](net)
        z = act[self.outputs].copy()
        act[self.outputs] = self.answers(z)
        return act, z

    def answers(self, z: F64) -> F64:
        if self.plan.head == "softmax":
            shares = np.exp(z - z.max(axis=0))
            return shares / shares.sum(axis=0)
        return sigmoid(z) if self.plan.head == "sigmoid" else z

    def standard(self, z: F64, t: F64) -> F64:
        """Return the head's standard loss of net inputs [O, V] to targets [O], precise however large they are."""
        t = t[:, None]
        if self.plan.head == "linear":
            return ((z - t) ** 2).mean(axis=0)
        if self.plan.head == "softmax":
            shifted = z - z.max(axis=0)
            return (t * (np.log(np.exp(shifted).sum(axis=0)) - shifted)).sum(axis=0)
        return (t * np.logaddexp(0, -z) + (1 - t) * np.logaddexp(0, z)).mean(axis=0)

    def errors(self, y: F64, t: F64) -> F64:
        """Return ∂loss/∂z of answers [O, V] to targets [O]: by the loss' slope in y, and the answers' in z."""
        count, t, head = len(y), t[:, None], self.plan.head
        if self.loss is not None:
            named = {f"c{i}": c for i, c in enumerate(self.c)}
            slopes = [
                value(derivative(self.loss, "output"), {**named, "output": a, "target": b})
                for a, b in zip(y, t, strict=True)
            ]
            s = np.stack([np.broadcast_to(slope, y[0].shape) for slope in slopes]) / count
        elif head == "linear":
            s = 2 * (y - t) / count
        else:
            return (y - t) / (count if head == "sigmoid" else 1)
        if head == "softmax":
            return y * (s - (s * y).sum(axis=0))
        return s * y * (1 - y) if head == "sigmoid" else s

    def reward(self, y: F64, t: F64) -> F64:
        if self.plan.head == "linear":
            return -self.standard(y, t)
        if self.plan.head == "softmax":
            return np.where(y.argmax(axis=0) == t.argmax(), 1.0, 0.0)
        return ((y > 0.5) == (t[:, None] > 0.5)).mean(axis=0)

    def back(self, states: Mapping[str, F64], act: F64, errors: F64) -> F64:
        """Return the errors of all nodes [N, V], given those of the outputs."""
        graph, credit = self.graph, self.plan.credit
        err, last = np.zeros_like(act), graph.nodes - graph.outputs
        err[last:] = errors
        if credit == "broadcast":
            err[graph.inputs + 1 : last] = errors.mean(axis=0)
        if credit not in ("feedback", "backprop"):
            return err
        ways = self.open(states, states["w"] if credit == "backprop" else self.feedback[:, None])
        for node in range(last - 1, graph.inputs, -1):
            for e in range(graph.synapses):
                if graph.src[e] == node < graph.dst[e]:
                    err[node] = err[node] + ways[e] * err[graph.dst[e]]
            a, kind = act[node], graph.activation_of(node)
            err[node] *= {"tanh": 1 - a * a, "sigmoid": a * (1 - a), "relu": np.where(a > 0, 1.0, 0.0)}.get(kind, 1.0)
        return err

    def updated(self, states: dict[str, F64], x: F64, y: F64, before: F64, age: float) -> tuple[dict[str, F64], F64]:
        """Return the states and the activations [B, N, V] after one update."""
        graph, last = self.graph, self.graph.nodes - self.graph.outputs
        act = np.stack([self.seen(states, example, old)[0] for example, old in zip(x, before, strict=True)])
        err = np.stack([self.back(states, a, self.errors(a[last:], t)) for a, t in zip(act, y, strict=True)])
        pre = np.where((graph.src >= graph.dst)[:, None], before[:, graph.src], act[:, graph.src])
        grad = (err[:, graph.dst] * pre).mean(axis=0)
        grad = grad + self.plan.synapse_cost * np.sign(self.open(states, states["w"]))
        reward = np.mean([self.reward(a[last:], t) for a, t in zip(act, y, strict=True)], axis=0)
        if self.order == 1:
            act, err, pre, grad, reward = (
                np.broadcast_to(part[..., :1], part.shape) for part in (act, err, pre, grad, reward)
            )
        signals = {
            **states, "pre": pre[0], "post": act[0, graph.dst], "err": err[0, graph.dst], "grad": grad, "w0": self.w0,
            "target": y[0, np.maximum(0, graph.dst - last)][:, None], "age": age,
            "reward": reward,
            **{f"c{i}": c for i, c in enumerate(self.c)}, **{f"p{i}": p for i, p in enumerate(self.p)},
        }  # fmt: skip
        shape = self.w0.shape
        new = {
            slot: np.broadcast_to(value(tree, signals), shape) for slot, tree in self.rule.items() if slot != "update"
        }
        after = {**states, **new}
        if "update" in self.rule:
            bound = self.plan.bound
            after["w"] = np.clip(states["w"] + value(self.rule["update"], {**signals, **new}), -bound, bound)
        fixed = (graph.traits & FIXED > 0)[:, None]
        return {name: np.where(fixed, states[name], after[name]) for name in states}, act


class Slopes(NamedTuple):
    """Slopes of an objective, one of each number; `bend`: how far the slopes of both sides are apart, at most."""

    slopes: F64
    value: float
    bend: float


def by_differences(life: PlainLife, w0: F64, c: F64, p: F64, weights: Any, step: float) -> Slopes:
    """Return the slopes of the objective along w0, c and p, one behind the other, by central differences."""
    shapes, numbers = (w0.shape, c.shape, p.shape), np.concatenate([part.reshape(-1) for part in (w0, c, p)])
    count = len(numbers)
    moves = step * np.hstack([np.zeros((count, 1)), np.eye(count), -np.eye(count)])
    parts = np.split(numbers[:, None] + moves, np.cumsum([w0.size, c.size]))
    a, b, d = (part.reshape(*shape, -1) for part, shape in zip(parts, shapes, strict=True))
    found = life.objective(a, b, d, weights)
    here, up, down = found[0], found[1 : 1 + count], found[1 + count :]
    return Slopes((up - down) / (2 * step), float(here), float(np.abs(up + down - 2 * here).max() / step))
