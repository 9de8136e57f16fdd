"""Worlds that give what is not finite are told apart from learners that diverge."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from evometa.language.worlds.drawing import open_world
from evometa.language.worlds.world import World
from evometa.lifetime import DIVERGED, OK
from evometa.lifetime.acting import FAULTY, Lives
from evometa.lifetime.reference_acting import act
from tests.lifetime.acting.learners import F, actor, dense, lives_in, place, plan_of, rule_of
from tests.properties import SAME

pytestmark = SAME

BROKEN: dict[str, dict[str, Any]] = {
    "observe": {"observe": ("place", "wrong")},
    "end": {"end": "wrong"},
    "cut": {"cut": "wrong"},
    "legal": {"legal": "rows(2) + wrong"},
    "id": {"id": "wrong", "ids": 3},
    "worth": {"worth": "wrong"},
    "best": {"best": "wrong"},
    "tally": {"tally": "wrong"},
}


def broken(part: str, what: str, ticks: int = 5) -> Lives:
    """Lives in a world that has a part which is not finite from the third tick on, in the second of three lanes."""
    world = World("broken", **{"observe": ("place", 1), "start": {"place": 1}, "parameters": {"growth": "rows(1)"},
                               "let": {"wrong": f"select(growth*tick - 1.5, {what}, 1)"}, **BROKEN[part]})  # fmt: skip
    return replace(lives_in(open_world(world), 3, ticks), parameters=np.array([[0, 1, 0]], F))


@pytest.mark.parametrize("what", ["1e30*1e30", "1e30*1e30 - 1e30*1e30"])
@pytest.mark.parametrize("part", BROKEN)
def test_whatever_a_world_gives_has_to_be_finite(part: str, what: str) -> None:
    own = actor(rule_of({"update": "0*w"}), dense(2, 2), (), "next tick")
    assert act(own, broken(part, what), plan_of(5)).status.tolist() == [[OK, FAULTY, OK]]
    assert act(own, broken(part, what, 1), plan_of(1)).status.tolist() == [[OK, OK, OK]]


def test_what_goes_wrong_is_told_apart() -> None:
    world = World("bad", observe=("place",), start={"place": 1}, next={"place": "place*1e20"})
    sound, wild = rule_of({"update": "0*w"}), rule_of({"update": "div(w, w)"})
    growing, steady = lives_in(open_world(world), 2, 4), lives_in(place("bandit"), 2, 4)
    for rule, lives, expected in ((sound, growing, FAULTY), (wild, growing, FAULTY), (wild, steady, DIVERGED),
                                  (sound, steady, OK)):  # fmt: skip
        own = actor(rule, dense(1, lives.world.actions), (), "same tick")
        assert (act(own, lives, plan_of(4)).status == expected).all()
