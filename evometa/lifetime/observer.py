"""Lifetimes watched from near: the reference's, with all synapses of a layer at once, so that it takes no minutes.

What is watched is close to what ran, but not bit for bit: sums over a node's synapses are rounded in another order
(always the same one: no threads, no BLAS).
Axis letters as in the contract; `b` counts the examples of an update.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.language.generated_nodes import ACTIVATE, ANSWER, SHARED_ERROR, SLOPE
from evometa.language.program import evaluate
from evometa.lifetime import F32, I32, Births, Graph, Phenotypes, Plan, Tasks
from evometa.lifetime.reference import ONE, Learner
from evometa.spec import CREDITS

FEW_LANES, MOST_LANES = 2, 16
WORK = 4e7  # synapses × lanes × examples that are watched; of larger lifetimes only the beginning
FEW_UPDATES = 3


@dataclass(frozen=True)
class Moment:
    """One weight update of all synapses and lanes.

    `signals`: what the rule read, each broadcasting to f32[E, L], states as they were; `results`: what its slots gave;
    `weights f32[E, L]`: as they were before.
    """

    update: int
    signals: dict[str, Any]
    results: dict[str, F32]
    weights: F32


class Block:
    """Nodes `start` to `stop` that follow each other and read the same sources, all of them before `start`."""

    def __init__(self, graph: Graph, start: int, stop: int) -> None:
        self.start, self.stop = start, stop
        self.first, self.last = int(graph.ptr[start]), int(graph.ptr[stop])
        self.src: I32 = graph.src[graph.ptr[start] : graph.ptr[start + 1]]
        self.activation = graph.activation_of(start)

    def weights(self, w: F32) -> F32:
        """Return the weights into the block, f32[nodes, sources, L]."""
        return w[self.first : self.last].reshape(self.stop - self.start, len(self.src), -1)


def blocks_of(graph: Graph) -> list[Block]:
    """Cut the nodes behind the constant into blocks; a node that looks back is a block of its own."""
    found: list[Block] = []
    first_output = graph.nodes - graph.outputs
    for node in range(graph.inputs + 1, graph.nodes):
        last = found[-1] if found else None
        src = graph.src[graph.ptr[node] : graph.ptr[node + 1]]
        if (
            last is not None
            and node != first_output
            and graph.activation[node] == graph.activation[last.start]
            and np.array_equal(src, last.src)
            and (len(src) == 0 or src[-1] < last.start)
        ):
            found[-1] = Block(graph, last.start, node + 1)
        else:
            found.append(Block(graph, node, node + 1))
    return found


class Observer:
    """One genome's lifetimes in a few lanes: `learn` makes an update and returns what happened in it.

    `reads`: the signals to note, at least those that the rule's program reads.
    """

    def __init__(
        self, phenotypes: Phenotypes, g: int, tasks: Tasks, births: Births, plan: Plan, reads: frozenset[str]
    ) -> None:
        self.learner = Learner(phenotypes, g, tasks, births, plan)
        self.reads = reads | self.learner.program.reads
        self.graph = self.learner.graph
        self.blocks = blocks_of(self.graph)
        self.targets: NDArray[np.int64] = np.maximum(0, self.graph.dst - self.learner.first_output).astype(np.int64)
        self.backward = self.graph.src >= self.graph.dst

    def learn(self, update: int) -> Moment:
        """Make one weight update."""
        learner, plan = self.learner, self.learner.plan
        x, y = learner.examples(update)
        before, weights = learner.act, learner.w.copy()
        learner.act = self.forward(x, before)
        signals = self.signals(update, before, y)
        results = evaluate(learner.program, signals)
        shape = learner.w.shape
        given = {name: np.broadcast_to(value, shape).astype(np.float32) for name, value in results.items()}
        if "s1" in given:
            learner.s1 = given["s1"]
        if "s2" in given:
            learner.s2 = given["s2"]
        if "update" in given:
            bound, new = np.float32(plan.bound), learner.w + given["update"]
            learner.w = np.where(new < -bound, -bound, np.where(new > bound, bound, new))
        return Moment(update, signals, given, weights)

    def signals(self, update: int, before: F32, y: F32) -> dict[str, Any]:
        """Return what the rule reads in this update, each broadcasting to f32[E, L]."""
        learner, graph, reads = self.learner, self.graph, self.reads
        single = {"pre", "grad"} & reads
        pre = learner.act[graph.src] if single else None
        if pre is not None and self.backward.any():
            pre[self.backward] = before[graph.src[self.backward]]
        err = self.errors(y) if {"err", "grad"} & reads else None
        found: dict[str, Any] = {"w": learner.w, "w0": learner.w0, "s1": learner.s1, "s2": learner.s2}
        if pre is not None:
            found["pre"] = pre[:, 0]
        found["post"] = learner.act[graph.dst, 0]
        found["target"] = y[0, self.targets]
        if err is not None:
            found["err"] = err[graph.dst, 0]
            if pre is not None and "grad" in reads:
                found["grad"] = np.einsum("ebl,ebl->el", err[graph.dst], pre) * (ONE / np.float32(learner.batch))
        if "reward" in reads:
            found["reward"] = learner.reward(y)
        found["age"] = np.float32(update) / np.float32(max(len(learner.plan.order) - 1, 1))
        found |= {f"c{i}": c for i, c in enumerate(learner.coefficients)}
        found |= {f"p{i}": p[:, None] for i, p in enumerate(learner.plasticity)}
        return {name: value for name, value in found.items() if name in reads}

    def forward(self, x: F32, previous: F32) -> F32:
        """Return activations f32[N, B, L] for examples x f32[B, I, L]."""
        graph, learner = self.graph, self.learner
        act = np.zeros((graph.nodes, len(x), learner.lanes), np.float32)
        act[: graph.inputs] = x.swapaxes(0, 1)
        act[graph.inputs] = ONE
        for block in self.blocks:
            sources = act[block.src]
            back = block.src >= block.start
            sources[back] = previous[block.src[back]]
            total = np.einsum("jkl,kbl->jbl", block.weights(learner.w), sources)
            hidden = block.start < learner.first_output
            act[block.start : block.stop] = ACTIVATE[block.activation](total) if hidden else total
        act[learner.first_output :] = ANSWER[learner.plan.head](act[learner.first_output :])
        return act

    def errors(self, y: F32) -> F32:
        """Return ∂loss/∂(net input) of every node as the credit mode gives it, f32[N, B, L]; y f32[B, O, L]."""
        learner, graph, credit = self.learner, self.graph, self.learner.plan.credit
        err = np.zeros_like(learner.act)
        err[learner.first_output :] = learner.output_errors(learner.act[learner.first_output :], y.swapaxes(0, 1))
        if credit in SHARED_ERROR:
            err[graph.inputs + 1 : learner.first_output] = SHARED_ERROR[credit](err[learner.first_output :])
        elif CREDITS[credit].back:
            back = learner.w if CREDITS[credit].back == "w" else learner.back
            assert back is not None
            for block in reversed(self.blocks):
                own = slice(block.start, block.stop)
                if block.start < learner.first_output:
                    err[own] = SLOPE[block.activation](learner.act[own], err[own])
                into = (block.src > graph.inputs) & (block.src < min(block.start, learner.first_output))
                if into.any():
                    err[block.src[into]] += np.einsum("jkl,jbl->kbl", block.weights(back)[:, into], err[own])
        return err


def lanes_to_watch(graph: Graph, plan: Plan, updates: int, share: float = 1.0) -> tuple[int, int]:
    """Return how many lanes, and how many of so many updates, `share` of WORK is enough for; (0, 0): too few."""
    work = share * WORK / (max(1, graph.synapses) * plan.order.shape[1])
    lanes = int(min(MOST_LANES, max(FEW_LANES, work // max(updates, 1))))
    watched = int(min(updates, work // lanes))
    return (lanes, watched) if watched >= min(FEW_UPDATES, updates) else (0, 0)
