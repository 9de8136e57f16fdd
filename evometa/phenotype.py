"""Genomes → phenotypes: the one place where objects of the outer loop become arrays of the inner loop."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from evometa.genome import Genome
from evometa.language.program import Program, compile_loss, compile_rule
from evometa.language.tree import Tree
from evometa.lifetime import F32, Graph, Phenotypes


@lru_cache(maxsize=1 << 13)
def program_of(rule: tuple[tuple[str, Tree], ...]) -> Program:
    """Return the compiled program of a rule's slots (all but `loss`); the last 8192 rules are remembered."""
    return compile_rule(dict(rule))


@lru_cache(maxsize=1 << 14)
def loss_of(tree: Tree) -> Program:
    """Return the compiled loss and its derivative."""
    return compile_loss(tree)


def express(genomes: Sequence[Genome], network: Graph, weights: F32 | None, feedback: dict[int, F32]) -> Phenotypes:
    """Return the base learners that genomes grow into.

    A genome without a topology of its own takes `network`; without weights of its own, `weights` (f32[E], the
    same for the whole run) or, when that is None, fresh ones for each lifetime. `feedback`: fixed random
    weights of a graph, by its id, where the credit mode uses them.
    """
    count = max((len(genome.coefficients) for genome in genomes), default=0)
    coefficients = np.zeros((len(genomes), count), np.float32)
    graphs = [genome.topology or network for genome in genomes]
    for row, genome in zip(coefficients, genomes, strict=True):
        row[: len(genome.coefficients)] = genome.coefficients
    rules = [tuple((slot, tree) for slot, tree in genome.rule.items() if slot != "loss") for genome in genomes]
    return Phenotypes(
        graphs=graphs,
        programs=[program_of(rule) for rule in rules],
        innate=[weights if genome.weights is None else genome.weights for genome in genomes],
        coefficients=coefficients,
        plasticity=[_spread(genome.plasticity, graph) for genome, graph in zip(genomes, graphs, strict=True)],
        feedback=[feedback.get(id(graph)) for graph in graphs],
        losses=[loss_of(genome.rule["loss"]) if "loss" in genome.rule else None for genome in genomes],
    )


def _spread(plasticity: F32, graph: Graph) -> F32:
    """Return per-synapse coefficients f32[K, E] from tied ones f32[K, groups]."""
    own = len(plasticity) == 0 or plasticity.shape[1] == graph.synapses
    return plasticity if own else plasticity[:, graph.group]
