"""Which synapses learn: how many, and where in the network, by what an analysis tells of their changes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from evometa.genetics.topology import graph_key
from evometa.judging.analyses import Analysis, Plasticity
from evometa.presentation.connectome import Connectome
from evometa.presentation.learner import Learner
from evometa.presentation.plasticity import LEAST, learning, parts_of, sentence
from evometa.presentation.run_text import print_run
from tests.evolved import evolved_learner
from tests.export.exported import SINE, learner_of, recipe

RULE = recipe(
    SINE, {"update": "-exp(p0 - 4)*grad"}, plasticity={"count": 1}, weights={"mode": "evolved"},
    network={"hidden": [6], "activation": "tanh"},
)  # fmt: skip


@pytest.fixture
def learner(tmp_path: Path) -> Learner:
    return learner_of(tmp_path, RULE)


def told(one: Connectome, change: list[float]) -> Analysis:
    return Analysis(plasticity=Plasticity(graph=graph_key(one.graph), lives=3, change=change))


def changes(one: Connectome) -> list[float]:
    """Biases of the hidden layer change, the first two weights a little, one beneath the threshold."""
    graph = one.graph
    biases = (graph.src == graph.inputs) & (graph.dst < graph.nodes - graph.outputs)
    change = np.where(biases, 1.0, 0.0)
    change[np.flatnonzero(~biases)[:3]] = [0.3, 2 * LEAST, LEAST]
    return change.tolist()


def test_parts_that_learn_come_first(learner: Learner) -> None:
    one = learner.connectome
    assert one is not None
    assert (sentence(one), parts_of(one), learning(one)) == ("", [], None)
    one = one.learned(told(one, changes(one)))
    found = parts_of(one)
    assert [(part.name, part.size, part.learn) for part in found[:2]] == [
        ("biases of layer 1", 6, 6), ("weights into layer 1", 6, 2),
    ]  # fmt: skip
    assert {part.name for part in found[2:]} == {"weights into the outputs", "biases of the outputs"}
    assert sum(part.share for part in found) == pytest.approx(1)
    assert sentence(one).startswith(
        "8 of 19 synapses learn: biases of layer 1 (6 of 6, 99% of all change), weights into layer 1 (2 of 6, 1% of all"
        " change); the rest hardly. A synapse learns whose weight a life changes by more than 1% of what it changes"
    )


def test_one_line_of_inspect_tells_it(learner: Learner, capsys: pytest.CaptureFixture[str]) -> None:
    one = learner.connectome
    assert one is not None
    print_run(learner._run, Console(width=400), None, None, told(one, changes(one)))
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("plastic ")]
    assert "8 of 19 synapses learn" in line


def test_another_network_and_a_rule_that_changes_nothing(learner: Learner) -> None:
    one = learner.connectome
    assert one is not None
    other = told(one, [1.0] * 19)
    assert other.plasticity is not None
    other = Analysis(plasticity=other.plasticity.model_copy(update={"graph": "another"}))
    assert one.learned(other).change is None
    assert one.learned(told(one, [0.0])).change is None
    still = sentence(one.learned(told(one, [0.0] * 19)))
    assert still == "None of 19 synapses learns: no life changes a weight."


def test_of_a_network_that_evolved_nodes_are_told(tmp_path: Path) -> None:
    one = evolved_learner(tmp_path).connectome
    assert one is not None
    last = (one.graph.dst == one.graph.nodes - 1).astype(float)
    found = parts_of(one.learned(told(one, last.tolist())))
    assert (found[0].name, found[0].share, found[0].learn) == ("what y1 reads", 1.0, int(last.sum()))
