"""What evolving topologies begin with: layers, a file, and starts that do not fit their recipe."""

from __future__ import annotations

import itertools
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import evometa
from evometa.config.load import load
from evometa.config.template import render
from evometa.errors import InputError
from evometa.evolution.networks import first_network
from evometa.genetics.exchange import WeightedGraph
from evometa.genetics.topology import layered
from evometa.tasks import open_family
from tests.small import recipe
from tests.test_evolving_topologies import KINDS

TASKS = {"family": "parity"}
NODES = [
    *({"id": name, "kind": "input"} for name in "ab"),
    {"id": "h", "kind": "hidden", "activation": "tanh"},
    {"id": "y", "kind": "output"},
]
EDGES = [{"source": source, "target": target} for source, target in (("a", "h"), ("b", "h"), ("h", "y"), ("a", "y"))]


def start(folder: Path | None = None, network: Any = None, **topology: Any) -> WeightedGraph:
    """Return the first network of a recipe with these keys of [topology]."""
    config = load({"tasks": TASKS, "topology": {"mode": "evolved", **topology}, "network": network or {}}).config
    family = open_family(config.tasks[0].settings, 0)
    return first_network(config, family, [] if folder is None else [folder / "nowhere", folder])


def file(folder: Path, nodes: Any = NODES, edges: Any = EDGES) -> Path:
    (folder / "net.json").write_text(json.dumps({"directed": True, "nodes": nodes, "edges": edges}))
    return folder


def refusal(*arguments: Any, **named: Any) -> str:
    with pytest.raises(InputError) as error:
        start(*arguments, **named)
    return str(error.value)


def test_minimal_networks_have_all_inputs_at_all_outputs_whatever_the_layers_are() -> None:
    graph = start(network={"hidden": [5]}).graph
    assert (graph.nodes, graph.src.tolist()) == (4, [0, 1, 2])


@pytest.mark.parametrize("kind", ["layered", "sparse"])
def test_layers_are_those_of_the_network(kind: str) -> None:
    graph = start(start=kind, network={"hidden": [3]}, activations=["relu", "tanh"]).graph
    assert (graph.nodes, graph.synapses) == (7, 13)
    assert graph.activation_of(3) == "relu"


def test_a_file_is_looked_for_in_one_folder_after_the_other(tmp_path: Path) -> None:
    graph = start(file(tmp_path), start="net.json").graph
    assert (graph.inputs, graph.nodes, graph.outputs) == (2, 5, 1)
    assert graph.src.tolist() == [0, 1, 0, 3]


def test_a_file_may_say_what_its_synapses_weigh(tmp_path: Path) -> None:
    edges = [{**edge, "weight": number / 2} for number, edge in enumerate(EDGES)]
    weights = start(file(tmp_path, edges=edges), start="net.json").weights
    assert weights is not None
    assert weights.tolist() == [0.0, 0.5, 1.5, 1.0]


def test_a_start_that_is_neither_a_name_nor_a_file_is_refused_with_what_is_near(tmp_path: Path) -> None:
    assert refusal(start="minimall").endswith("no such file. Did you mean minimal?")
    places = [tmp_path / folder / "other.json" for folder in ("nowhere", "")]
    text = refusal(file(tmp_path), start="other.json")
    assert text.endswith(f"no such file. It was looked for as {places[0]} and {places[1]}.")


def test_starts_beyond_the_limits_are_refused() -> None:
    assert "at most topology.max_synapses (12)" in refusal(start="layered", network={"hidden": [3]}, max_synapses=12)
    assert "at most topology.max_nodes (2)" in refusal(start="layered", network={"hidden": [3]}, max_nodes=2)
    assert "found 1,048,576" in refusal(start="layered", network={"hidden": [65536] * 16})


def test_contexts_are_nodes_of_the_first_networks_and_need_their_activation() -> None:
    network = {"hidden": [3], "contexts": 2, "plastic": ["context"]}
    first = start(network=network, start="layered", activations=["tanh", "linear"]).graph
    assert first == layered(2, (3,), 1, "tanh", contexts=2, plastic=["context"])
    assert "linear among the activations" in refusal(network=network, start="layered")
    with pytest.raises(InputError, match=r"network\.contexts of 1 or more.*nothing else learns"):
        load({"tasks": TASKS, "network": {"plastic": ["context"]}})


