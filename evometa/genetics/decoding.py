"""Genes → networks: the topologies of a population as graphs, all in one compiled call.

Nodes stand in the order inputs, constant, hidden by (place, mark), outputs; synapses by target, then source. A hidden
node that no way links to an input or the constant, or none to an output, is left out, with its synapses.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from evometa.genetics.expression import expressed
from evometa.genetics.genes import I64
from evometa.genetics.topologies import Topologies
from evometa.lifetime import F32, I32, Graph
from evometa.lifetime.graphs import Graphs
from evometa.spec.arrays import U8
from evometa.system.jit import interpreted


class Networks(NamedTuple):
    """T networks, flat: of network t synapses `begins[t]` to `begins[t + 1]`, nodes `node_begins[t]` to the next.

    `ptr`, `src`, `activation` as in `Graph`, `ptr` with one more for each network; `traits`: FIXED, SILENT. `gene`: the
    row of each synapse's gene; `weights f32[*]` and `plasticity f32[*, K]` are those genes' numbers.
    """

    inputs: int
    outputs: int
    begins: I64
    node_begins: I64
    ptr: I32
    src: I32
    activation: U8
    traits: U8
    gene: I64
    weights: F32
    plasticity: F32

    @property
    def graphs(self) -> Graphs:
        """The networks' graphs."""
        inputs, outputs = (np.full(len(self.begins) - 1, size, np.int64) for size in (self.inputs, self.outputs))
        return Graphs(
            *(inputs, outputs, self.begins, self.node_begins, self.ptr, self.src, self.activation),
            *(np.zeros(len(self.src), np.int32), self.traits),
        )

    def graph(self, t: int) -> Graph:
        """Return one network's graph."""
        return self.graphs[t]


def decode(genes: Topologies, gain: float = 1.0, candidates: bool = False) -> Networks:
    """Return the networks of topologies; `gain` multiplies weights: 4.9 for the sigmoid of NEAT's paper.

    `candidates`: disabled genes are expressed, too, as SILENT synapses.
    """
    with interpreted(len(genes.mark) + len(genes.node)):
        begins, node_begins, ptr, src, activation, traits, gene = expressed(genes.arrays, candidates)
    weights = genes.weight[gene] * np.float32(gain)
    return Networks(
        *(genes.inputs, genes.outputs, begins, node_begins, ptr, src, activation, traits, gene, weights),
        genes.plasticity[gene],
    )
