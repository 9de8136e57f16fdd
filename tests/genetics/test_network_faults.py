"""Networks of files with numbers that are none, ends that cannot be, and more than can be: refused before they cost."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import networkx
import numpy as np
import pytest

from evometa.errors import ContractError, InputError
from evometa.genetics import network_files
from evometa.genetics.exchange import MOST_NODES, MOST_SYNAPSES
from evometa.genetics.gene_exchange import topology_from_networkx, topology_to_networkx
from evometa.genetics.network_files import graph_from_file
from evometa.genetics.starts import topologies_of
from evometa.genetics.topology import graph_from_json, graph_json, layered
from evometa.lifetime.graph_check import check_graphs

KINDS = {"a": "input", "h": "hidden", "y": "output", "z": "output"}


def network(folder: Path, *pairs: tuple[Any, Any], weight: float = 1.0, **edge: Any) -> Path:
    """Write a network with sound synapses, and behind them those given, with a weight and further attributes."""
    sound = [{"source": a, "target": b, "weight": 1.0} for a, b in (("a", "h"), ("h", "y"), ("a", "z"))]
    others = [{"source": a, "target": b, "weight": weight, **edge} for a, b in pairs]
    nodes = [{"id": name, "kind": kind} for name, kind in KINDS.items()]
    path = folder / "network.json"
    path.write_text(json.dumps({"nodes": nodes, "edges": sound + others}), encoding="utf-8")
    return path


@pytest.mark.parametrize("weight", [float("nan"), float("inf"), -1e300, 10**400, 3.5e38])
def test_numbers_that_no_float32_holds_are_refused(weight: float, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a finite number weight"):
        graph_from_file(network(tmp_path, ("h", "z"), weight=weight))


@pytest.mark.parametrize("target", ["a", "one"])
@pytest.mark.parametrize("recurrent", [False, True])
def test_synapses_into_inputs_and_the_constant_are_refused(target: str, recurrent: bool, tmp_path: Path) -> None:
    path = network(tmp_path, ("h", target), recurrent=recurrent)
    data = json.loads(path.read_text())
    data["nodes"].append({"id": "one", "kind": "constant"})
    path.write_text(json.dumps(data))
    with pytest.raises(InputError, match=f"synapses into hidden nodes and outputs; found h → {target}"):
        graph_from_file(path)


def test_synapses_from_an_output_to_a_later_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"one from output 1 to output 2\. Leave it out"):
        graph_from_file(network(tmp_path, ("y", "z")))
    assert graph_from_file(network(tmp_path, ("z", "y"), recurrent=True)).graph.synapses == 4
    sound = layered(1, (1,), 2)
    ahead, back = sound.src.copy(), sound.src.copy()
    (ahead[-1], back[-3]) = (3, 4)  # each in place of the hidden node
    check_graphs([sound, replace(sound, src=back)])
    graph_from_json(graph_json(replace(sound, src=back)))
    with pytest.raises(ContractError, match="no synapse from an output to a later one"):
        check_graphs([sound, replace(sound, src=ahead)])
    with pytest.raises(InputError, match="no synapse from an output to a later one"):
        graph_from_json(graph_json(replace(sound, src=ahead)))


def test_genes_from_an_output_to_a_later_one_and_numbers_that_are_none_are_refused() -> None:
    graph = layered(1, (1,), 2)
    drawn = topology_to_networkx(topologies_of(graph, np.ones((1, graph.synapses), np.float32))[0])
    for source, target, weight, words in (
        (2, 3, 1.0, "no synapse from an output to a later one"),
        (3, 2, float("nan"), "finite numbers"),
        (3, 10**30, 1.0, "genes of a topology"),
        (3, 10**12, 1.0, "an unknown node|nodes that are|genes of a topology"),
    ):
        other = drawn.copy()
        other.add_edge(source, target, mark=99, weight=weight, enabled=True, plastic=True)
        with pytest.raises(InputError, match=words):
            topology_from_networkx(other)
    drawn.add_edge(3, 2, mark=99, weight=1.0, enabled=True, plastic=True)
    assert len(topology_from_networkx(drawn).mark) == graph.synapses + 1


@pytest.mark.parametrize("space", ["", " "])
def test_more_than_can_be_a_network_is_refused_before_it_is_read(
    space: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*given: Any) -> None:
        raise AssertionError("it was read")

    monkeypatch.setattr(network_files.json, "loads", read)
    monkeypatch.setattr(networkx, "parse_graphml", read)
    edge, node = f'{{"source"{space}:0}},', f'{{"id"{space}:0}},'
    for text, words in (
        (edge * (MOST_SYNAPSES + 1), "at most 1,000,000 synapses; found 1,000,001"),
        (node * (MOST_NODES + 1), "at most 1,000,000 nodes; found 1,000,001"),
        ("<graphml>" + "<edge/>" * (MOST_SYNAPSES + 1), "at most 1,000,000 synapses; found 1,000,001"),
        ("<graphml>" + "<node id='0'/>" * (MOST_NODES + 1), "at most 1,000,000 nodes; found 1,000,001"),
        ("<a>" * 1_000_000, "GraphML; found XML of another kind"),
    ):
        path = tmp_path / "network"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match=words):
            graph_from_file(path)


def test_a_gigabyte_of_nonsense_is_refused_unread(tmp_path: Path) -> None:
    with (path := tmp_path / "network.json").open("wb") as file:
        file.truncate(1_000_000_000)
    with pytest.raises(InputError, match="a network of at most 256 MB; found a larger one"):
        graph_from_file(path)


def test_graphml_that_lists_a_node_twice_is_refused_and_comments_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "network.graphml"
    node = '<node id="{}"><data key="k">{}</data></node>'
    nodes = node.format("a", "input") + node.format("y", "output")
    text = (
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><key id="k" for="node" attr.name="kind" '
        f'attr.type="string"/><graph edgedefault="directed">{nodes}<edge source="a" target="y"/></graph></graphml>'
    )
    path.write_text(text.replace("</graph>", f"<!-- {nodes} --></graph>"))
    assert graph_from_file(path).graph.synapses == 1
    path.write_text(text.replace("</graph>", f"{node.format('a', 'input')}</graph>"))
    with pytest.raises(InputError, match="nodes that are listed once; found 3, of 2 names"):
        graph_from_file(path)
