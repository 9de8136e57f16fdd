"""How far genomes are apart, for species: by their genes (NEAT's compatibility distance), or by what they do.

A distance is a function `distance(rows, representative, limit) -> f64[n]` of the members at some rows, which may give
anything from `limit` on for what is farther than that; `member(row)` is what can be a representative.
"""

from __future__ import annotations

import numpy as np

from evometa.genetics.genes import F64, I64
from evometa.genetics.topologies import Topologies, Topology
from evometa.spec.arrays import F32

from .matching import distances

FAR = 1e6  # in place of what is not finite


class GeneDistance:
    """δ = c1·E/N + c2·D/N + c3·W̄ of E excess and D disjoint genes, and the mean difference W̄ of matching weights.

    N is the number of genes in the larger genome, 1 below `small` of them.
    """

    def __init__(self, genes: Topologies, c1: float = 1.0, c2: float = 1.0, c3: float = 0.4, small: int = 20) -> None:
        self.genes, self.settings = genes, (float(c1), float(c2), float(c3), int(small))

    def __len__(self) -> int:
        return len(self.genes)

    def __call__(self, rows: I64, representative: Topology, limit: float = np.inf) -> F64:
        batch = representative.batch
        return distances(self.genes.arrays, rows, batch.arrays, representative.row, self.settings, limit)

    def member(self, row: int) -> Topology:
        """Return a topology by itself."""
        return Topology(self.genes.take([row]), 0)


class BehaviourDistance:
    """The mean absolute difference of what learners do: vectors f32[G, D], of cases' scores or answers to probes."""

    def __init__(self, behaviour: F32) -> None:
        self.behaviour = np.nan_to_num(behaviour, nan=FAR, posinf=FAR, neginf=-FAR)

    def __len__(self) -> int:
        return len(self.behaviour)

    def __call__(self, rows: I64, representative: F32, limit: float = np.inf) -> F64:
        return np.abs(self.behaviour[rows] - representative).mean(axis=1, dtype=np.float64)

    def member(self, row: int) -> F32:
        """Return one learner's behaviour."""
        return self.behaviour[row]
