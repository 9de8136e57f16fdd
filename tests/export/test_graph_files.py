"""The network as node-link JSON and GraphML: read again by networkx, with every number."""

from __future__ import annotations

import json
from pathlib import Path

import networkx
import numpy as np
import pytest

from evometa.errors import InputError
from evometa.export import export
from evometa.genetics.exchange import from_networkx
from evometa.genetics.network_files import graph_from_file
from evometa.genetics.topology import graph_key
from tests.export.exported import Lives, Made, Written, setting_of


@pytest.mark.parametrize("name", ["recurrent", "anchored", "abcd"])
def test_node_link_json_is_the_network_again(name: str, made: Made, written: Written) -> None:
    setting = setting_of(made(name))
    found = networkx.node_link_graph(json.loads(written(name, "networkx")), edges="edges")
    assert graph_key(from_networkx(found).graph) == graph_key(setting.graph)
    assert found.graph["head"] == setting.plan.head
    assert found.graph["run"] == name
    assert found.graph["digest"] == made(name)._run.digest
    for row, values in enumerate(setting.phenotypes[0].plasticity):
        pairs = zip(setting.graph.src, setting.graph.dst, strict=True)
        assert [np.float32(found.edges[pair][f"p{row}"]) for pair in pairs] == values.tolist()


def test_innate_and_trained_weights_are_those_of_the_lifetime(made: Made, lives: Lives, written: Written) -> None:
    learner, (setting, reference) = made("anchored"), lives("anchored")
    born = networkx.node_link_graph(json.loads(written("anchored", "networkx")), edges="edges")
    trained = networkx.node_link_graph(json.loads(str(export(learner, "networkx", trained=True))), edges="edges")
    pairs = list(zip(setting.graph.src.tolist(), setting.graph.dst.tolist(), strict=True))
    assert [np.float32(born.edges[pair]["weight"]) for pair in pairs] == setting.weights.tolist()
    assert [np.float32(trained.edges[pair]["weight"]) for pair in pairs] == reference.w[:, 0].tolist()
    assert (born.graph["weights"], trained.graph["weights"][:20]) == ("innate", "learned on a held-ou")


def test_drawn_weights_are_not_told(written: Written) -> None:
    found = networkx.node_link_graph(json.loads(written("sgd", "networkx")), edges="edges")
    assert found.graph["weights"] == "drawn anew for each life"
    assert all("weight" not in data for _, _, data in found.edges(data=True))


@pytest.mark.parametrize("name", ["recurrent", "anchored"])
def test_graphml_is_the_network_again(name: str, made: Made, written: Written) -> None:
    setting = setting_of(made(name))
    found = networkx.parse_graphml(written(name, "graphml"), node_type=int)
    assert graph_key(from_networkx(found).graph) == graph_key(setting.graph)
    assert found.graph["formula"] == made(name).formula
    if not setting.drawn:
        pairs = zip(setting.graph.src.tolist(), setting.graph.dst.tolist(), strict=True)
        assert [np.float32(found.edges[pair]["weight"]) for pair in pairs] == setting.weights.tolist()


@pytest.mark.parametrize("form", ["networkx", "graphml"])
def test_what_is_exported_is_read_from_its_file_with_every_number(form: str, made: Made, tmp_path: Path) -> None:
    setting = setting_of(made("anchored"))
    path = export(made("anchored"), form, tmp_path / "network")
    graph, weights, plasticity, *_ = graph_from_file(path)
    assert graph == setting.graph
    assert weights is not None
    assert plasticity is not None
    assert weights.tolist() == setting.weights.tolist()
    assert plasticity.tolist() == setting.phenotypes[0].plasticity.tolist()


def test_formats_without_weights_have_none_to_train(made: Made) -> None:
    with pytest.raises(InputError, match=r"a format with weights \(onnx, networkx, graphml\); found json"):
        export(made("sgd"), "json", trained=True)
