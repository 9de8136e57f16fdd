"""What the exports of a learner that compares have in common: its embedding, its metric, an episode to check them by.

Only where nothing is learned but by comparing: then such a learner is a function of examples and queries.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

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


class Group(NamedTuple):
    """Nodes that are computed together: how many, from how many synapses, with which activation.

    `units i64[2, nodes]`: of GRUs the places of their gates and of their candidates, else none.
    """

    nodes: int
    synapses: int
    kind: str
    units: I64


class Wiring(NamedTuple):
    """A network as single synapses, its nodes in the order of computation: inputs, the constant, group by group.

    `weights f32[E]` of the synapses that transmit at birth, which go from the places `src i64[E]` to `dst i64[E]`, in
    the order of `dst`; `outputs i64[O]`: the places of the outputs.
    """

    weights: F32
    src: I64
    dst: I64
    outputs: I64
    groups: list[Group]


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
    def closed(self) -> NDArray[np.bool_]:
        """Which synapses transmit nothing at birth, bool[E]: their gate is closed, or what is read is still 0."""
        graph = self.plan.graph
        return (graph.traits & SILENT > 0) | (graph.src >= graph.dst)

    @property
    def weights(self) -> F32:
        """Weights as they transmit at birth, f32[E]."""
        return np.where(self.closed, np.float32(0), self.plan.setting.weights)

    @cached_property
    def layers(self) -> list[Level]:
        """The network layer by layer, where it has those: each reads the one before."""
        assert self.plan.layers is not None
        kinds = [self.plan.layers.activation] * len(self.plan.layers.hidden) + ["linear"]
        rows = zip(matrices(self.plan.graph, self.weights), kinds, self.plan.layers.widths, strict=False)
        return [Level(row[:, :below], row[:, below], np.arange(below), kind, NO_UNITS) for row, kind, below in rows]

    @property
    def groups(self) -> list[tuple[int, list[int]]]:
        """An activation, and the nodes of one level that have it, in the order of computation."""
        graph, level = self.plan.graph, levels_of(self.plan.graph)
        found: dict[tuple[int, int], list[int]] = {}
        for j in range(graph.inputs + 1, graph.nodes):
            found.setdefault((int(level[j]), int(graph.activation[j])), []).append(j)
        return [(kind, own) for (_, kind), own in sorted(found.items())]

    @cached_property
    def wiring(self) -> Wiring:
        """A network of any form as the synapses that transmit."""
        graph, groups = self.plan.graph, self.groups
        place = np.argsort([*range(graph.inputs + 1), *(j for _, own in groups for j in own)])
        src, dst = place[graph.src], place[graph.dst]
        kept = np.lexsort((src, dst))
        kept = kept[~self.closed[kept]]
        fan_in = np.bincount(graph.dst[kept], minlength=graph.nodes)
        found = []
        for kind, own in groups:
            grus = own if kind == GRU and own[0] in graph.grus else []
            units = np.array([[place[j - back] for j in grus] for back in (1, 2)])
            found.append(Group(len(own), int(fan_in[own].sum()), ACTIVATIONS.names[kind], units))
        outputs = place[graph.nodes - graph.outputs :]
        return Wiring(self.plan.setting.weights[kept], src[kept], dst[kept], outputs, found)

    @cached_property
    def levels(self) -> tuple[list[Level], I64]:
        """A network of any form level by level, and the places of its outputs among all that is computed."""
        graph, weights = self.plan.graph, self.weights
        place, found = {node: node for node in range(graph.inputs)}, []
        for kind, own in self.groups:
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
