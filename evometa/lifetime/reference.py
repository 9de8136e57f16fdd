"""The lifetime in plain Python, one genome, trial, node and synapse at a time: slow, obvious, and the judge.

Every other backend must give the same bits. Arrays hold lanes only; everything else is a Python loop.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from evometa.language.generated_nodes import ACTIVATE, ANSWER, ERROR, REWARD, SCORE, SHARED_ERROR, SLOPE, THROUGH
from evometa.language.native import fmaf
from evometa.language.program import Program, evaluate
from evometa.lifetime import DIVERGED, F32, OK, Births, Graph, Outcomes, Phenotypes, Plan, Tasks
from evometa.lifetime.validation import check
from evometa.spec import CREDITS, SCORES

ONE = np.float32(1)


def live(phenotypes: Phenotypes, tasks: Tasks, births: Births, plan: Plan) -> Outcomes:
    """Live every lifetime of the batch (contract: evometa.lifetime). Raises ContractError."""
    check(phenotypes, tasks, births, plan)
    genomes, points, lanes = len(phenotypes), len(plan.checkpoints), tasks.lanes
    scores = np.zeros((len(SCORES), genomes, points, lanes), np.float32)
    status = np.zeros((genomes, lanes), np.uint8)
    weights = []
    with np.errstate(all="ignore"):
        for g in range(genomes):
            learner = Learner(phenotypes, g, tasks, births, plan)
            learner.live(scores[:, g])
            sound = np.isfinite(learner.w).all(axis=0) & np.isfinite(scores[:, g]).all(axis=(0, 1))
            status[g] = np.where(sound, OK, DIVERGED)
            weights.append(learner.w[:, 0].copy())
    return Outcomes(scores, status, weights if plan.keep_weights else None)


class Learner:
    """One genome's lifetimes in all lanes: w, s1, s2 f32[E, L]; act and previous f32[N, B, L]."""

    def __init__(self, phenotypes: Phenotypes, g: int, tasks: Tasks, births: Births, plan: Plan) -> None:
        one = phenotypes[g]
        self.graph: Graph = one.graph
        self.program: Program = one.program
        self.loss: Program | None = one.loss
        self.tasks, self.plan, self.lanes = tasks, plan, tasks.lanes
        self.coefficients, self.plasticity = one.coefficients, one.plasticity
        drawn = births.weights[phenotypes.graph[g]] if one.innate is None else one.innate[:, None]
        assert drawn is not None
        self.w = np.repeat(drawn, self.lanes // drawn.shape[1], axis=1)
        self.w0 = self.w.copy()
        self.s1, self.s2 = np.zeros_like(self.w), np.zeros_like(self.w)
        self.batch = plan.order.shape[1]
        self.act = np.zeros((self.graph.nodes, self.batch, self.lanes), np.float32)
        back = one.feedback
        self.back = None if back is None else np.repeat(back[:, None], self.lanes, 1)
        self.dst = self.graph.dst
        self.first_output = self.graph.nodes - self.graph.outputs
        self.witness: Callable[[dict[str, Any], dict[str, Any]], None] | None = None  # told of every synapse's update

    def live(self, scores: F32) -> None:
        """Alternate updates and checkpoints; scores f32[M, C, L]."""
        checkpoints = self.plan.checkpoints.tolist()
        for update in range(len(self.plan.order) + 1):
            if update in checkpoints:
                scores[:, checkpoints.index(update)] = self.query()
            if update == len(self.plan.order) or update >= checkpoints[-1]:
                return
            self.learn(update)

    def forward(self, x: F32, previous: F32) -> F32:
        """Return activations f32[N, k, L] for k examples x f32[k, I, L]."""
        graph, count = self.graph, len(x)
        act = np.zeros((graph.nodes, count, self.lanes), np.float32)
        act[: graph.inputs] = x.swapaxes(0, 1)
        act[graph.inputs] = ONE
        for j in range(graph.inputs + 1, graph.nodes):
            for k in range(count):
                total = np.zeros(self.lanes, np.float32)
                for e in range(graph.ptr[j], graph.ptr[j + 1]):
                    source = graph.src[e]
                    read = previous[source, k] if source >= j else act[source, k]
                    total = fmaf(self.w[e], read, total)
                act[j, k] = ACTIVATE[graph.activation_of(j)](total) if j < self.first_output else total
        for k in range(count):
            act[self.first_output :, k] = ANSWER[self.plan.head](act[self.first_output :, k])
        return act

    def query(self) -> F32:
        """Return the mean scores of the queries, f32[M, L]."""
        sums = np.zeros((len(SCORES), self.lanes), np.float32)
        state = self.act[:, :1]
        for x, y in zip(self.tasks.query_x, self.tasks.query_y, strict=True):
            act = self.forward(x[None], state)
            answer = act[self.first_output :, 0]
            for total, score in zip(sums, SCORE.values(), strict=True):
                total += score[self.plan.head](answer, y)
        return sums / np.float32(len(self.tasks.query_x))

    def learn(self, update: int) -> None:
        """Make one weight update."""
        x, y = self.examples(update)
        before = self.act
        self.act = self.forward(x, before)
        err = self.errors(y)
        for e in range(self.graph.synapses):
            source, node = int(self.graph.src[e]), int(self.dst[e])
            pre = before[source] if source >= node else self.act[source]
            grad = np.zeros(self.lanes, np.float32)
            for k in range(self.batch):
                grad = fmaf(err[node, k], pre[k], grad)
            signals: dict[str, Any] = {
                "pre": pre[0], "post": self.act[node, 0], "target": y[0, max(0, node - self.first_output)],
                "err": err[node, 0], "grad": grad * (ONE / np.float32(self.batch)),
                "w": self.w[e], "w0": self.w0[e], "s1": self.s1[e], "s2": self.s2[e], "reward": self.reward(y),
                "age": np.float32(update) / np.float32(max(len(self.plan.order) - 1, 1)),
            }  # fmt: skip
            signals |= {f"c{i}": c for i, c in enumerate(self.coefficients)}
            signals |= {f"p{i}": p[e] for i, p in enumerate(self.plasticity)}
            results = {name: np.copy(value) for name, value in evaluate(self.program, signals).items()}
            if self.witness is not None:
                self.witness({name: np.copy(value) for name, value in signals.items()}, results)
            if "s1" in results:
                self.s1[e] = results["s1"]
            if "s2" in results:
                self.s2[e] = results["s2"]
            if "update" in results:
                bound = np.float32(self.plan.bound)
                new = self.w[e] + results["update"]
                self.w[e] = np.where(new < -bound, -bound, np.where(new > bound, bound, new))

    def examples(self, update: int) -> tuple[F32, F32]:
        """Return the examples of an update, each lane's own: f32[B, I, L] and f32[B, O, L]."""
        chosen = self.plan.order[update][:, None]
        x, y = (np.take_along_axis(part, chosen, axis=0) for part in (self.tasks.support_x, self.tasks.support_y))
        return x, y

    def errors(self, y: F32) -> F32:
        """Return ∂loss/∂(net input) of every node as the credit mode gives it, f32[N, B, L]; y f32[B, O, L]."""
        graph, credit = self.graph, self.plan.credit
        err = np.zeros_like(self.act)
        answer = self.act[self.first_output :]
        for k in range(self.batch):
            err[self.first_output :, k] = self.output_errors(answer[:, k], y[k])
        hidden = range(graph.inputs + 1, self.first_output)
        if credit in SHARED_ERROR:
            err[graph.inputs + 1 : self.first_output] = SHARED_ERROR[credit](err[self.first_output :])
        elif CREDITS[credit].back:
            back = self.w if CREDITS[credit].back == "w" else self.back
            assert back is not None
            for j in range(graph.nodes - 1, graph.inputs, -1):
                if j < self.first_output:
                    err[j] = SLOPE[graph.activation_of(j)](self.act[j], err[j])
                for e in range(graph.ptr[j], graph.ptr[j + 1]):
                    source = int(graph.src[e])
                    if source in hidden and source < j:
                        for k in range(self.batch):
                            err[source, k] = fmaf(back[e], err[j, k], err[source, k])
        return err

    def output_errors(self, answer: F32, y: F32) -> F32:
        """Return ∂loss/∂(net input) at the outputs of one example, f32[O, L]."""
        if self.loss is None:
            error: F32 = ERROR[self.plan.head](answer, y)
            return error
        named = {f"c{i}": c for i, c in enumerate(self.coefficients)}
        rows = [
            evaluate(self.loss, {**named, "output": a, "target": t})["derivative"]
            for a, t in zip(answer, y, strict=True)
        ]
        slope = np.stack([np.broadcast_to(np.asarray(r, np.float32), answer[0].shape) for r in rows])
        through: F32 = THROUGH[self.plan.head](answer, slope)
        return through

    def reward(self, y: F32) -> F32:
        """Return the reward of this update's batch, f32[L]."""
        total = np.zeros(self.lanes, np.float32)
        for k in range(self.batch):
            total = total + REWARD[self.plan.head](self.act[self.first_output :, k], y[k])
        return total / np.float32(self.batch)
