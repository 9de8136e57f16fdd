"""Recipes: found by name, as a TOML file or a mapping, each put on top of the recipe that it builds on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import resources
from os.path import isabs, normpath, relpath, splitdrive
from pathlib import Path
from stat import S_ISDIR
from typing import Any

from evometa.config.keys import Path as Key
from evometa.config.keys import keys, nearest_name, section
from evometa.config.schema import Config
from evometa.config.section import cut, show
from evometa.config.settings import REPLACES
from evometa.config.source import Source
from evometa.config.toml import Data, parse, plain, read_text
from evometa.errors import InputError
from evometa.system.functions import name_of

RECIPES = resources.files("evometa") / "recipes"
FUNCTIONS = (("fitness", "objectives"), ("variation", "own"), ("evolution", "parents"), ("evolution", "survivors"))
DEEPEST = 16  # recipes that build on one another


@dataclass(frozen=True)
class Found:
    """A recipe's own text: `label` for messages, `folder` that its paths start from, `name` that it gives a run."""

    label: str
    text: str
    folder: Path
    name: str

    def data(self) -> Data:
        """Return what the text says. Raises InputError."""
        return {"name": self.name, **plain(parse(self.text, self.label), self.label)}


def recipes() -> dict[str, str]:
    """Names of the built-in recipes, each with its description."""
    names = sorted(entry.name[:-5] for entry in RECIPES.iterdir() if entry.name.endswith(".toml"))
    return {name: str(_built_in(name).data().get("description", "")) for name in names}


def read(recipe: str | Path | Mapping[str, Any] | Config) -> tuple[Data, Source]:
    """Return what a recipe says, with all that it builds on, and where each value stands. Raises InputError."""
    if isinstance(recipe, Config):
        data = recipe.model_dump(warnings=False)  # a copy with other values was not checked: `validate` does
        return _built(plain(data, "configuration"), Source("configuration"), Path(), ())
    if isinstance(recipe, Mapping):
        return _built(plain(_with_names(recipe), "configuration"), Source("configuration"), Path(), ())
    if not isinstance(recipe, (str, Path)):
        wanted = "a recipe's name, a TOML file, a mapping or a Config"
        raise InputError(wanted, f"{show(recipe)} ({type(recipe).__name__})", "recipe")
    found = _find(recipe, Path(), show(str(recipe)).strip('"'))
    return _built(found.data(), Source(found.label, found.text), found.folder, (found.label,))


