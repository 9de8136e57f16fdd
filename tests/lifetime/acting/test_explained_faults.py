"""Whatever a world gives that is not finite is told by its equation and its tick."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from evometa.language.acting import ORDERS
from evometa.language.worlds.drawing import open_world
from evometa.language.worlds.in_a_row import Row
from evometa.language.worlds.world import World
from evometa.lifetime.acting import FAULTY
from evometa.lifetime.acting_faults import explained
from evometa.lifetime.reference_acting import act
from tests.lifetime.acting.learners import F, actor, dense, lives_in, plan_of, rule_of
from tests.lifetime.acting.test_faults import BROKEN
from tests.properties import SAME

pytestmark = SAME
STILL = rule_of({"update": "0*w"})
NAMES = {"observe": "observe.1"}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("part", BROKEN)
def test_the_equation_and_the_tick_are_named(part: str, order: Any) -> None:
    """It goes wrong where an action has been chosen, not before: from the third tick on, in lane 1 alone."""
    wrong = {"wrong": "select(growth*tick - 1.5, 1e30*1e30, 1)"}
    world = World("broken", **{"observe": ("place", 1), "start": {"place": 1}, "parameters": {"growth": "rows(1)"},
                               "let": wrong, **BROKEN[part]})  # fmt: skip
    place = open_world(world)
    lives = replace(lives_in(place, 3, 5), parameters=np.array([[0, 1, 0]], F))
    batch = actor(STILL, dense(2, 2), (), order), lives, plan_of(5)
    assert explained(place, *batch, 0, 0) == ""
    said = explained(place, *batch, 0, 1)
    assert said.startswith("world broken, in tick 2: let.wrong is inf")
    assert f"{NAMES.get(part, part)} is inf" in said
    assert act(*batch).status.tolist() == [[0, FAULTY, 0]]


def test_states_are_named_where_they_change_or_begin() -> None:
    def said(**parts: Any) -> str:
        world = World("mine", **{"observe": ("place",), "start": {"place": "1"}, "end": "tick - 1.5", **parts})
        place = open_world(world)
        return explained(place, actor(STILL, dense(1, 2), (), "same tick"), lives_in(place, 2, 5), plan_of(5), 0, 1)

    assert said() == ""
    assert said(next={"place": "place*1e20"}) == "world mine, in tick 1: next.place is inf"
    assert said(birth={"lasting": "0"}, next={"lasting": "lasting + select(tick, 1e38, 0)*tick*2"}) == (
        "world mine, in tick 2: next.lasting is inf"
    )
    assert said(start={"place": "trial*1e30*1e30"}) == "world mine, in tick 2: start.place is inf"
    assert (
        said(noise=("luck",), birth={"lasting": "(luck + 1)*1e30*1e30"}) == "world mine, at birth: birth.lasting is inf"
    )


def test_of_worlds_in_a_row_that_one_is_asked_which_went_wrong() -> None:
    world = World("mine", observe=(1,), ticks=5, parameters={"same": "uniform(0, 1)", "other": "uniform(0, 1)"},
                  start={"count": "same"}, next={"count": "count + 1"},
                  reward="select(equal(tick, 2)*other, 1e30*1e30, 0)")  # fmt: skip
    own = open_world(world, Row(3, frozenset({"same"})))
    lives = replace(lives_in(own, 1, 15), parameters=np.array([[0.5], [0], [1], [0]], np.float32))
    still = actor(rule_of({"update": "0*w"}), dense(1, 2), (), "same tick")
    assert explained(own, still, lives, plan_of(15), 0, 0) == "world mine, in tick 7: reward is inf"
