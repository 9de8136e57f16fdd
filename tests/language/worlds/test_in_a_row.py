"""Worlds in a row: each part of such a life is a life in that world, bit for bit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.errors import InputError
from evometa.language.worlds.drawing import Place, open_world
from evometa.language.worlds.in_a_row import STATES, Row
from evometa.language.worlds.program import OVER
from evometa.language.worlds.world import Draw, World
from evometa.lifetime.reference_world import WorldLives
from evometa.tasks.worlds import find_world, stock_worlds
from tests.language.worlds.lives import chosen, drawn, same, stacked
from tests.language.worlds.test_worlds import worlds
from tests.properties import SAME, examples

pytestmark = SAME

LANES, WORLDS = 3, 3


def of_world(parameters: dict[str, Any], place: Place, number: int) -> dict[str, Any]:
    """Return the parameters that one world of a row has."""
    assert place.row is not None
    return {
        name: rows if name in place.row.same else rows[number * place.rows[name] : (number + 1) * place.rows[name]]
        for name, rows in parameters.items()
    }


def compared(place: Place, ticks: int, seed: int) -> None:
    """Live at random in a row, and in each of its worlds alone, by the same actions and noise."""
    alone, program = replace(place, row=None).program, place.program
    parameters, noise, rng = drawn(place, LANES, WORLDS * ticks, seed)
    row = WorldLives(program, stacked(parameters, LANES), noise[0])
    for number in range(WORLDS):
        one = WorldLives(alone, stacked(of_world(parameters, place, number), LANES), noise[number * ticks])
        for tick in range(ticks):
            at = number * ticks + tick
            x, legal, ids = row.show(at)
            own = one.show(tick)
            assert same(x, own[0])
            assert same(legal, own[1])
            if ids is not None:
                assert np.array_equal(ids, own[2] + number * alone.ids)
            assert same(row.states[: alone.states], one.states)
            action = chosen(rng, legal, alone.actions, LANES)
            given, told = row.step(action, noise[at + 1]).copy(), one.step(action, noise[at + 1]).copy()
            last = tick == ticks - 1
            assert same(given[:OVER], told[:OVER])
            assert same(given[OVER], np.ones(LANES) if last else told[OVER])
    assert program.states == alone.states + STATES
    assert program.ids == WORLDS * alone.ids


@examples(30)
@given(worlds(), st.integers(0, 2**16))
def test_each_part_of_a_life_is_a_life_in_its_own_world(place: Place, seed: int) -> None:
    short = open_world(replace(place.equations.world, ticks=4), Row(WORLDS))
    compared(short, 4, seed)


# of tic-tac-toe's two trees of boards the smaller: nothing but a table is other in the larger, which takes two minutes
@pytest.mark.parametrize("name", sorted(set(stock_worlds()) - {"tictactoe_boards"}))
def test_so_it_is_of_stock_worlds(name: str) -> None:
    compared(open_world(find_world(name, {"ticks": 12}), Row(WORLDS)), 12, 0)


def test_what_stays_is_the_same_in_all_worlds() -> None:
    place = open_world(find_world("rooms", {"ticks": 9}), Row(WORLDS, frozenset({"walls", "meaning"})))
    parameters = place.draw(LANES, np.random.default_rng(0))
    assert {name: len(rows) for name, rows in parameters.items()} == {
        "walls": 81, "meaning": 4, "begin": 2 * WORLDS, "targets": WORLDS, "ways": WORLDS,
    }  # fmt: skip
    walls = parameters["walls"]
    for world in range(WORLDS):
        begin = parameters["begin"][2 * world : 2 * world + 2].astype(int)
        assert not walls[9 * begin[0] + begin[1], range(LANES)].any(), "a start is no wall of what stays"
    assert len({tuple(rows) for rows in parameters["targets"]}) > 1
    compared(place, 9, 1)


def test_equations_of_what_stays_are_drawn_once() -> None:
    world = World("mine", observe=("one", "two"), parameters={"one": "uniform(0, 1)", "two": "one + uniform(0, 1)"})
    found = open_world(world, Row(WORLDS, frozenset({"one"}))).draw(2, np.random.default_rng(0))
    assert (len(found["one"]), len(found["two"])) == (1, WORLDS)
    assert len(np.unique(found["two"])) == 2 * WORLDS


def test_an_index_is_held_within_its_own_world() -> None:
    world = World("mine", observe=("lookup(given, index)",), parameters={"given": "uniform(0, 1, 3)"}, ticks=9,
                  birth={"index": 0}, tables={"ways": [0, 0.5, 2.999999, 99, -5, 1, 1, 1, 1]},
                  next={"index": "lookup(ways, tick + 1)"})  # fmt: skip
    compared(open_world(world, Row(WORLDS)), 9, 0)


@pytest.mark.parametrize(
    ("world", "row", "said"),
    [
        (World("mine", observe=(1,), parameters={"one": "uniform(0, 1)"}), Row(2, frozenset({"two"})), "parameters of"),
        (World("mine", observe=(1,), ticks=5_000_000), Row(3), "ticks in a life; found 15,000,000"),
        (World("mine", observe=(1,), id=0, ids=400_000), Row(3), "numbered states; found 1,200,000"),
    ],
)
def test_rows_that_cannot_be_are_refused(world: World, row: Row, said: str) -> None:
    with pytest.raises(InputError, match=said):
        open_world(world, row)


def test_a_function_that_does_not_keep_what_stays_is_told() -> None:
    def draw(given: Draw) -> dict[str, Any]:
        return {"one": given.rng.random(given.lanes)}

    place = open_world(World("mine", observe=("one",), draw=draw), Row(2, frozenset({"one"})))
    with pytest.raises(InputError, match="one as it is given"):
        place.draw(2, np.random.default_rng(0))
