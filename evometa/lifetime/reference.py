"""The lifetime in plain NumPy: slow, obvious, and the judge, as every other backend must give the same bits.

It makes the steps that evometa/spec/steps.py lists. Whatever is summed is summed by a Python loop, one after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Self

import numpy as np

from evometa.language.generated_nodes import ACTIVATE, ANSWER, ERROR, REWARD, SCORE, SHARED_ERROR, SLOPE, THROUGH
from evometa.language.native import fmaf
from evometa.language.program import Program, birth_states, evaluate
from evometa.lifetime import DIVERGED, F32, FIXED, OK, SILENT, Births, Graph, Outcomes, Phenotypes, Plan, Tasks
from evometa.lifetime.batch import born
from evometa.lifetime.reference_comparison import Comparison
from evometa.lifetime.validation import check
from evometa.spec import CREDITS, HEADS, SCORES
from evometa.spec.states import GATE, MEMORY, SYNAPSE
from evometa.spec.steps import EMBEDDING, QUERY, UPDATE

ONE = np.float32(1)


def live(phenotypes: Phenotypes, tasks: Tasks, births: Births, plan: Plan) -> Outcomes:
    """Live every lifetime of the batch (contract: evometa.lifetime). Raises ContractError."""
    check(phenotypes, tasks, births, plan)
    genomes, points, lanes = len(phenotypes), len(plan.checkpoints), tasks.lanes
    scores = np.zeros((len(SCORES), genomes, points, lanes), np.float32)
    status = np.zeros((genomes, lanes), np.uint8)
    opened = np.zeros((genomes, points, lanes), np.float32)
    weights = []
    with np.errstate(all="ignore"):
        for g in range(genomes):
            learner = Learner(phenotypes, g, tasks, births, plan)
            learner.live(scores[:, g], opened[g])
            sound = np.isfinite(learner.w).all(axis=0) & np.isfinite(scores[:, g]).all(axis=(0, 1))
            status[g] = np.where(sound, OK, DIVERGED)
            weights.append(learner.w[:, 0].copy())
    return Outcomes(scores, status, weights if plan.keep_weights else None, opened)


class Learner:
    """One genome's lifetimes in all lanes: `states` of synapses by name, f32[E, L], the last `act f32[N, B, L]`.

    Each step (evometa/spec/steps.py) is a method, and what it reads and writes an attribute: `x f32[B, I, L]`, `y
    f32[B, A, L]`, activations `before f32[N, B, L]`, `err f32[N, B, L]`, `grad f32[E, L]`, `reward f32[L]`, answers
    `output f32[A, B, L]`, `scores f32[M, L]`; `signals`, `results`: by name, what the rule read of each synapse, and
    what its slots gave, f32[E, L]. `comparison`: of a head that compares; `support`: embeddings f32[D, S, L] and
    targets f32[A, S, L] that queries are compared with, None in an update.
    """

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

    @property
    def w(self) -> F32:
        """The weights, f32[E, L]."""
        return self.states["w"]

    def through(self, weights: F32) -> F32:
        """Return weights f32[E, L], 0 in place of those of synapses whose gate is closed."""
        return np.where(self.states[SYNAPSE[GATE].name] > 0, weights, np.float32(0))

    def live(self, scores: F32, opened: F32) -> None:
        """Alternate updates and checkpoints; scores f32[M, C, L], how many synapses are open f32[C, L]."""
        checkpoints = self.plan.checkpoints.tolist()
        for update in range(checkpoints[-1] + 1):
            if update in checkpoints:
                c = checkpoints.index(update)
                scores[:, c], opened[c] = self.query(update), self.through(np.ones_like(self.w)).sum(axis=0)
            if update < checkpoints[-1]:
                self.learn(update)

    def learn(self, update: int) -> None:
        """Make one weight update."""
        self.meet(update)
        self.take(UPDATE)

    def meet(self, update: int) -> None:
        """Choose the examples of an update, each lane's own."""
        chosen = self.plan.order[update][:, None]
        self.x, self.y = (np.take_along_axis(a, chosen, axis=0) for a in (self.tasks.support_x, self.tasks.support_y))
        self.age = np.float32(min(update, self.plan.length - 1)) / np.float32(max(self.plan.length - 1, 1))

    def query(self, update: int) -> F32:
        """Return the mean scores of the queries of a checkpoint, f32[M, L]; nothing is learned."""
        sums, one = np.zeros((len(SCORES), self.lanes), np.float32), self.informed()
        asked = self.queries(update)
        for x, y in asked:
            sums = sums + one.asked(x, y).scores
        return sums / np.float32(len(asked))

    def queries(self, update: int) -> list[tuple[F32, F32]]:
        """Return what is asked at the checkpoint after so many updates: x f32[I, L] and y f32[O, L] of each."""
        x, y = self.tasks.query_x, self.tasks.query_y
        first, end = self.plan.asked_of(len(x))[self.plan.checkpoints.tolist().index(update)]
        return list(zip(x[first:end], y[first:end], strict=True))

    def answers(self, queries: F32) -> F32:
        """Return the answers f32[Q, O, L] to queries f32[Q, I, L]; nothing is learned."""
        unknown, one = np.zeros_like(self.tasks.query_y[0]), self.informed()
        return np.array([one.asked(x, unknown).output[:, 0] for x in queries], np.float32).reshape(-1, *unknown.shape)

    def informed(self) -> Self:
        """Return a copy that knows what queries are compared with, if they are: what it makes of the support set."""
        one, x, y = copy(self), self.tasks.support_x, self.tasks.support_y
        if self.comparison is not None:
            rows = [self.asked(*each, EMBEDDING).act[self.first_output :, 0] for each in zip(x, y, strict=True)]
            one.support = np.stack(rows, axis=1), y.swapaxes(0, 1)
        return one

    def asked(self, x: F32, y: F32, steps: Sequence[str] = QUERY) -> Self:
        """Return a copy that has answered one query x f32[I, L] with the target y f32[A, L]."""
        one = copy(self)
        one.x, one.y, one.act = x[None], y[None], self.act[:, :1]
        one.take(steps)
        return one

    def take(self, steps: Sequence[str]) -> None:
        """Make steps in turn."""
        for step in steps:
            getattr(self, step)()

    def perceive(self) -> None:
        """Put examples in place, and the constant; recurrent synapses read what was there before."""
        inputs = self.graph.inputs
        self.before, self.act = self.act, np.zeros((self.graph.nodes, len(self.x), self.lanes), np.float32)
        self.act[:inputs] = self.x.swapaxes(0, 1)
        self.act[inputs] = ONE

    def forward(self) -> None:
        """Sweep once over the nodes."""
        graph, w = self.graph, self.through(self.w)
        for j in range(graph.inputs + 1, graph.nodes):
            total = np.zeros_like(self.act[j])
            for e in range(graph.ptr[j], graph.ptr[j + 1]):
                source = graph.src[e]
                total = fmaf(w[e], self.before[source] if source >= j else self.act[source], total)
            self.act[j] = ACTIVATE[graph.activation_of(j)](total) if j < self.first_output else total

    def compare(self) -> None:
        """Set net inputs of the head: those of the outputs, or what comes of comparing these."""
        self.output = self.act[self.first_output :]
        if self.comparison is not None:
            known, t = self.support or (self.output, self.y.swapaxes(0, 1))
            keys = self.comparison.keys(self.comparison.unit(known), t)
            self.output, _ = self.comparison.net_inputs(self.comparison.unit(self.output), keys, t)

    def answer(self) -> None:
        """Turn net inputs into answers: those of the outputs, where these are not compared."""
        self.output = ANSWER[self.plan.head](self.output)
        if self.comparison is None:
            self.act[self.first_output :] = self.output

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
                    err[j] = SLOPE[graph.activation_of(j)](self.act[j], err[j])
                for e in range(graph.ptr[j], graph.ptr[j + 1]):
                    source = graph.src[e]
                    if source in hidden and source < j:
                        err[source] = fmaf(weights[e], err[j], err[source])

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
        self.signals = {
            "pre": self.pre(0), "post": self.act[self.dst, 0], "err": self.err[self.dst, 0], "grad": self.grad,
            "reward": self.reward, "age": self.age, "w0": self.w0, **self.states,
            **{f"c{i}": c for i, c in enumerate(self.coefficients)},
            **{f"p{i}": p[:, None] for i, p in enumerate(self.plasticity)},
        }  # fmt: skip
        if self.comparison is None:  # hidden nodes have no target of their own: they see the first output's
            self.signals["target"] = self.y[0, np.maximum(0, self.dst - self.first_output)]
        found = evaluate(self.program, self.signals)
        self.results = {name: np.broadcast_to(value, self.w.shape) for name, value in found.items()}

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
