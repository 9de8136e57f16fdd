"""Stock worlds: compiled they are what their trees say, bit for bit; files of users, and what is refused of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evometa.errors import InputError
from evometa.language.worlds.drawing import Place, open_world
from evometa.tasks.worlds import find_world, stock_worlds
from tests.language.worlds.lives import interpreted, lived, same
from tests.properties import SAME

pytestmark = SAME

OTHERS = {"rooms": {"size": 5, "goals": 3, "layout": 2}, "tictactoe": {"perfect": 0.5, "canonical": 1},
          "coverage": {"size": 3}, "deepsea": {"size": 4}}  # fmt: skip
TICKS = {"tictactoe_boards": 2}  # where a tick of the trees takes a second


def place(name: str, **settings: float) -> Place:
    """Return a stock world, read and compiled."""
    return open_world(find_world(name, settings))


@pytest.mark.parametrize("name", stock_worlds())
def test_the_compiled_world_is_that_of_the_trees(name: str) -> None:
    own = place(name, **OTHERS.get(name, {}))
    course = lived(own, lanes=5, ticks=TICKS.get(name, 12), seed=1)
    again = interpreted(own, course)
    for kept in ("seen", "states", "given", "trials", "moves"):
        assert same(getattr(course, kept), getattr(again, kept)), kept
    assert np.isfinite(course.given).all()
    assert own.equations.world.about


def test_there_are_all_of_them() -> None:
    assert set(stock_worlds()) >= {"bandit", "bandit_correlated", "bandit_reversing", "tmaze", "tmaze_double", "rooms",
                                   "deepsea", "coverage", "cartpole", "cartpole_boxes", "tictactoe"}  # fmt: skip


TEN_LINES = """
about = "A corridor with the exit at one of its ends"
ticks = 50
cut = 20
observe = "equal(place, rows(9))"
reward = "found"
end = "found"
[parameters]
exit = "8*integer(0, 1)"
[start]
place = 4
[let]
found = "equal(next(place), exit)"
[next]
place = "clip(place + 2*action - 1, 0, 8)"
"""


def test_a_world_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "corridor.toml").write_text(TEN_LINES)
    own = open_world(find_world(str(tmp_path / "corridor.toml")))
    assert own.program.actions == 2
    course = lived(own, 3, 200, 0)
    places = course.states[:, 0]
    assert places.min() >= 0
    assert (course.given[:, 0] == 1).any()
    over = course.given[:, 5] > 0
    assert (places[1:][over] == 4).all(), "trials begin in the middle"
    assert np.array_equal(over, (course.given[:, 4] > 0) | (course.moves == 19))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("observe = [", "TOML"),
        ("ticks = 3", "what is observed"),
        ('observe = 1\nrewardd = "1"', "reward"),
        ('like = "bandits"', "a stock world in TOML"),
        ("observe = 1\nlet = 3", "a section"),
        ('observe = 1\n[settings]\na = "x"', "settings.a"),
        ("observe = 1\n[tables]\na = []", "tables.a"),
    ],
)
def test_bad_files_are_refused_by_name(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=named):
        open_world(find_world(str(path)))


def test_unknown_worlds_and_settings_are_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match="Nearest: bandit"):
        find_world("bandits")
    with pytest.raises(InputError, match="Nearest: arms"):
        find_world("bandit", {"arm": 3})
    with pytest.raises(InputError, match="a file of a world"):
        find_world("nowhere.toml")
    with pytest.raises(InputError, match="a finite number"):
        find_world("bandit", {"arms": float("nan")})


PYTHON = """
from evometa.language.worlds.world import World

WORLD = World("twelve", observe=(1,), ticks="n", settings={"n": 12})
number = 3

def made():
    return World("made", observe=(1,), ticks=8)

def late():
    raise KeyError("nowhere")
"""


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """A folder with a Python file of worlds."""
    (tmp_path / "my_own_worlds.py").write_text(PYTHON)
    return tmp_path


def test_worlds_of_ones_own_in_python(python: Path) -> None:
    by_file = find_world(str(python / "my_own_worlds.py:WORLD"), {"n": 5})
    by_module = find_world("my_own_worlds:WORLD", folder=python)
    assert [open_world(each).program.ticks for each in (by_file, by_module)] == [5, 12]
    assert open_world(find_world("my_own_worlds:made", folder=python)).program.ticks == 8


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("my_own_worlds:number", "a World"),
        ("my_own_worlds:other", "a world other in my_own_worlds; found only WORLD, World"),
        ("my_own_worlds:late", "KeyError"),
        ("no_such_worlds:WORLD", "a module no_such_worlds that can be imported"),
        ("none.py:WORLD", "no file there"),
        ("my worlds:WORLD", "mine.py:WORLD or module:WORLD"),
        ("my_own_worlds.py:", "mine.py:WORLD or module:WORLD"),
    ],
)
def test_what_is_no_world_in_python_is_refused(python: Path, name: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        find_world(name, folder=python)


def test_like_changes_what_it_says_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('like = "bandit"\nticks = 7\n[settings]\narms = 2\n')
    own = open_world(find_world(str(tmp_path / "mine.toml")))
    assert (own.program.ticks, own.program.actions) == (7, 2)
    assert own.equations.trees["best"] == place("bandit").equations.trees["best"]


WRONG = [{"layout": 3}, {"layout": 0.5}, {"share": 1.0, "layout": 2}, {"goals": 1.5}, {"size": 2}]


@pytest.mark.parametrize("wrong", WRONG)
def test_rooms_refuse_what_they_cannot_have(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError, match=r"world rooms, settings\."):
        open_world(find_world("rooms", wrong))
