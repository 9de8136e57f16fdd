"""Wiring by task: tasks × synapses, sorted, for networks of any size; and the panel of gates beside the weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evometa.genetics.topology import graph_key
from evometa.judging.analyses import Analysis, Gates
from evometa.lifetime import Graph
from evometa.presentation.learner import Learner
from evometa.report.figures import gates, network
from evometa.report.figures.gating import LOST, NONE
from evometa.report.figures.theme import LIGHT, SEQUENTIAL
from tests.evolved import evolved_learner
from tests.export.exported import BOOLEAN, learner_of, recipe

RULE = {"update": "-0.1*grad", "gate": "abs(w) - age"}


def analysis(graph: Graph, tasks: int = 5, shown: int = 60) -> Analysis:
    """What is told of a network of which task t opens every synapse whose number is t modulo the number of tasks."""
    places = list(range(min(shown, graph.synapses)))
    share = [round(1 / tasks, 3)] * graph.synapses
    wirings = [[float(e % tasks == t) for e in places] for t in range(tasks)]
    return Analysis(gates=Gates(graph=graph_key(graph), share=share, shown=places, wirings=wirings))


def wide(folder: Path, synapses: int) -> Learner:
    """A learner with one output that reads so many inputs."""
    ptr = np.array([0] * (synapses + 2) + [synapses], np.int32)
    kinds = np.zeros(synapses + 2, np.uint8)
    graph = Graph(synapses, 1, ptr, np.arange(synapses, dtype=np.int32), kinds, np.zeros(synapses, np.int32))
    settings = recipe(BOOLEAN, RULE, weights={"mode": "drawn"})
    return learner_of(folder, settings, topology=graph)


@pytest.mark.parametrize("synapses", [1, 10_000])
def test_networks_of_any_size_are_drawn(tmp_path: Path, synapses: int) -> None:
    learner = wide(tmp_path, synapses)
    told = analysis(learner.graphs[0])
    (heat,) = gates(learner, told).data
    assert np.shape(heat.z) == (5, min(60, synapses))
    assert set(heat.x) == {f"x{e + 1} → y1" for e in range(min(60, synapses))}
    left = "Of 10,000 synapses those 60" in str(gates(learner, told).layout.xaxis.title.text)
    assert left == (synapses > 60)
    assert len(network(learner, told).layout.annotations) >= 2


def test_tasks_and_synapses_are_sorted_so_that_patterns_show(tmp_path: Path) -> None:
    learner = wide(tmp_path, 20)
    (heat,) = gates(learner, analysis(learner.graphs[0])).data
    rows = np.array(heat.z)[::-1]
    assert [row.argmax() for row in rows] == sorted(row.argmax() for row in rows)
    assert rows.sum() == 20
    assert [row[0] for row in heat.customdata][::-1] == [1, 2, 3, 4, 5]


def test_gates_have_a_panel_of_their_own(tmp_path: Path) -> None:
    learner = evolved_learner(tmp_path, 2, RULE)
    assert learner.connectome is not None
    told = analysis(learner.connectome.graph, tasks=2)
    figure = network(learner, told)
    headings = [a.text for a in figure.layout.annotations if not a.xref or a.xref == "paper"]
    assert headings[:2] == ["innate weight", "open after learning, share of lives"]
    scales = [trace.marker for trace in figure.data if trace.marker.showscale]
    assert (scales[-1].cmin, scales[-1].cmax) == (0, 1)
    colours = {trace.line.color for trace in figure.data if trace.mode == "lines" and trace.yaxis == "y2"}
    assert colours == {LIGHT[SEQUENTIAL[2]]}  # 0.5 each
    assert "open after learning, share of lives" not in str(network(learner).layout.annotations)


def test_where_nothing_is_known_of_gates_that_is_said(tmp_path: Path) -> None:
    gated, plain = evolved_learner(tmp_path / "gated", 2, RULE), evolved_learner(tmp_path / "plain", 2)
    assert gates(gated, Analysis(gates=None)).layout.meta["empty"] == LOST
    for analysis_ in (None, Analysis(), Analysis(gates=None)):
        assert gates(plain, analysis_).layout.meta["empty"] == NONE
    assert "--analyse" in gates(gated, None).layout.meta["empty"]
    assert "--analyse" in gates(gated, Analysis()).layout.meta["empty"]  # of an earlier version
    assert not gates(None, analysis(gated.graphs[0])).layout.meta
