"""Networks in and out: any graph comes back from networkx, node-link JSON and GraphML; faults in files are refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import networkx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evometa.errors import InputError
from evometa.genetics.exchange import MOST_SYNAPSES, WeightedGraph, from_networkx, to_networkx
from evometa.genetics.gene_exchange import topology_to_networkx
from evometa.genetics.network_files import graph_from_file
from evometa.genetics.starts import topologies_of
from evometa.genetics.topology import layered
from evometa.lifetime import FIXED, SILENT, Graph
from tests.lifetime.strategies import random_graph


def drawn_anew(seed: int) -> tuple[Graph, dict[str, np.ndarray[Any, Any]]]:
    """A random graph, and numbers of its synapses."""
    rng = np.random.default_rng(seed)
    graph = random_graph(rng, int(rng.integers(1, 4)), int(rng.integers(0, 9)), int(rng.integers(1, 4)), seed % 2 == 1,
                         gated=True)  # fmt: skip
    names = [["weight"], [], ["p0", "p1"], ["weight", "p0"]][seed % 4]
    return graph, {name: rng.standard_normal(graph.synapses).astype(np.float32) for name in names}


def same(read: WeightedGraph, graph: Graph, numbers: dict[str, np.ndarray[Any, Any]]) -> bool:
    """Whether a network is that graph with those numbers, bit for bit."""
    rows = [numbers[name] for name in numbers if name != "weight"]
    weights = numbers.get("weight")
    alike = read.graph == graph and (read.weights is None) == (weights is None)
    alike = alike and (weights is None or np.array_equal(read.weights, weights))  # type: ignore[arg-type]
    return alike and (read.plasticity is None if not rows else np.array_equal(read.plasticity, rows))  # type: ignore[arg-type]


def text_of(form: str, drawn: networkx.DiGraph) -> str:
    """What networkx writes of a DiGraph."""
    if form == "json":
        return json.dumps(networkx.node_link_data(drawn, edges="edges"))
    return "\n".join(networkx.generate_graphml(drawn, named_key_ids=True))


@settings(max_examples=200, deadline=None)
@given(seed=st.integers(0, 2**32), form=st.sampled_from(["json", "graphml"]))
def test_every_graph_comes_back_from_networkx_and_from_files(
    seed: int, form: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    graph, numbers = drawn_anew(seed)
    drawn = to_networkx(graph, numbers)
    assert same(from_networkx(drawn), graph, numbers)
    path = tmp_path_factory.mktemp("graphs") / f"network.{form}"
    path.write_text(text_of(form, drawn), encoding="utf-8")
    reached = set().union(*(networkx.descendants(drawn, source) for source in range(graph.inputs + 1)))
    if reached.issuperset(range(graph.nodes - graph.outputs, graph.nodes)):
        assert same(graph_from_file(path), graph, numbers)
    else:
        with pytest.raises(InputError, match="a way from the inputs to every output"):
            graph_from_file(path)


def test_traits_are_attributes_of_edges_that_have_them() -> None:
    plain = layered(2, (), 1)
    drawn = to_networkx(replace(plain, traits=np.array([FIXED, SILENT, 0], np.uint8)))
    assert [set(data) - {"group", "recurrent"} for _, _, data in drawn.edges(data=True)] == [
        {"fixed"},
        {"silent"},
        set(),
    ]
    assert from_networkx(drawn).graph.traits.tolist() == [FIXED, SILENT, 0]
    drawn.edges[0, 3]["fixed"] = 1
    with pytest.raises(InputError, match="fixed = true or false"):
        from_networkx(drawn)


def test_what_is_not_plastic_is_fixed() -> None:
    drawn = to_networkx(layered(2, (), 1))
    drawn.edges[0, 3]["plastic"], drawn.edges[1, 3]["plastic"] = False, True
    assert from_networkx(drawn).graph.traits.tolist() == [FIXED, 0, 0]
    drawn.edges[0, 3]["fixed"], drawn.edges[1, 3]["fixed"] = True, False
    assert from_networkx(drawn).graph.traits.tolist() == [FIXED, 0, 0]
    drawn.edges[0, 3]["fixed"] = False
    with pytest.raises(InputError, match="either fixed or plastic; found both false"):
        from_networkx(drawn)


def test_what_is_not_enabled_is_silent() -> None:
    drawn = to_networkx(layered(2, (), 1))
    drawn.edges[0, 3]["enabled"], drawn.edges[1, 3]["enabled"] = False, True
    assert from_networkx(drawn).graph.traits.tolist() == [SILENT, 0, 0]
    drawn.edges[1, 3]["silent"] = True
    with pytest.raises(InputError, match="either silent or enabled; found both true"):
        from_networkx(drawn)


def test_genes_are_read_as_the_network_that_they_say() -> None:
    plain = layered(2, (2,), 1)
    graph = replace(plain, traits=np.array([FIXED, SILENT, *[0] * (plain.synapses - 2)], np.uint8))
    genes = topologies_of(graph, np.ones((1, graph.synapses), np.float32))[0]
    assert from_networkx(topology_to_networkx(genes)).graph.traits.tolist() == graph.traits.tolist()


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_names_and_the_order_of_hidden_nodes_are_free(seed: int) -> None:
    """The same network under other names, its hidden nodes listed anyhow: equal but for their order."""
    graph, numbers = drawn_anew(seed)
    rng = np.random.default_rng(seed)
    first, last = graph.inputs + 1, graph.nodes - graph.outputs
    listed = [*range(first), *(first + rng.permutation(last - first)).tolist(), *range(last, graph.nodes)]
    given_out = to_networkx(graph, numbers)
    drawn = networkx.DiGraph()
    for node in listed:
        drawn.add_node(f"node {node}", **given_out.nodes[node])
    for source, target, data in given_out.edges(data=True):
        drawn.add_edge(f"node {source}", f"node {target}", **data)
    read = from_networkx(drawn)
    assert read.graph.synapses == graph.synapses
    assert networkx.is_isomorphic(
        to_networkx(read.graph), given_out,
        node_match=lambda a, b: a == b, edge_match=lambda a, b: a["recurrent"] == b["recurrent"],
    )  # fmt: skip
    assert read.weights is None or sorted(read.weights) == sorted(numbers["weight"])


def test_a_missing_constant_is_added() -> None:
    drawn = networkx.DiGraph([("a", "b")])
    networkx.set_node_attributes(drawn, {"a": "input", "b": "output"}, "kind")
    graph, weights, plasticity, _ = from_networkx(drawn)
    assert (graph.inputs, graph.nodes, graph.src.tolist(), graph.dst.tolist()) == (1, 3, [0], [2])
    assert weights is None
    assert plasticity is None


def good() -> dict[str, Any]:
    """A small network as node-link JSON: two inputs, two hidden nodes, an output, a loop."""
    kinds = {"a": "input", "b": "input", "one": "constant", "h": "hidden", "k": "hidden", "y": "output"}
    pairs = [("a", "h"), ("b", "h"), ("one", "k"), ("h", "k"), ("k", "y"), ("h", "y")]
    edges: list[dict[str, Any]] = [{"source": a, "target": b, "weight": 0.5} for a, b in pairs]
    edges.append({"source": "k", "target": "h", "recurrent": True, "weight": 1})
    nodes = [{"id": name, "kind": kind, "activation": "tanh"} for name, kind in kinds.items()]
    return {"directed": True, "nodes": nodes, "edges": edges}


def changed(**edge: Any) -> dict[str, Any]:
    """The small network with its loop changed."""
    data = good()
    data["edges"][-1] |= edge
    return data


def read(data: object, folder: Path, **options: Any) -> WeightedGraph:
    """A network from a file with that content."""
    path = folder / "network.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return graph_from_file(path, **options)


def test_a_file_is_read_as_it_says(tmp_path: Path) -> None:
    graph, weights, *_ = read(good(), tmp_path)
    assert graph.src.tolist() == [0, 1, 4, 2, 3, 3, 4]
    assert graph.dst.tolist() == [3, 3, 3, 4, 4, 5, 5]
    assert weights is not None
    assert weights.tolist() == [0.5, 0.5, 1.0, 0.5, 0.5, 0.5, 0.5]
    assert read({**good(), "links": good()["edges"]}, tmp_path).graph == graph


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (changed(recurrent=False), "a cycle: (h → k|k → h)"),
        (changed(source="y", target="a"), "synapses into hidden nodes and outputs; found y → a"),
        (changed(source="x"), "edges between listed nodes, each once; found an unknown one, x"),
        (changed(source="h", target="y"), r"\('h', 'y'\) twice"),
        (changed(source="a", target="y"), "a → y, marked as recurrent"),
        (changed(weight="heavy"), r"a finite number weight \(float32\) on every synapse, or on none; found heavy"),
        (changed(weight=True), "a finite number weight"),
        (changed(p1=0.5), "on 1 of 7|without a gap"),
        (changed(group=-1), "groups that are whole numbers"),
        (changed(group=1 << 31), "groups that are whole numbers"),
        (changed(source=["h"]), r"an unknown one, \['h'\]"),
        ({**good(), "nodes": good()["nodes"] + good()["nodes"][:1]}, "nodes that are listed once; found a twice"),
        ({**good(), "nodes": [*good()["nodes"], {"id": "z"}]}, "a node z of kind None"),
        ({**good(), "nodes": [*good()["nodes"], {"id": "z", "kind": "constant"}]}, "2 constants"),
        ({**good(), "nodes": [*good()["nodes"], {"id": "z", "kind": "output"}]}, "a way from the inputs .* output 2"),
        ({**good(), "nodes": [{**node, "activation": "sinus"} for node in good()["nodes"]]}, "found sinus"),
        ({**good(), "directed": False}, "one without directions"),
        ({"nodes": [], "edges": []}, "0 inputs"),
        ({"nodes": []}, "KeyError: 'edges'"),
        ("[]", "node-link JSON"),
        ("{", "node-link JSON"),
        ("[" * 5000, "node-link JSON"),
        ("", "node-link JSON"),
        ("<graphml>", "GraphML"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><graphml/>', "without document types"),
    ],
)
def test_faults_are_refused_and_named(data: object, words: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=words) as error:
        read(data, tmp_path)
    assert "InputError" not in str(error.value)


def test_recurrent_synapses_are_refused_where_the_recipe_is_feed_forward(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a feed-forward network; found 1 recurrent synapse"):
        read(good(), tmp_path, recurrent=False)


def test_graphml_with_unknown_nodes_or_double_edges_is_refused(tmp_path: Path) -> None:
    text = text_of("graphml", to_networkx(layered(1, (), 1)))
    path = tmp_path / "network.graphml"
    edge = text[text.index("<edge") : text.index("</edge>") + 7]
    for extra, words in [('<edge source="0" target="stranger"/>', "a node stranger of kind None"),
                         (edge, "several edges between two nodes")]:  # fmt: skip
        path.write_text(text.replace("</graph>", f"{extra}</graph>"), encoding="utf-8")
        with pytest.raises(InputError, match=words):
            graph_from_file(path)


@pytest.mark.parametrize("form", ["json", "graphml"])
def test_ten_million_synapses_are_refused_before_a_graph_is_made(form: str, tmp_path: Path) -> None:
    path = tmp_path / "network"
    many = MOST_SYNAPSES + 1
    if form == "json":
        path.write_text(json.dumps({"nodes": [], "edges": [0] * many}), encoding="utf-8")
    else:
        path.write_text("<graphml>" + "<edge/>" * many + "</graphml>", encoding="utf-8")
    with pytest.raises(InputError, match="at most 1,000,000 synapses; found 1,000,001"):
        graph_from_file(path)


def test_a_graph_with_two_kinds_of_edges_between_nodes_is_refused() -> None:
    for kind in (networkx.MultiDiGraph, networkx.Graph):
        with pytest.raises(InputError, match="a directed graph"):
            from_networkx(kind([(0, 1)]))
