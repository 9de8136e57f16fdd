"""Nodes that one sweep takes are independent, and errors flow back along the ways that activations came."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from evometa.genetics.topology import layered
from evometa.lifetime import Graph
from evometa.lifetime.flow import flow_of
from evometa.lifetime.graphs import Graphs
from evometa.spec import GRU
from tests.lifetime.strategies import random_graph
from tests.properties import examples


def spans_of(graph: Graph) -> list[tuple[int, int]]:
    """Return the stretches of nodes that one sweep takes, hidden ones first."""
    ends = flow_of(Graphs.of([graph]))[0][: graph.nodes]
    spans, node = [], graph.inputs + 1
    while node < graph.nodes:
        spans.append((node, int(ends[node])))
        assert (ends[node : ends[node]] == ends[node]).all()
        node = int(ends[node])
    assert node == graph.nodes
    return spans


@examples(100)
@given(st.integers(0, 2**32 - 1))
def test_a_span_is_of_one_kind_and_nobody_in_it_waits_for_another(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph = random_graph(rng, int(rng.integers(1, 9)), int(rng.integers(0, 20)), 3, recurrent=seed % 2 > 0)
    graph = replace(graph, activation=np.minimum(graph.activation, 1))
    outputs, dst = graph.nodes - graph.outputs, graph.dst
    waits = {(int(s), int(d)) for s, d in zip(graph.src, dst, strict=True) if s < d}

    def alone(begin: int, end: int) -> bool:
        alike = len(set(graph.activation[begin:end])) == 1 and not begin < outputs < end
        return alike and not any(begin <= s and d < end for s, d in waits if d >= begin)

    for begin, end in spans_of(graph):
        assert alone(begin, end)
        assert end == graph.nodes or not alone(begin, end + 1), "as long as can be"


def test_a_layer_is_a_span() -> None:
    assert spans_of(layered(3, (4, 5), 2)) == [(4, 8), (8, 13), (13, 15)]


def test_grus_wait_for_their_gates_and_candidates() -> None:
    assert spans_of(layered(3, (2,), 2, "gru")) == [*((node, node + 1) for node in range(4, 10)), (10, 12)]
    one = layered(1, (3,), 1)
    assert spans_of(replace(one, activation=np.where(one.activation > 0, GRU, 0).astype(np.uint8)))[:2] == [
        (2, 3),
        (3, 4),
    ]


def test_flows_of_many_are_those_of_each() -> None:
    rng = np.random.default_rng(0)
    graphs = [random_graph(rng, 3, int(rng.integers(0, 12)), 2, bool(seed % 2), gated=True) for seed in range(30)]
    every = Graphs.of(graphs)
    spans, onward = flow_of(every)
    for t, graph in enumerate(graphs):
        own, ways = flow_of(Graphs.of([graph]))
        node, begin = every.node_begins[t], every.node_begins[t] + t + 2 * every.begins[t]
        assert np.array_equal(spans[node : node + graph.nodes], own[:-1])
        length = graph.nodes + 1 + 2 * ways[graph.nodes]
        assert np.array_equal(onward[begin : begin + length], ways[:length])
