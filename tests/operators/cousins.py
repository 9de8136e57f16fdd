"""Topologies small enough to count, for tests of operators."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evometa.genetics.genes import PLASTIC
from evometa.genetics.starts import topologies_of
from evometa.genetics.topologies import Topologies
from evometa.genetics.topology import layered
from evometa.genetics.validity import check
from operators import structure
from operators.markings import Markings

MANY = 20_000
SIGMOID, TANH = 2, 1


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def minimal(count: int, columns: int = 1) -> Topologies:
    """Two inputs and the constant, all linked to one output; weights 1, coefficients 0."""
    return topologies_of(layered(2, [], 1), np.ones((count, 3), np.float32), np.zeros((count, columns, 3), np.float32))


def cousins() -> tuple[Topologies, Markings]:
    """Two genomes of one ancestor: the first split synapse 0, the second synapses 1 and then 2."""
    markings, draws = Markings.after(minimal(1)), rng()
    ancestor = minimal(1)
    born = []
    for genes, synapses in ((ancestor, [0]), (ancestor, [1, 2])):
        for synapse in synapses:
            markings.begin_generation()
            alone = replace(genes, traits=np.where(genes.mark == synapse, genes.traits, 0).astype(np.uint8))
            grown = structure.add_nodes(alone, markings, draws, 1.0, (SIGMOID,))
            traits = np.where(grown.mark == synapse, PLASTIC, np.where(grown.mark > 2, 3, 0)).astype(np.uint8)
            known = dict(zip(genes.mark.tolist(), genes.traits.tolist(), strict=True))
            traits[[m in known and m != synapse for m in grown.mark.tolist()]] = [
                known[m] for m in grown.mark.tolist() if m in known and m != synapse
            ]
            genes = replace(grown, traits=traits)
        born.append(genes)
    pair = Topologies.join(born)
    check(pair, "cousins", recurrent=False)
    return pair, markings
