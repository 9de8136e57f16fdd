"""`--set a.b=c`: one setting from the command line, put into the parsed TOML before it is checked."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from evometa.config.keys import Path
from evometa.config.section import cut, show
from evometa.config.toml import DEPTH, Data, bounded, check_text, plain
from evometa.errors import InputError

REPLACES: dict[Path, Path] = {
    ("lifetime", "epochs"): ("lifetime", "updates"),
    ("lifetime", "updates"): ("lifetime", "epochs"),
    ("coefficients", "count"): ("coefficients", "values"),
    ("coefficients", "values"): ("coefficients", "count"),
}
"""Of two keys that say the same thing, a setting of one takes the place of the other in the file."""


def apply_settings(data: Data, settings: Sequence[str]) -> dict[Path, str]:
    """Put every `a.b=c` into `data`, in order; return the option that set each path. Raises InputError."""
    options: dict[Path, str] = {}
    if isinstance(settings, str) or not all(isinstance(setting, str) for setting in settings):
        raise InputError('a list of texts such as "evolution.population=50"', show(settings), "settings")
    for setting in settings:
        option = f"--set {cut(setting)}"
        path, value = _parse(setting, data, option)
        put(data, path, value)
        options[path] = option
    for path in options:
        other = REPLACES.get(path)
        section = data.get(str(path[0]))
        if other is not None and other not in options and isinstance(section, dict):
            section.pop(str(other[1]), None)
    return options


def _parse(setting: str, data: Data, option: str) -> tuple[Path, Any]:
    name, equals, value = setting.partition("=")
    names = [part.strip() for part in name.split(".")]
    if not equals or not all(names):
        raise InputError(
            "a key, an equals sign and a value", show(setting), "--set", "For example: --set evolution.population=50"
        )
    for part in names:
        check_text(part, option)
    if len(names) > DEPTH:
        raise InputError(f"a key of at most {DEPTH} parts", f"{len(names)}", option)
    if names == ["base"]:
        raise InputError(
            "a key that a recipe's run keeps", "base", option, "Run that recipe, with settings of its own."
        )
    path: Path = tuple(names)
    if names[0] == "tasks":
        path = _into_tasks(names, data, option)
    return path, plain(read_value(value.strip(), option), option)


def _into_tasks(names: list[str], data: Data, option: str) -> Path:
    """Find the set of tasks that `tasks.ways` or `tasks.1.ways` means."""
    tables = data.get("tasks")
    several = isinstance(tables, list)
    numbered = names[1:2] and re.fullmatch("[0-9]{1,9}", names[1])
    number, rest = (names[1], names[2:]) if numbered else ("" if several else "0", names[1:])
    most = len(tables) - 1 if isinstance(tables, list) else 0
    if names[1:] and (not number or int(number) > most or not rest):
        raise InputError(
            f"a set of tasks by its number, 0 to {most}, and a key of it",
            cut(".".join(names)),
            option,
            f"For example: --set tasks.{most}.{cut(names[-1])}=…",
        )
    return ("tasks", int(number), *rest) if several and rest else ("tasks", *rest)


def put(data: Data, path: Path, value: Any) -> None:
    """Set one value in nested tables; a table takes the place of any other value on the way."""
    table: Any = data
    for part, following in pairwise(path):
        child = table.get(part) if isinstance(table, dict) else table[part]
        if not isinstance(child, list if isinstance(following, int) else dict):
            table[part] = {}
        table = table[part]
    table[path[-1]] = value


def read_value(text: str, where: str = "--set", depth: int = 0) -> Any:
    """Read a TOML value; what is not TOML is plain text, also within [brackets]. InputError beyond all bounds."""
    try:
        parsed = bounded(f"value = {text}", where)
    except tomllib.TOMLDecodeError:
        parsed = {}
    if set(parsed) == {"value"}:
        return parsed["value"]
    if text.startswith("[") and text.endswith("]") and depth <= DEPTH:
        return [read_value(item.strip(), where, depth + 1) for item in text[1:-1].split(",") if item.strip()]
    return text
