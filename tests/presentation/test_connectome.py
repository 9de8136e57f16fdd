"""Networks that evolved, synapse by synapse: their numbers, names and words are those of the genes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from evometa.genetics.genes import ENABLED, PLASTIC
from evometa.genetics.topologies import Topology
from evometa.genetics.topology import graph_key, layered
from evometa.judging.analyses import Analysis, Gates
from evometa.judging.scores import Score
from evometa.presentation.connectome import connectome_of
from evometa.presentation.network_text import wiring_lines
from evometa.presentation.run_text import print_run
from tests.evolved import evolved_learner
from tests.inspected import CONFIG


@pytest.mark.parametrize("seed", range(6))
def test_each_synapse_has_the_numbers_and_marks_of_its_gene(seed: int, tmp_path: Path) -> None:
    learner = evolved_learner(tmp_path, seed, "-0.3*grad*p0", plasticity={"count": 1})
    one, genome = learner.connectome, learner.genome
    assert one is not None
    assert genome is not None
    assert isinstance(genome.topology, Topology)
    assert one.marks is not None
    assert one.node_marks is not None
    assert one.weights is not None
    genes = {mark: e for e, mark in enumerate(genome.topology.mark.tolist())}
    for e, mark in enumerate(one.marks.tolist()):
        g, topology = genes[mark], genome.topology
        ends = one.node_marks[[one.graph.src[e], one.graph.dst[e]]].tolist()
        assert ends == [topology.source[g], topology.target[g]]
        assert one.weights[e] == np.float32(2) * topology.weight[g]
        assert one.plasticity[0, e] == topology.plasticity[g, 0]
        assert one.fixed[e] == (topology.traits[g] & PLASTIC == 0)
        assert topology.traits[g] & ENABLED
        assert not one.silent[e]


def test_its_summary_counts_what_is_expressed(tmp_path: Path) -> None:
    learner = evolved_learner(tmp_path)
    one = learner.connectome
    assert one is not None
    told = learner.summary()["topology"]
    assert told["synapses"] == one.graph.synapses == len(one.fixed)
    assert told["plastic"] == told["synapses"] - one.fixed.sum() < told["synapses"]
    assert told["recurrent"] == (one.graph.src >= one.graph.dst).sum() > 0
    assert told["nodes"] == sum(told["activations"].values()) == one.graph.nodes - 5
    words = told["words"]
    assert f"{told['synapses']} synapses ({told['recurrent']} recurrent, {told['plastic']} plastic)" in words
    assert f"depth {told['depth']}; learns from backpropagated errors" in words


def test_what_it_reads_is_written_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    learner = evolved_learner(tmp_path)
    one = learner.connectome
    assert one is not None
    lines = wiring_lines(one)
    assert [name for name, _, _ in lines] == [f"n{one.node_marks[node]}" for node in one.hidden] + ["y1"]  # type: ignore[index]
    assert [kind for _, kind, _ in lines] == [one.graph.activation_of(node) for node in one.hidden] + ["output"]
    assert sum(reads.count(",") + 1 - reads.count(", fixed") for _, _, reads in lines) == one.graph.synapses
    assert sum(reads.count("recurrent") for _, _, reads in lines) == one.recurrent.sum()
    assert sum(reads.count("fixed") for _, _, reads in lines) == one.fixed.sum()
    print_run(learner._run, Console(width=200), None, None, None)
    printed = capsys.readouterr().out
    assert all(f"{name} " in printed and reads.split(", ")[0] in printed for name, _, reads in lines)


def test_what_gates_leave_open_is_told_where_it_is_of_that_network(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    learner = evolved_learner(tmp_path, 2, {"update": "-0.3*grad", "gate": "abs(w) - age"})
    one = learner.connectome
    assert one is not None
    share = np.round(np.linspace(0, 1, one.graph.synapses), 3).tolist()
    told = Gates(graph=graph_key(one.graph), share=share, within=Score(), between=Score(), difference=Score())
    opened = one.learned(Analysis(gates=told)).opened
    assert opened is not None
    assert opened.tolist() == pytest.approx(share)
    assert one.learned(None).opened is None
    assert one.learned(Analysis()).opened is None
    assert one.learned(Analysis(gates=told.model_copy(update={"graph": "another"}))).opened is None
    reads = " ".join(text for _, _, text in wiring_lines(one.learned(Analysis(gates=told))))
    assert reads.count("open ") == one.graph.synapses
    assert "open 0%" in reads
    assert "open 100%" in reads
    print_run(learner._run, Console(width=400), None, None, Analysis(gates=told))
    printed = capsys.readouterr().out
    assert "open 100%" in printed
    assert f"{sum(share):.3g} of {one.graph.synapses} synapses are open in the mean" in printed


def test_layers_have_a_connectome_too(tmp_path: Path) -> None:
    from evometa.store.records import Settings

    graph = layered(2, (3,), 1)
    one = connectome_of(None, graph, Settings.model_validate({**CONFIG, "name": "x"}))
    assert one.summary() == {
        "nodes": 3, "synapses": 13, "depth": 2, "recurrent": 0, "plastic": 13, "silent": 0, "activations": {"tanh": 3},
    }  # fmt: skip
    assert [one.name(node) for node in range(graph.nodes)] == ["x1", "x2", "1", "n3", "n4", "n5", "y1"]
    assert one.marks is None