def _with_names(recipe: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a recipe with the names of functions, module:function, in place of functions where there may be any."""
    found = dict(recipe)
    for name, key in FUNCTIONS:
        table = found.get(name)
        if isinstance(table, Mapping) and key in table:
            found[name] = {**table, key: _names(table[key])}
    tasks = recipe.get("tasks")
    if isinstance(tasks, (list, tuple)):
        found["tasks"] = [_with_name(table) for table in tasks]
    elif "tasks" in recipe:
        found["tasks"] = _with_name(tasks)
    return found


def _names(value: Any) -> Any:
    """Return the name of a function, or names for those in a list or among the keys of a table."""
    if isinstance(value, Mapping):
        return {_names(key): share for key, share in value.items()}
    if isinstance(value, (list, tuple)):
        return [name_of(one) if callable(one) else one for one in value]
    return name_of(value) if callable(value) else value


def _with_name(table: Any) -> Any:
    function = table.get("function") if isinstance(table, Mapping) else None
    return {"family": "function", **table, "function": name_of(function)} if callable(function) else table


def _find(recipe: str | Path, folder: Path, where: str) -> Found:
    """Find a recipe by its name, or by its path from `folder`."""
    name = str(recipe)
    if isinstance(recipe, str) and re.fullmatch(r"[\w-]{1,64}", name) and (RECIPES / f"{name}.toml").is_file():
        return _built_in(name)
    path = folder / name
    mode = _mode(path)
    wanted = "a recipe's name or a TOML file"
    if path.suffix == ".db" or (mode is not None and S_ISDIR(mode)):
        raise InputError(wanted, "a folder or a run", where, "To go on with a run: evometa resume")
    if mode is None:
        beside = path.name and _mode(path.with_name(f"{path.name}.toml")) is not None
        near = f"Did you mean {cut(name)}.toml?" if beside else nearest_name(name, recipes())
        raise InputError(wanted, "neither", where, f"{near} `evometa list recipes` describes the built-in ones.")
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", path.stem).strip("-_")[:64]
    return Found(normpath(path), read_text(path, where), path.parent, stem or "custom")


def _built_in(name: str) -> Found:
    return Found(f"recipe {name}", (RECIPES / f"{name}.toml").read_text(encoding="utf-8"), Path(), name)


def _mode(path: Path) -> int | None:
    """Return a file's mode; None where there is none, or where no file can have such a name."""
    try:
        return path.stat().st_mode
    except (OSError, ValueError):
        return None


def _built(data: Data, source: Source, folder: Path, chain: tuple[str, ...]) -> tuple[Data, Source]:
    """Put a recipe on top of the one that its key `base` names; `chain`: those that build on this one, and itself."""
    wanted = data.pop("base", None)
    if isinstance(data.get("tasks"), list) and len(data["tasks"]) == 1:
        data["tasks"] = data["tasks"][0]
    source = replace(source, folder=folder.absolute(), relative=anchor(data, folder.absolute()))
    if wanted is None:
        return data, source
    where = source.where(("base",))
    if not isinstance(wanted, str) or not wanted:
        raise InputError("the name of a recipe, or the path of a TOML file from here", show(wanted), where)
    found = _find(wanted, folder, where)
    if found.label in chain:
        raise InputError("a recipe that does not build on itself", " → ".join((*chain, found.label)), where)
    if len(chain) >= DEEPEST:
        raise InputError(f"at most {DEEPEST} recipes that build on one another", "more", where)
    below, origin = _built(found.data(), Source(found.label, found.text), found.folder, (*chain, found.label))
    own = {"name": data.pop("name", "custom"), "description": data.pop("description", ""), **data}
    merged, replaced = merge(below, own)
    return merged, replace(source, base=origin, replaced=replaced, relative=source.relative | origin.relative)


def merge(below: Data, own: Data, path: Key = ()) -> tuple[Data, frozenset[Key]]:
    """Put a recipe's own values on top; return the paths whose values are its own, too.

    Sections are merged key by key, `[tasks]` only where the family stays the same; all other values, lists and
    `[[tasks]]` among them, are replaced as a whole, and so is a key that says the same in another way (REPLACES).
    """
    merged, replaced = dict(below), set[Key]()
    for key, value in own.items():
        place = (*path, key)
        old = below.get(key)
        if isinstance(value, dict) and isinstance(old, dict) and _merges(place, old, value):
            merged[key], inner = merge(old, value, place)
            replaced |= inner
        else:
            merged[key] = value
            replaced.add(place)
        other = REPLACES.get(place)
        if other is not None and other[-1] not in own:
            merged.pop(str(other[-1]), None)
    return merged, frozenset(replaced)


def _merges(path: Key, old: Data, value: Data) -> bool:
    if path == ("tasks",):
        return "family" not in value or value["family"] == old.get("family")
    field = keys().get(".".join(map(str, path)))
    return field is not None and section(field) is not None


def anchor(data: Data, folder: Path) -> frozenset[str]:
    """Make the tasks' relative paths absolute, and return them: recipes in several folders may build on one another."""
    changed = set[str]()
    for table in _tables(data):
        if table.get("family") == "function":
            table.setdefault("path", ".")
        path = table.get("path")
        if isinstance(path, str) and path and not isabs(path):
            table["path"] = str(folder / path)
            changed.add(table["path"])
    return frozenset(changed)


def loosen(data: Data, relative: frozenset[str], folder: Path) -> None:
    """Write those of the tasks' paths from a folder that were given relative, so that a run may travel with its data.

    `relative`: those, as `anchor` returns them.
    """
    for table in _tables(data):
        path = table.get("path")
        if isinstance(path, str) and path in relative and splitdrive(path)[0] == folder.drive:
            table["path"] = relpath(path, folder)


def _tables(data: Data) -> list[Data]:
    tables = data.get("tasks")
    return [table for table in (tables if isinstance(tables, list) else [tables]) if isinstance(table, dict)]
