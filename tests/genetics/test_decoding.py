"""Genes as networks: order, what is left out, what is silent; a graph that became genes comes back."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest

from evometa.genetics.decoding import decode
from evometa.genetics.genes import ENABLED, PLASTIC
from evometa.genetics.starts import sparse, topologies_of
from evometa.genetics.topologies import Topologies
from evometa.genetics.topology import check_graph, layered
from evometa.genetics.validity import fed
from evometa.lifetime.graph import FIXED, SILENT
from evometa.spec import ACTIVATIONS, GRU
from evometa.system import jit

RNG = np.random.default_rng(2)


def small(synapses: list[tuple[int, int, int]], places: dict[int, float]) -> Topologies:
    """One network of 2 inputs, the constant 2, an output 3: (source, target, traits), hidden nodes with places."""
    hidden = sorted(places, key=lambda node: (places[node], node))
    source, target, traits = (np.array(column) for column in zip(*synapses, strict=True))
    count = len(synapses)
    return Topologies(
        *(2, 1, np.array([0, count]), np.arange(count), source, target),
        *(np.arange(1, count + 1, dtype=np.float32), np.zeros((count, 1), np.float32), traits.astype(np.uint8)),
        *(np.array([0, len(hidden)]), np.array(hidden, np.int64), np.array([places[node] for node in hidden])),
        np.full(len(hidden), ACTIVATIONS.code("tanh"), np.uint8),
    )


@pytest.mark.parametrize("recurrent", [False, True])
def test_a_graph_that_became_genes_comes_back(recurrent: bool) -> None:
    graph = layered(3, [5, 4], 2, "relu", recurrent)
    weights = RNG.normal(size=(4, graph.synapses)).astype(np.float32)
    plasticity = RNG.normal(size=(4, 2, graph.synapses)).astype(np.float32)
    networks = decode(topologies_of(graph, weights, plasticity), gain=2.0)
    for t in range(4):
        found = networks.graph(t)
        for name in ("ptr", "src", "activation"):
            np.testing.assert_array_equal(getattr(found, name), getattr(graph, name))
        here = slice(*networks.begins[t : t + 2])
        np.testing.assert_array_equal(networks.weights[here], 2 * weights[t])
        np.testing.assert_array_equal(networks.plasticity[here], plasticity[t].T)
    assert not networks.traits.any()


def test_what_is_on_no_way_is_left_out() -> None:
    on = ENABLED | PLASTIC
    genes = small(
        [(0, 3, on), (0, 4, on), (4, 3, on), (5, 3, on), (1, 6, on), (1, 7, 0), (7, 3, on)],
        {4: 0.5, 5: 0.3, 6: 0.2, 7: 0.6},  # 5 is fed by nothing, 6 feeds nothing, a disabled gene alone feeds 7
    )
    networks = decode(genes)
    graph = networks.graph(0)
    assert (graph.nodes, graph.synapses) == (5, 3)
    assert graph.src.tolist() == [0, 0, 3]
    assert networks.gene.tolist() == [1, 0, 2]
    assert networks.weights.tolist() == [2.0, 1.0, 3.0]
    silent = decode(genes, candidates=True)
    assert silent.graph(0).nodes == 6
    assert silent.gene.tolist() == [1, 5, 0, 2, 6]
    assert silent.traits.tolist() == [0, FIXED | SILENT, 0, 0, 0]
    assert silent.graph(0).traits.tolist() == [0, FIXED | SILENT, 0, 0, 0]


def test_synapses_that_go_back_stay_where_they_live() -> None:
    on = ENABLED
    genes = small([(0, 4, on), (4, 3, on), (3, 5, on), (5, 4, on), (6, 6, on), (4, 4, on)], {4: 0.5, 5: 0.2, 6: 0.7})
    graph = decode(genes).graph(0)
    assert (graph.nodes, graph.synapses) == (6, 5)  # 6 talks to itself alone
    assert list(zip(graph.src.tolist(), graph.dst.tolist(), strict=True)) == [(5, 3), (0, 4), (3, 4), (4, 4), (4, 5)]
    assert (decode(genes).traits == FIXED).all()


def test_what_a_gru_has_as_candidate_and_gate_stays_with_it() -> None:
    on = ENABLED  # 5 and 6 lead nowhere, and nothing leads to 6; 4 and 8 are nobody's
    genes = small([(0, 5, on), (7, 3, on), (2, 3, on), (1, 8, on)], {node: node / 10 for node in (4, 5, 6, 7, 8)})
    kinds = np.where(genes.node == 7, GRU, genes.activation).astype(np.uint8)
    graph = decode(replace(genes, activation=kinds)).graph(0)
    assert [graph.activation_of(node) for node in range(3, 7)] == ["tanh", "tanh", "gru", "linear"]
    assert list(zip(graph.src.tolist(), graph.dst.tolist(), strict=True)) == [(0, 3), (2, 6), (5, 6)]
    assert decode(genes).graph(0).nodes == 4  # without a GRU


@pytest.mark.parametrize(
    ("synapses", "hidden", "expected"),
    [([(0, 4), (6, 3)], (4, 5, 6), True), ([(6, 3)], (4, 5, 6), False), ([(6, 3)], (5, 6), True)],
)
def test_a_gru_is_fed_by_the_two_nodes_before_it(
    synapses: list[tuple[int, int]], hidden: tuple[int, ...], expected: bool
) -> None:
    genes = small([(*ends, ENABLED) for ends in synapses], {node: node / 10 for node in hidden})
    assert not fed(genes).any()
    kinds = np.where(genes.node == 6, GRU, genes.activation).astype(np.uint8)
    assert fed(replace(genes, activation=kinds)).all() == expected


def test_outputs_are_always_there_and_no_gene_is_no_fault() -> None:
    none = small([(0, 3, 0)], {})
    graph = decode(none).graph(0)
    assert (graph.nodes, graph.synapses) == (4, 0)
    assert len(decode(none.take([])).begins) == 1


def test_random_networks_are_what_one_finds_by_hand() -> None:
    graph = layered(4, [6, 5], 3, recurrent=True)
    genes = sparse(topologies_of(graph, np.zeros((60, graph.synapses), np.float32)), 0.25, RNG)
    genes = replace(genes, traits=np.where(RNG.random(len(genes.mark)) < 0.8, genes.traits, 0).astype(np.uint8))
    networks = decode(genes)
    for t, one in enumerate(genes):
        edges = [(u, v) for u, v, bits in zip(one.source, one.target, one.traits, strict=True) if bits & ENABLED]
        forth, back = set(range(5)), {5, 6, 7}
        for _ in range(20):
            forth |= {v for u, v in edges if u in forth}
            back |= {u for u, v in edges if v in back}
        kept = [*range(5), *(node for node in one.node if node in forth & back), 5, 6, 7]
        found = networks.graph(t)
        check_graph(found, "found")
        assert found.nodes == len(kept)
        named = {(kept[u], kept[v]) for u, v in zip(found.src, found.dst, strict=True)}
        assert named == {(u, v) for u, v in edges if u in kept and v in kept}


def test_a_small_network_is_decoded_before_numba_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    genes = topologies_of(layered(3, [5, 4], 2, "relu", recurrent=True), RNG.normal(size=(2, 98)).astype(np.float32))
    compiled = decode(genes, candidates=True)
    monkeypatch.delitem(sys.modules, "numba")
    monkeypatch.setattr(jit.Compiled, "dispatcher", None)  # which would be called
    plain = decode(genes, candidates=True)
    for name, array in compiled._asdict().items():
        np.testing.assert_array_equal(getattr(plain, name), array, strict=True)
