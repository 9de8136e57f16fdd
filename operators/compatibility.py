"""How far genomes are apart, for species: by their genes (NEAT's compatibility distance), or by what they do.

A distance is a function `distance(rows, representative, limit) -> f64[n]` of the members at some rows, which may give
anything from `limit` on for what is farther than that; `member(row)` is what can be a representative.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from evometa.genetics.genes import F64, I64, Genes
from evometa.genetics.topologies import Topologies, Topology
from evometa.spec.arrays import F32
from evometa.system.jit import njit

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


@njit(cache=True)
def distances(a: Genes, rows: I64, b: Genes, j: int, settings: Any, limit: float) -> F64:
    """Return δ of the topologies at some rows of a from topology j of b, infinity where it is found to be ≥ limit."""
    c1, c2, c3, small = settings
    found = np.empty(len(rows), np.float64)
    for n, i in enumerate(rows):
        p, p_end, q, q_end = a.begins[i], a.begins[i + 1], b.begins[j], b.begins[j + 1]
        genes = max(p_end - p, q_end - q)
        size = 1.0 if genes < small else float(genes)
        most = limit * size / min(c1, c2) if min(c1, c2) > 0 else np.inf  # unmatched genes
        disjoint = same = 0
        total = 0.0
        if abs((p_end - p) - (q_end - q)) > most:
            found[n] = np.inf
            continue
        while p < p_end and q < q_end and disjoint <= most:
            x, y = a.mark[p], b.mark[q]
            if x == y:
                same += 1
                total += abs(a.weight[p] - b.weight[q])
            else:
                disjoint += 1
            p += x <= y
            q += y <= x
        excess = (p_end - p) + (q_end - q)
        found[n] = c1 * excess / size + c2 * disjoint / size + (c3 * total / same if same else 0.0)
        if disjoint > most:
            found[n] = np.inf
    return found
