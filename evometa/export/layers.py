"""Whether a network is made of fully connected layers, as most are, and of which; the levels of any other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evometa.genetics.topology import depths, layered
from evometa.lifetime import F32, I32, Graph
from evometa.spec import ACTIVATIONS


@dataclass(frozen=True)
class Layers:
    """A network of fully connected layers: widths of its hidden layers, their activation, what else is known."""

    inputs: int
    hidden: tuple[int, ...]
    outputs: int
    activation: str
    recurrent: bool

    @property
    def widths(self) -> list[int]:
        """How many nodes each layer has, the inputs first."""
        return [self.inputs, *self.hidden, self.outputs]


def layers_of(graph: Graph) -> Layers | None:
    """Return the layers of a network, or None where it is not what `topology.layered` makes of them."""
    first = graph.nodes - graph.outputs
    inner = depths(graph)[graph.inputs + 1 : first]
    hidden = tuple(np.unique(inner, return_counts=True)[1].tolist())
    kinds = np.unique(graph.activation[graph.inputs + 1 : first])
    if len(kinds) > 1:
        return None
    activation = ACTIVATIONS.names[kinds[0]] if len(kinds) else "linear"
    recurrent = graph.recurrent
    same = layered(graph.inputs, hidden, graph.outputs, activation, recurrent)
    pairs = ((graph.ptr, same.ptr), (graph.src, same.src), (graph.group, same.group))
    alike = graph.nodes == same.nodes and not graph.traits.any() and all(np.array_equal(a, b) for a, b in pairs)
    return Layers(graph.inputs, hidden, graph.outputs, activation, recurrent) if alike else None


def levels_of(graph: Graph) -> I32:
    """Return for each node with which others it can be computed, in ascending order, i32[N]: the outputs last."""
    level, first = depths(graph), graph.nodes - graph.outputs
    last = int(level[:first].max())
    for node in range(first, graph.nodes):
        sources = graph.src[graph.ptr[node] : graph.ptr[node + 1]]
        above = level[sources[(sources >= first) & (sources < node)]]
        level[node] = 1 + max(above, default=last)
    return level.astype(np.int32)


def matrices(graph: Graph, values: F32) -> list[F32]:
    """Return numbers of each synapse f32[E] of a network of layers as a matrix for each layer, f32[width, columns].

    Columns are the nodes below, then the bias, then, in recurrent hidden layers, the nodes of the layer itself; 0
    where there is no synapse.
    """
    found = layers_of(graph)
    assert found is not None, "only layers have matrices"
    result, start, below = [], graph.inputs + 1, (0, graph.inputs)
    for width in (*found.hidden, found.outputs):
        own = slice(int(graph.ptr[start]), int(graph.ptr[start + width]))
        source, row = graph.src[own], graph.dst[own] - start
        count = below[1] - below[0]
        lateral = found.recurrent and start + width < graph.nodes
        matrix = np.zeros((width, count + 1 + width * lateral), np.float32)
        column = np.where(source == graph.inputs, count, source - below[0])
        matrix[row, np.where(source >= start, count + 1 + source - start, column)] = values[own]
        result.append(matrix)
        below, start = (start, start + width), start + width
    return result
