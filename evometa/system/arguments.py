"""What callers from Python may give: kinds of arguments, looked at before a function does anything.

    @takes(path=PATH, generations=WHOLE)
    def resume(path, *, generations=None): ...

Values of recipes are the schema's to check (`config`); None is always let through where it is the default.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from inspect import signature
from numbers import Integral
from typing import Any, ParamSpec, TypeVar

from evometa.errors import InputError

P = ParamSpec("P")
R = TypeVar("R")
LONGEST = 80  # characters of a value that are shown
LARGEST = 2**63  # of a whole number, as the run file has it


@dataclass(frozen=True)
class Kind:
    """A kind of argument: what it is in words, whether a value is one, and what to do where it is none.

    `plain`: what a function is given in place of a value that is one.
    """

    words: str
    holds: Callable[[Any], bool]
    remedy: str = ""
    plain: Callable[[Any], Any] = lambda value: value

    def __or__(self, other: None) -> Kind:
        """Return this kind, or None."""
        return Kind(
            f"{self.words}, or None", lambda value: value is None or self.holds(value), self.remedy,
            lambda value: None if value is None else self.plain(value),
        )  # fmt: skip


def _path(value: Any) -> bool:
    return isinstance(value, (str, os.PathLike)) and isinstance(os.fspath(value), str)


def _texts(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(one, str) for one in value)


def _whole(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool) and -LARGEST <= int(value) < LARGEST


PATH = Kind("a path: text, or a pathlib.Path", _path)
TEXT = Kind("text", lambda value: isinstance(value, str))
TEXTS = Kind("a list of texts", _texts, 'Write it in brackets and quotes: ["evolution.population=50"].')
WHOLE = Kind("a whole number", _whole, plain=int)  # NumPy's too
FLAG = Kind("True or False", lambda value: isinstance(value, bool))
FUNCTION = Kind("a function", callable)


def having(words: str, *names: str, remedy: str = "") -> Kind:
    """Return the kind of objects whose class has these attributes; none of them is asked for."""

    def holds(value: Any) -> bool:
        return set(names) <= {*dir(type(value)), *getattr(type(value), "__dataclass_fields__", ())}

    return Kind(words, holds, remedy)


def several(kind: Kind, words: str) -> Kind:
    """Return the kind of sequences of a kind."""

    def holds(value: Any) -> bool:
        return isinstance(value, Sequence) and not isinstance(value, str) and all(map(kind.holds, value))

    return Kind(words, holds, "Write it in brackets, even a single one.")


RUN = having("a run", "config", "history", "champion", remedy="evometa.load(PATH) opens one.")
LEARNER = having("an individual of a run", "genome", "formula", remedy="run.champion and run.individual(N) are some.")
STEPS = several(having("a step", "born", "fitness", "parents"), "a list of steps, as run.lineage() gives")
RUNS = several(RUN, "a list of runs")


def takes(**kinds: Kind) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a function check these of its arguments first. It raises InputError for what is of another kind."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        shape = signature(function)

        @wraps(function)
        def checked(*given: P.args, **named: P.kwargs) -> R:
            try:
                bound = shape.bind(*given, **named)
            except TypeError:  # Python's own words for what is missing, or too much
                return function(*given, **named)
            for name, value in bound.arguments.items():
                if name in kinds and not (value is None and shape.parameters[name].default is None):
                    bound.arguments[name] = check(kinds[name], value, f"{function.__qualname__}({name})")
            return function(*bound.args, **bound.kwargs)

        return checked

    return decorate


def check(kind: Kind, value: Any, where: str) -> Any:
    """Return a value of a kind as functions take it. Raises InputError where it is of another."""
    if not kind.holds(value):
        raise InputError(kind.words, found(value), where, kind.remedy)
    return kind.plain(value)


def found(value: Any) -> str:
    """Return a value and its type in a few words, whatever its own `repr` does."""
    try:
        text = repr(value)
    except Exception:
        text = "a value without words"
    return f"{text if len(text) <= LONGEST else text[:LONGEST] + ' …'} ({type(value).__name__})"
