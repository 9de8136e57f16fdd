"""What worlds cannot say: refused when they are read, with the equation's name, and what could be meant."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evometa.errors import FunctionFailed, InputError
from evometa.language.worlds import compiler
from evometa.language.worlds.drawing import Place, open_world
from evometa.language.worlds.world import Draw, World, read_world

SOUND: dict[str, Any] = {
    "observe": ("place", "table"), "noise": ("luck",), "start": {"place": 0}, "tables": {"table": [1, 2, 3]},
    "parameters": {"speed": "uniform(0, 1)", "many": "uniform(0, 1, 4)"}, "settings": {"size": 3},
    "let": {"ahead": "place + speed"}, "next": {"place": "ahead"},
}  # fmt: skip


def opened(**parts: Any) -> Place:
    """Open a sound world with some parts of its own."""
    own = {key: {**SOUND[key], **value} if isinstance(value, dict) and key in SOUND else value
           for key, value in parts.items()}  # fmt: skip
    return open_world(World(name="mine", **{**SOUND, **own}))


def test_it_is_sound_else() -> None:
    assert opened().program.parameters == 5


@pytest.mark.parametrize(
    ("parts", "where", "said"),
    [
        ({"reward": "plce"}, "reward", "Nearest: place"),
        ({"reward": "place +"}, "reward", "the end"),
        ({"reward": "lokup(table, 1)"}, "reward", "Nearest: lookup"),
        ({"reward": "uniform(0, 1)"}, "reward", "a function that stands for something here"),
        ({"reward": "lookup(place + 1, 1)"}, "reward", "a name, of which"),
        ({"reward": "lookup(table)"}, "reward", "1 argument"),
        ({"reward": "lookup(table, 3)"}, "reward", "an index from 0 to 2 of table"),
        ({"reward": "lookup(table, -1)"}, "reward", "an index from 0 to 2 of table"),
        ({"reward": "lookup(many, 4)"}, "reward", "an index from 0 to 3 of many"),
        ({"reward": "lookup(ahead, action)"}, "reward", "Make ahead a state"),
        ({"reward": "table"}, "reward", "one row"),
        ({"reward": "sum(table*many)"}, "reward", "arguments of mul with 1 or 4 rows"),
        ({"reward": "sum(rows(place))"}, "reward", "what is no constant"),
        ({"reward": "sum(rows(0.5))"}, "reward", "a whole number"),
        ({"reward": "next(speed)"}, "reward", "a state (place)"),
        ({"reward": "next"}, "reward", "an opening parenthesis"),
        ({"reward": "place > 5"}, "reward", "Write less(5, place)."),
        ({"reward": "speed*place <= 5"}, "reward", "Write not(less(5, place))."),
        ({"reward": "sum(many) < speed"}, "reward", "Write less(sum(many), speed)."),
        ({"reward": "place == -1"}, "reward", "Write equal(place, -1)."),
        ({"reward": "place != 2"}, "reward", "Write not(equal(place, 2))."),
        ({"reward": "place and speed"}, "reward", "Write place*speed."),
        ({"reward": "not place"}, "reward", "Write not(place)."),
        ({"reward": "place or speed"}, "reward", "Write max(place, speed)."),
        ({"reward": "place || speed"}, "reward", "Write max(place, speed)."),
        ({"reward": "place/speed"}, "reward", "Write div(place, speed)."),
        ({"reward": "place**2"}, "reward", "Write square(place), or products."),
        ({"reward": "2 if place else 1"}, "reward", "Write select(place, 2, otherwise)."),
        ({"reward": "many[1]"}, "reward", "Write lookup(many, 1)."),
        ({"reward": "True"}, "reward", "Write 1."),
        ({"reward": "place $ 1"}, "reward", "one of + - * ( ) ,; found '$'."),
        ({"reward": "nan"}, "reward", "a name that is known here"),
        ({"let": {"one": "two + 1", "two": "one"}}, "let.one", "a loop: let.one → let.two → let.one"),
        ({"start": {"other": 0}, "next": {"other": "next(place)", "place": "next(other)"}}, "next.", "a loop"),
        ({"let": {"self": "self + 1"}}, "let.self", "a loop"),
        ({"observe": ("action",)}, "observe.0", "a name that is known here"),
        ({"let": {"late": "luck"}, "observe": ("late",)}, "observe.0", "what depends on luck"),
        ({"let": {"late": "next(place)"}, "next": {"place": "action"}, "observe": ("late",)}, "observe.0", "action"),
        ({"afterstates": True}, "observe", "a row that depends on action"),
        ({"afterstates": True, "let": {"late": "luck"}, "observe": ("action", "late")}, "observe.1", "depends on luck"),
        ({"id": "luck", "ids": 3}, "id", "a name that is known here"),
        ({"id": "place"}, "ids", "a whole number from 1"),
        ({"legal": "rows(3)"}, "legal", "a row for each of 2 actions"),
        ({"actions": "size*0.5"}, "actions", "a whole number from 1"),
        ({"start": {"place": "place + 1"}}, "start.place", "a name that is known here"),
        ({"start": {"place": "ahead"}}, "start.place", "a name that is known here"),
        ({"next": {"place": "rows(3)"}}, "next.place", "1 rows, as place begins with"),
        ({"next": {"plce": "1"}}, "next", "a state of birth or start"),
        ({"parameters": {"late": "uniform(0, place)"}}, "parameters.late", "a name that is known here"),
        ({"parameters": {"late": "log(0)*1e38"}}, "parameters.late", "finite numbers"),
        ({"parameters": {"late": "integer(3, 2)"}}, "parameters.late", "low ≤ high"),
        ({"parameters": {"late": "integer(0, 1e30)"}}, "parameters.late", "whole numbers from -16777216"),
        ({"parameters": {"late": "integer(0.5, 2)"}}, "parameters.late", "whole numbers from -16777216"),
        ({"parameters": {"late": "uniform(0, rows(3))"}}, "parameters.late", "one row as high of uniform"),
        ({"parameters": {"late": "normal(many, 1)"}}, "parameters.late", "one row as mean of normal"),
        ({"birth": {"base": "rows(3)"}, "start": {"place": "lookup(base, trial)"}}, "start.place",
         "Write sum(equal(index, rows(n))*base)."),
        ({"parameters": {"late": "permutation(speed)"}}, "parameters.late", "what is no constant"),
        ({"tables": {"table": [1, float("inf")]}}, "tables.table", "finite numbers"),
        ({"tables": {"long": np.zeros(9000)}, "reward": "sum(long)"}, "reward", "Write lookup(long, …)"),
        ({"let": {"place": "1"}}, "let", "a name of its own"),
        ({"let": {"tick": "1"}}, "let", "a name that every world has"),
        ({"let": {"sum": "1"}}, "let", "a function"),
        ({"let": {"A": "1"}}, "let", "small letters"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_name(parts: dict[str, Any], where: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        opened(**parts)
    assert "world mine" in caught.value.where
    assert where in caught.value.where
    assert said in str(caught.value)


def test_what_nothing_is_wrong_with_keeps_its_own_words() -> None:
    with pytest.raises(InputError) as caught:
        opened(reward="place $ 1")
    assert caught.value.remedy == ""


def test_a_definition_may_stand_on_hundreds_of_others() -> None:
    chain = {f"d{k}": f"d{k + 1} + 1" for k in range(1500)}
    assert opened(let={**chain, "d1500": "place"}, reward="d0").program.step[0] >= 0
    with pytest.raises(InputError, match=r"a loop: let\.d0 → let\.d1 → "):
        opened(let={**chain, "d1500": "d0"})


def test_settings_may_have_any_name() -> None:
    world = World(name="mine", observe=("self",), settings={"self": 1})
    assert world.with_settings(**{"self": 2.0}).settings == {"self": 2.0}


def test_every_world_has_its_ticks_as_a_setting() -> None:
    world = World(name="mine", observe=("size",), settings={"size": 1}, ticks="10*size")
    assert open_world(world).program.ticks == 10
    assert open_world(world.with_settings(ticks=7)).program.ticks == 7
    with pytest.raises(InputError, match="a finite number"):
        world.with_settings(ticks=float("inf"))
    with pytest.raises(InputError, match=r"ticks: expected a whole number from 1"):
        open_world(world.with_settings(ticks=0.5))


@pytest.mark.parametrize(
    ("draw", "said"),
    [
        (lambda draw: None, "parameters by name"),
        (lambda draw: {"own": np.zeros((2, draw.lanes + 1))}, "own[rows, 2]"),
        (lambda draw: {"own": np.full(draw.lanes, np.nan)}, "finite numbers in own"),
    ],
)
def test_what_a_function_draws_is_checked(draw: Any, said: str) -> None:
    with pytest.raises(InputError) as caught:
        opened(draw=draw)
    assert said in str(caught.value)


def test_what_a_function_draws_stays_of_one_shape() -> None:
    def draw(given: Draw) -> dict[str, Any]:
        return {"own": given.rng.random((2 if given.lanes == 2 else 3, given.lanes))}

    place = opened(draw=draw, reward="sum(own)")
    with pytest.raises(InputError, match="rows as at first"):
        place.draw(4, np.random.default_rng(0))


def lost(given: Any) -> Any:
    raise KeyError("nowhere")


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"draw": lost}, f"world mine, draw = {__name__}:lost: expected parameters by name; found KeyError: 'nowhere'"),
        (
            {"tables": {"table": lost}},
            f"world mine, tables.table = {__name__}:lost: expected a list of numbers; found KeyError: 'nowhere' (",
        ),
        ({"draw": lambda draw: {"own": ["one", "two"]}}, "world mine, draw: expected numbers as own; found list"),
        ({"tables": {"table": lambda settings: [[1], [1, 2]]}}, "world mine, tables.table: expected numbers as table;"),
    ],
)
def test_functions_of_a_world_that_raise_are_named(parts: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as caught:
        opened(**parts)
    assert str(caught.value).startswith(said)


def test_one_that_raises_later_is_a_function_that_failed() -> None:
    place = opened(draw=lambda given: lost(given) if given.lanes > 2 else {"own": np.zeros(given.lanes)}, reward="own")
    with pytest.raises(FunctionFailed, match=r"draw = .*<lambda>: expected parameters by name; found KeyError"):
        place.draw(4, np.random.default_rng(0))


def test_a_world_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiler, "MOST_CODE", 20)
    with pytest.raises(InputError, match="at most 20 instructions"):
        opened(reward="sum(place*rows(30))")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"observe": True}, "an equation or a number"),
        ({"observe": 1, "cut": []}, "an equation"),
        ({"observe": 1, "about": 1}, "a text"),
    ],
)
def test_tables_are_checked(table: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_world("mine", table)
