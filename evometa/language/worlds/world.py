"""A world as people write it: texts of equations in sections, from a table (TOML) or in Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evometa.errors import InputError

Text = str | int | float


class Draw(NamedTuple):
    """What a Python function is given that draws parameters: for so many lanes, from `rng` alone.

    `settings`: numbers by name. `same`: parameters f32[rows, L] that are to be given back as they are, with whatever
    goes with them: all worlds of a life have them.
    """

    rng: np.random.Generator
    lanes: int
    settings: Mapping[str, float]
    same: Mapping[str, NDArray[Any]] = MappingProxyType({})


class Boards(NamedTuple):
    """How a world is drawn whose whole state is a board, own squares 1, the other's −1, empty ones 0.

    `some`: of boards that a life came to, in order, those to be shown, by what there is about them; `sound`: the
    squares of a board that keep what it is worth between perfect players; `squares`: the square of each action on a
    board, where the world has these settings.
    """

    some: Callable[[Sequence[tuple[int, ...]]], Mapping[str, tuple[int, ...]]]
    sound: Callable[[tuple[int, ...]], Sequence[int]]
    squares: Callable[[tuple[int, ...], Mapping[str, float]], Sequence[int]]


Drawing = Callable[[Draw], Mapping[str, Any]]  # arrays [L] or [rows, L] by name
Making = Callable[[Mapping[str, float]], Sequence[float] | NDArray[Any]]  # a table, of the settings


@dataclass(frozen=True)
class World:
    """Texts of equations, by what they give; each may be a number.

    `actions`: how many there are; `ticks`: those of a life; `cut`: the moves after which a trial is cut ("": never).
    `noise`: names of uniform numbers in [0, 1), drawn anew for each tick. `observe`: what is seen, one row behind the
    other; with `afterstates` it may read `action`: what each action would make of the state is seen, and a network says
    what that is worth. `reward`; `end`: above 0 where the trial ends; `worth`: what is measured ("": the reward);
    `best`: the worth of the best action, in the mean, for regret and share of the optimum; `tally`: a number that is
    reported as it stands; `legal`: a row for each action, above 0 where it may be chosen ("": all may); `id`: a whole
    number of the state, below `ids`, whose visits are counted.

    Sections, by name: `settings`, numbers that may be changed; `parameters`, drawn once a life: equations, and what
    `draw` gives; `tables` of constants; `birth`: states that last for the life, and how they begin; `start`: states
    that begin anew with each trial, and may read those of `birth`, as they are by then; `let`: names for what is used
    often; `next`: states after a step; `shifts`: settings, by a name, that lie outside of what lives are drawn from: an
    audit asks whether a learner stands them. `boards`: how the state is drawn; None: it is not.
    """

    name: str
    observe: tuple[Text, ...]
    actions: Text = 2
    ticks: Text = 100
    about: str = ""
    cut: Text = ""
    noise: tuple[str, ...] = ()
    reward: Text = 0
    end: Text = 0
    worth: Text = ""
    best: Text = 0
    tally: Text = 0
    legal: Text = ""
    id: Text = ""
    ids: Text = 0
    settings: Mapping[str, float] = field(default_factory=dict)
    parameters: Mapping[str, Text] = field(default_factory=dict)
    tables: Mapping[str, Sequence[float] | NDArray[Any] | Making] = field(default_factory=dict)
    birth: Mapping[str, Text] = field(default_factory=dict)
    start: Mapping[str, Text] = field(default_factory=dict)
    let: Mapping[str, Text] = field(default_factory=dict)
    next: Mapping[str, Text] = field(default_factory=dict)
    shifts: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    draw: Drawing | None = None
    afterstates: bool = False
    boards: Boards | None = None

    def __post_init__(self) -> None:
        for row in fields(self):
            value = getattr(self, row.name)
            if row.name in ("observe", "noise") and isinstance(value, str | int | float):
                object.__setattr__(self, row.name, (value,))
            elif row.name in ("observe", "noise"):
                object.__setattr__(self, row.name, tuple(value))

    def where(self, part: str) -> str:
        """Return how errors name a part of this world."""
        return f"world {self.name}, {part}"

    def with_settings(self, /, **settings: float) -> World:
        """Return the world with some settings changed, `ticks` among them, which every world has.

        InputError for one that it does not have, or no number.
        """
        ticks: Text = self.ticks
        if "ticks" in settings:
            ticks = settings.pop("ticks")
            _number(ticks, self.where("ticks"))
        for name, value in settings.items():
            if name not in self.settings:
                close = get_close_matches(name, sorted(self.settings), n=3, cutoff=0.5)
                has = ", ".join(("ticks", *self.settings))
                remedy = f"Nearest: {', '.join(close)}." if close else ""
                raise InputError(f"a setting of the world ({has})", repr(name), f"world {self.name}", remedy)
            _number(value, self.where(f"settings.{name}"))
        return replace(self, settings={**self.settings, **settings}, ticks=ticks)


SECTIONS = ("settings", "parameters", "tables", "birth", "start", "let", "next", "shifts")
_TEXTS = ("actions", "ticks", "cut", "reward", "end", "worth", "best", "tally", "legal", "id", "ids")


def read_world(name: str, table: Mapping[str, Any]) -> World:
    """Return the world of a table as TOML has it; InputError names what is unknown, missing or of another kind."""
    known = [row.name for row in fields(World) if row.name not in ("name", "draw", "boards")]
    for key, value in table.items():
        where = f"world {name}, {key}"
        if key not in known:
            close = get_close_matches(key, known, n=3, cutoff=0.5)
            remedy = f"Nearest: {', '.join(close)}." if close else f"Known: {', '.join(known)}."
            raise InputError("a part of a world", repr(key), where, remedy)
        if key in SECTIONS:
            _section(key, value, where)
        elif key in _TEXTS:
            _text(value, where)
        elif key == "about" and not isinstance(value, str):
            raise InputError("a text", repr(value), where)
        elif key == "afterstates" and not isinstance(value, bool):
            raise InputError("true or false", repr(value), where)
        elif key in ("observe", "noise"):
            for each in value if isinstance(value, list) else [value]:
                _text(each, where)
    if "observe" not in table:
        raise InputError("what is observed", "nothing", f"world {name}", 'Add observe = "…", an equation or a list.')
    return World(name=name, **table)


def function_name(function: Callable[..., Any]) -> str:
    """Return how errors name a function of a world."""
    own = getattr(function, "__qualname__", None) or type(function).__name__
    return f"{getattr(function, '__module__', None) or '__main__'}:{own}"


def as_numbers(value: Any, name: str, where: str) -> NDArray[np.float32]:
    """Return what a function or a table gives as float32, infinite where that cannot hold it. Raises InputError."""
    try:
        with np.errstate(over="ignore"):
            return np.asarray(value, np.float32)
    except (TypeError, ValueError) as error:
        raise InputError(f"numbers as {name}", f"{type(value).__name__} ({error})", where) from error


def _section(key: str, value: Any, where: str) -> None:
    """Refuse what is not a section of numbers, of lists of numbers, or of texts."""
    if not isinstance(value, Mapping):
        raise InputError(f"a section [{key}]", repr(value), where)
    for name, each in value.items():
        if key == "settings":
            _number(each, f"{where}.{name}")
        elif key == "shifts":
            _section("settings", each, f"{where}.{name}")
        elif key == "tables":
            for one in each if isinstance(each, list) and each else [None]:
                _number(one, f"{where}.{name}", "a list of numbers")
        else:
            _text(each, f"{where}.{name}")


def _number(value: Any, where: str, expected: str = "a finite number") -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 3e38:
        raise InputError(expected, repr(value), where)


def _text(value: Any, where: str) -> None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InputError("an equation or a number", repr(value), where)
