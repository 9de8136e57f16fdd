"""How large genomes are: what they may be judged by besides their lives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evometa.genetics.genes import ENABLED
from evometa.genetics.genome import Genome
from evometa.genetics.genomes import Genomes
from evometa.genetics.topologies import Topologies

F64 = NDArray[np.float64]


class Extents(NamedTuple):
    """Extents of G genomes, f64[G]: nodes of the rule; synapses and hidden nodes of a network that evolves, else 0."""

    size: F64
    synapses: F64
    nodes: F64

    @classmethod
    def of(cls, genomes: Sequence[Genome]) -> Extents:
        """Return the extents of genomes."""
        if isinstance(genomes, Genomes):
            return cls(genomes.sizes.astype(np.float64), *_of_topologies(genomes))
        return cls(*(np.array([getattr(one, name) for one in genomes], np.float64) for name in cls._fields))

    def take(self, some: slice) -> Extents:
        """Return those of some genomes."""
        return Extents(*(each[some] for each in self))


def _of_topologies(genomes: Genomes) -> tuple[F64, F64]:
    """Return the enabled synapses and the hidden nodes of each topology that evolves, else 0."""
    own = genomes.topology
    if not isinstance(own, Topologies):
        nothing = np.zeros(len(genomes))
        return nothing, nothing
    enabled = np.concatenate([[0], np.cumsum((own.traits & ENABLED) > 0)])
    return np.diff(enabled[own.begins]).astype(np.float64), np.diff(own.node_begins).astype(np.float64)
