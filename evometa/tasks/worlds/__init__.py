"""Stock worlds, a file each: TOML, or Python where parameters or tables need more than equations; and users' own."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from evometa.errors import InputError
from evometa.language.worlds.world import SECTIONS, World, read_world

FOLDER = Path(__file__).parent
_LONGEST = 1 << 20  # bytes of a file


@cache
def stock_worlds() -> tuple[str, ...]:
    """Return the names of the stock worlds."""
    files = [path for path in FOLDER.iterdir() if path.suffix in (".toml", ".py")]
    return tuple(sorted(path.stem for path in files if not path.stem.startswith("_")))


def find_world(name: str, settings: Mapping[str, float] | None = None) -> World:
    """Return a stock world by its name, or that of a TOML file by its path, with some settings changed.

    Raises InputError that names what is unknown or cannot be read.
    """
    if name.endswith(".toml"):
        world = _of_file(Path(name))
    elif name in stock_worlds():
        world = _stock(name)
    else:
        close = get_close_matches(name, stock_worlds(), n=3, cutoff=0.5)
        remedy = f"Nearest: {', '.join(close)}." if close else "A file of your own ends in .toml."
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
    try:
        with path.open("rb") as file:
            data = file.read(_LONGEST + 1)
    except OSError as error:
        raise InputError("a file of a world", error.strerror or str(error), str(path)) from error
    if len(data) > _LONGEST:
        raise InputError(f"a file of at most {_LONGEST} bytes", "a longer one", str(path))
    try:
        table: dict[str, Any] = tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError("TOML", str(error), str(path)) from error
    like = table.pop("like", None)
    return read_world(path.stem, table if like is None else _merged(like, table, path))


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
