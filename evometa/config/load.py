"""From a recipe (a name, a TOML file, a mapping, a stored run) to a checked `Config`."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from evometa.config.explain import explain
from evometa.config.keys import Path as Key
from evometa.config.keys import nearest_name
from evometa.config.schema import Config
from evometa.config.section import show
from evometa.config.settings import apply_settings, put
from evometa.config.source import Source
from evometa.config.upgrade import upgrade
from evometa.errors import InputError

RECIPES = resources.files("evometa") / "recipes"


@dataclass(frozen=True)
class Loaded:
    """A checked configuration and where it came from (for later messages about its values)."""

    config: Config
    source: Source


def recipes() -> dict[str, str]:
    """Names of the built-in recipes, each with its description."""
    names = sorted(entry.name[:-5] for entry in RECIPES.iterdir() if entry.name.endswith(".toml"))
    return {name: str(_parse_recipe(name).get("description", "")) for name in names}


def load(
    recipe: str | Path | Mapping[str, Any] | Config,
    settings: Sequence[str] = (),
    *,
    seed: int | None = None,
    generations: int | None = None,
    backend: str | None = None,
) -> Loaded:
    """Read a recipe, put the settings on top, and check it all. Raises InputError.

    `recipe`: a built-in recipe's name, a TOML file, a mapping shaped like one, or a Config; `settings`: texts
    `a.b=c`; the three options go last.
    """
    if isinstance(recipe, Config):
        label, text, data = "configuration", "", recipe.model_dump(mode="json")
    elif isinstance(recipe, Mapping):
        label, text, data = "configuration", "", deepcopy(dict(recipe))
    else:
        label, text, data = _read(recipe)
    if isinstance(data.get("tasks"), (list, tuple)):
        data["tasks"] = data["tasks"][0] if len(data["tasks"]) == 1 else list(data["tasks"])
    options = apply_settings(data, list(settings))
    _anchor(data, Path.cwd())
    options |= _put_options(data, seed=seed, generations=generations, backend=backend)
    return validate(data, Source(label, text, options))


def restore(
    stored: str | Mapping[str, Any], label: str, *, generations: int | None = None, backend: str | None = None
) -> Config:
    """Return the Config that a run kept, in `keep`'s form or its text, with these options put in. Raises InputError."""
    try:
        data = json.loads(stored) if isinstance(stored, str) else deepcopy(dict(stored))
    except (ValueError, RecursionError) as error:
        raise InputError("a configuration in JSON", f"unreadable text ({error})", label) from None
    if not isinstance(data, dict):
        raise InputError("a configuration in JSON", show(data), label)
    data = upgrade(data)
    options = _put_options(data, generations=generations, backend=backend)
    return validate(data, Source(label, options=options, stored=True)).config


def keep(config: Config) -> dict[str, Any]:
    """Return a configuration as a run keeps it, having read it again: what is stored can always be restored."""
    data = config.model_dump(mode="json")
    if restore(data, "the configuration to be kept") != config:
        raise AssertionError("a configuration that reads differently once it is stored")
    return data


OPTIONS: dict[str, tuple[str, ...]] = {
    "seed": ("seed",),
    "generations": ("run", "generations"),
    "backend": ("run", "backend"),
}
"""Options of their own, each with the key that it sets."""


def _put_options(data: dict[str, Any], **options: Any) -> dict[Key, str]:
    """Put the options that are given into `data`; return the words for each path that was set."""
    given = {name: value for name, value in options.items() if value is not None}
    for name, value in given.items():
        put(data, OPTIONS[name], value)
    return {
        OPTIONS[name]: f"--{name} {value if isinstance(value, str) else show(value)}" for name, value in given.items()
    }


def validate(data: Any, source: Source) -> Loaded:
    """Check parsed data against the schema. Raises InputError."""
    try:
        return Loaded(Config.model_validate(data), source)
    except ValidationError as error:
        raise explain(error, data, source) from None


def _read(recipe: str | Path) -> tuple[str, str, dict[str, Any]]:
    """Find and parse a recipe; return its label for messages, its text, and its data."""
    name, path = str(recipe), Path(recipe)
    if isinstance(recipe, str) and (RECIPES / f"{name}.toml").is_file() and re.fullmatch(r"[\w-]+", name):
        return f"recipe {name}", _recipe_text(name), _parse_recipe(name)
    if path.is_dir() or path.suffix == ".db":
        raise InputError(
            "a recipe's name or a TOML file", "a folder or a run", name, "To go on with a run: evometa resume"
        )
    if not path.exists():
        remedy = f"{nearest_name(name, recipes())} See `evometa list recipes`."
        if path.with_name(f"{path.name}.toml").exists():
            remedy = f"Did you mean {name}.toml?"
        raise InputError("a recipe's name or a TOML file", "neither", name, remedy)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("a readable TOML file in UTF-8", str(error), name) from None
    data = parse(text, name)
    _anchor(data, path.parent.absolute())
    data.setdefault("name", re.sub(r"[^A-Za-z0-9_-]+", "-", path.stem).strip("-_")[:64] or "custom")
    return name, text, data


def _anchor(data: dict[str, Any], folder: Path) -> None:
    """Make the tasks' relative paths absolute, so that a run finds its data without the recipe's file."""
    tables = data.get("tasks")
    for table in [tables] if isinstance(tables, dict) else tables if isinstance(tables, (list, tuple)) else []:
        if not isinstance(table, dict):
            continue
        if table.get("family") == "function":
            table.setdefault("path", ".")
        if isinstance(table.get("path"), str) and table["path"]:
            table["path"] = str(folder / table["path"])


def parse(text: str, label: str) -> dict[str, Any]:
    """Parse TOML. Raises InputError with line and column."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message, _, place = str(error).partition(" (at ")
        where = f"{label}, {place.rstrip(')')}" if place else label
        twice = message.startswith("Cannot")
        remedy = "A key or table is there twice." if twice else 'Text needs quotes: key = "text".'
        raise InputError("TOML", message[:1].lower() + message[1:], where, remedy) from None


def _recipe_text(name: str) -> str:
    return (RECIPES / f"{name}.toml").read_text(encoding="utf-8")


def _parse_recipe(name: str) -> dict[str, Any]:
    return {"name": name, **parse(_recipe_text(name), f"recipe {name}")}
