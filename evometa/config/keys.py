"""Every key of the configuration by its dotted path, and the nearest one to a misspelt name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import cache
from typing import get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from evometa.config.schema import Config
from evometa.config.section import cut
from evometa.config.task_set import TaskSet
from evometa.config.tasks import families, model, names

Path = tuple[str | int, ...]
BEGINNING = 3  # letters that keys may have in common to be taken for each other


def section(field: FieldInfo) -> type[BaseModel] | None:
    """Return the model of a key that is a table of its own, else None."""
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def rows(field: FieldInfo | None) -> type[BaseModel] | None:
    """Return the model of each table in a key that holds tables by names of the user's own, else None."""
    if field is None or get_origin(field.annotation) is not dict:
        return None
    kind = get_args(field.annotation)[1]
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def items(field: FieldInfo | None) -> type[BaseModel] | None:
    """Return the model of each table in a key that holds a list of tables, else None."""
    if field is None or get_origin(field.annotation) is not tuple:
        return None
    kind = get_args(field.annotation)[0]
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) and kind is not TaskSet else None


@cache
def keys(family: str | None = None) -> dict[str, FieldInfo]:
    """All keys and tables by dotted path, in order; for `tasks` those of one family or of all."""
    models: list[type[BaseModel]] = [model(family)] if family in names() else list(families().values())
    return dict(_walk(Config, "", models))


def _walk(model: type[BaseModel], prefix: str, tasks: list[type[BaseModel]]) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        if (model, name) == (TaskSet, "settings"):
            for settings in tasks:
                yield from _walk(settings, prefix, tasks)
            continue
        yield prefix + name, field
        inner = TaskSet if (model, name) == (Config, "tasks") else section(field)
        if inner is not None:
            yield from _walk(inner, f"{prefix}{name}.", tasks)


def dotted(path: Path) -> str:
    """Write a path as `--set` takes it: `tasks.0.ways`."""
    return ".".join(cut(str(part)) for part in path)


def _names(path: Path) -> list[str]:
    """Return a path without the positions in lists."""
    return [part for part in path if isinstance(part, str)]


def nearest_key(path: Path, family: str | None) -> str:
    """Say which valid key an unknown one at `path` is likely meant to be, or which keys there are."""
    names = [name[:80].casefold() for name in _names(path)]  # no key has a capital
    known = [*keys(family), "base"]
    prefix = "".join(f"{name}." for name in names[:-1])
    table = rows(keys(family).get(".".join(names[:-2]))) or items(keys(family).get(prefix[:-1]))
    known += [prefix + name for name in table.model_fields] if table else []
    beside = [key[len(prefix) :] for key in known if key.startswith(prefix) and "." not in key[len(prefix) :]]
    last = {key: key.rpartition(".")[2] for key in known}
    near = [prefix + name for name in get_close_matches(names[-1], beside, 1, 0.7)]
    close = (
        list(dict.fromkeys([*near, *(key for key in known if last[key] == names[-1])]))
        or [prefix + name for name in beside if name[:BEGINNING] == names[-1][:BEGINNING]]  # popsize, population
        or ([] if beside else get_close_matches(".".join(names), known, 1, 0.7))  # else of like names of their section
        or [key for key in known if last[key] in get_close_matches(names[-1], last.values(), 1, 0.7)]
    )
    if close:
        if len(path) > 2 and isinstance(path[1], int):
            close = [key.replace("tasks.", f"tasks.{path[1]}.", 1) for key in close]
        return f"Did you mean {' or '.join(close[:3])}?"
    return f"Known keys of {prefix[:-1] or 'the top level'}: {', '.join(beside)}."


def nearest_name(name: str, choices: Iterable[str]) -> str:
    """Say which of the valid names is meant, or list them all."""
    folded: dict[str, list[str]] = {}
    for choice in choices:
        folded.setdefault(choice.casefold(), []).append(choice)
    name = name[:80].casefold()
    near = get_close_matches(name, folded, 3, 0.6)
    near = near or [c for c in folded if name and (name.startswith(c) or c.startswith(name))]
    close = [choice for one in near for choice in folded[one]]
    return (
        f"Did you mean {' or '.join(close)}?"
        if close
        else f"Known: {', '.join(choice for some in folded.values() for choice in some)}."
    )
