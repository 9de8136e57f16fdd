"""What a GPU keeps of lives whose head compares: regions beside those of other lives, and the rows of each."""

from __future__ import annotations

from typing import Any, NamedTuple, Self

import numpy as np

from evometa.lifetime.lanes import Lanes
from evometa.spec.arrays import I64
from evometa.spec.comparisons import COMPARISONS

REGIONS = ("OUTPUT", "QUERY_OUTPUT", "COUNTS", "NEAR", "PARTS", "TOTALS", "KEYS", "UNIT", "OUT_BAR", "KEY_BAR",
           "WEIGHTS", "FACTOR", "DUAL", "DUAL_BAR")  # fmt: skip
BARS = ("ANSWER_BAR", "WAY", "KEY_WAY", "NEAR_WAY", "Z_WAY", "G_BAR", "BENT", "U_BAR", "NORM_BAR",
        "DUAL_WAY", "KEY_BAR_WAY", "DUAL_BAR_WAY")  # fmt: skip
ERRORS = ("OUT_BAR", "KEY_BAR", "DUAL_BAR")  # which a life without errors has not
BY_CLASS = sum(1 << code for code, row in enumerate(COMPARISONS.values()) if row.keys == "class")
SOLVES = sum(1 << code for code, row in enumerate(COMPARISONS.values()) if row.solves)


class Comparing(NamedTuple):
    """How lives compare: classes, 0 where they do not; support examples; keys of classes; embeddings as they are.

    `solves`: keys are weights that are solved for.
    """

    ways: int = 0
    support: int = 0
    by_class: bool = False
    plain: bool = True
    solves: bool = False

    @classmethod
    def of(cls, lanes: Lanes) -> Self:
        """Return how these lives do it."""
        if not lanes.ways:
            return cls()
        by_class, solves = (bool(those >> lanes.comparison & 1) for those in (BY_CLASS, SOLVES))
        return cls(lanes.ways, lanes.support_x.shape[1], by_class, lanes.metric.plain, solves)

    def sizes(self, outputs: I64, batch: int, block: int) -> dict[str, I64]:
        """Return the rows of each of REGIONS and BARS, i64[G], of networks with so many `outputs` (i64[G]).

        `batch`, `block` as in `region_sizes` (shared_memory.py).
        """
        ways, streams, each = self.ways, max(batch, block), np.ones_like(outputs)
        keys, support = (ways, ways) if self.by_class else (batch, self.support)  # of an update, of a checkpoint
        attends, solves, most = not self.by_class, self.solves, max(batch, self.support)
        kept = self.support if solves else support
        rows: dict[str, Any] = {
            "OUTPUT": ways * batch, "QUERY_OUTPUT": ways * block, "COUNTS": 2 * ways, "OUT_BAR": ways * streams,
            "NEAR": max(keys * batch, support * block), "PARTS": attends * max(keys * batch, support * block),
            "TOTALS": attends * ways * streams, "KEYS": outputs * kept, "KEY_BAR": outputs * max(keys, support),
            "UNIT": (not self.plain) * outputs * streams,
            "ANSWER_BAR": 2 * ways * batch, "WAY": outputs * batch, "KEY_WAY": self.by_class * outputs * ways,
            "NEAR_WAY": keys * batch, "Z_WAY": attends * ways * batch, "G_BAR": keys * batch,
            "BENT": attends * keys * batch, "U_BAR": outputs * batch, "NORM_BAR": 2 * streams,
            "WEIGHTS": solves * outputs * ways, "FACTOR": solves * most * most, "DUAL": solves * most * ways,
            "DUAL_BAR": solves * most * ways, "DUAL_WAY": solves * batch * ways,
            "KEY_BAR_WAY": solves * outputs * ways, "DUAL_BAR_WAY": solves * batch * ways,
        }  # fmt: skip
        return {name: (ways > 0) * count * each for name, count in rows.items()}


ALONE = Comparing()
"""Lives that compare nothing."""
