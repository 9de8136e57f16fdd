"""Addresses of the dashboard: what a page shows is read from its address, and links are written, here alone.

A run's key in an address is its folder's name, every byte but letters, digits and `_.-~` percent-encoded. Keys
are looked up among the runs that were found; no part of an address ever becomes a path.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote_to_bytes

LONGEST = 8192  # characters of an address that are looked at
MOST = 8  # runs that are compared at once

_NUMBER = re.compile(r"[0-9]{1,15}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Route:
    """What an address asks for: a page, runs by their keys, individuals by their numbers."""

    page: str = "absent"  # runs, compare, run, lineage, individual, pair; absent: there is no such page
    runs: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()


def route_of(pathname: object, search: object = "") -> Route:
    """Read an address as a browser has it, whatever was typed there."""
    if not isinstance(pathname, str) or len(pathname) > LONGEST:
        return Route()
    match [part for part in pathname.split("/") if part]:
        case []:
            return Route("runs")
        case ["compare"]:
            return Route("compare", _asked(search))
        case ["run", run]:
            return Route("run", _keys(run))
        case ["run", run, "lineage"]:
            return Route("lineage", _keys(run))
        case ["run", run, "lineage", number] if _NUMBER.fullmatch(number):
            return Route("lineage", _keys(run), (int(number),))
        case ["run", run, "individual", number] if _NUMBER.fullmatch(number):
            return Route("individual", _keys(run), (int(number),))
        case ["run", run, "individual", child, "beside", parent] if all(map(_NUMBER.fullmatch, (child, parent))):
            return Route("pair", _keys(run), (int(child), int(parent)))
    return Route()


def key_of(name: str | bytes) -> str:
    """Return the key of a folder's name, as the file system gives it."""
    return quote(name.encode(errors="surrogateescape") if isinstance(name, str) else name, safe="")


def to_run(key: str) -> str:
    """Return the address of a run's page."""
    return f"/run/{key}"


def to_lineage(key: str, number: int) -> str:
    """Return the address of an individual's family tree."""
    return f"/run/{key}/lineage/{number}"


def to_individual(key: str, number: int) -> str:
    """Return the address of an individual's page."""
    return f"/run/{key}/individual/{number}"


def to_pair(key: str, child: int, parent: int) -> str:
    """Return the address of a child and its parent side by side."""
    return f"/run/{key}/individual/{child}/beside/{parent}"


def to_comparison(keys: list[str]) -> str:
    """Return the address of several runs side by side."""
    return "/compare" + "".join(f"{'&' if n else '?'}run={quote(key, safe='')}" for n, key in enumerate(keys[:MOST]))


def _keys(*segments: str) -> tuple[str, ...]:
    """Return the keys that segments of an address stand for, however they were encoded."""
    return tuple(key_of(unquote_to_bytes(segment.encode(errors="replace"))) for segment in segments)


def _asked(search: object) -> tuple[str, ...]:
    """Return the keys in a query `?run=…&run=…`, each once."""
    if not isinstance(search, str) or len(search) > LONGEST:
        return ()
    try:
        pairs = parse_qsl(search.removeprefix("?"), errors="surrogateescape", max_num_fields=4 * MOST)
    except ValueError:  # more fields than any comparison has
        return ()
    return tuple(dict.fromkeys(_keys(*(value for name, value in pairs if name == "run"))))[:MOST]
