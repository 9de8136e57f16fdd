"""Nodes and synapses of a network that evolved, taken out one by one: what it costs, on the same held-out tasks."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from evometa.config.load import load
from evometa.evolution.courses import open_courses
from evometa.evolution.evaluation import Evaluator
from evometa.genetics.genes import ENABLED
from evometa.genetics.genome import Genome
from evometa.genetics.phenotype import networks_of
from evometa.genetics.starts import topologies_of
from evometa.genetics.topologies import Topology
from evometa.genetics.topology import layered
from evometa.judging.analysis import analyse
from evometa.judging.analysis import wiring as module
from evometa.judging.analysis.measurement import open_trial
from evometa.judging.analysis.wiring import wiring
from evometa.language.text import parse_rule
from evometa.lifetime.numba import cpu
from tests.evolved import evolved_recipe, genes
from tests.judging.analysis.learners import evaluator, network_genome

TASKS = 3


@cache
def exam() -> Evaluator:
    """What lives lifetimes of evolved networks."""
    config = load(evolved_recipe({"update": "-0.3*grad"})).config
    return Evaluator(config, open_courses(config), cpu.live)


def genome(seed: int = 2) -> Genome:
    """A gradient learner with a random network."""
    return Genome(parse_rule({"update": "-0.3*grad"}), genes(seed)[0])


def disabled(one: Genome, gone: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Genome:
    """A genome with some genes switched off."""
    assert isinstance(one.topology, Topology)
    batch = one.topology.genes
    return one.replace(topology=replace(batch, traits=np.where(gone, 0, batch.traits).astype(np.uint8))[0])


def test_each_costs_what_the_learner_does_worse_with_its_genes_switched_off() -> None:
    one = genome()
    assert isinstance(one.topology, Topology)
    topology = one.topology
    found = wiring(exam(), one, TASKS)
    trial, _ = open_trial(exam(), one, 2, TASKS)
    points = [[length] for length in trial.lengths]
    nodes = {f"n{mark}": (topology.source == mark) | (topology.target == mark) for mark in topology.node.tolist()}
    enabled = networks_of([one]).gene
    assert found.left_out == 0
    synapses = [row for row in found.removals if row.kind == "synapse"]
    assert len(synapses) == len(enabled)
    weights = -np.abs(topology.weight[enabled])
    for row, gene in zip(synapses, enabled[np.argsort(weights, kind="stable")].tolist(), strict=True):
        nodes[row.part] = np.arange(len(topology.mark)) == gene
    assert [row.kind for row in found.removals] == sorted(row.kind for row in found.removals)  # nodes first
    for row in found.removals:
        outcomes = trial.live([one, disabled(one, nodes[row.part])], points)
        whole, own = trial.scores(outcomes, 0), trial.scores(outcomes, 1)
        assert row.difference.mean == trial.exam.difference(whole, own, trial.measure).mean
        assert row.mean == trial.score(own).mean
    assert any(abs(row.difference.mean or 0) > 0 for row in found.removals)


def test_what_is_not_expressed_is_not_taken_out() -> None:
    one = genome()
    assert isinstance(one.topology, Topology)
    off = (one.topology.traits & ENABLED == 0).sum()
    assert off > 0
    assert sum(row.kind == "synapse" for row in wiring(exam(), one, TASKS).removals) <= len(one.topology.mark) - off


def test_of_many_the_most_important_are_lived_and_the_others_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    every = wiring(exam(), genome(), TASKS).removals
    monkeypatch.setattr(module, "MOST", 7)
    found = wiring(exam(), genome(), TASKS)
    assert [row.part for row in found.removals] == [row.part for row in every[:7]]
    assert found.left_out == len(every) - 7
    told = analyse(exam(), genome(), tasks=TASKS)
    assert (told.wiring, told.wiring_left_out) == found
    assert any("parts of the network were not taken out: nodes first" in note for note in told.notes)


def test_layers_that_all_share_are_left_whole() -> None:
    assert wiring(evaluator("network"), network_genome(update="-0.1*grad")).removals == []


def test_of_a_large_network_only_the_parts_that_are_lived_are_made() -> None:
    graph = layered(100, [150], 60)
    weights = np.random.default_rng(0).normal(size=(1, graph.synapses)).astype(np.float32)
    large = Genome(parse_rule({"update": "0"}), topologies_of(graph, weights)[0])
    tracemalloc.start()
    cuts = list(module._cuts(large, large.topology))  # type: ignore[arg-type]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(cuts) == 150 + graph.synapses > 24_000
    assert peak < 60e6  # a genome has a megabyte
    node, synapse = cuts[0], cuts[-1]
    assert node.weight == pytest.approx(sum(cut.weight for cut in cuts[150:] if _touches(large, cut, node.place)))
    assert [len(module.without(large, large.topology, cut).topology.mark) for cut in (node, synapse)] == [  # type: ignore[arg-type, union-attr]
        graph.synapses - 101 - 60, graph.synapses - 1,
    ]  # fmt: skip


def _touches(genome: Genome, cut: module.Cut, mark: int) -> bool:
    genes = genome.topology
    assert isinstance(genes, Topology)
    return mark in (genes.source[cut.place], genes.target[cut.place])
