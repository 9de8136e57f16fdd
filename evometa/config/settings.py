"""`--set a.b=c`: one setting from the command line, put into the parsed TOML before it is checked."""

from __future__ import annotations

import tomllib
from itertools import pairwise
from typing import Any

from evometa.config.keys import Path
from evometa.errors import InputError

REPLACES: dict[Path, Path] = {
    ("lifetime", "epochs"): ("lifetime", "updates"),
    ("lifetime", "updates"): ("lifetime", "epochs"),
    ("coefficients", "count"): ("coefficients", "values"),
    ("coefficients", "values"): ("coefficients", "count"),
}
"""Of two keys that say the same thing, a setting of one takes the place of the other in the file."""


def apply_settings(data: dict[str, Any], settings: list[str]) -> dict[Path, str]:
    """Put every `a.b=c` into `data`, in order; return the option that set each path. Raises InputError."""
    options: dict[Path, str] = {}
    for setting in settings:
        path, value = _parse(setting, data)
        put(data, path, value)
        options[path] = f"--set {setting}"
    for path in options:
        other = REPLACES.get(path)
        if other is not None and other not in options:
            data[str(other[0])].pop(other[1], None)
    return options


def _parse(setting: str, data: dict[str, Any]) -> tuple[Path, Any]:
    name, equals, value = setting.partition("=")
    names = [part.strip() for part in name.split(".")]
    if not equals or not all(names):
        raise InputError(
            "a key, an equals sign and a value",
            f'"{setting}"',
            "--set",
            "For example: --set evolution.population=50",
        )
    path: Path = tuple(names)
    if names[0] == "tasks":
        path = _into_tasks(names, data, setting)
    return path, read_value(value.strip())


def _into_tasks(names: list[str], data: dict[str, Any], setting: str) -> Path:
    """Find the set of tasks that `tasks.ways` or `tasks.1.ways` means."""
    tables = data.get("tasks")
    several = isinstance(tables, list)
    number, rest = (names[1], names[2:]) if names[1:2] and names[1].isdigit() else ("" if several else "0", names[1:])
    most = len(tables) - 1 if isinstance(tables, list) else 0
    if names[1:] and (not number or int(number) > most or not rest):
        raise InputError(
            f"a set of tasks by its number, 0 to {most}, and a key of it",
            ".".join(names),
            f"--set {setting}",
            f"For example: --set tasks.{most}.{names[-1]}=…",
        )
    return ("tasks", int(number), *rest) if several and rest else ("tasks", *rest)


def put(data: dict[str, Any], path: Path, value: Any) -> None:
    """Set one value in nested tables; a table takes the place of any other value on the way."""
    table: Any = data
    for part, following in pairwise(path):
        child = table.get(part) if isinstance(table, dict) else table[part]
        if not isinstance(child, list if isinstance(following, int) else dict):
            table[part] = {}
        table = table[part]
    table[path[-1]] = value


def read_value(text: str) -> Any:
    """Read a TOML value; what is not TOML is plain text, also within [brackets]."""
    try:
        parsed = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        parsed = {}
    if set(parsed) == {"value"}:
        return parsed["value"]
    if text.startswith("[") and text.endswith("]"):
        return [read_value(item.strip()) for item in text[1:-1].split(",") if item.strip()]
    return text
