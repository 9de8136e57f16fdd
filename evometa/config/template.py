"""`evometa init`: a TOML file with every key, what it means, what it may hold, and its value."""

from __future__ import annotations

from collections.abc import Mapping
from os.path import relpath
from pathlib import Path
from textwrap import wrap
from typing import Any

import tomlkit
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from tomlkit.container import Container
from tomlkit.items import Comment, Item, Table, Trivia

from evometa.config.keys import section
from evometa.config.load import load
from evometa.config.recipes import recipes
from evometa.config.schema import NAME, Config
from evometa.config.section import describe, show
from evometa.config.task_set import TaskSet
from evometa.config.tasks import names as families
from evometa.errors import InputError

WIDTH = 100


def render(config: Config) -> str:
    """Return `config` as commented TOML; read again, it gives the same Config."""
    document = tomlkit.document()
    _comment(
        document,
        "A configuration of evometa. Run it: evometa run THIS-FILE. A key that is left out takes its "
        "default; only a [tasks] table with its family is needed.",
    )
    fields = Config.model_fields
    for name, field in fields.items():
        if name != "tasks" and section(field) is None:
            _entry(document, name, field, getattr(config, name))
    for name, field in fields.items():
        if name == "tasks":
            tables = [_tasks(tasks) for tasks in config.tasks]
            document.add(tomlkit.nl())
            document.add(name, tables[0] if len(tables) == 1 else tomlkit.aot())
            if len(tables) > 1:
                document[name].extend(tables)
        elif section(field) is not None:
            document.add(tomlkit.nl())
            document.add(name, _table(getattr(config, name)))
    return tomlkit.dumps(document)


def write_template(name: str, base: str, short: bool = False) -> Path:
    """Write NAME.toml from the recipe `base`, and return its path; `short`: what builds on it, and says nothing yet.

    Raises InputError; overwrites nothing.
    """
    path = Path(name if name.endswith(".toml") else f"{name}.toml")
    if not NAME.fullmatch(path.stem):
        raise InputError("a name of letters, digits, - and _", show(name), "NAME", "For example: evometa init mine")
    config = load(base, [f'name = "{path.stem}"']).config
    text = _short(base, path) if short else render(config)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise InputError("a new file", "one that exists", str(path), "Choose another name.") from None
    except OSError as error:
        raise InputError("a folder that can be written to", str(error), str(path)) from None
    return path


def _short(base: str, path: Path) -> str:
    """Return the recipe that only names the one that it builds on: by name, or by its path from the file's folder."""
    wanted = base if base in recipes() else relpath(base, path.parent)
    document = tomlkit.document()
    _comment(
        document,
        f"A recipe that builds on {base}: all that is not said here is as it is there. "
        f"All keys, explained: evometa init another --from {base}",
    )
    document.update({"base": wanted, "description": ""})
    return tomlkit.dumps(document)


def _table(model: BaseModel) -> Table:
    """Return a section: what it is, its own keys, then the tables within it."""
    table = tomlkit.table()
    _comment(table, str(type(model).__doc__))
    fields = type(model).model_fields.items()
    inner = {key: value for key, _ in fields if isinstance(value := getattr(model, key), BaseModel)}
    for key, field in fields:
        if key not in inner:
            _entry(table, key, field, getattr(model, key))
    for key, value in inner.items():
        table.add(tomlkit.nl())
        table.add(key, _table(value))
    return table


def _tasks(tasks: TaskSet) -> Table:
    """Return a table of tasks: what its family is, the family's keys, then those that all families have."""
    table = tomlkit.table()
    _comment(table, str(type(tasks.settings).__doc__))
    table.add(tomlkit.nl())
    _comment(table, f"one of {', '.join(families())}; each has keys of its own (`evometa list tasks`)")
    table.add("family", tasks.settings.family)
    for model in (tasks.settings, tasks):
        for key, field in type(model).model_fields.items():
            if key not in ("family", "settings"):
                _entry(table, key, field, getattr(model, key))
    return table


def _entry(table: Container | Table, key: str, field: FieldInfo, value: Any) -> None:
    """Add a key with its meaning, bounds and default; one without a value as a comment."""
    default = "" if field.is_required() or field.default is None else f"; default {toml(field.default)}"
    table.add(tomlkit.nl())
    _comment(table, field.description or "")
    _comment(table, f"{describe(field)}{default}", indent="  ")
    if value is None:
        table.add(Comment(Trivia(comment=f"#{key} =")))
    else:
        table.add(key, _inline(value))


def _comment(table: Container | Table, text: str, indent: str = "") -> None:
    for line in wrap(" ".join(text.split()), WIDTH - 2 - len(indent)):
        table.add(tomlkit.comment(indent + line))


def toml(value: Any) -> str:
    """Write one value as TOML."""
    return _inline(value).as_string()


def _inline(value: Any) -> Item:
    """Return a value as it stands in one line."""
    if isinstance(value, BaseModel):
        value = value.model_dump(exclude_none=True)
    if isinstance(value, Mapping):
        table = tomlkit.inline_table()
        table.update({str(key): _inline(inner) for key, inner in value.items()})
        return table
    if isinstance(value, (list, tuple)):
        array = tomlkit.array()
        array.extend(_inline(inner) for inner in value)
        return array
    return tomlkit.item(value)
