"""First topologies: the same genes in all of them, from a graph, or a share of these drawn for each."""

from __future__ import annotations

from itertools import count as count_from

import numpy as np

from evometa.genetics.genes import ENABLED, PLASTIC
from evometa.genetics.topologies import Topologies
from evometa.genetics.validity import fed
from evometa.lifetime import F32, FIXED, SILENT, Graph

DRAWS = 32  # of a share of the synapses


def topologies_of(graph: Graph, weights: F32, plasticity: F32 | None = None) -> Topologies:
    """Return T topologies of a graph; genes are marked in its order, enabled but where SILENT, plastic but where FIXED.

    `weights f32[T, E]`, `plasticity f32[T, K, E]`: numbers of each. The hidden nodes' places are even, in their order.
    """
    count, hidden = len(weights), graph.nodes - graph.inputs - 1 - graph.outputs
    first = graph.inputs + 1
    mark = np.concatenate(
        [np.arange(first), first + graph.outputs + np.arange(hidden), first + np.arange(graph.outputs)]
    )
    columns = 0 if plasticity is None else plasticity.shape[1]
    enabled, plastic = graph.traits & SILENT == 0, graph.traits & FIXED == 0
    traits = (enabled * ENABLED | plastic * PLASTIC).astype(np.uint8)
    rows = np.zeros((count, 0, graph.synapses), np.float32) if plasticity is None else plasticity
    return Topologies(
        graph.inputs,
        graph.outputs,
        np.arange(count + 1) * graph.synapses,
        np.tile(np.arange(graph.synapses), count),
        np.tile(mark[graph.src], count),
        np.tile(mark[graph.dst], count),
        np.ascontiguousarray(weights, np.float32).reshape(-1),
        np.ascontiguousarray(rows.transpose(0, 2, 1), np.float32).reshape(count * graph.synapses, columns),
        np.tile(traits, count),
        np.arange(count + 1) * hidden,
        np.tile(mark[first : first + hidden], count),
        np.tile(np.arange(1, hidden + 1) / (hidden + 1), count),
        np.tile(graph.activation[first : first + hidden], count),
    )


def sparse(genes: Topologies, density: float, rng: np.random.Generator) -> Topologies:
    """Keep a share of the synapses of each topology, drawn for each and anew until something feeds every output.

    Where DRAWS were in vain, each further one keeps one synapse more.
    """
    sizes = np.diff(genes.begins)
    row = np.repeat(np.arange(len(genes)), sizes)
    chosen = np.zeros(len(row), bool)
    count, lost = np.ceil(density * sizes).astype(np.int64), np.arange(len(genes))
    for draw in count_from(1):
        some = np.isin(row, lost)
        order = np.lexsort((rng.random(some.sum()), row[some]))
        rank = np.empty(len(order), np.int64)  # of each synapse in a random order of its topology's
        rank[order] = np.arange(len(order)) - np.repeat(np.cumsum(sizes[lost]) - sizes[lost], sizes[lost])
        chosen[some] = rank < count[row[some]]
        lost = lost[~fed(genes.take(lost).keep(chosen[some])).all(axis=1)]
        if not len(lost):
            break
        count[lost] += draw > DRAWS
    return genes.keep(chosen)
