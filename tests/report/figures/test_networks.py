"""The network: layers, innate weights, plasticity; large ones in part, or as maps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evometa.genetics.topology import layered
from evometa.lifetime import Graph
from evometa.presentation.run import Run, load
from evometa.report.figures import network
from evometa.report.figures.heat_maps import MAPS, Panel
from evometa.report.figures.networks import FORMS, _fills, _steps, drawn
from evometa.report.figures.synapses import MOST_NODES, MOST_SYNAPSES, MOST_WIRES, lay_out
from evometa.report.figures.theme import DIVERGING, LIGHT, SEQUENTIAL
from evometa.spec import ACTIVATIONS
from tests.evolved import evolved_learner
from tests.export.cases import TIED
from tests.export.exported import learner_of
from tests.inspected import CONFIG, commit, create
from tests.reporting import WIDE, hostile


def test_weights_and_plasticity_have_a_panel_each(run: Run) -> None:
    figure = network(run.champion)
    headings = [a.text for a in figure.layout.annotations if not a.xref or a.xref == "paper"]
    assert headings[:2] == ["innate weight", "plasticity p0"]
    assert {"3<br>inputs", "4<br>tanh", "2<br>outputs"} <= {a.text for a in figure.layout.annotations}
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    assert {line.line.color for line in lines} <= {LIGHT[name] for name in (*DIVERGING, *SEQUENTIAL)}
    drawn = sum(x is None for trace in lines if trace.xaxis != "x2" for x in trace.x)
    assert drawn == 3 * 4 + 4 * 2  # biases are the fill of the nodes
    widths = {line.line.color: line.line.width for line in lines}
    assert widths[LIGHT[DIVERGING[-1]]] > widths[LIGHT[DIVERGING[4]]]
    scales = [trace.marker for trace in figure.data if trace.marker.showscale]
    assert [scale.cmin < scale.cmax for scale in scales] == [True, True]
    assert scales[0].cmin == -scales[0].cmax


def test_tied_plasticity_is_drawn_at_the_synapses_of_its_group(tmp_path: Path) -> None:
    learner = learner_of(tmp_path, TIED)
    assert learner.genome is not None
    p0 = learner.genome.plasticity[0]
    texts = [text for trace in network(learner).data for text in trace.text or ()]
    assert f"2 → 3: {p0[2]:.4f}" in texts
    assert f"output node 3 · bias {p0[3]:.4f}" in texts


def test_a_node_tells_its_bias_and_a_synapse_its_weight(run: Run) -> None:
    champion = run.champion
    assert champion is not None
    assert champion.genome is not None
    assert champion.genome.weights is not None
    texts = [text for trace in network(champion).data for text in trace.text or ()]
    graph = champion.graphs[0]
    bias = champion.genome.weights[graph.src == graph.inputs]
    assert f"hidden tanh node 4 · bias {bias[0]:.4f}" in texts
    assert f"0 → 4: {champion.genome.weights[0]:.4f}" in texts


def test_without_innate_weights_the_wiring_is_shown(tmp_path: Path) -> None:
    with create(tmp_path / "run", {**CONFIG, "weights": {"mode": "drawn"}}, {}) as writer:
        commit(writer, 0)
    figure = network(load(tmp_path / "run").champion)
    assert "wiring" in {a.text for a in figure.layout.annotations}
    assert any("drawn anew for each" in (a.text or "").replace("<br>", " ") for a in figure.layout.annotations)
    assert not any(trace.marker.showscale for trace in figure.data)


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    assert "No generation" in network(None).layout.meta["empty"]
    with create(tmp_path / "run", CONFIG, {}) as writer:
        commit(writer, 0, keep=False)
        commit(writer, 1, topology=False)
    run = load(tmp_path / "run")
    assert "not kept this genome" in network(run.individual(0)).layout.meta["empty"]
    assert network(run.individual(1)).layout.meta is None  # the graph of generation 0 is there


def test_a_large_network_is_drawn_as_maps(tmp_path: Path) -> None:
    figure = network(load(hostile(tmp_path / "run")).champion)
    assert [np.shape(trace.z) for trace in figure.data[:3]] == [(100, 66), (34, 102), (10, 36)]
    assert all(trace.customdata is None for trace in figure.data)
    assert MAPS in figure.layout.annotations[-1].text.replace("<br>", " ")
    assert len(figure.to_json()) < 400_000


def test_the_strongest_synapses_are_drawn_or_any_where_all_look_alike() -> None:
    weights = np.linspace(0, 1, WIDE.synapses).astype(np.float32)
    wiring = lay_out(WIDE, weights)
    own = np.flatnonzero(WIDE.src != WIDE.inputs)
    assert wiring.drawn.tolist() == own[-MOST_SYNAPSES:].tolist()
    assert len(lay_out(WIDE, None).drawn) == MOST_WIRES
    assert (lay_out(WIDE, None).drawn == lay_out(WIDE, None).drawn).all()


def test_wide_layers_are_thinned_out() -> None:
    wiring = lay_out(layered(5000, (3,), 1), None)
    assert len(wiring.nodes) == MOST_NODES + 4
    assert wiring.notes[0] == "100 of the 5,000 nodes of layer 1 are drawn."


def test_synapses_that_go_back_are_bowed() -> None:
    graph = layered(2, (3,), 1, recurrent=True)
    wiring = lay_out(graph, None)
    back = np.flatnonzero(graph.src >= graph.dst)
    x, y = wiring.path(back[:1])
    assert len(x) == len(y) == 18
    assert max(v for v in x if v is not None) > 1.05


def test_a_network_without_hidden_nodes_or_with_one_node_a_layer_has_a_place_for_all() -> None:
    graph: Graph = layered(1, (), 1)
    wiring = lay_out(graph, np.ones(2, np.float32))
    assert (wiring.extent, wiring.width) == ((0.0, 0.0), 1.0)
    assert [label for _, label in wiring.labels] == ["1 input", "1 output"]


@pytest.mark.parametrize("values", [[np.nan, np.inf, -np.inf], [0.0, 0.0, 0.0]])
def test_odd_weights_have_a_colour(values: list[float]) -> None:
    assert set(_steps(np.array(values), -1.0, 1.0, 7)) <= set(range(7))
    colours = [LIGHT[name] for name in DIVERGING]
    panel = Panel("", np.array(values), DIVERGING, (-1.0, 1.0))
    assert set(_fills(panel.values, panel)) <= {LIGHT["card"], *colours}


def dashes(figure: Any) -> dict[str, int]:
    """How many synapses are drawn with each kind of line."""
    found: dict[str, int] = {}
    for trace in figure.data:
        if trace.mode == "lines":
            kind = trace.line.dash or "solid"
            found[kind] = found.get(kind, 0) + sum(x is None for x in trace.x)
    return found


def test_what_evolved_is_told_apart_by_form_and_line(tmp_path: Path) -> None:
    one = evolved_learner(tmp_path).connectome
    assert one is not None
    silent = np.zeros(one.graph.synapses, bool)
    inner = np.flatnonzero(one.graph.src != one.graph.inputs)
    silent[inner[:2]] = True
    figure = drawn(replace(one, silent=silent), "A network")
    fixed = (one.fixed & ~silent)[inner].sum()
    assert dashes(figure) == {"dash": 2, "dot": fixed, "solid": len(inner) - 2 - fixed}
    nodes = next(trace for trace in figure.data if trace.mode == "markers" and trace.marker.symbol is not None)
    kinds = [one.graph.activation_of(node) for node in one.hidden]
    assert sorted(nodes.marker.symbol) == sorted([FORMS[kind][0] for kind in kinds] + ["circle"] * 4)
    assert set(FORMS) == set(ACTIVATIONS)
    words = " ".join(a.text for a in figure.layout.annotations)
    assert all(word in words for word in ("Forms", "goes back", "Dotted", "Grey"))


def test_a_way_over_a_layer_goes_around_what_lies_between() -> None:
    """Input, hidden, output in a row: the direct synapse is not drawn through the hidden node."""
    ptr, src = np.array([0, 0, 0, 1, 3], np.int32), np.array([0, 0, 2], np.int32)
    graph = Graph(1, 1, ptr, src, np.array([0, 0, 1, 0], np.uint8), np.zeros(3, np.int32))
    for evolved, height in ((False, 0.0), (True, 0.1)):
        _, y = lay_out(graph, None, evolved).path(np.array([1]))
        assert max(abs(v) for v in y if v is not None) >= height
    assert lay_out(graph, None, True).extent[1] > 0.1
