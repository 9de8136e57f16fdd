"""Lives as sequences: each checkpoint has queries of its own, the example of its tick before the target is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evometa.lifetime import Births, Plan, Tasks, in_all_lanes, reference
from evometa.lifetime.numba import cpu
from evometa.lifetime.reference import Learner
from tests.lifetime.strategies import random_batch
from tests.lifetime.test_parity import same_bits

TICKS = 4


def as_sequence(seed: int) -> tuple:  # type: ignore[type-arg]
    """Return a batch whose examples are ticks; each is asked, too, when its turn comes."""
    phenotypes, tasks, births, plan = random_batch(seed)
    rng, lanes = np.random.default_rng(seed), tasks.lanes
    x = rng.standard_normal((TICKS, tasks.support_x.shape[1], lanes)).astype(np.float32)
    y = np.repeat(tasks.query_y[:1], TICKS, axis=0)
    ticks = np.arange(TICKS, dtype=np.int32)
    plan = Plan(in_all_lanes(ticks[:, None], lanes), ticks, plan.head, plan.credit, plan.bound, keep_weights=True,
                asked=np.stack([ticks, ticks + 1], axis=1))  # fmt: skip
    return phenotypes, Tasks(x, y, x, y), births, plan


@pytest.mark.parametrize("seed", range(12))
def test_a_tick_is_answered_before_its_target_is_known(seed: int) -> None:
    """The score of tick u is that of what update u answers, before it learns of the target."""
    batch = as_sequence(seed)
    found = reference.live(*batch)
    for g in range(len(batch[0])):
        learner = Learner(batch[0], g, *batch[1:])
        for tick in range(TICKS):
            with np.errstate(all="ignore"):
                learner.learn(tick)
                learner.score()
            assert same_bits(np.ascontiguousarray(found.scores[:, g, tick]), learner.scores)


@pytest.mark.parametrize("seed", range(6))
def test_all_queries_of_each_checkpoint_are_what_nobody_need_name(seed: int) -> None:
    phenotypes, tasks, births, plan = random_batch(seed)
    plan = replace(plan, asked=None)
    named = replace(plan, asked=plan.asked_of(len(tasks.query_x)))
    for live in (reference.live, cpu.live):
        scores = live(phenotypes, tasks, births, plan).scores
        assert same_bits(live(phenotypes, tasks, births, named).scores, scores)


def test_a_plan_that_can_no_longer_change_is_not_cut_with_queries_of_another() -> None:
    phenotypes, tasks, births, plan = as_sequence(3)
    for part in (*vars(tasks).values(), plan.order, plan.checkpoints):
        part.flags.writeable = False
    scores = [cpu.live(phenotypes, tasks, Births(births.weights), each).scores
              for each in (plan, replace(plan, asked=None), plan)]  # fmt: skip
    assert same_bits(scores[0], scores[2])
    assert not same_bits(scores[0], scores[1])
