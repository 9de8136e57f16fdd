"""Worlds of all sorts: compiled and by the trees they are the same, bit for bit; what is printed is read again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from evometa.language.numbering import LOOKUP
from evometa.language.worlds.drawing import Place, open_world
from evometa.language.worlds.equations import equations_of
from evometa.language.worlds.interpreter import Interpreter
from evometa.language.worlds.world import World
from evometa.lifetime.reference_world import WorldLives
from tests.language.worlds.lives import interpreted, lived, same
from tests.properties import SAME, examples

pytestmark = SAME

TABLE = [0.5, -1.0, 3.0, 2.0, -0.0]
UNARY = ("neg", "abs", "sign", "square", "sqrtabs", "exp", "log", "tanh", "relu", "step", "sin", "cos", "floor", "not",
         "nearest", "sum", "largest", "first", "running")  # fmt: skip
BINARY = ("add", "sub", "mul", "aq", "div", "min", "max", "equal", "less", "mod")


@st.composite
def equation(draw: Any, names: tuple[str, ...], depth: int, named: tuple[str, ...]) -> str:
    """Return the text of a random equation; all names have three rows, or one."""
    if depth == 0 or draw(st.booleans()):
        number = st.sampled_from(["0", "1", "-2", "0.25", "3", "1e30", "rows(3)"])
        return str(draw(st.sampled_from(names) | number))
    below = equation(names, depth - 1, named)
    kind = draw(st.integers(0, 4))
    if kind == 0:
        return f"{draw(st.sampled_from(UNARY))}({draw(below)})"
    if kind == 1:
        return f"select({draw(below)}, {draw(below)}, {draw(below)})"
    if kind == 2:
        return f"lookup({draw(st.sampled_from(named))}, abs(0*rows(3) + luck)*{draw(below)})"
    return f"{draw(st.sampled_from(BINARY))}({draw(below)}, {draw(below)})"


@st.composite
def worlds(draw: Any) -> Place:
    """Return a random world."""
    kept, tables = ("tick", "trial", "move", "one", "three", "given", "lasting"), ("constants", "three", "given")
    names = (*kept, "action", "luck", "chance", "twice")

    def text(names: tuple[str, ...], depth: int = 3) -> str:
        return str(draw(equation(names, depth, tables if "luck" in names else ("given",))).replace("luck", "luck"))

    def row(text: str) -> str:
        return f"sum({text})"

    shown = draw(equation(kept, 3, ("given",))).replace("luck", "one")
    world = World(
        "random", observe=(shown,), actions=3, cut=draw(st.sampled_from(["", 2, "2 + one"])), noise=("luck", "chance"),
        reward=row(text(names)), end=row(text(names, 1)), worth=row(text(names)), best=row(text(names)),
        tally=row(text(names)), id="abs(one)", ids=7, tables={"constants": TABLE},
        parameters={"given": "uniform(-2, 4, 3)"}, birth={"lasting": "lookup(given, 3*luck)"},
        start={"one": "trial + luck", "three": "rows(3) - given"}, let={"twice": text(names[:-1])},
        next={"one": row(text(names)), "three": text(names) + " + 0*rows(3)", "lasting": "lasting + next(one)"},
    )  # fmt: skip
    return open_world(world)


@examples(60)
@given(worlds(), st.integers(0, 2**16))
def test_compiled_worlds_are_those_of_the_trees(place: Place, seed: int) -> None:
    course = lived(place, 3, 4, seed)
    again = interpreted(place, course)
    for kept in ("seen", "states", "given", "trials", "moves"):
        assert same(getattr(course, kept), getattr(again, kept)), kept


@examples(20)
@given(worlds())
def test_what_is_printed_is_read_again(place: Place) -> None:
    trees, world = place.equations.trees, place.equations.world
    again = equations_of(replace(
        world, observe=(str(trees["observe.0"]),),
        **{part: str(trees[part]) for part in ("reward", "end", "worth", "best", "tally")},
        next={name: str(trees[f"next.{name}"]) for name in world.next},
    ))  # fmt: skip
    assert again.trees == trees
    assert again.printed() == place.equations.printed()


def one_state(**parts: Any) -> Place:
    """Return a world with a state that counts the steps, if nothing else is said."""
    return open_world(World(**{"name": "mine", "observe": ("count",), "start": {"count": 0},
                               "next": {"count": "count + 1"}, **parts}))  # fmt: skip


def test_an_index_is_held_within_the_rows() -> None:
    rows = "lookup(constants, index)"
    place = one_state(tables={"constants": [5, 6, 7]}, birth={"index": 0}, reward=rows,
                      next={"index": "lookup(ways, tick)"}, parameters={"ways": "uniform(0, 1, 7)"})  # fmt: skip
    parameters = np.array([[2.99], [-1], [np.nan], [np.inf], [-np.inf], [1], [3e9]], np.float32)
    states = [7, 5, 5, 7, 5, 6, 7]
    course = Interpreter(place.equations, {"ways": parameters})
    for value, expected in zip(parameters[:, 0], states, strict=True):
        clock = {name: np.zeros((1, 1), np.float32) for name in ("tick", "trial", "move")}
        known = {"index": np.array([[value]], np.float32), "count": np.zeros((1, 1), np.float32)}
        assert course.step(clock, np.zeros(1, np.float32), {}, known).reward == expected
    life = WorldLives(place.program, parameters, np.zeros((0, 1), np.float32))
    life.step(0, np.zeros((0, 1), np.float32))
    for tick, expected in enumerate(states[:-1]):
        life.show(tick + 1)
        assert life.step(0, np.zeros((0, 1), np.float32))[0] == expected


def test_the_same_row_is_looked_up_once() -> None:
    place = one_state(parameters={"ways": "uniform(0, 1, 7)"}, reward="lookup(ways, count) + lookup(ways, count)",
                      worth="lookup(ways, 2)", end="lookup(ways, count + 0)")  # fmt: skip
    assert (place.program.code[:, 0] == LOOKUP).sum() == 2, "x + 0 is not x, as −0 + 0 is 0"


def test_what_depends_on_parameters_alone_is_made_once_a_life() -> None:
    place = one_state(parameters={"a": "uniform(0, 1)"}, reward="exp(a)*count", end="exp(a) - 2", observe=("exp(a)",))
    assert place.program.birth_end == 5
    assert (place.program.code[:3, 2:] != place.program.first_state).all()


def test_every_equation_can_be_seen_where_one_goes_wrong() -> None:
    place = one_state(let={"bad": "log(count) - log(count)", "worse": "div(count, 0*count)"}, reward="bad + worse")
    clock = {name: np.zeros((1, 2), np.float32) for name in ("tick", "trial", "move")}
    one = Interpreter(place.equations, {})
    one.born({}, 2)
    values = one.parts(clock, np.zeros(2, np.float32), {}, {"count": np.zeros((1, 2), np.float32)})
    wrong = [part for part, rows in values.items() if not np.isfinite(rows).all()]
    assert wrong == ["let.worse", "reward"]


def test_worlds_of_equal_equations_have_one_key() -> None:
    assert one_state().program.key == one_state(name="other").program.key
    assert one_state().program.key != one_state(reward="count").program.key


def test_a_start_may_read_what_birth_has_come_to() -> None:
    """A trial starts one step behind the last one; what lasts is there when the first one starts, and as it is then."""
    world = World(
        "mine", observe=("place",), end=1, noise=("luck",), birth={"lasting": "10 + rows(2)", "drawn": "luck"},
        start={"place": "sum(lasting) + trial", "chance": "drawn", "second": "lookup(lasting, 1)"},
        next={"lasting": "lasting + 1", "place": "0"},
    )  # fmt: skip
    course = lived(open_world(world), 2, 3, seed=0)
    assert course.seen[:, 0, 0].tolist() == [21, 24, 27]
    lasting, drawn, _, chance, second = np.split(course.states[:, :, 0], [2, 3, 4, 5], axis=1)
    assert (chance == drawn).all()
    assert (chance > 0).all()
    assert (second == lasting[:, 1:]).all()
    assert same(interpreted(open_world(world), course).states, course.states)
