"""Genomes → phenotypes: the one place where objects of the outer loop become arrays of the inner loop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from evometa.genetics.genome import Genome
from evometa.genetics.programs import loss_of
from evometa.lifetime import F32, Graph, Phenotype, Phenotypes
from evometa.lifetime.batch import batch_of


class World(Protocol):
    """What genomes take from their tasks where they have none of their own.

    `network`; `weights` and `feedback` f32[E]: weights at birth that are the same in the whole run (None: they are
    drawn for each lifetime), and those of the credit mode "feedback" (None: it is another); `tied`: synapses of a group
    share their plasticity.
    """

    @property
    def network(self) -> Graph: ...

    @property
    def tied(self) -> bool: ...

    def weights(self, graph: Graph) -> F32 | None: ...

    def feedback(self, graph: Graph) -> F32 | None: ...


def express(genomes: Sequence[Genome], world: World) -> Phenotypes:
    """Return the base learners that genomes grow into."""
    spread: dict[tuple[Graph, bytes], F32] = {}  # tied numbers are often the same for all

    def plasticity_of(genome: Genome, graph: Graph) -> F32:
        if not (world.tied and len(genome.plasticity)):
            return genome.plasticity
        key = (graph, genome.plasticity.tobytes())
        if key not in spread:
            spread[key] = genome.plasticity[:, graph.group]
        return spread[key]

    learners = []
    for genome in genomes:
        graph = genome.topology or world.network
        learners.append(_grow(genome, graph, plasticity_of(genome, graph), world))
    return batch_of(learners)


def _grow(genome: Genome, graph: Graph, plasticity: F32, world: World) -> Phenotype:
    return Phenotype(
        graph, genome.program, world.weights(graph) if genome.weights is None else genome.weights,
        genome.coefficients, plasticity, world.feedback(graph),
        loss_of(genome.rule["loss"]) if "loss" in genome.rule else None,
    )  # fmt: skip