def test_recurrent_layers_need_recurrent_topologies() -> None:
    network = {"hidden": [2], "recurrent": True}
    assert "topology.recurrent = true" in refusal(start="layered", network=network)
    assert start(start="layered", network=network, recurrent=True).graph.synapses == 12


def test_layers_of_gated_units_need_what_these_are_made_of() -> None:
    network = {"hidden": [2], "activation": "gru"}
    assert 'Add "tanh"' in refusal(network=network, start="layered")
    assert 'Add "sigmoid"' in refusal(network=network, start="layered", activations=["gru", "tanh"])
    first = start(network=network, start="layered", activations=["gru", "tanh", "sigmoid"]).graph
    assert first == layered(2, (2,), 1, "gru")
    assert start(network=network).graph == layered(2, (), 1)  # "minimal"
    all_three = {"activations": ["gru", "tanh", "sigmoid"], "max_nodes": 5}
    assert "at most topology.max_nodes (5)" in refusal(start="layered", network=network, **all_three)  # of six


@pytest.mark.parametrize(
    ("nodes", "edges", "message"),
    [
        (NODES[1:], EDGES[1:3], "2 inputs and 1 output, as tasks of family parity have"),
        ([*NODES[:2], {**NODES[2], "activation": "relu"}, NODES[3]], EDGES, 'Add "relu" to topology.activations'),
        (NODES, [*EDGES, {"source": "x", "target": "y"}], "an unknown one, x"),
        (NODES, EDGES[:2], "a way from the inputs to every output"),
        (NODES, [*EDGES, {"source": "h", "target": "h", "recurrent": True}], "a feed-forward network"),
        (NODES, [*EDGES, {"source": "h", "target": "h"}], "a cycle"),
        (NODES, [{**edge, "p0": 1.0} for edge in EDGES], "as plasticity.count says"),
    ],
)
def test_files_that_do_not_fit_are_refused(tmp_path: Path, nodes: Any, edges: Any, message: str) -> None:
    said = refusal(file(tmp_path, nodes, edges), start="net.json")
    assert message in said
    assert "topology.start, net.json" in said


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "net.json" in refusal(tmp_path, start="net.json")


@pytest.mark.slow
def test_a_run_goes_on_with_the_file_that_it_began_with_alone(tmp_path: Path) -> None:
    file(tmp_path)
    settings = recipe(
        KINDS["darwin"], topology={"start": "net.json"}, evolution={"immigrants": 0.2},
        run={"generations": 3},
    )  # fmt: skip
    (tmp_path / "recipe.toml").write_text(render(load(settings).config), encoding="utf-8")
    whole = evometa.run(tmp_path / "recipe.toml", out=tmp_path / "whole", progress=False)
    evometa.run(tmp_path / "recipe.toml", out=tmp_path / "run", generations=2, progress=False)

    numbers = itertools.count()

    def resumed(**named: Any) -> str:
        copy = tmp_path / f"copy {next(numbers)}"
        shutil.copytree(tmp_path / "run", copy)
        return evometa.resume(copy, generations=3, progress=False, **named).digest

    (tmp_path / "as it was").mkdir()
    shutil.copy(tmp_path / "net.json", tmp_path / "as it was")
    (tmp_path / "net.json").write_text(json.dumps(json.loads((tmp_path / "net.json").read_text()), indent=4))
    assert resumed() == whole.digest  # written otherwise, it is the same network
    file(tmp_path, edges=EDGES[:3])
    with pytest.raises(InputError, match=r"network that this run began with; found another in .*net\.json\. Take back"):
        resumed()
    file(tmp_path, edges=[{**edge, "weight": 0.5} for edge in EDGES])
    with pytest.raises(InputError, match="found another in"):
        resumed()
    assert resumed(data=tmp_path / "as it was") == whole.digest
    (tmp_path / "net.json").unlink()
    with pytest.raises(InputError, match=r"no such file\. It was looked for as .* Say where it lies"):
        resumed()
