"""Tiles of all graphs at once are those of each graph, cut node by node."""

from __future__ import annotations

from itertools import groupby, pairwise

import numpy as np
import pytest

from evometa.genetics.topology import graph_json, layered
from evometa.lifetime import FIXED, Graph
from evometa.lifetime.batch import distinct
from evometa.lifetime.graphs import SCATTERED, Graphs, flat
from evometa.lifetime.ragged import Ragged, blocks

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
                for first in range(a, b, longest):
                    last = min(first + longest, b)
                    together = graph.src[last - 1] - graph.src[first] == last - first - 1
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
            assert most == max(1, min(longest, synapses))


def test_a_node_of_a_layer_has_one_run_and_one_of_this_trial_and_the_last_is_scattered() -> None:
    made = flat([layered(3, (2,), 1)], 8)
    assert made.tiles[:3].tolist() == [[4, 0, 4, 0], [5, 4, 4, 0], [6, 8, 3, 3]]
    back = flat([layered(3, (2,), 1, recurrent=True)], 8)
    assert back.tiles[0].tolist() == [4, 0, 6, SCATTERED]


def test_graphs_are_a_sequence_of_views() -> None:
    rng = np.random.default_rng(0)
    graphs = [random_graph(rng) for _ in range(40)]
    flat_ones = Graphs.of(graphs)
    assert list(flat_ones) == graphs
    assert flat_ones[-1] == graphs[-1]
    assert np.shares_memory(flat_ones[3].src, flat_ones.src)
    assert list(flat_ones[5:30:3]) == graphs[5:30:3]
    rows = rng.integers(0, 40, 60)
    assert list(flat_ones.take(rows)) == [graphs[row] for row in rows]
    assert Graphs.of(flat_ones) is flat_ones
    assert len(Graphs.of([])) == 0
    with pytest.raises(IndexError):
        flat_ones[40]
    made, same = flat(graphs, 8), flat(flat_ones, 8)
    assert all(np.array_equal(a, b) for a, b in zip(made, same, strict=True))
    assert np.array_equal(flat_ones.src, np.concatenate([graph.src for graph in graphs])), "as they were"


def test_keys_are_those_of_each_graph_and_differ_where_graphs_do() -> None:
    rng = np.random.default_rng(1)
    graphs = [random_graph(rng) for _ in range(300)]
    keys = Graphs.of(graphs).keys
    assert keys == [graph.key for graph in graphs]
    texts = [graph_json(graph) for graph in graphs]
    assert len(set(keys)) == len(set(texts))
    parts, positions = distinct(Graphs.of([*graphs, *graphs[::-1]]))
    assert [parts[place] for place in positions] == [*graphs, *graphs[::-1]]
    assert len(parts) == len(set(texts))


@pytest.mark.parametrize("count", [0, 1, 3])
def test_ragged_arrays_are_views_and_lie_in_blocks(count: int) -> None:
    rng = np.random.default_rng(count)
    sizes = [3, 0, 1, 5]
    begins = np.concatenate([[0], np.cumsum(sizes)])
    parts = [rng.random((count, size)) for size in sizes]
    made = Ragged(np.concatenate(parts, axis=1), begins, last=True)
    assert all(np.array_equal(one, part) for one, part in zip(made, parts, strict=True))
    assert made.shapes().tolist() == [[count, size] for size in sizes]
    assert np.array_equal(blocks(made.values, begins), np.concatenate([part.ravel() for part in parts]))
    some = made.take(np.array([3, 0, 3]))
    assert all(np.array_equal(one, parts[row]) for one, row in zip(some, (3, 0, 3), strict=True))


def test_without_tiles_and_without_graphs() -> None:
    none = flat([layered(3, (), 1)], 0)
    assert none.tiles.shape == (1, 4)
    assert none.columns[0, -2:].tolist() == [0, 1]
    assert len(flat([], 8).columns) == 0
