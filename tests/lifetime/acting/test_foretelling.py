"""What learners are born to hope for, and what their predicting outputs say of what is seen next."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evometa.language.worlds.drawing import open_world
from evometa.language.worlds.world import World
from evometa.lifetime import FIXED
from evometa.lifetime.reference_acting import act
from tests.lifetime.acting.learners import F, actor, dense, lives_in, plan_of, rule_of
from tests.properties import SAME

pytestmark = SAME

ROUND = World("round", observe=("equal(place, rows(3))",), start={"place": 0}, next={"place": "mod(place + 1, 3)"},
              cut=40)  # fmt: skip


def test_predicting_outputs_say_what_is_seen_next() -> None:
    """Places follow each other in a round: what is learned of each is the next one, and nothing surprises then."""
    graph, projection = dense(3, 2 + 3), np.eye(3, dtype=F)
    rule = {"update": "0 - c0*err*s1", "s1": "pre", "modulator": "0", "m1": "m1 + surprise", "m2": "surprise"}
    own = actor(rule_of(rule), graph, (0.5,), "next tick")
    plan = plan_of(80, policy="greedy", projection=projection, keep_weights=True)
    found = act(own, lives_in(open_world(ROUND), 1, 80), plan)
    assert found.weights is not None
    assert np.allclose(found.weights[0].reshape(5, 3)[2:], np.roll(np.eye(3), 1, axis=0), atol=1e-3)


@pytest.mark.parametrize(("trial", "expected"), [(40, 5 / 3), (2, 2 / 3)])
def test_surprise_is_of_what_is_seen_now_and_none_at_a_start(trial: int, expected: float) -> None:
    """It foretells nothing: a third for each step in a trial; the intrinsic reward of it is all that there is."""
    world = replace(ROUND, cut=trial)
    rule = {"intrinsic": "surprise", "s2": "s2 + reward", "update": "s2 - w"}
    own = actor(rule_of(rule), dense(3, 5, bias=True), (), "same tick")
    plan = plan_of(6 if trial == 40 else 5, projection=np.eye(3, dtype=F), keep_weights=True)
    # what it foretells would change with its weights: no reward of it goes into those of the outputs that foretell
    still = replace(own.phenotypes.graphs[0], traits=np.repeat([0, FIXED], [8, 12]).astype(np.uint8))
    own = actor(rule_of(rule), still, (), "same tick")
    found = act(own, lives_in(open_world(world), 1, plan.ticks), plan)
    assert found.weights is not None
    assert found.weights[0][0] == pytest.approx(expected, rel=1e-6)


def test_optimism_is_what_actions_are_born_to_be_worth_whether_there_is_a_constant_or_not() -> None:
    """Greedy, and nobody learns: `value` is what is hoped, of one input of 1 at a time, beside the constant or not."""
    world = open_world(ROUND)
    rule = rule_of({"update": "value - w"})
    for bias in (False, True):
        one = actor(rule, dense(3, 2, bias=bias), (), "same tick", optimism=0.5)
        found = act(one, lives_in(world, 1, 1), plan_of(1, policy="greedy", keep_weights=True))
        assert found.weights is not None
        assert (found.weights[0] == 0.5).all(), bias
    constant = replace(dense(1, 2), src=np.array([1, 1], np.int32))
    alone, blind = actor(rule, constant, (), "same tick", optimism=0.5), open_world(World("blind", observe=(1,)))
    found = act(alone, lives_in(blind, 1, 1), plan_of(1, policy="greedy", keep_weights=True))
    assert found.weights is not None
    assert (found.weights[0] == 0.5).all()
