"""What a learner does with examples in plain NumPy, a method for each step of evometa/spec/steps.py.

Whatever is summed is summed by a Python loop, one after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from evometa.language.generated_nodes import ACTIVATE, ANSWER, ERROR, REWARD, SCORE, SHARED_ERROR, SLOPE, THROUGH
from evometa.language.native import fmaf
from evometa.language.program import Program, birth_states, evaluate
from evometa.lifetime import F32, FIXED, SILENT, Births, Graph, Phenotypes, Plan, Tasks
from evometa.lifetime.batch import born
from evometa.lifetime.reference_comparison import Comparison
from evometa.lifetime.reference_memory import Storage, empty
from evometa.spec import CREDITS, HEADS, SCORES
from evometa.spec.states import GATE, MEMORY, SYNAPSE

ONE = np.float32(1)


class Steps:
    """One genome's lifetimes in all lanes: `states` of synapses by name, f32[E, L], the last `act f32[N, B, L]`.

    Each step (evometa/spec/steps.py) is a method, and what it reads and writes an attribute: `x f32[B, I, L]`, `y
    f32[B, A, L]`, activations `before f32[N, B, L]`, `err f32[N, B, L]`, `grad f32[E, L]`, `reward f32[L]`, answers
    `output f32[A, B, L]`, `scores f32[M, L]`; `signals`, `results`: by name, what the rule read of each synapse, and
    what its slots gave, f32[E, L]. `comparison`: of a head that compares; `support`: embeddings f32[D, S, L] and
    targets f32[A, S, L] that queries are compared with, None in an update. `memory`: its arrays by name, if there is
    one, and `storage`, how it is accessed; `reading`, `saying`: the inputs that have what was read, and the nodes that
    say what becomes of it.
    """

    x: F32
    y: F32
    age: np.float32
    novel: np.float32
    task: np.float32

    def __init__(self, phenotypes: Phenotypes, g: int, tasks: Tasks, births: Births, plan: Plan) -> None:
        one = phenotypes[g]
        self.graph: Graph = one.graph
        self.program: Program = one.program
        self.loss: Program | None = one.loss
        self.tasks, self.plan, self.lanes = tasks, plan, tasks.lanes
        self.coefficients, self.plasticity = one.coefficients, one.plasticity
        self.w0 = born(phenotypes, g, births, self.lanes)
        self.states = birth_states(self.w0, (self.graph.traits & SILENT > 0)[:, None])
        self.act = np.zeros((self.graph.nodes, plan.order.shape[1], self.lanes), np.float32)
        self.feedback, self.dst = one.feedback, self.graph.dst
        self.first_output = self.graph.nodes - self.graph.outputs
        name = HEADS[plan.head].comparison
        self.comparison = Comparison(name, plan.metric, one.coefficients) if name else None
        self.support: tuple[F32, F32] | None = None
        self.storage = Storage(plan.memory, one.coefficients) if plan.memory.cells else None
        self.memory = empty(plan.memory, self.lanes)
        self.reading = slice(self.graph.inputs - plan.memory.cells, self.graph.inputs)
        self.saying = slice(self.first_output - plan.memory.nodes, self.first_output)

    @property
    def w(self) -> F32:
        """The weights, f32[E, L]."""
        return self.states["w"]

    def through(self, weights: F32) -> F32:
        """Return weights f32[E, L], 0 in place of those of synapses whose gate is closed."""
        return np.where(self.states[SYNAPSE[GATE].name] > 0, weights, np.float32(0))

    def take(self, steps: Sequence[str]) -> None:
        """Make steps in turn."""
        for step in steps:
            getattr(self, step)()

    def perceive(self) -> None:
        """Put examples in place, and the constant; recurrent synapses read what was there before."""
        inputs = self.graph.inputs
        self.before, self.act = self.act, np.zeros((self.graph.nodes, len(self.x), self.lanes), np.float32)
        self.act[: self.reading.start] = self.x.swapaxes(0, 1)
        if self.storage:
            self.act[self.reading] = self.memory["read"][:, None]
        self.act[inputs] = ONE

    def forward(self) -> None:
        """Sweep once over the nodes."""
        graph, w = self.graph, self.through(self.w)
        for j in range(graph.inputs + 1, graph.nodes):
            total = np.zeros_like(self.act[j])
            for e in range(graph.ptr[j], graph.ptr[j + 1]):
                source = graph.src[e]
                total = self.add(w[e], self.before[source] if source >= j else self.act[source], total)
            self.act[j] = ACTIVATE[graph.activation_of(j)](total) if j < self.first_output else total
            if j in graph.grus:
                h, g, c = self.before[j], self.act[j - 1], self.act[j - 2]
                self.act[j] = self.act[j] + fmaf(g, c - h, h)

    def add(self, w: F32, x: F32, total: F32) -> F32:
        """Return w·x + total, rounded once, f32[B, L]."""
        added: F32 = fmaf(w, x, total)
        return added

    def compare(self) -> None:
        """Set net inputs of the head: those of the outputs, or what comes of comparing these."""
        self.output = self.act[self.first_output :]
        if self.comparison is not None:
            known, t = self.support or (self.output, self.y.swapaxes(0, 1))
            keys = self.comparison.keys(self.comparison.unit(known), t)
            self.output, _ = self.comparison.net_inputs(self.comparison.unit(self.output), keys.v, t)

    def answer(self) -> None:
        """Turn net inputs into answers: those of the outputs, where these are not compared."""
        self.output = ANSWER[self.plan.head](self.output)
        if self.comparison is None:
            self.act[self.first_output :] = self.output

    def access(self) -> None:
        """Write to the memory, move attention, and read, as hidden nodes say; without one, nothing."""
        if self.storage:
            self.memory, _ = self.storage.access(self.memory, self.act[self.saying, 0])

    def supervise(self) -> None:
        """Reward the answers, in the mean over the examples."""
        total = np.zeros(self.lanes, np.float32)
        for k in range(len(self.y)):
            total = total + REWARD[self.plan.head](self.output[:, k], self.y[k])
        self.reward = total / np.float32(len(self.y))

    def error(self) -> None:
        """Set the errors of the outputs: of the head's own loss, or of an evolved one."""
        self.err, y, own = np.zeros_like(self.act), self.y.swapaxes(0, 1), slice(self.first_output, None)
        error = self.head_error(y)
        self.err[own] = self.comparison.errors(self.act[own], y, error) if self.comparison else error

    def head_error(self, y: F32) -> F32:
        """Return ∂loss/∂(net input of the head) of answers to targets, f32[A, B, L]."""
        if self.loss is None:
            return ERROR[self.plan.head](self.output, y)
        slope = np.empty_like(self.output)
        named = {f"c{i}": c for i, c in enumerate(self.coefficients)}
        for own, output, target in zip(slope, self.output, y, strict=True):
            own[:] = evaluate(self.loss, {**named, "output": output, "target": target})["derivative"]
        return THROUGH[self.plan.head](self.output, slope)

    def back(self) -> None:
        """Set the errors of the hidden nodes as the credit mode says."""
        graph, err, credit = self.graph, self.err, self.plan.credit
        hidden = range(graph.inputs + 1, self.first_output)
        if credit in SHARED_ERROR:
            err[hidden.start : hidden.stop] = SHARED_ERROR[credit](err[self.first_output :])
        elif CREDITS[credit].back:
            own = self.w if CREDITS[credit].back == "w" else self.feedback
            assert own is not None
            weights = self.through(own if own.ndim > 1 else own[:, None])
            for j in range(graph.nodes - 1, graph.inputs, -1):
                if j < self.first_output:
                    err[j] = SLOPE[graph.activation_of(j)](self.act[j], self.through_grus(j, err[j], err))
                for e in range(graph.ptr[j], graph.ptr[j + 1]):
                    source = graph.src[e]
                    if source in hidden and source < j:
                        err[source] = fmaf(weights[e], err[j], err[source])

    def through_grus(self, i: int, total: F32, bars: F32) -> F32:
        """Add to a node's total f32[B, L] what `bars` of GRUs behind it make of candidate, and then of gate."""
        act = self.act
        if i + 2 in self.graph.grus:
            total = fmaf(bars[i + 2], act[i + 1], total)
        if i + 1 in self.graph.grus:
            total = fmaf(bars[i + 1], act[i - 1] - self.before[i + 1], total)
        return total

    def gradient(self) -> None:
        """Set each synapse's mean over the examples of err·pre, and what its weight costs where it is open."""
        grad, count = np.zeros((len(self.dst), self.lanes), np.float32), self.err.shape[1]
        for k in range(count):
            grad = fmaf(self.err[self.dst, k], self.pre(k), grad)
        self.grad = grad * (ONE / np.float32(count))
        if self.plan.synapse_cost:
            w, cost = self.through(self.w), np.float32(self.plan.synapse_cost)
            self.grad = self.grad + np.where(w > 0, cost, np.where(w < 0, -cost, np.float32(0)))

    def pre(self, k: int) -> F32:
        """Return what each synapse reads of example k, f32[E, L]."""
        src = self.graph.src
        return np.where((src >= self.dst)[:, None], self.before[src, k], self.act[src, k])

    def execute(self) -> None:
        """Run the rule's program for each synapse."""
        self.signals = self.known()
        found = evaluate(self.program, self.signals)
        self.results = {name: np.broadcast_to(value, self.w.shape) for name, value in found.items()}

    def known(self) -> dict[str, Any]:
        """Return what a rule can read, by name."""
        signals = {
            "pre": self.pre(0), "post": self.act[self.dst, 0], "err": self.err[self.dst, 0], "grad": self.grad,
            "reward": self.reward, "age": self.age, "novel": self.novel, "task": self.task, "w0": self.w0,
            **self.states,
            **{f"c{i}": c for i, c in enumerate(self.coefficients)},
            **{f"p{i}": p[:, None] for i, p in enumerate(self.plasticity)},
        }  # fmt: skip
        if self.comparison is None:  # hidden nodes have no target of their own: they see the first output's
            signals["target"] = self.y[0, np.maximum(0, self.dst - self.first_output)]
        return signals

    def bound(self) -> None:
        """Change the weights, within the bound, and the states, but those of FIXED synapses."""
        high, given, after = np.float32(self.plan.bound), self.results, dict(self.states)
        if "update" in given:
            new = self.w + given["update"]
            after["w"] = np.where(new < -high, -high, np.where(new > high, high, new))
        after |= {name: given[name] for name in MEMORY if name in given}
        fixed = (self.graph.traits & FIXED > 0)[:, None]
        self.states = {name: np.where(fixed, self.states[name], value) for name, value in after.items()}

    def score(self) -> None:
        """Score the answers to one query."""
        answer, y = self.output[:, 0], self.y[0]
        self.scores = np.empty((len(SCORES), self.lanes), np.float32)
        for row, score in zip(self.scores, SCORE.values(), strict=True):
            row[:] = score[self.plan.head](answer, y)
