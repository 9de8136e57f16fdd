"""What the exports of a learner that compares have in common: its embedding, its metric, an episode to check them by.

Only where nothing is learned but by comparing: then such a learner is a function of examples and queries.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np

from evometa.export.layers import levels_of, matrices
from evometa.export.plan import Plan
from evometa.export.subject import Subject
from evometa.language.generated_nodes import ANSWER
from evometa.lifetime import F32, SILENT
from evometa.lifetime.reference_comparison import Comparison
from evometa.lifetime.support import Support
from evometa.spec import ACTIVATIONS, GRU, HEADS
from evometa.spec.arrays import I64

ELSE = "latex, networkx, graphml, json"
NO_UNITS = np.zeros((2, 0), np.int64)
NUMBERS = 3000  # numbers of examples that are recorded at most


class Level(NamedTuple):
    """Nodes that are computed together, of what nodes before them have come to: `weights f32[n, reads]`, `bias f32[n]`.

    `reads i64[reads]`: their places among all that were computed before, inputs first; `kind`: their activation.
    `units i64[2, n]`: of GRUs the places of their gates and of their candidates (−1: the constant), else none.
    """

    weights: F32
    bias: F32
    reads: I64
    kind: str
    units: I64


class Episode(NamedTuple):
    """Examples `x f32[S, I]`, one-hot `y f32[S, A]`, `queries f32[Q, I]` and `answers f32[Q, A]` as in the run."""

    x: F32
    y: F32
    queries: F32
    answers: F32


class FewShot:
    """A learner that compares, for a file in a `form`. InputError where it also learns, or weights are drawn."""

    def __init__(self, subject: Subject, form: str) -> None:
        self.subject, self.plan = subject, Plan(subject)
        self.name = self.plan.setting.plan.head
        if self.plan.updates:
            why = f"one that also learns by weight updates under the head {self.name}"
            raise subject.refusal(form, why, ELSE)
        if self.plan.draws:
            raise subject.refusal(form, "one whose weights are drawn anew for each life", ELSE)
        coefficients, metric = self.plan.setting.phenotypes[0].coefficients, self.plan.setting.plan.metric
        self.comparison = Comparison(self.name, metric, coefficients)
        self.scale, self.norm = float(self.comparison.scale), float(self.comparison.norm)
        self.log_ridge, self.penalty = float(self.comparison.log_ridge), float(self.comparison.penalty)

    @property
    def weights(self) -> F32:
        """Weights as they transmit at birth, f32[E]: 0 where a gate is closed, or what is read is still 0."""
        graph = self.plan.graph
        closed = (graph.traits & SILENT > 0) | (graph.src >= graph.dst)
        return np.where(closed, np.float32(0), self.plan.setting.weights)

    @cached_property
    def layers(self) -> list[Level]:
        """The network layer by layer, where it has those: each reads the one before."""
        assert self.plan.layers is not None
        kinds = [self.plan.layers.activation] * len(self.plan.layers.hidden) + ["linear"]
        rows = zip(matrices(self.plan.graph, self.weights), kinds, self.plan.layers.widths, strict=False)
        return [Level(row[:, :below], row[:, below], np.arange(below), kind, NO_UNITS) for row, kind, below in rows]

    @cached_property
    def levels(self) -> tuple[list[Level], I64]:
        """A network of any form level by level, and the places of its outputs among all that is computed."""
        graph, level, weights = self.plan.graph, levels_of(self.plan.graph), self.weights
        groups: dict[tuple[int, int], list[int]] = {}
        for j in range(graph.inputs + 1, graph.nodes):
            groups.setdefault((int(level[j]), int(graph.activation[j])), []).append(j)
        place, found = {node: node for node in range(graph.inputs)}, []
        for (_, kind), own in sorted(groups.items()):
            matrix = np.zeros((len(own), len(place) + 1), np.float32)
            for row, j in enumerate(own):
                for e in range(graph.ptr[j], graph.ptr[j + 1]):
                    if graph.src[e] < j:
                        matrix[row, place.get(int(graph.src[e]), -1)] += weights[e]
            reads = np.flatnonzero(matrix[:, :-1].any(axis=0))
            grus = own if kind == GRU and own[0] in graph.grus else []
            units = np.array([[place.get(j - back, -1) for j in grus] for back in (1, 2)])
            found.append(Level(matrix[:, reads], matrix[:, -1], reads, ACTIVATIONS.names[kind], units))
            place |= {node: len(place) + n for n, node in enumerate(own)}
        return found, np.array([place[node] for node in range(graph.nodes - graph.outputs, graph.nodes)])

    @cached_property
    def episode(self) -> Episode:
        """A piece of the first held-out task, an example for each class, with the answers that lives give."""
        from evometa.lifetime.numba.stepwise import answer, at_birth

        setting, graph = self.plan.setting, self.plan.graph
        y = setting.tasks.support_y[..., 0]
        some = np.unique(y.argmax(axis=1), return_index=True)[1][: max(2, NUMBERS // graph.inputs)]
        x, queries = setting.tasks.support_x[some, :, 0], setting.tasks.query_x[:3, :, 0]
        targets = np.eye(len(some), dtype=np.float32)
        state = at_birth(graph, setting.weights[:, None])
        known, asked = (
            self.comparison.unit(np.ascontiguousarray(answer(graph, self.name, state, part).T)[..., None])[..., 0]
            for part in (x, queries)
        )
        support = Support.empty(self.comparison, graph.outputs, len(some))
        support = support.extended(self.comparison, known, np.arange(len(some)))
        z = support.net_inputs(self.comparison, asked, len(some))
        return Episode(x, targets, queries, np.ascontiguousarray(ANSWER[self.name](z).T))


def compares(subject: Subject) -> bool:
    """Whether a learner answers by comparing with examples."""
    head = subject.config.network.head
    return head != "auto" and bool(HEADS[head].comparison)
