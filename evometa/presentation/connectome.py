"""A network with what is known of each synapse: as it grew from genes, or as the run's layers are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from evometa.genetics.exchange import node_name
from evometa.genetics.phenotype import networks_of
from evometa.genetics.topologies import Topology
from evometa.genetics.topology import depths, graph_key
from evometa.judging.analyses import Analysis
from evometa.lifetime import F32, FIXED, SILENT, Graph
from evometa.store.records import Json, Settings

if TYPE_CHECKING:
    from evometa.genetics.genome import Genome

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Connectome:
    """One network at birth. `weights f32[E]` (None: not inherited), `plasticity f32[K, E]`; which synapses are `fixed`,
    and which are `silent` candidates that a gate may open; `node_marks i64[N]`, `marks i64[E]`: historical markings of
    what evolved (None: it did not); `opened f32[E]`: the share of lives in which each is open after learning (None: not
    known, or there are no gates); `change f32[E]`: by how much lives change each, root mean square (None: not known).
    """

    graph: Graph
    weights: F32 | None
    plasticity: F32
    fixed: Flags
    silent: Flags
    node_marks: NDArray[np.int64] | None = None
    marks: NDArray[np.int64] | None = None
    opened: F32 | None = None
    change: F32 | None = None

    def learned(self, analysis: Analysis | None) -> Connectome:
        """Return it with what an analysis tells of its gates and its weights after learning; itself where it tells of
        another one."""
        if analysis is None:
            return self
        gates, plasticity = analysis.gates, analysis.plasticity
        opened = None if gates is None else self._own(gates.graph, gates.share)
        change = None if plasticity is None else self._own(plasticity.graph, plasticity.change)
        one = self if opened is None else replace(self, opened=opened)
        return one if change is None else replace(one, change=change)

    def _own(self, graph: str, values: list[float]) -> F32 | None:
        """Return numbers f32[E] that are told of the synapses of a network; None where that is another one."""
        own = graph == graph_key(self.graph) and len(values) == self.graph.synapses
        return np.array(values, np.float32) if own else None

    @property
    def recurrent(self) -> Flags:
        """Which synapses carry the activation of the update before, bool[E]."""
        back: Flags = self.graph.src >= self.graph.dst
        return back

    @property
    def hidden(self) -> range:
        """The hidden nodes."""
        return range(self.graph.inputs + 1, self.graph.nodes - self.graph.outputs)

    @property
    def activations(self) -> dict[str, int]:
        """How many hidden nodes have each activation, the commonest first."""
        return dict(Counter(self.graph.activation_of(node) for node in self.hidden).most_common())

    def summary(self) -> Json:
        """Return its numbers: hidden nodes, synapses (silent ones apart), how many recur and are plastic, depth."""
        spoken = ~self.silent
        return {
            "nodes": len(self.hidden),
            "synapses": int(spoken.sum()),
            "depth": int(depths(self.graph)[self.graph.nodes - self.graph.outputs :].max()),
            "recurrent": int((spoken & self.recurrent).sum()),
            "plastic": int((spoken & ~self.fixed).sum()),
            "silent": int(self.silent.sum()),
            "activations": self.activations,
        }

    def synapse(self, e: int) -> str:
        """Return what a synapse is called: "x1 → y1"."""
        return f"{self.name(int(self.graph.src[e]))} → {self.name(int(self.graph.dst[e]))}"

    def name(self, node: int) -> str:
        """Return what a node is called, by its mark where it evolved, else by its place (see `node_name`)."""
        graph, first = self.graph, self.graph.nodes - self.graph.outputs
        if self.node_marks is not None:
            return node_name(int(self.node_marks[node]), graph.inputs, graph.outputs)
        place = node - first + graph.inputs + 1 if node >= first else node if node <= graph.inputs else None
        return f"n{node}" if place is None else node_name(place, graph.inputs, graph.outputs)


def connectome_of(genome: Genome | None, graph: Graph, settings: Settings) -> Connectome:
    """Return the network of a genome; `graph`: its own, or that of its tasks, where it has none, or is not known."""
    if genome is not None and isinstance(genome.topology, Topology):
        return _grown(genome, genome.topology, settings)
    plasticity = np.zeros((0, graph.synapses), np.float32)
    if genome is not None and len(genome.plasticity):
        tied = settings.plasticity.tie == "group"
        plasticity = genome.plasticity[:, graph.group] if tied else genome.plasticity
    weights = None if genome is None else genome.weights
    return Connectome(graph, weights, plasticity, graph.traits & FIXED > 0, graph.traits & SILENT > 0)


def _grown(genome: Genome, genes: Topology, settings: Settings) -> Connectome:
    """Return a network that grew from genes."""
    grown = networks_of([genome], settings.topology.gain)
    graph: Any = grown.graph(0)
    marks = np.arange(graph.nodes)
    marks[graph.nodes - graph.outputs :] = graph.inputs + 1 + np.arange(graph.outputs)
    marks[graph.src], marks[graph.dst] = genes.source[grown.gene], genes.target[grown.gene]
    return Connectome(
        graph, grown.weights if settings.weights.mode == "evolved" else None,
        np.ascontiguousarray(grown.plasticity.T), graph.traits & FIXED > 0, graph.traits & SILENT > 0, marks,
        genes.mark[grown.gene],
    )  # fmt: skip
