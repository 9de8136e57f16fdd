"""Genes in and out: any topology comes back from networkx, node-link JSON and GraphML; what is none is refused."""

from __future__ import annotations

import json
from typing import Any

import networkx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evometa.errors import InputError
from evometa.genetics.gene_exchange import topology_from_networkx, topology_to_networkx
from evometa.genetics.topologies import Topology
from evometa.genetics.validity import fed
from tests.evolved import genes


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32), hidden=st.integers(0, 9), outputs=st.integers(1, 3), numbers=st.integers(0, 2))
def test_every_topology_comes_back(seed: int, hidden: int, outputs: int, numbers: int) -> None:
    batch = genes(seed, 2, hidden, outputs, numbers)
    drawn = topology_to_networkx(batch[0])
    if not fed(batch).all():
        with pytest.raises(InputError, match="outputs that an enabled way leads to"):
            topology_from_networkx(drawn)
        return
    assert topology_from_networkx(drawn) == batch[0]
    text = json.dumps(networkx.node_link_data(drawn, edges="edges"))
    assert topology_from_networkx(networkx.node_link_graph(json.loads(text), edges="edges")) == batch[0]
    graphml = "\n".join(networkx.generate_graphml(drawn, named_key_ids=True))
    assert topology_from_networkx(networkx.parse_graphml(graphml)) == batch[0]


def whole() -> Topology:
    """A topology whose outputs are fed."""
    return next(batch[0] for seed in range(20) if fed(batch := genes(seed)).all() and batch.begins[1] > 8)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.edges[_edge(d)].update(mark=d.edges[_edge(d, 1)]["mark"]), "each synapse mark once"),
        (lambda d: d.edges[_edge(d)].update(mark=0.5), "the genes of a topology"),
        (lambda d: d.edges[_edge(d)].pop("weight"), "the genes of a topology; found KeyError"),
        (lambda d: d.add_node("a", kind="hidden", place=0.5, activation="tanh"), "the genes of a topology"),
        (lambda d: d.add_node(99, kind="hidden", place=1.5, activation="tanh"), "places of hidden nodes"),
        (lambda d: d.add_node(99, kind="hidden", place=0.5, activation="sinus"), "the genes of a topology"),
        (lambda d: d.add_node(99, kind="input"), "inputs, one constant, outputs"),
        (lambda d: d.add_edge(5, 0, mark=999, weight=0.0, enabled=True, plastic=True), "synapses to hidden nodes"),
    ],
)
def test_what_is_no_topology_is_refused(change: Any, words: str) -> None:
    drawn = topology_to_networkx(whole())
    change(drawn)
    with pytest.raises(InputError, match=words):
        topology_from_networkx(drawn)


def _edge(drawn: networkx.DiGraph, place: int = 0) -> Any:
    return list(drawn.edges)[place]


def test_numbers_are_exact() -> None:
    one = whole()
    back = topology_from_networkx(topology_to_networkx(one))
    assert np.array_equal(back.weight.view(np.int32), one.weight.view(np.int32))
    assert np.array_equal(back.place, one.place)
