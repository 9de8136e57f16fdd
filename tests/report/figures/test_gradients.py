"""Tuning along gradients as people see it: its figure, what became of weights and rates, what it gained."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import evometa
from evometa.genetics.topology import graph_key
from evometa.judging.analyses import Analysis, Plasticity
from evometa.presentation.format import cut
from evometa.presentation.run import Run, load
from evometa.presentation.tuning import Tuning
from evometa.report import write_report
from evometa.report.figures import network, tuning
from evometa.report.figures.heat_maps import MAPS
from tests.export.exported import SINE, learner_of, recipe
from tests.small import GRADIENT
from tests.small import recipe as changed

SMALL = changed(
    GRADIENT, run={"generations": 3}, network={"hidden": [4]}, weights={"init": "glorot"},
    plasticity={"tie": "synapse"},
    rule={"slots": ["update"], "signals": ["grad", "p0"], "init": {"update": "-exp(p0 - 3) * grad"},
          "fixed": ["update"]},
    coefficients={"count": 0}, evolution={"population": 2, "offspring": 2}, gradient={"steps": 3, "tasks": 4},
    champion={"baselines": [], "updates": 2},
)  # fmt: skip


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return evometa.run(SMALL, out=tmp_path_factory.mktemp("tuned") / "run")


def test_gradients_are_drawn_by_generation(tuned: Run) -> None:
    before, after, norm, plastic = tuning(tuned).data
    rows = tuned.history
    assert list(before.y) == [row.gradient_before for row in rows]
    assert list(after.y) == [row.gradient_after for row in rows]
    assert list(norm.y) == [row.gradient_norm for row in rows]
    assert list(plastic.y) == [100 * (row.plastic or 0.0) for row in rows]
    assert list(norm.x) == [1, 2, 3]


def test_the_report_and_inspect_tell_what_was_tuned(tuned: Run, tmp_path: Path) -> None:
    champion = tuned.champion
    assert champion is not None
    assert champion.tuned is not None
    assert champion.tuned.numbers == {"weights": 13, "plasticity": 13}
    assert (champion.tuned.steps, champion.tuned.made % 3) == (3, 0)
    told = json.loads(json.dumps(tuned.summary()))["champion"]["tuned"]
    assert Tuning(**told) == champion.tuned
    words = (
        "13 innate weights and 13 plasticity numbers tuned along their gradient, 3 steps a generation on 4 tasks each"
    )
    assert champion.tuned.sentence.startswith(words)
    assert " of 13 synapses learn: " in champion.plastic
    page = write_report(tuned, tmp_path / "page.html").read_text(encoding="utf-8")
    for text in (words, "Which synapses learn", "change of the weight in a life", "biases of layer 1"):
        assert text in page, text
    origin = tuned.origin
    assert origin is not None
    assert origin.tuned == origin.steps + 1
    assert "tuning along gradients at " in origin.sentence
    assert load(tuned.path).origin == origin


def test_many_synapses_are_maps_layer_beside_layer(tmp_path: Path) -> None:
    learner = learner_of(tmp_path, recipe(
        SINE, {"update": "-exp(p0 - 4)*grad"}, plasticity={"count": 1}, weights={"mode": "evolved"},
        network={"hidden": [20, 130], "activation": "relu"},
    ))  # fmt: skip
    one = learner.connectome
    assert one is not None
    assert one.weights is not None
    graph = one.graph
    change = np.linspace(0, 1, graph.synapses)
    told = Analysis(plasticity=Plasticity(graph=graph_key(graph), lives=1, change=change.tolist()))
    figure = network(learner, told)
    assert len(figure.data) == 3 * 3  # weights, rates and changes of three layers
    first, second, last = (np.array(trace.z, float) for trace in figure.data[:3])
    assert (first.shape, second.shape, last.shape) == ((20, 3), (100, 22), (1, 102))
    assert np.isnan(first[:, 1]).all()  # between weights and biases
    weights = {(int(s), int(d)): float(w) for s, d, w in zip(graph.src, graph.dst, one.weights, strict=True)}
    assert first[:, 0] == pytest.approx([weights[0, node] for node in range(2, 22)], rel=1e-3)
    assert first[:, 2] == pytest.approx([weights[1, node] for node in range(2, 22)], rel=1e-3)
    assert figure.data[0].customdata[0][0].startswith("x1 → n2: ")
    share = change[(graph.src == 1) & (graph.dst == graph.nodes - 1)]
    assert figure.data[-1].customdata[0][-1] == f"1 → y1: {100 * share[0]:.2g} %"
    words = figure.layout.annotations[-1].text.replace("<br>", " ")
    assert words.startswith(MAPS)
    assert "Of layer 2, 100 of 130 nodes and 20 of 20 that they read are shown." in words


def test_no_number_is_cut() -> None:
    change = "all 1,761 innate weights by 0.04065; 1,577 of 1,761 plasticity numbers by 0.7"
    assert cut(change, 72) == "all 1,761 innate weights by 0.04065 …"
    assert cut(change, 100) == change
    assert cut("one long part that has no end", 12) == "one long …"
    assert cut("x" * 20, 10) == f"{'x' * 9} …"
