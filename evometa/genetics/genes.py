"""The genes of topologies as compiled functions take them: names of arrays and bits, nothing else."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evometa.spec.arrays import F32, U8

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

ENABLED, PLASTIC = 1, 2  # bits of a gene's traits


class Genes(NamedTuple):
    """The fields of `Topologies` (evometa.genetics.topologies)."""

    inputs: int
    outputs: int
    begins: I64
    mark: I64
    source: I64
    target: I64
    weight: F32
    plasticity: F32
    traits: U8
    node_begins: I64
    node: I64
    place: F64
    activation: U8
