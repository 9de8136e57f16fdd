"""Crossover in which what lies side by side is inherited together: synapses, crossed at one point."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from evometa.genetics.genomes import Genomes
from evometa.seeding import Draws
from evometa.spec.arrays import F32, I64

from .genomes import Flags


@dataclass(frozen=True, eq=False)
class OnePoint:
    """Crosses the arrays `chromosomes`, whose last axis is that of the synapses, at the same place (Holland 1975).

    Synapses before it come from the first parent, with all that is theirs, the others from the second.
    """

    chromosomes: Sequence[str]

    def __call__(self, genomes: Genomes, first: I64, second: I64, kind: I64, rng: Draws) -> tuple[Genomes, Flags]:
        """Return children of two genomes each."""
        arrays = {name: getattr(genomes, name) for name in self.chromosomes}
        count = max(each.shape[-1] for each in arrays.values())
        cuts = rng.arrays.integers(1, max(count, 2), len(first))
        before = np.arange(count) < cuts[:, None]
        children, new = genomes.take(first), {}
        moments = children.moments
        changed = np.zeros(len(first), bool)
        for name, values in arrays.items():
            own, mine = values[first], before.reshape(len(first), *[1] * (values.ndim - 2), count)
            new[name] = np.where(mine, own, values[second])
            changed |= (new[name] != own).reshape(len(first), -1).any(axis=1)
            if moments is not None and genomes.moments is not None and hasattr(moments, name):
                flat = np.broadcast_to(mine, own.shape).reshape(len(first), -1)
                theirs, rows = genomes.moments.take(second), np.arange(len(first))
                moments = moments.mixed(theirs, rows, name, _mixing(flat))
        return children.replace(**new, moments=moments), changed


def _mixing(before: Flags) -> Callable[[F32, F32], F32]:
    """Return what takes numbers of one where it is told to, bool[n, N], and else of the other."""
    return lambda one, other: np.where(before, one, other)
