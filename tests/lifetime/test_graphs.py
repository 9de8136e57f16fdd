"""Tiles of all graphs at once are those of each graph, cut node by node."""

from __future__ import annotations

from itertools import groupby, pairwise

import numpy as np
import pytest

from evometa.genetics.topology import layered
from evometa.lifetime import FIXED, Graph
from evometa.lifetime.graphs import SCATTERED, flat

Tile = tuple[int, int, int, int]


def tiles_of(graph: Graph, longest: int) -> list[Tile]:
    """Cut one graph, slowly and obviously."""
    recurrent = (graph.src >= graph.dst).tolist()
    tiles = []
    for node in range(graph.nodes):
        begin, end = int(graph.ptr[node]), int(graph.ptr[node + 1])
        learning = [e for e in range(begin, end) if not graph.traits[e] & FIXED]
        stretches = [[e for _, e in some] for _, some in groupby(enumerate(learning), lambda pair: pair[1] - pair[0])]
        for low, high in ((stretch[0], stretch[-1] + 1) for stretch in stretches):
            breaks = [e for e in range(low + 1, high) if graph.src[e] != graph.src[e - 1] + 1]
            runs = list(pairwise([low, *breaks, high]))
            if len(runs) > 1 and (high - low) / len(runs) < 4:
                runs = [(low, high)]
            for a, b in runs:
                together = graph.src[b - 1] - graph.src[a] == b - a - 1
                for first in range(a, b, longest):
                    last = min(first + longest, b)
                    kinds = set(recurrent[first:last])
                    source = int(graph.src[first]) + graph.nodes * recurrent[first]
                    tiles.append((node, first, last - first, source if together and len(kinds) == 1 else SCATTERED))
    return tiles


def random_graph(rng: np.random.Generator) -> Graph:
    """Return a graph of any density, often none; half of them recurrent."""
    inputs, hidden, outputs = (int(rng.integers(low, high)) for low, high in ((1, 12), (0, 9), (1, 4)))
    nodes, density, recurrent = inputs + 1 + hidden + outputs, rng.choice([0, 0.1, 0.5, 0.9, 1]), rng.random() < 0.5
    ends, sources = [0] * (inputs + 2), []
    for node in range(inputs + 1, nodes):
        sources += np.flatnonzero(rng.random(nodes if recurrent else node) < density).tolist()
        ends.append(len(sources))
    ptr, src = np.array(ends, np.int32), np.array(sources, np.int32)
    fixed = rng.random(len(src)) < rng.choice([0, 0.3, 1])
    groups = np.zeros(len(src), np.int32)
    return Graph(
        inputs, outputs, ptr, src, np.zeros(nodes, np.uint8), groups, np.where(fixed, FIXED, 0).astype(np.uint8)
    )


@pytest.mark.parametrize("longest", [1, 2, 3, 8, 512])
def test_tiles_of_many_are_those_of_each(longest: int) -> None:
    rng = np.random.default_rng(longest)
    for count in (1, 2, 7, 100):
        graphs = [random_graph(rng) for _ in range(count)]
        made = flat(graphs, longest)
        for graph, row in zip(graphs, made.columns.tolist(), strict=True):
            nodes, synapses, inputs, outputs, recurrent, ptr, src, activation, tile, tiles, most = row
            assert (nodes, synapses, inputs, outputs) == (graph.nodes, graph.synapses, graph.inputs, graph.outputs)
            assert made.ptr[ptr : ptr + nodes + 1].tolist() == graph.ptr.tolist()
            back = graph.src >= graph.dst
            assert made.src[src : src + synapses].tolist() == (graph.src + nodes * back).tolist()
            assert recurrent == back.any()
            assert made.activation[activation : activation + nodes].tolist() == graph.activation.tolist()
            wanted = tiles_of(graph, longest)
            assert [tuple(one) for one in made.tiles[tile : tile + tiles].tolist()] == wanted
            assert most == max((count for _, _, count, _ in wanted), default=1)


def test_a_node_of_a_layer_has_one_run_and_one_of_this_trial_and_the_last_is_scattered() -> None:
    made = flat([layered(3, (2,), 1)], 8)
    assert made.tiles[:3].tolist() == [[4, 0, 4, 0], [5, 4, 4, 0], [6, 8, 3, 3]]
    back = flat([layered(3, (2,), 1, recurrent=True)], 8)
    assert back.tiles[0].tolist() == [4, 0, 6, SCATTERED]


def test_without_tiles_and_without_graphs() -> None:
    none = flat([layered(3, (), 1)], 0)
    assert none.tiles.shape == (1, 4)
    assert none.columns[0, -2:].tolist() == [0, 1]
    assert len(flat([], 8).columns) == 0
