"""How far genomes are apart, for species: by their genes (NEAT's compatibility distance), or by what they do.

Representatives of species are `members(rows)` of a generation, a sequence. `between(representatives)` gives all
distances from them, f64[G, R]; `first_near(representatives, limit)` the place of the first that is nearer than the
limit, i64[G], and the rows of founders: members that none of these and no founder before them is near to; founders
have the places behind the representatives (None: there are none yet).
"""

from __future__ import annotations

import numpy as np

from evometa.genetics.genes import F64, I64
from evometa.genetics.topologies import Topologies
from evometa.spec.arrays import F32

from .matching import distances, first_near

FAR = 1e6  # in place of what is not finite


class GeneDistance:
    """δ = c1·E/N + c2·D/N + c3·W̄ of E excess and D disjoint genes, and the mean difference W̄ of matching weights.

    N is the number of genes in the larger genome, 1 below `small` of them.
    """

    def __init__(self, genes: Topologies, c1: float = 1.0, c2: float = 1.0, c3: float = 0.4, small: int = 20) -> None:
        self.genes, self.settings = genes, (float(c1), float(c2), float(c3), int(small))

    def __len__(self) -> int:
        return len(self.genes)

    def between(self, representatives: Topologies) -> F64:
        """Return δ of each topology from each representative, f64[G, R]."""
        return distances(self.genes.arrays, representatives.arrays, self.settings)

    def first_near(self, representatives: Topologies | None, limit: float) -> tuple[I64, I64]:
        """Return places i64[G], and the rows of founders."""
        others = self.genes.take([]) if representatives is None else representatives
        return first_near(self.genes.arrays, others.arrays, self.settings, limit)

    def members(self, rows: I64) -> Topologies:
        """Return the topologies at some rows."""
        return self.genes.take(rows)


class BehaviourDistance:
    """The mean absolute difference of what learners do: vectors f32[G, D], of cases' scores or answers to probes."""

    def __init__(self, behaviour: F32) -> None:
        self.behaviour = np.nan_to_num(behaviour, nan=FAR, posinf=FAR, neginf=-FAR)

    def __len__(self) -> int:
        return len(self.behaviour)

    def between(self, representatives: F32) -> F64:
        """Return the distance of each learner from each representative, f64[G, R]."""
        rows = [np.abs(self.behaviour - one).mean(axis=1, dtype=np.float64) for one in representatives]
        return np.array(rows).reshape(-1, len(self)).T

    def first_near(self, representatives: F32 | None, limit: float) -> tuple[I64, I64]:
        """Return places i64[G], and the rows of founders."""
        others = self.behaviour[:0] if representatives is None else representatives
        near = self.between(others) < limit
        place = np.where(near.any(axis=1), near.argmax(axis=1) if len(others) else 0, -1)
        left = np.flatnonzero(place < 0)
        founders: list[int] = []
        while len(left):
            apart = np.abs(self.behaviour[left] - self.behaviour[left[0]]).mean(axis=1, dtype=np.float64)
            place[left[apart < limit]] = len(others) + len(founders)
            founders.append(int(left[0]))
            left = left[~(apart < limit)]
        return place, np.array(founders, np.int64)

    def members(self, rows: I64) -> F32:
        """Return the behaviour of learners at some rows."""
        return self.behaviour[rows]
