"""First topologies: the same genes in all of them, from a graph, or some of these drawn for each."""

from __future__ import annotations

from dataclasses import replace
from itertools import count as count_from

import numpy as np
from numpy.typing import NDArray

from evometa.genetics.genes import ENABLED, PLASTIC
from evometa.genetics.topologies import Topologies
from evometa.genetics.validity import MOST_MARK, fed
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


def sparse(
    genes: Topologies, density: float, rng: np.random.Generator, free: NDArray[np.bool_] | None = None
) -> Topologies:
    """Keep a share of the synapses of each topology, drawn for each and anew until something feeds every output.

    `free`: those that the share is of, the others stay; None: all. Where DRAWS were in vain, each further one keeps one
    synapse more.
    """
    row = np.repeat(np.arange(len(genes)), np.diff(genes.begins))
    free = np.ones(len(row), bool) if free is None else free
    sizes = np.bincount(row[free], minlength=len(genes))
    chosen = ~free
    count, lost = np.ceil(density * sizes).astype(np.int64), np.arange(len(genes))
    for draw in count_from(1):
        some = np.isin(row, lost) & free
        order = np.lexsort((rng.random(some.sum()), row[some]))
        rank = np.empty(len(order), np.int64)  # of each synapse in a random order of its topology's
        rank[order] = np.arange(len(order)) - np.repeat(np.cumsum(sizes[lost]) - sizes[lost], sizes[lost])
        chosen[some] = rank < count[row[some]]
        lost = lost[~fed(genes.take(lost).keep(chosen[np.isin(row, lost)])).all(axis=1)]
        if not len(lost):
            break
        count[lost] += draw > DRAWS
    return genes.keep(chosen)


def local(
    genes: Topologies, image: tuple[int, int, int], side: int, density: float, rng: np.random.Generator
) -> Topologies:
    """Keep of each node's inputs those in a square of the image, drawn for each; and a share of other synapses.

    `image`: height, width and channels of the inputs, in that order; `side` of the squares. Synapses from the constant
    stay.
    """
    height, width, channels = image
    rows = np.repeat(np.arange(len(genes)), np.diff(genes.begins))
    _, node = np.unique(rows * MOST_MARK + genes.target, return_inverse=True)
    corner = (rng.random((node.max(initial=-1) + 1, 2)) * [height - side + 1, width - side + 1]).astype(np.int64)
    place = np.stack(np.divmod(genes.source // channels, width), axis=1) - corner[node]
    within = ((place >= 0) & (place < side)).all(axis=1)
    near = genes.keep(within | (genes.source >= genes.inputs))
    return sparse(near, density, rng, near.source > near.inputs)


def scaled(genes: Topologies, init: str) -> Topologies:
    """Return topologies whose weights go by how much a node reads ("he"), and its sources are read ("glorot").

    Weights of deviation 1 come to √(2 / fan-in), or √(2 / (fan-in + fan-out)); those from the constant are 0.
    """
    if init not in ("he", "glorot"):
        return genes
    rows, read = np.repeat(np.arange(len(genes)), np.diff(genes.begins)), genes.source != genes.inputs
    sizes = np.zeros(len(genes.mark))
    for ends in (genes.target, genes.source) if init == "glorot" else (genes.target,):
        _, node = np.unique(rows * MOST_MARK + ends, return_inverse=True)
        sizes += np.bincount(node, read)[node]
    weight = np.where(read, genes.weight * np.sqrt(2.0 / np.maximum(sizes, 1)), 0.0)
    return replace(genes, weight=weight.astype(np.float32))
