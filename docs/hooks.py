"""Fills in what pages take from the program itself: `<!-- generated: NAME -->` becomes a table or a section.

So the site cannot say anything else than the tables that run: recipe keys, signals, primitives, rules, commands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import typer
from pydantic.fields import FieldInfo

from evometa.cli import app
from evometa.config.keys import keys, section
from evometa.config.section import describe, show
from evometa.config.tasks import families
from evometa.presentation.listing import LISTS

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 32  # characters of a key and its default, to stand in one cell
KEY = ("key and default", "meaning · *what it may be*")
MARK = re.compile(r"^<!-- generated: (\w+)(?: (\w+))? -->$", re.MULTILINE)


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put what is generated in its place; mkdocs calls this for every page. KeyError for an unknown name."""
    return MARK.sub(lambda found: GENERATED[found[1]](*filter(None, found.groups()[1:])), markdown)


def listed(what: str) -> str:
    """What `evometa list` prints, as a table."""
    head, *rows = LISTS[what]()
    first = [(f"`{row[0]}`", *map(_escaped, row[1:])) for row in rows]
    return _table(head, first)


def recipe_keys() -> str:
    """Every key of a recipe with its default, its meaning and what it may hold, section by section."""
    tables: dict[str, list[tuple[str, ...]]] = {"": []}
    for name, field in keys().items():
        if section(field) is not None:
            tables[name] = []
        elif name.partition(".")[0] != "tasks":
            table, _, key = name.rpartition(".")
            tables[table].append(_key(key, field))
    titled = {f"`[{name}]`" if name else "At the top": rows for name, rows in tables.items() if rows}
    return "\n\n".join(f"## {title}\n\n{_table(KEY, rows)}" for title, rows in titled.items())


def task_keys() -> str:
    """The keys of every task family."""
    parts = []
    for name, model in families().items():
        rows = [_key(key, field) for key, field in model.model_fields.items() if key != "family"]
        parts.append(f"### `{name}`\n\n{_escaped(model.__doc__ or '')}\n\n{_table(KEY, rows)}")
    return "\n\n".join(parts)


def _key(key: str, field: FieldInfo) -> tuple[str, str]:
    """A key's row; a long default stands with its meaning."""
    told = f"{_escaped(field.description or '')} · *{_escaped(describe(field))}*"
    if field.is_required():
        return f"`{key}`", f"{told} · must be given"
    default = show(field.get_default(call_default_factory=True))
    if len(f"{key} = {default}") > LONGEST:
        return f"`{key}`", f"{told} · default `{default}`"
    return f"`{key} = {default}`", told


def commands() -> str:
    """Every command with its arguments and options, from the parser itself."""
    group: Any = typer.main.get_command(app)
    parts = []
    for name, command in group.commands.items():
        arguments = [one.metavar or one.name.upper() for one in command.params if one.param_type_name == "argument"]
        rows = [(f"`{_given(one)}`", _escaped(one.help or "")) for one in command.params]
        usage = " ".join(["evometa", name, *arguments, "[OPTIONS]"])
        table = _table(("given", "meaning"), rows)
        parts.append(f"## {name}\n\n{_escaped(command.help)}\n\n```text\n{usage}\n```\n\n{table}")
    return "\n\n".join(parts)


def _given(one: Any) -> str:
    """How an argument or option is written."""
    if one.param_type_name == "argument":
        return str(one.metavar or one.name.upper())
    names = ", ".join([*one.opts, *one.secondary_opts])
    return f"{names} {one.metavar}" if one.metavar else names


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in [tuple(head), *map(tuple, rows)]]
    return "\n".join([lines[0], re.sub(r"[^|]+", "---", lines[0]), *lines[1:]])


def _escaped(text: str) -> str:
    """Return a text as Markdown shows it literally, in one cell of a table; code within backquotes stays code."""
    parts = re.split(r"(`[^`]*`)", " ".join(text.split()))
    return "".join(part if part[:1] == "`" else re.sub(r"([\\*_<>\[\]|])", r"\\\1", part) for part in parts)


GENERATED: dict[str, Callable[..., str]] = {
    "list": listed,
    "keys": recipe_keys,
    "tasks": task_keys,
    "commands": commands,
}
