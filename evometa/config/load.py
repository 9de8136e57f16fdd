"""From a recipe (a name, a TOML file, a mapping, a stored run) to a checked `Config`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from evometa.config.keys import Path as Key
from evometa.config.messages import explain
from evometa.config.recipes import anchor, loosen, read
from evometa.config.schema import Config
from evometa.config.section import show
from evometa.config.settings import apply_settings, put
from evometa.config.source import Source
from evometa.config.toml import Data, plain
from evometa.config.upgrade import upgrade
from evometa.errors import InputError


@dataclass(frozen=True)
class Loaded:
    """A checked configuration and where it came from (for later messages about its values)."""

    config: Config
    source: Source


def load(
    recipe: str | Path | Mapping[str, Any] | Config,
    settings: Sequence[str] = (),
    *,
    seed: int | None = None,
    generations: int | None = None,
    backend: str | None = None,
    on: str | None = None,
) -> Loaded:
    """Read a recipe, put the settings on top, and check it all. Raises InputError.

    `recipe`: a built-in recipe's name, a TOML file, a mapping shaped like one, or a Config; `settings`: texts
    `a.b=c`; the four options go last.
    """
    data, source = read(recipe)
    options = apply_settings(data, settings)
    loosen(data, source.relative | anchor(data, Path.cwd()), source.folder)
    options |= _put_options(data, seed=seed, generations=generations, backend=backend, on=on)
    return validate(data, replace(source, options=options))


def restore(
    stored: str | Mapping[str, Any], label: str, *, generations: int | None = None, backend: str | None = None,
    on: str | None = None,
) -> Config:  # fmt: skip
    """Return the Config that a run kept, in `keep`'s form or its text, with these options put in. Raises InputError."""
    try:
        data = json.loads(stored) if isinstance(stored, str) else stored
    except (ValueError, RecursionError) as error:
        raise InputError("a configuration in JSON", f"unreadable text ({error})", label) from None
    data = plain(data, label, stored=True)
    if not isinstance(data, dict):
        raise InputError("a configuration in JSON", show(data), label)
    data = upgrade(data)
    options = _put_options(data, generations=generations, backend=backend, on=on)
    return validate(data, Source(label, options=options, stored=True)).config


def keep(config: Config) -> Data:
    """Return a configuration as a run keeps it, having read it again: what is stored can always be restored."""
    data = config.model_dump(mode="json")
    if restore(data, "the configuration to be kept") != config:
        raise AssertionError("a configuration that reads differently once it is stored")
    return data


OPTIONS: dict[str, tuple[str, ...]] = {
    "seed": ("seed",),
    "generations": ("run", "generations"),
    "backend": ("run", "backend"),
    "on": ("run", "on"),
}
"""Options of their own, each with the key that it sets."""


def _put_options(data: Data, **options: Any) -> dict[Key, str]:
    """Put the options that are given into `data`; return the words for each path that was set."""
    given = {name: value for name, value in options.items() if value is not None}
    for name, value in given.items():
        put(data, OPTIONS[name], plain(value, f"--{name}"))
    return {
        OPTIONS[name]: f"--{name} {value if isinstance(value, str) else show(value)}" for name, value in given.items()
    }


def validate(data: Any, source: Source) -> Loaded:
    """Check parsed data against the schema. Raises InputError."""
    try:
        return Loaded(Config.model_validate(data), source)
    except ValidationError as error:
        raise explain(error, data, source) from None
