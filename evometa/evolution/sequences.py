"""Lives as sequences: what they are asked at each tick, and what a whole sequence comes to.

At birth, the first checkpoint, all queries are asked, of a learner that has met nothing; then each at its own tick, by
one that has met those before it. What counts as after learning is the mean over all queries, each at its tick.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evometa.lifetime import F32, Outcomes, Plan, in_all_lanes
from evometa.lifetime.acting import ActingPlan
from evometa.lifetime.searches import SearchPlan


def in_ticks(plan: Plan, ticks: int, queries: int) -> Plan:
    """Return a plan of so many ticks in their order, the last of which are the queries."""
    order = in_all_lanes(np.arange(ticks, dtype=np.int32)[:, None], plan.order.shape[2])
    numbers = np.arange(queries, dtype=np.int32)
    asked = np.concatenate([[[0, queries]], np.stack([numbers, numbers + 1], axis=1)]).astype(np.int32)
    checkpoints = np.concatenate([[0], ticks - queries + numbers]).astype(np.int32)
    return replace(plan, order=order, checkpoints=checkpoints, asked=asked, length=ticks)


def judged(plan: Plan, outcomes: Outcomes) -> Outcomes:
    """Return outcomes of sequences with the mean over all queries as one more checkpoint; others as they are."""
    if plan.asked is None:
        return outcomes
    scores = np.concatenate([outcomes.scores, mean(plan, outcomes.scores)], axis=2)
    opened = outcomes.opened
    if opened is not None:
        opened = np.concatenate([opened, mean(plan, opened)], axis=1)
    return replace(outcomes, scores=scores, opened=opened)


def mean(plan: Plan, values: F32) -> F32:
    """Return the mean over all queries of sequences, f32[…, 1, L], of numbers at the checkpoints, f32[…, C, L]."""
    total = np.zeros_like(values[..., :1, :])
    for c, share in enumerate(shares(plan)):
        if share:
            total = total + values[..., c : c + 1, :] * share
    return total


def shares(plan: Plan) -> F32:
    """Return what each checkpoint counts, f32[C], 1 together: each query alike, 0 at birth.

    Of tasks in a row those of the later half count, and none that is met again.
    """
    assert plan.asked is not None
    first, end = plan.asked.T
    counts = (end - first).astype(np.float32)
    counts[0] = 0.0
    if plan.task:
        counts[(first < np.maximum.accumulate(first)) | (first < first.max() // 2)] = 0.0
    return counts / counts.sum(dtype=np.float32)


def end_of(plan: Plan | ActingPlan | SearchPlan) -> int:
    """Return which checkpoint of the outcomes judged is that after learning."""
    return (
        -1
        if isinstance(plan, ActingPlan | SearchPlan) or plan.asked is not None
        else plan.checkpoints.tolist().index(plan.length)
    )
