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


class _Cut(NamedTuple):
    """A part of a network, and the genome without it; `weight`: |w| at birth of what goes."""

    kind: str
    name: str
    genome: Genome
    weight: float


def wiring(evaluator: Evaluator, genome: Genome, tasks: int | None = None) -> Wiring:
    """Return what becomes of a learner without each of its hidden nodes and synapses, on held-out tasks.

    Where there are more than MOST, or than there is time for: WAYS. `tasks`: as of `analyse`.
    """
    cuts = sorted(_cuts(genome), key=lambda cut: (cut.kind != "node", -cut.weight))
    if not cuts:
        return Wiring([], 0)
    trial, learners = open_trial(evaluator, genome, 1 + min(MOST, len(cuts)), tasks)
    lived = cuts[: learners - 1]
    outcomes = trial.live([genome, *(cut.genome for cut in lived)], [[length] for length in trial.lengths])
    whole = trial.scores(outcomes, 0)
    found = [
        Removal(kind=cut.kind, part=cut.name, **effect(trial, outcomes, g, whole)) for g, cut in enumerate(lived, 1)
    ]
    return Wiring(found, len(cuts) - len(lived))


def _cuts(genome: Genome) -> Iterator[_Cut]:
    """Yield each hidden node and each synapse that its network has."""
    genes = genome.topology
    if not isinstance(genes, Topology):
        return
    expressed = networks_of([genome]).gene
    source, target, weight = genes.source, genes.target, np.abs(genes.weight)
    names = {mark: node_name(mark, genes.inputs, genes.outputs) for mark in {*source.tolist(), *target.tolist()}}
    hidden = np.unique(np.concatenate([source[expressed], target[expressed]]))
    for mark in hidden[hidden > genes.inputs + genes.outputs].tolist():
        own = (source == mark) | (target == mark)
        yield _Cut("node", names[mark], _without(genome, genes, own), float(weight[own].sum()))
    for gene in expressed.tolist():
        name = f"{names[source[gene]]} → {names[target[gene]]}"
        own = np.arange(len(source)) == gene
        yield _Cut("synapse", name, _without(genome, genes, own), float(weight[gene]))


def _without(genome: Genome, genes: Topology, gone: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Genome:
    return genome.replace(topology=genes.genes.keep(~gone)[0])
