"""What each hidden node and each synapse of a network that evolved is worth: it is taken out, and life lived again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from evometa.evolution.evaluation import Evaluator
from evometa.genetics.exchange import node_name
from evometa.genetics.genome import Genome
from evometa.genetics.phenotype import networks_of
from evometa.genetics.topologies import Topology
from evometa.judging.analyses import Removal
from evometa.judging.analysis.measurement import effect, open_trial

MOST = 60  # removals that are lived
WAYS = "nodes first, then synapses, the largest innate weights first"


class Wiring(NamedTuple):
    """Removals that were lived, and how many were not."""

    removals: list[Removal]
    left_out: int


class Cut(NamedTuple):
    """A part of a network: the mark of a node, or the position of a synapse's gene; `weight`: |w| of what goes."""

    kind: str
    place: int
    weight: float


def wiring(evaluator: Evaluator, genome: Genome, tasks: int | None = None) -> Wiring:
    """Return what becomes of a learner without each of its hidden nodes and synapses, on held-out tasks.

    Where there are more than MOST, or than there is time for: WAYS. `tasks`: as of `analyse`.
    """
    genes = genome.topology
    if not isinstance(genes, Topology):
        return Wiring([], 0)
    cuts = cuts_of(genome, genes)
    if not cuts:
        return Wiring([], 0)
    trial, learners = open_trial(evaluator, genome, 1 + min(MOST, len(cuts)), tasks)
    lived = cuts[: learners - 1]
    outcomes = trial.live(
        [genome, *(without(genome, genes, cut) for cut in lived)], [[length] for length in trial.lengths]
    )
    whole = trial.scores(outcomes, 0)
    found = [
        Removal(kind=cut.kind, part=part_name(genes, cut), **effect(trial, outcomes, g, whole))
        for g, cut in enumerate(lived, 1)
    ]
    return Wiring(found, len(cuts) - len(lived))


def cuts_of(genome: Genome, genes: Topology) -> list[Cut]:
    """Return each hidden node and each synapse that its network has: WAYS."""
    return sorted(_cuts(genome, genes), key=lambda cut: (cut.kind != "node", -cut.weight))


def _cuts(genome: Genome, genes: Topology) -> Iterator[Cut]:
    expressed = networks_of([genome]).gene
    source, target, weight = genes.source, genes.target, np.abs(genes.weight).astype(np.float64)
    first, most = genes.inputs + genes.outputs + 1, int(max(source.max(), target.max())) + 1
    touching = np.bincount(source, weight, most) + np.bincount(target, weight, most)
    touching -= np.bincount(source, np.where(source == target, weight, 0.0), most)  # a node's own, counted once
    hidden = np.unique(np.concatenate([source[expressed], target[expressed]]))
    for mark in hidden[hidden >= first].tolist():
        yield Cut("node", mark, float(touching[mark]))
    for gene in expressed.tolist():
        yield Cut("synapse", gene, float(weight[gene]))


def part_name(genes: Topology, cut: Cut) -> str:
    """Return what a part of a network is called."""
    ends = [cut.place] if cut.kind == "node" else [int(genes.source[cut.place]), int(genes.target[cut.place])]
    return " → ".join(node_name(mark, genes.inputs, genes.outputs) for mark in ends)


def without(genome: Genome, genes: Topology, cut: Cut) -> Genome:
    """Return the genome without a part of its network."""
    if cut.kind == "node":
        gone = (genes.source == cut.place) | (genes.target == cut.place)
    else:
        gone = np.arange(len(genes.source)) == cut.place
    return genome.replace(topology=genes.genes.keep(~gone)[0])
