"""Networks as genes: views, gathering, texts, and what is refused."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from evometa.errors import InputError
from evometa.genetics.genes import ENABLED, PLASTIC
from evometa.genetics.genome import Genome
from evometa.genetics.phenotype import network_of
from evometa.genetics.starts import sparse, topologies_of
from evometa.genetics.topologies import Topologies, Topology
from evometa.genetics.topology import layered
from evometa.genetics.validity import MOST_SYNAPSES, check, fed
from evometa.language.text import parse_rule
from evometa.lifetime import FIXED, SILENT

RNG = np.random.default_rng(1)


def random_topologies(count: int = 5, columns: int = 2, recurrent: bool = False) -> Topologies:
    graph = layered(3, [4, 2], 2, recurrent=recurrent)
    size = (count, graph.synapses)
    return topologies_of(
        graph, RNG.normal(size=size).astype(np.float32), RNG.normal(size=(count, columns, size[1])).astype(np.float32)
    )


def test_a_start_is_the_graph_with_numbers_of_each() -> None:
    graph = layered(3, [4], 2)
    weights = RNG.normal(size=(2, graph.synapses)).astype(np.float32)
    plasticity = RNG.normal(size=(2, 3, graph.synapses)).astype(np.float32)
    genes = topologies_of(graph, weights, plasticity)
    check(genes, "a start", recurrent=False)
    one = genes[1]
    assert (one.inputs, one.outputs, len(one.node), len(one.mark)) == (3, 2, 4, 26)
    assert one.node.tolist() == [6, 7, 8, 9]  # 3 inputs, the constant, 2 outputs come before
    assert sorted(set(one.target.tolist())) == [4, 5, 6, 7, 8, 9]
    np.testing.assert_array_equal(one.weight, weights[1])
    np.testing.assert_array_equal(one.plasticity, plasticity[1].T)


def test_what_a_start_says_of_single_synapses_stands_in_its_genes() -> None:
    graph = layered(3, [4], 2)
    traits = np.zeros(graph.synapses, np.uint8)
    traits[[1, 5]] = FIXED
    traits[5:7] |= SILENT
    one = topologies_of(replace(graph, traits=traits), np.zeros((1, graph.synapses), np.float32))[0]
    assert np.flatnonzero(one.traits & PLASTIC == 0).tolist() == [1, 5]
    assert np.flatnonzero(one.traits & ENABLED == 0).tolist() == [5, 6]
    grown = network_of(Genome(parse_rule({"update": "grad", "gate": "gate"}), one))
    assert grown is not None
    assert grown.traits.tolist() == traits.tolist()


def test_rows_are_gathered_from_any_batches_in_any_order() -> None:
    one, two = sparse(random_topologies(), 0.5, RNG), random_topologies(3)
    picked = [two[2], one[4], one[0], two[2], one[1]]
    gathered = Topologies.of(picked)
    check(gathered, "gathered")
    assert list(gathered) == picked
    assert [each.key for each in gathered] == [each.key for each in picked]
    assert list(one.take([3, 3, 0])) == [one[3], one[3], one[0]]
    assert list(one[1:3]) == [one[1], one[2]]
    assert one[-1] == one[4]
    with pytest.raises(IndexError):
        one[5]
    with pytest.raises(ValueError, match="one topology or more"):
        Topologies.of([])


def test_columns_and_back() -> None:
    genes = sparse(random_topologies(), 0.5, RNG)
    again = Topologies.from_columns(genes.inputs, genes.outputs, genes.columns())
    assert list(again) == list(genes)


def test_the_text_is_canonical_and_exact() -> None:
    genes = random_topologies(recurrent=True)
    one = replace(genes, place=genes.place / 3, traits=genes.traits & ENABLED)[3]
    text = one.to_json()
    again = Topology.from_json(text)
    assert again == one
    assert again.to_json() == text
    assert hash(again) == hash(one)
    assert again != genes[3]


def test_a_pickled_view_leaves_the_others_behind() -> None:
    genes = random_topologies(1000)
    data = pickle.dumps(genes[7])
    assert pickle.loads(data) == genes[7]
    assert len(data) < 10_000


@pytest.mark.parametrize("density", [0.01, 0.3, 1.0])
def test_sparse_keeps_a_share_and_every_output_fed(density: float) -> None:
    full = random_topologies(50)
    genes = sparse(full, density, RNG)
    check(genes, "sparse", recurrent=False)
    sizes = np.diff(genes.begins)
    assert (sizes >= np.ceil(density * 32)).all()
    assert density < 0.1 or (sizes == np.ceil(density * 32)).all()
    if density < 1:
        assert len({tuple(each.mark) for each in genes}) > 10


SPOILT: list[tuple[str, Any, str]] = [
    ("mark", [0, 0], "a duplicate"),
    ("mark", [5, 4], "another order"),
    ("mark", [-1, 1], "marks from 0 on"),
    ("source", [1, 99], "unknown node"),
    ("source", [-1, 1], "unknown node"),
    ("source", [1 << 40, 1], "unknown node"),
    ("target", [0, 6], "one to an input"),
    ("target", [6, 3], "one to an input"),
    ("node", [6, 6], "twice|another order"),
    ("node", [5, 7], "behind those of outputs"),
    ("node", [1 << 62, 7], "behind those of outputs"),
    ("place", [0.0, 0.1], "places"),
    ("place", [0.9, 0.1], "another order"),
    ("place", [float("nan"), 0.1], "places"),
    ("place", [0.1, 1.0], "places"),
    ("traits", [255, 1], "known traits"),
]


@pytest.mark.parametrize(("field", "values", "told"), SPOILT)
def test_invalid_genes_are_refused(field: str, values: Any, told: str) -> None:
    data = json.loads(random_topologies()[0].to_json())
    data[field][:2] = values
    text = json.dumps(data)
    with pytest.raises(InputError, match=told) as caught:
        Topology.from_json(text, "net.json")
    assert caught.value.where == "net.json"


def test_two_synapses_between_the_same_nodes_are_refused() -> None:
    data = json.loads(random_topologies()[0].to_json())
    data["source"][1], data["target"][1] = data["source"][0], data["target"][0]
    with pytest.raises(InputError, match="one synapse from node to node"):
        Topology.from_json(json.dumps(data))


def test_an_output_that_nothing_feeds_is_refused() -> None:
    genes = random_topologies(3)
    traits = genes.traits.copy()
    traits[genes.begins[1] : genes.begins[2]][genes[1].target == 5] = 0
    spoilt = replace(genes, traits=traits)
    assert fed(spoilt).tolist() == [[True, True], [True, False], [True, True]]
    with pytest.raises(InputError, match=r"genes, topology 1: .*nothing reaches"):
        check(spoilt, "genes")


def test_synapses_back_are_refused_where_the_recipe_has_none() -> None:
    genes = random_topologies(recurrent=True)
    check(genes, "genes")
    with pytest.raises(InputError, match="goes back"):
        check(genes, "genes", recurrent=False)


def test_too_many_synapses_are_refused_before_they_are_looked_at() -> None:
    count = 10_000_000
    genes = random_topologies(1, 0)
    none = np.zeros(count, np.int64)
    parts: dict[str, Any] = {"mark": none, "source": none, "target": none, "begins": np.array([0, count])}
    parts |= {"weight": none.astype(np.float32), "traits": none.astype(np.uint8)}
    huge = replace(genes, plasticity=np.zeros((count, 0), np.float32), **parts)
    with pytest.raises(InputError, match=f"at most {MOST_SYNAPSES}"):
        check(huge, "genes")


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"mark":[1.5]}'])
def test_what_is_no_topology_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="the text of a topology"):
        Topology.from_json(text)


@pytest.mark.parametrize("field", ["weight", "plasticity", "mark", "place", "activation", "traits"])
def test_lists_of_different_lengths_are_refused(field: str) -> None:
    data = json.loads(random_topologies()[0].to_json())
    data[field] = data["weight"][:8] if field == "weight" else [0, ""] if field == "plasticity" else data[field][:-1]
    if field == "plasticity":
        data[field] = [3, data["weight"]]
    with pytest.raises(InputError, match=r"as many of each number|text of a topology"):
        Topology.from_json(json.dumps(data))
