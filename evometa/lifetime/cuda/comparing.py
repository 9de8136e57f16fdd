"""What a GPU keeps of lives whose head compares: regions beside those of other lives, and the rows of each."""

from __future__ import annotations

from typing import Any, NamedTuple, Self

import numpy as np

from evometa.lifetime.lanes import Lanes
from evometa.spec.arrays import I64
from evometa.spec.comparisons import COMPARISONS

REGIONS = ("OUTPUT", "QUERY_OUTPUT", "COUNTS", "NEAR", "PARTS", "TOTALS", "KEYS", "UNIT", "OUT_BAR", "KEY_BAR")
BARS = ("ANSWER_BAR", "WAY", "KEY_WAY", "NEAR_WAY", "Z_WAY", "G_BAR", "BENT", "U_BAR", "NORM_BAR")
ERRORS = ("OUT_BAR", "KEY_BAR")  # which a life without errors has not
BY_CLASS = sum(1 << code for code, row in enumerate(COMPARISONS.values()) if row.keys == "class")


class Comparing(NamedTuple):
    """How lives compare: classes, 0 where they do not; support examples; keys of classes; embeddings as they are."""

    ways: int = 0
    support: int = 0
    by_class: bool = False
    plain: bool = True

    @classmethod
    def of(cls, lanes: Lanes) -> Self:
        """Return how these lives do it."""
        if not lanes.ways:
            return cls()
        return cls(lanes.ways, lanes.support_x.shape[1], bool(BY_CLASS >> lanes.comparison & 1), lanes.metric.plain)

    def sizes(self, outputs: I64, batch: int, block: int) -> dict[str, I64]:
        """Return the rows of each of REGIONS and BARS, i64[G], of networks with so many `outputs` (i64[G]).

        `batch`, `block` as in `region_sizes` (shared_memory.py).
        """
        ways, streams, each = self.ways, max(batch, block), np.ones_like(outputs)
        keys, support = (ways, ways) if self.by_class else (batch, self.support)  # of an update, of a checkpoint
        attends = not self.by_class
        rows: dict[str, Any] = {
            "OUTPUT": ways * batch, "QUERY_OUTPUT": ways * block, "COUNTS": 2 * ways, "OUT_BAR": ways * streams,
            "NEAR": max(keys * batch, support * block), "PARTS": attends * max(keys * batch, support * block),
            "TOTALS": attends * ways * streams, "KEYS": outputs * support, "KEY_BAR": outputs * max(keys, support),
            "UNIT": (not self.plain) * outputs * streams,
            "ANSWER_BAR": 2 * ways * batch, "WAY": outputs * batch, "KEY_WAY": self.by_class * outputs * ways,
            "NEAR_WAY": keys * batch, "Z_WAY": attends * ways * batch, "G_BAR": keys * batch,
            "BENT": attends * keys * batch, "U_BAR": outputs * batch, "NORM_BAR": 2 * streams,
        }  # fmt: skip
        return {name: (ways > 0) * count * each for name, count in rows.items()}


ALONE = Comparing()
"""Lives that compare nothing."""
