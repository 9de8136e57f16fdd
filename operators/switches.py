"""Which synapses learn, where that evolves on a network that does not: single ones and layers begin or cease to.

What does not learn keeps the weight that it is born with. In networks that evolve, genes say it; see `variation` and
`contexts`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evometa.genetics.genomes import Genomes
from evometa.lifetime import Graph
from evometa.seeding import Draws
from evometa.spec.arrays import I64, U8

from .genomes import CROSSOVER, Flags

SYNAPSE, LAYER = 1, 2  # kinds of mutation


@dataclass(frozen=True, eq=False)
class Switches:
    """Varies the chromosome `plastic`; an operator of populations (see genomes.py).

    A child of a crossover has each synapse from either parent. Of the mutations one flips a synapse, and one lets all
    of a group, the weights or the biases of a layer, learn where most of it does not, or else cease to.
    """

    def __call__(self, genomes: Genomes, first: I64, second: I64, kind: I64, rng: Draws) -> tuple[Genomes, Flags]:
        """Return children of whom other synapses learn."""
        graph, values = genomes.topology, genomes.plastic
        assert isinstance(graph, Graph)
        assert values is not None
        rows = values[first]
        crossed, flipped, layers = (np.flatnonzero(kind == one) for one in (CROSSOVER, SYNAPSE, LAYER))
        either = rng.arrays.random((len(crossed), graph.synapses)) < 0.5
        rows[crossed] = np.where(either, values[second[crossed]], rows[crossed])
        rows[flipped, drawn(graph.synapses, len(flipped), rng)] ^= 1
        kinds = np.unique(graph.group)
        for row, one in zip(layers.tolist(), drawn(len(kinds), len(layers), rng).tolist(), strict=True):
            rows[row] = turned(rows[row], graph.group == kinds[one])
        return genomes.take(first).replace(plastic=rows), (rows != values[first]).any(axis=1)


def drawn(count: int, n: int, rng: Draws) -> I64:
    """Draw n places below `count`."""
    return (rng.arrays.random(n) * count).astype(np.int64)


def turned(plastic: U8, those: Flags) -> U8:
    """Return u8[E] in which those synapses all learn if most of them did not, or else do not."""
    found = plastic.copy()
    found[those] = 2 * int(plastic[those].sum()) <= int(those.sum())
    return found


def first_plastic(plastic: U8, share: float, count: int, rng: Draws) -> U8:
    """Return which synapses of so many new genomes learn, u8[count, E]: those of `plastic`, each with a chance."""
    found: U8 = np.broadcast_to(plastic, (count, len(plastic)))
    return found if share == 1.0 else found & (rng.arrays.random(found.shape) < share)
