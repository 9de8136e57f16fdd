"""From pydantic's report to one sentence for people: expected, found, where, what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from evometa.config.keys import Path, dotted, keys, nearest_key, nearest_name
from evometa.config.section import describe, show
from evometa.config.source import Source
from evometa.config.tasks import names as families
from evometa.errors import InputError

SAID = 20  # complaints that are looked at, of perhaps very many


def explain(error: ValidationError, data: Any, source: Source) -> InputError:
    """Turn the first of pydantic's complaints about `data` (unknown keys first of all) into an InputError."""
    details = sorted(error.errors(include_url=False), key=lambda detail: detail["type"] != "extra_forbidden")
    found = {_place(detail, data): detail for detail in reversed(details[:SAID])}  # of several at a place, the first
    inner = [p for p in reversed(found) if not any(q[: len(p)] == p and q != p for q in found)]
    first = _one(found[inner[0]], inner[0], data, source)
    if len(inner) > 1:
        others = ", ".join(dotted(path) for path in inner[1:6])
        first = InputError(first.expected, first.found, first.where, f"{first.remedy} Also wrong: {others}.".lstrip())
    return first


def _place(detail: ErrorDetails, data: Any) -> Path:
    """Follow pydantic's location through the data, without its labels for the branches of a union."""
    path: list[str | int] = []
    missing = detail["type"] == "missing"
    for index, part in enumerate(detail["loc"]):
        inside = part in data if isinstance(data, Mapping) else isinstance(part, int) and _has(data, part)
        if inside:
            path.append(part)
            data = data[part]
        elif missing and index == len(detail["loc"]) - 1:
            path.append(part)
    return tuple(path)


def _has(data: Any, index: int) -> bool:
    return isinstance(data, Sequence) and not isinstance(data, str) and index < len(data)


def _one(detail: ErrorDetails, path: Path, data: Any, source: Source) -> InputError:
    kind, context = detail["type"], detail.get("ctx", {})
    cause = context.get("error")
    where = source.where(path)
    if isinstance(cause, InputError):
        return InputError(cause.expected, cause.found, source.where(_key_of(cause, path)), cause.remedy)
    if kind == "extra_forbidden":
        if source.stored:
            remedy = "It was written by a newer evometa: install that version to go on with it."
        else:
            remedy = nearest_key(path, _family(path, data))
        return InputError("only known keys", f"the unknown key {dotted(path)}", where, remedy)
    if kind.startswith("union_tag"):
        name = str(context.get("tag", ""))
        remedy = f"{nearest_name(name, families())} `evometa list tasks` explains them."
        return InputError(
            "the name of a task family",
            show(name) if name else "none",
            source.where((*path, "family")),
            remedy,
        )
    expected, meaning = _wanted(kind, path, _family(path, data))
    if kind == "missing":
        return InputError(expected, "nothing", where, f"Add it. {meaning}`evometa init NAME` writes a full example.")
    if source.stored and path == ("run", "generations"):
        meaning += "To go on: evometa resume RUN --generations N."
    return InputError(expected, show(detail["input"]), where, f"{_hint(detail)}{meaning}".rstrip())


def _key_of(cause: InputError, path: Path) -> Path:
    """Return the key that a validator of ours complained of; it cannot know which set of tasks it saw."""
    place: Path = tuple(cause.where.split(".")) if cause.where else path
    if path[:1] == place[:1] == ("tasks",) and len(path) > 1 and isinstance(path[1], int):
        return (*path[:2], *place[1:]) if cause.where else path
    return place


def _family(path: Path, data: Any) -> str | None:
    """Return the family of the set of tasks that a path leads into."""
    if path[:1] != ("tasks",):
        return None
    table = data.get("tasks")
    if len(path) > 1 and isinstance(path[1], int):
        table = table[path[1]]
    family = table.get("family") if isinstance(table, Mapping) else None
    return family if isinstance(family, str) else None


def _wanted(kind: str, path: Path, family: str | None) -> tuple[str, str]:
    """Return what a key may hold, and what it means, from the schema's row for it."""
    if path == ("tasks",):
        return "a table [tasks] with a family, or several [[tasks]]", ""
    names = [part for part in path if isinstance(part, str)]
    known = keys(family)
    found = next((end for end in range(len(names), 0, -1) if ".".join(names[:end]) in known), 0)
    if not found:
        return "a table of settings", ""
    field = known[".".join(names[:found])]
    expected = "text" if found < len(names) and kind == "string_type" else describe(field)
    return expected, f"Meaning: {field.description}. " if field.description else ""


def _hint(detail: ErrorDetails) -> str:
    kind, value = detail["type"], detail["input"]
    if isinstance(value, str) and value.startswith(("{", "[")):
        return "Text within it needs quotes. "
    if isinstance(value, str) and kind in ("int_type", "float_type", "bool_type"):
        return "Write it without quotes. " if re.fullmatch(r"[\d.+-]+|true|false", value) else ""
    if kind == "string_type":
        return "Write it in quotes. "
    if kind == "tuple_type":
        return "Write a list in brackets: [a, b]. "
    if kind == "literal_error" and isinstance(value, str):
        remedy = nearest_name(value, re.findall("'([^']*)'", detail["ctx"]["expected"]))
        return f"{remedy} " if remedy.startswith("Did") else ""
    return ""
