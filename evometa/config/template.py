"""`evometa init`: a TOML file with every key, what it means, what it may hold, and its value."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from os.path import relpath
from pathlib import Path
from textwrap import wrap
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from evometa.config.keys import section
from evometa.config.load import load
from evometa.config.recipes import recipes
from evometa.config.schema import NAME, Config, TaskSet
from evometa.config.section import describe, show
from evometa.config.tasks import names as families
from evometa.errors import InputError

WIDTH = 100


def render(config: Config) -> str:
    """Return `config` as commented TOML; read again, it gives the same Config."""
    lines = _comment(
        "A configuration of evometa. Run it: evometa run THIS-FILE. A key that is left out takes its "
        "default; only a [tasks] table with its family is needed."
    )
    fields = Config.model_fields
    for name, field in fields.items():
        if name != "tasks" and section(field) is None:
            lines += _entry(name, field, getattr(config, name))
    for name, field in fields.items():
        if name == "tasks":
            for tasks in config.tasks:
                lines += _tasks(tasks, "[tasks]" if len(config.tasks) == 1 else "[[tasks]]")
        elif section(field) is not None:
            lines += _table(name, getattr(config, name))
    return "\n".join(lines) + "\n"


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
    lines = _comment(
        f"A recipe that builds on {base}: all that is not said here is as it is there. "
        f"All keys, explained: evometa init another --from {base}"
    )
    return "\n".join([*lines, f"base = {toml(wanted)}", 'description = ""', ""])


def _table(name: str, model: BaseModel) -> Iterator[str]:
    yield from ("", f"[{name}]", *_comment(str(type(model).__doc__)))
    inner = []
    for key, field in type(model).model_fields.items():
        value = getattr(model, key)
        if isinstance(value, BaseModel):
            inner.append((f"{name}.{key}", value))
        else:
            yield from _entry(key, field, value)
    for path, table in inner:
        yield from _table(path, table)


def _tasks(tasks: TaskSet, header: str) -> Iterator[str]:
    yield from ("", header, *_comment(str(type(tasks.settings).__doc__)), "")
    yield from _comment(f"one of {', '.join(families())}; each has keys of its own (`evometa list tasks`)")
    yield f"family = {toml(tasks.settings.family)}"
    for model in (tasks.settings, tasks):
        for key, field in type(model).model_fields.items():
            if key not in ("family", "settings"):
                yield from _entry(key, field, getattr(model, key))


def _entry(key: str, field: FieldInfo, value: Any) -> Iterator[str]:
    default = "" if field.is_required() or field.default is None else f"; default {toml(field.default)}"
    yield ""
    yield from _comment(field.description or "")
    yield from _comment(f"{describe(field)}{default}", indent="  ")
    yield f"#{key} =" if value is None else f"{key} = {toml(value)}"


def _comment(text: str, indent: str = "") -> list[str]:
    return [f"# {indent}{line}" for line in wrap(" ".join(text.split()), WIDTH - 2 - len(indent))]


def toml(value: Any) -> str:
    """Write one value as TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        return (
            "{ " + ", ".join(f"{toml_key(str(key))} = {toml(v)}" for key, v in value.items()) + " }" if value else "{}"
        )
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(toml(v) for v in value) + "]"
    return repr(value)


def toml_key(key: str) -> str:
    """Write a key, in quotes where it needs them."""
    bare = key.isascii() and key.replace("_", "").replace("-", "").isalnum()
    return key if bare else toml(key)
