"""A lifetime in plain float64, written for itself alone: what slopes of lifetimes are compared with.

One lane's life is lived for many learners at once, which differ in their numbers: the last axis, V. It shares nothing
with the backends but trees, graphs and plans. It is made of whole arrays, of NumPy or of another such module (`xp`), so
that JAX can differentiate it.
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

F64 = NDArray[np.float64]
Functions = dict[str, Callable[..., Any]]
SMALL = 2.0**-126


def functions(xp: Any) -> Functions:
    """Return the primitives."""

    def sigmoid(x: Any) -> Any:
        return 1 / (1 + xp.exp(-xp.clip(x, -87, 87)))

    def root(x: Any) -> Any:
        return xp.where(x == 0, 0.0, xp.sqrt(xp.abs(xp.where(x == 0, 1.0, x))))  # the slope at 0 is 0

    return {
        "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "div": lambda a, b: a / b,
        "aq": lambda a, b: a / xp.sqrt(1 + b * b), "neg": lambda a: -a, "abs": xp.abs, "sign": xp.sign,
        "min": xp.minimum, "max": xp.maximum, "square": lambda a: a * a, "sqrtabs": root,
        "exp": lambda a: xp.exp(xp.clip(a, -87, 88)), "log": lambda a: xp.log(xp.maximum(xp.abs(a), SMALL)),
        "tanh": xp.tanh, "sigmoid": sigmoid, "relu": lambda a: xp.where(a > 0, a, 0.0),
        "step": lambda a: xp.where(a > 0, 1.0, 0.0), "select": lambda a, b, c: xp.where(a > 0, b, c),
        "sin": lambda a: xp.sin(xp.clip(a, -32768, 32768)), "cos": lambda a: xp.cos(xp.clip(a, -32768, 32768)),
    }  # fmt: skip


def value(tree: Tree, signals: Mapping[str, Any], known: Functions) -> Any:
    """Return what a tree comes to."""
    stack: list[Any] = []
    for item in reversed(tree):
        if item.arity:
            stack.append(known[item.name](*(stack.pop() for _ in range(item.arity))))
        else:
            stack.append(item.value if item.constant else signals[item.name])
    return stack[0]


@dataclass
class PlainLife:
    """The lives of learners `w0 [E, V]`, `c [Kc, V]`, `p [K, E, V]` in one lane of the tasks.

    With `order` 1 all of them sense what the first one does. `step` answers as it slopes: as if it were linear.
    """

    graph: Graph
    rule: Mapping[str, Tree]
    loss: Tree | None
    tasks: Tasks
    plan: Plan
    feedback: Any
    lane: int
    order: int = 2
    xp: Any = np

    def objective(self, w0: Any, c: Any, p: Any, weights: Any) -> Any:
        """Return the weighted sum of the losses at the checkpoints, [V]."""
        x, y, asked, answers = (
            part[..., self.lane].astype(np.float64).T[..., None]  # [I or O, examples, 1]
            for part in (self.tasks.support_x, self.tasks.support_y, self.tasks.query_x, self.tasks.query_y)
        )
        self.functions, self.c, self.p, self.w0 = functions(self.xp), c, p, w0
        order, zeros = self.plan.order[..., self.lane], self.xp.zeros_like(w0)
        born = self.xp.where((self.graph.traits & SILENT > 0)[:, None], zeros, 1.0)
        states = {"w": w0, "s1": zeros, "s2": zeros, "gate": born}
        act, total = self.xp.zeros((self.graph.nodes, order.shape[1], w0.shape[1])), self.xp.zeros(w0.shape[1])
        checkpoints = self.plan.checkpoints.tolist()
        for update in range(checkpoints[-1] + 1):
            if update in checkpoints:
                z = self.seen(states, asked, act[:, :1])[1]
                total = total + float(weights[checkpoints.index(update)]) * self.standard(z, answers).mean(axis=0)
            if update < checkpoints[-1]:
                last, examples = self.plan.length - 1, order[update]
                age = min(update, last) / max(last, 1)
                self.novel, self.task = ([*divmod(update, self.plan.task)] if self.plan.task else [0, update])[::-1]
                self.novel = float(self.novel == 0)
                states, act = self.updated(states, x[:, examples], y[:, examples], act, age)
        return total

    @property
    def last(self) -> int:
        """The first output."""
        return self.graph.nodes - self.graph.outputs

    def open(self, states: Mapping[str, Any], weights: Any) -> Any:
        return self.xp.where(states["gate"] > 0, weights, 0.0)

    def seen(self, states: Mapping[str, Any], x: Any, before: Any) -> tuple[Any, Any]:
        """Return the activations [N, B, V] after examples x [I, B, 1], and the outputs' net inputs."""
        graph, w, xp = self.graph, self.open(states, states["w"])[:, None], self.xp
        shape = (x.shape[1], w.shape[2])
        before = xp.broadcast_to(before, (graph.nodes, *shape))
        act = [xp.broadcast_to(xp.asarray(part), shape) for part in (*x, np.float64(1))]
        for node in range(graph.inputs + 1, graph.nodes):
            into = slice(graph.ptr[node], graph.ptr[node + 1])
            source = graph.src[into]
            new = xp.stack(act)[np.minimum(source, node - 1)]
            net = (w[into] * xp.where((source >= node)[:, None, None], before[source], new)).sum(axis=0)
            kind = graph.activation_of(node)
            if kind == "gru":
                net = net + before[node] + act[node - 1] * (act[node - 2] - before[node])
            plain = kind in ("linear", "step", "gru") or node >= self.last
            act.append(net if plain else self.functions[kind](net))
        z = xp.stack(act[self.last :])
        return xp.concatenate([xp.stack(act[: self.last]), self.answers(z)]), z

    def answers(self, z: Any) -> Any:
        if self.plan.head == "softmax":
            shares = self.xp.exp(z - z.max(axis=0))
            return shares / shares.sum(axis=0)
        return self.functions["sigmoid"](z) if self.plan.head == "sigmoid" else z

    def standard(self, z: Any, t: Any) -> Any:
        """Return the head's standard loss of net inputs [O, B, V] to targets [O, B, 1], precise at any size."""
        xp = self.xp
        if self.plan.head == "linear":
            return ((z - t) ** 2).mean(axis=0)
        if self.plan.head == "softmax":
            shifted = z - z.max(axis=0)
            return (t * (xp.log(xp.exp(shifted).sum(axis=0)) - shifted)).sum(axis=0)
        return (t * xp.logaddexp(0, -z) + (1 - t) * xp.logaddexp(0, z)).mean(axis=0)

    def errors(self, y: Any, t: Any) -> Any:
        """Return ∂loss/∂z of answers [O, B, V] to targets: by the loss' slope in y, and the answers' in z."""
        count, head = len(y), self.plan.head
        if self.loss is not None:
            named: dict[str, Any] = {f"c{i}": c for i, c in enumerate(self.c)}
            slope = value(derivative(self.loss, "output"), {**named, "output": y, "target": t}, self.functions)
            s = self.xp.broadcast_to(slope, y.shape) / count
        elif head == "linear":
            s = 2 * (y - t) / count
        else:
            return (y - t) / (count if head == "sigmoid" else 1)
        if head == "softmax":
            return y * (s - (s * y).sum(axis=0))
        return s * y * (1 - y) if head == "sigmoid" else s

    def reward(self, y: Any, t: Any) -> Any:
        if self.plan.head == "linear":
            return -self.standard(y, t)
        if self.plan.head == "softmax":
            return self.xp.where(y.argmax(axis=0) == t.argmax(axis=0), 1.0, 0.0)
        return self.xp.where((y > 0.5) == (t > 0.5), 1.0, 0.0).mean(axis=0)

    def back(self, states: Mapping[str, Any], act: Any, before: Any, errors: Any) -> Any:
        """Return the errors of all nodes [N, B, V], given those of the outputs."""
        graph, credit, xp = self.graph, self.plan.credit, self.xp
        first, dst = graph.inputs + 1, graph.dst
        hidden: list[Any] = [xp.zeros_like(act[0])] * (self.last - first)
        if credit == "broadcast":
            hidden = [errors.mean(axis=0)] * len(hidden)
        elif credit in ("feedback", "backprop"):
            own = states["w"] if credit == "backprop" else self.feedback[:, None].astype(np.float64)
            ways = self.open(states, own)[:, None]
            for node in range(self.last - 1, graph.inputs, -1):
                leaving = np.flatnonzero((graph.src == node) & (dst > node))
                behind = xp.concatenate([xp.stack([*hidden, act[0]])[:-1], errors])
                error = (ways[leaving] * behind[dst[leaving] - first]).sum(axis=0)
                if node + 2 in graph.grus:
                    error = error + behind[node + 2 - first] * act[node + 1]
                if node + 1 in graph.grus:
                    error = error + behind[node + 1 - first] * (act[node - 1] - before[node + 1])
                a = act[node]
                slope = {"tanh": 1 - a * a, "sigmoid": a * (1 - a), "relu": xp.where(a > 0, 1.0, 0.0)}
                hidden[node - first] = error * slope.get(graph.activation_of(node), 1.0)
        return xp.concatenate([xp.zeros_like(act[:first]), xp.stack([*hidden, act[0]])[:-1], errors])

    def updated(self, states: dict[str, Any], x: Any, y: Any, before: Any, age: float) -> tuple[dict[str, Any], Any]:
        """Return the states and the activations [N, B, V] after one update."""
        graph, last, xp = self.graph, self.last, self.xp
        act = self.seen(states, x, before)[0]
        err = self.back(states, act, before, self.errors(act[last:], y))
        pre = xp.where((graph.src >= graph.dst)[:, None, None], before[graph.src], act[graph.src])
        grad = (err[graph.dst] * pre).mean(axis=1)
        grad = grad + self.plan.synapse_cost * xp.sign(self.open(states, states["w"]))
        reward = self.reward(act[last:], y).mean(axis=0)
        if self.order == 1:
            act, err, pre, grad, reward = (
                xp.broadcast_to(part[..., :1], part.shape) for part in (act, err, pre, grad, reward)
            )
        signals = {
            **states, "pre": pre[:, 0], "post": act[graph.dst, 0], "err": err[graph.dst, 0], "grad": grad,
            "target": y[np.maximum(0, graph.dst - last), 0], "age": age,
            "novel": self.novel, "task": self.task, "reward": reward, "w0": self.w0,
            **{f"c{i}": c for i, c in enumerate(self.c)}, **{f"p{i}": p for i, p in enumerate(self.p)},
        }  # fmt: skip
        new = {slot: self.given(tree, signals) for slot, tree in self.rule.items() if slot != "update"}
        after = {**states, **new}
        if "update" in self.rule:
            moved = states["w"] + self.given(self.rule["update"], {**signals, **new})
            after["w"] = xp.clip(moved, -self.plan.bound, self.plan.bound)
        fixed = (graph.traits & FIXED > 0)[:, None]
        return {name: xp.where(fixed, states[name], after[name]) for name in states}, act

    def given(self, tree: Tree, signals: Mapping[str, Any]) -> Any:
        """Return what a slot gives each synapse, [E, V]."""
        return self.xp.broadcast_to(self.xp.asarray(value(tree, signals, self.functions)), self.w0.shape)


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
