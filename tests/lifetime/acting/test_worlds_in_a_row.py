"""Lives in worlds in a row: what rules read of them, and that learners go on where a world ends."""

from __future__ import annotations

import numpy as np
import pytest

from evometa.errors import ContractError
from evometa.language.acting import ORDERS, Order
from evometa.language.worlds.drawing import open_world
from evometa.language.worlds.in_a_row import Row
from evometa.language.worlds.world import World
from evometa.lifetime.numba.acting import cpu
from evometa.lifetime.reference_acting import act
from tests.lifetime.acting.learners import actor, dense, lives_in, plan_of, rule_of

WORLD = World("counting", observe=("1",), ticks=5, reward="tick", cut=3, id="0", ids=1,
              parameters={"own": "uniform(0, 1)"}, birth={"lasting": "own"})  # fmt: skip
ROW = open_world(WORLD, Row(4))


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    ("update", "expected"),
    [("novel", 4), ("0.125*task", 0.125 * 5 * (0 + 1 + 2 + 3)), ("select(novel, w0 - w, 1)", 4.0)],
)
def test_rules_read_where_a_world_begins_and_which_it_is(order: Order, update: str, expected: float) -> None:
    one = actor(rule_of({"update": update}), dense(1, 2), (), order)
    plan = plan_of(20, 5, 10, 15, task=5, keep_weights=True)
    late = {"novel": 0, "0.125*task": 0.375, "select(novel, w0 - w, 1)": 1}[update] if order == "next tick" else 0
    for live in (act, cpu.act):  # behind the last action of "next tick" there is one more update, in the last world
        found = live(one, lives_in(ROW, 2, 20), plan)
        assert found.weights is not None
        assert found.weights[0].tolist() == [expected + late] * 2


def test_the_modulator_reads_them_too() -> None:
    one = actor(rule_of({"update": "act*m", "modulator": "novel + 0.5*task"}), dense(1, 2), (), "same tick")
    plan = plan_of(20, 5, 10, 15, task=5, keep_weights=True)
    for live in (act, cpu.act):
        found = live(one, lives_in(ROW, 3, 20), plan)
        assert found.weights is not None
        assert found.weights[0].sum() == 4 + 0.5 * 5 * (0 + 1 + 2 + 3)


def test_each_world_has_a_clock_visits_and_trials_of_its_own() -> None:
    one = actor(rule_of({"update": "0*w"}), dense(1, 2), (), "same tick")
    found = act(one, lives_in(ROW, 3, 20), plan_of(20, 5, 10, 15, task=5))
    assert (found.measure("reward")[0] == 0 + 1 + 2 + 3 + 4).all()
    assert (found.measure("trials")[0] == 2).all(), "one of three moves, and one that its world cuts after two"
    assert found.measure("visited")[0].T.tolist() == [[1, 2, 3, 4]] * 3


def test_a_world_has_no_negative_length() -> None:
    one = actor(rule_of({"update": "0*w"}), dense(1, 2), (), "same tick")
    with pytest.raises(ContractError, match="a number of ticks of 0 or more"):
        act(one, lives_in(ROW, 3, 20), plan_of(20, task=-1))


def test_parameters_of_one_world_stand_in_the_place_of_the_first() -> None:
    drawn = np.arange(4, dtype=np.float32)[:, None]
    assert [ROW.alone(drawn, world)[0, 0] for world in range(4)] == [0, 1, 2, 3]
