"""Innate answers: learners that are born alike give the same ones, so one of them is asked for all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evometa.lifetime import NONE, Metric, Phenotypes
from evometa.lifetime.columns import STATES
from evometa.spec.states import GATE

if TYPE_CHECKING:
    from evometa.lifetime.lanes import Lanes
    from evometa.lifetime.numba.cpu import Results
    from evometa.lifetime.packing import Packed
    from evometa.spec.arrays import I64


def alike_at_birth(phenotypes: Phenotypes, packed: Packed, metric: Metric) -> tuple[I64, I64]:
    """Return a learner of each kind of birth, i64[kinds], and the kind of each learner, i64[G].

    Weights that are drawn follow the graph, and so do gates, where there are any; innate weights are a learner's own,
    and so is a metric that is made of coefficients.
    """
    gated = packed.genomes[:, STATES] >> GATE & 1
    drawn, others = phenotypes.innate == NONE, 2 * len(phenotypes.graphs) + np.arange(len(phenotypes))
    if any(place != NONE for place in metric.by):
        return np.arange(len(phenotypes)), np.arange(len(phenotypes))
    kinds = np.where(drawn, 2 * phenotypes.graph + gated, others)
    _, first, kind = np.unique(kinds, return_index=True, return_inverse=True)
    return first, kind


def apart(lanes: Lanes) -> tuple[Lanes, Lanes]:
    """Return the lanes with what is asked at birth, the first checkpoint, and with what is asked later."""
    points, asked = lanes.checkpoints, lanes.asked
    return lanes._replace(checkpoints=points[:1], asked=asked[:1]), lanes._replace(
        checkpoints=points[1:], asked=asked[1:]
    )


def joined(innate: Results, kind: I64, later: Results) -> Results:
    """Return the results of all checkpoints: at birth those of the learner's kind, of which one was asked."""
    return later._replace(
        scores=np.concatenate([innate.scores[:, kind], later.scores], axis=2),
        status=innate.status[kind] | later.status,
        opened=np.concatenate([innate.opened[kind], later.opened], axis=1) if len(later.opened) else later.opened,
    )
