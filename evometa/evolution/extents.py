"""How large genomes are: what they may be judged by besides their lives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evometa.genetics.genome import Genome

F64 = NDArray[np.float64]


class Extents(NamedTuple):
    """Extents of G genomes, f64[G]: nodes of the rule; synapses and hidden nodes of a network that evolves, else 0."""

    size: F64
    synapses: F64
    nodes: F64

    @classmethod
    def of(cls, genomes: Sequence[Genome]) -> Extents:
        """Return the extents of genomes."""
        return cls(*(np.array([getattr(one, name) for one in genomes], np.float64) for name in cls._fields))

    def take(self, some: slice) -> Extents:
        """Return those of some genomes."""
        return Extents(*(each[some] for each in self))
