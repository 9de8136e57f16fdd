"""Values from outside, TOML or Python's: read within bounds of size and depth, and refused in words."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from itertools import count
from numbers import Number
from pathlib import Path
from typing import Any

from evometa.config.section import show, visible
from evometa.errors import InputError
from evometa.system.disk import read_bounded

BYTES = 4_000_000  # of a file
Data = dict[str, Any]
"""Tables of a recipe or a stored configuration in Python's own types, before they are checked."""

DEPTH = 20  # tables and lists within each other; no key needs more than five
VALUES = 200_000  # in all
TEXT = 100_000  # characters

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")  # and halves of characters

PART = r"""(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+"""
DOTTED = re.compile(rf"(?<![A-Za-z0-9_-])(?:{PART}\.[ \t]*+){{100}}")
"""A key of more than a hundred parts: tomllib keeps every part with all that stand before it."""


def read_text(path: Path, label: str) -> str:
    """Return the text of a TOML file. Raises InputError for all that is no regular file of a sane size in UTF-8."""
    try:
        return read_bounded(path, BYTES, "a TOML file", label).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError("a readable TOML file in UTF-8", str(error), label) from None


def parse(text: str, label: str) -> Data:
    """Parse TOML. Raises InputError with line and column."""
    try:
        return bounded(text, label)
    except tomllib.TOMLDecodeError as error:
        message, _, place = str(error).partition(" (at ")
        where = f"{label}, {place.rstrip(')')}" if place else label
        twice = message.startswith("Cannot")
        remedy = "A key or table is there twice." if twice else 'Text needs quotes: key = "text".'
        raise InputError("TOML", visible(message[:1].lower() + message[1:]), where, remedy) from None


def bounded(text: str, where: str) -> Data:
    """Parse TOML; InputError for what is too deep or too long, TOMLDecodeError for what is no TOML."""
    if DOTTED.search(text):
        raise _too_deep(where)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError:
        raise _too_deep(where) from None
    except ValueError:  # Python reads no whole number of more than 4300 digits
        raise InputError("numbers of at most 4000 digits", "a longer one", where) from None


def plain(value: Any, where: str, *, stored: bool = False) -> Any:
    """Return a copy of nested tables and lists in plain types, NumPy's numbers too. Raises InputError beyond bounds.

    `stored`: a run's own words may hold anything (who shows them makes them visible).
    """
    return _copied(value, where, 0, count(), (lambda text, where: None) if stored else check_text)


def _copied(value: Any, where: str, depth: int, seen: count[int], check: Callable[[str, str], None]) -> Any:
    if depth > DEPTH:
        raise _too_deep(where)
    if next(seen) > VALUES:
        raise InputError(f"at most {VALUES} values", "more", where)
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise InputError("text as keys of a table", show(key), where)
            check(key, where)
        return {key: _copied(inner, where, depth + 1, seen, check) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_copied(inner, where, depth + 1, seen, check) for inner in value]
    if isinstance(value, str):
        check(value, where)
    if isinstance(value, Number) and not isinstance(value, (int, float, complex)) and hasattr(value, "item"):
        return value.item()
    return value


def check_text(text: str, where: str) -> None:
    """Refuse what no file could hold, and what no key needs, with InputError."""
    if len(text) > TEXT:
        raise InputError(f"texts of at most {TEXT} characters", f"{len(text)}", where)
    if CONTROL.search(text):
        raise InputError("text that can be shown, without control characters", show(text), where)


def _too_deep(where: str) -> InputError:
    return InputError(f"tables and lists at most {DEPTH} deep", "deeper ones", where)
