"""The support set of a few-shot classifier: what is kept of the examples that queries are compared with."""

from __future__ import annotations

from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from evometa.lifetime import F32
from evometa.lifetime.reference_comparison import Comparison
from evometa.spec.arrays import I64

PAIRS = 1 << 20  # of queries and keys that are compared at a time (8 MiB for each float64 of a pair)


class Support(NamedTuple):
    """Embeddings `units f32[D, M]`, as they are compared, of `classes i64[M]`: of each class its sum, or each example.

    `counts i64[M]`: of how many examples each is the sum.
    """

    units: F32
    classes: I64
    counts: I64

    @classmethod
    def empty(cls, comparison: Comparison, depth: int, ways: int) -> Self:
        """Return one without an example, for so many classes."""
        places = np.arange(ways if comparison.sums else 0)
        return cls(np.zeros((depth, len(places)), np.float32), places, np.zeros_like(places))

    def renumbered(self, comparison: Comparison, places: I64, ways: int) -> Self:
        """Return the same where class k has become number `places[k]` of so many."""
        if not comparison.sums:
            return self._replace(classes=places[self.classes])
        found = self.empty(comparison, len(self.units), ways)
        found.units[:, places], found.counts[places] = self.units, self.counts
        return found

    def extended(self, comparison: Comparison, units: F32, classes: I64) -> Self:
        """Return it with further examples f32[D, B] of classes i64[B]; sums go on in the order of the examples."""
        if not comparison.sums:
            both = np.concatenate([self.units, units], axis=1), np.concatenate([self.classes, classes])
            return self._replace(units=both[0], classes=both[1], counts=np.ones_like(both[1]))
        sums, counts = self.units.copy(), self.counts.copy()
        np.add.at(sums.T, classes, units.T)
        np.add.at(counts, classes, 1)
        return self._replace(units=sums, counts=counts)

    def net_inputs(self, comparison: Comparison, units: F32, ways: int) -> F32:
        """Return the net inputs f32[A, Q] of so many classes, for queries f32[D, Q]."""
        if comparison.solves:
            members = np.equal.outer(np.arange(ways), self.classes)
            with np.errstate(all="ignore"):
                keys = comparison.keys(self.units[..., None], members.astype(np.float32)[..., None]).v[..., 0]
            return _in_blocks(comparison, units, keys, members)
        keys = self.units * (np.float32(1) / self.counts.astype(np.float32))
        if comparison.by_class:
            return _in_blocks(comparison, units, keys, np.equal.outer(np.arange(ways), self.classes))
        each = [keys[:, self.classes == k] for k in range(ways)]  # no class has a part in another's net input
        return np.concatenate([_in_blocks(comparison, units, own, np.ones((1, own.shape[1]))) for own in each])


def _in_blocks(comparison: Comparison, units: F32, keys: F32, members: NDArray[Any]) -> F32:
    """Return net inputs f32[A, Q] of queries f32[D, Q] and keys f32[D, M] of classes [A, M], some queries at a time."""
    step, found = max(1, PAIRS // max(1, keys.shape[1])), np.empty((len(members), units.shape[1]), np.float32)
    keys, members = keys[..., None], members.astype(np.float32)[..., None]
    with np.errstate(all="ignore"):
        for first in range(0, units.shape[1], step):
            some = units[:, first : first + step, None]
            found[:, first : first + step] = comparison.net_inputs(some, keys, members)[0][..., 0]
    return found
