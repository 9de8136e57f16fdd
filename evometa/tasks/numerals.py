"""Numbers as tables write them: with a decimal point or comma, in ASCII digits, and nothing that is only like a number.

What Python reads as numbers besides is none here: `2001_017` and `007` are names of things, and so are digits of
other scripts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from evometa.errors import InputError

Mark = Literal[".", ","]

NUMERAL = re.compile(r"[+-]?(?:0|[1-9][0-9]*|[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
COMMA = re.compile(r"[+-]?(?:[0-9]+,[0-9]*|,[0-9]+)(?:[eE][+-]?[0-9]+)?")
GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+")
MISSING = frozenset({"", "?", "-", "--", ".", "na", "n/a", "#n/a", "nan", "null", "none", "missing"})


def is_missing(cell: str) -> bool:
    """Tell whether a cell says that there is no number."""
    return cell.casefold() in MISSING


def numeral(cell: str, mark: Mark) -> str | None:
    """Return a number's text as Python takes it, None for whatever else a cell holds."""
    if mark == ",":
        if "." in cell:
            return None
        cell = cell.replace(",", ".", 1)
    return cell if NUMERAL.fullmatch(cell) else None


def decimal_mark(columns: Iterable[list[str]], where: str) -> Mark:
    """Return the decimal mark of a table, by those of its columns that hold numbers with one mark or the other.

    Raises InputError where it has both, or where a comma may as well part thousands.
    """
    commas: list[str] = []
    point = ""
    for cells in columns:
        written = [cell for cell in cells if not is_missing(cell)]
        found = [cell for cell in written if "," in cell]
        if not found:
            point = point or next((cell for cell in written if "." in cell and NUMERAL.fullmatch(cell)), "")
        elif all(COMMA.fullmatch(cell) or GROUPED.fullmatch(cell) or NUMERAL.fullmatch(cell) for cell in written):
            commas += found
            point = point or next((cell for cell in written if "." in cell), "")
    if not commas:
        return "."
    if point:
        expected, other = "one decimal mark in all numbers, and no mark for thousands", f"{commas[0]!r} and {point!r}"
        raise InputError(expected, other, where, "Write them alike, or say which it is: tasks.decimal.")
    if all(GROUPED.fullmatch(cell) for cell in commas):
        found_is = f"{commas[0]!r}, which may be thousands as well"
        raise InputError(
            "numbers whose decimal mark is plain", found_is, where, 'Say which it is: tasks.decimal = ",".'
        )
    return ","
