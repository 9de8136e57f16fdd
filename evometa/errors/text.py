"""Text from anywhere (a run, a recipe, a table, an error) as it may safely stand in a line of a terminal; and counts.

Whatever Python does not call printable is written as an escape: control characters, line ends, characters that turn
the direction of writing or have no width, lone surrogates.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PLURALS = {"class": "classes", "division of the same rows": "divisions of the same rows"}


def legible(value: Any) -> Any:
    r"""Return a text with escapes in place of what is not printable (`\n`, `\x1b`, `\u202e`); data, text by text.

    Mappings and sequences are copied; what is no text stays as it is.
    """
    if isinstance(value, str):
        if value.isprintable():
            return value
        return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in value)
    if isinstance(value, Mapping):
        return {legible(key): legible(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [legible(item) for item in value]
    return value


def legible_lines(text: str) -> str:
    """Return a text of several lines, each made legible."""
    return "\n".join(legible(line) for line in text.split("\n"))


def count_of(count: int, what: str) -> str:
    """Return a number of things: "1 task", "1,000 classes"."""
    return f"{count:,} {what if count == 1 else plural(what)}"


def plural(what: str) -> str:
    """Return the name of more than one thing."""
    return PLURALS.get(what, f"{what}s")
