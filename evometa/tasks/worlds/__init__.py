"""Stock worlds, a file each: TOML, or Python where parameters or tables need more than equations; and users' own."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from evometa.errors import FunctionFailed, InputError
from evometa.language.worlds.world import SECTIONS, World, read_world
from evometa.system.disk import read_bounded, special
from evometa.system.functions import NAME, called, imported_object

FOLDER = Path(__file__).parent
_LONGEST = 1 << 20  # bytes of a file


@cache
def stock_worlds() -> tuple[str, ...]:
    """Return the names of the stock worlds."""
    files = [path for path in FOLDER.iterdir() if path.suffix in (".toml", ".py")]
    return tuple(sorted(path.stem for path in files if not path.stem.startswith("_")))


def find_world(name: str, settings: Mapping[str, float] | None = None, folder: Path | None = None) -> World:
    """Return a world with some settings changed: a stock world by its name, or one's own.

    That is one of a TOML file (`mine.toml`), or a World of a Python file or of a module (`mine.py:WORLD`,
    `module:WORLD`), or what a function without arguments gives there. `folder`: the one that paths begin at, and that
    modules are imported from. Raises InputError that names what is unknown or cannot be read.
    """
    folder = folder or Path()
    if name.endswith(".toml"):
        world = _of_file(folder / name)
    elif ":" in name:
        world = _of_python(name, folder)
    elif name in stock_worlds():
        world = _stock(name)
    else:
        close = get_close_matches(name, stock_worlds(), n=3, cutoff=0.5)
        remedy = f"Nearest: {', '.join(close)}." if close else "Worlds of your own: mine.toml, or mine.py:WORLD."
        raise InputError(f"a world ({', '.join(stock_worlds())}) or a file", repr(name), "world", remedy)
    return world.with_settings(**(settings or {}))


def _stock(name: str) -> World:
    """Return a stock world as it stands in its file."""
    if (FOLDER / f"{name}.toml").exists():
        return _of_file(FOLDER / f"{name}.toml")
    found: World = import_module(f"{__name__}.{name}").WORLD
    return found


def _of_file(path: Path) -> World:
    """Read a world from a TOML file; `like` names a stock world, of which it says only what differs."""
    data = read_bounded(path, _LONGEST, "a file of a world")
    try:
        table: dict[str, Any] = tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError("TOML", str(error), str(path)) from error
    like = table.pop("like", None)
    return read_world(path.stem, table if like is None else _merged(like, table, path))


def _of_python(name: str, folder: Path) -> World:
    """Import a world, or a function that gives one."""
    place, _, own = name.rpartition(":")
    if place.endswith(".py"):
        path = folder / place
        if not path.is_file():
            raise InputError("a file of a world", special(path) or "no file there", str(path))
        folder, place = path.parent, path.stem
    if not re.fullmatch(NAME, f"{place}:{own}"):
        raise InputError("a world as mine.py:WORLD or module:WORLD", repr(name), "world")
    found = imported_object(f"{place}:{own}", folder, "world", what="a world")
    if callable(found) and not isinstance(found, World):
        try:
            found = called(name, found, "a World")
        except FunctionFailed as error:
            raise error.tried("world") from error
    if not isinstance(found, World):
        raise InputError("a World (evometa.language.worlds.world)", type(found).__name__, f"world {name}")
    return found


def _merged(like: Any, table: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Return a stock world's table with what a file says otherwise; sections are joined, name by name."""
    others = sorted(each.stem for each in FOLDER.glob("*.toml"))
    if like not in others:
        raise InputError(f"a stock world in TOML ({', '.join(others)})", repr(like), f"{path}, like")
    base: dict[str, Any] = tomllib.loads((FOLDER / f"{like}.toml").read_text(encoding="utf-8"))
    for key, value in table.items():
        joined = key in SECTIONS and isinstance(value, dict)
        base[key] = {**base.get(key, {}), **value} if joined else value
    return base
