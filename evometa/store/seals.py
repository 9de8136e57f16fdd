"""Seals: hashes over what may differ between repetitions of a run, and over which run it belongs to.

Every run has an identity, drawn when it begins. It goes into every seal but not into the chain, so that the same run
repeated has the same digest, and a row of another run, or of an earlier state of this one, is noticed all the same.
Table `meta` says how much there must be: the newest generation (`committed`), how often the file was changed
(`changes`) and the seal of every report (`reports`).
The identity lies there twice, since without it nothing can be verified.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from secrets import token_hex
from typing import Any

from evometa.store.cells import TYPES, fitting, within
from evometa.store.schema import Json, Row, canonical, seal

IDENTITY = ("identity", "identity_copy")
KINDS: Mapping[str, type | tuple[type, ...]] = {
    "format": int, "evometa": str, "config": dict, "environment": dict, "created": (int, float),
    "committed": int, "changes": int, "reports": dict, **dict.fromkeys(IDENTITY, str),
}  # fmt: skip
META = frozenset(KINDS)
OPENING: Json = {"committed": -1, "changes": 0, "reports": {}}  # of a run that has just begun


def new_identity() -> Json:
    """Return the entries of `meta` that make a run one of its own."""
    return dict.fromkeys(IDENTITY, token_hex(16))


def identity_of(connection: sqlite3.Connection) -> str:
    """Return the identity under which a run's entries are sealed; "" in a file of format 1, which has none."""
    rows = _entries(connection)
    for key in IDENTITY:
        claimed = _parsed(rows[key][0]) if key in rows else None
        if isinstance(claimed, str) and any(_holds(claimed, name, *rows[name]) for name in rows if name != key):
            return claimed
    return ""


def put_meta(connection: sqlite3.Connection, key: str, value: Any, identity: str | None = None) -> None:
    """Write one sealed entry of table `meta`, within the caller's transaction; `identity`: the run's, where known."""
    text = fitting("meta", canonical(value))
    owner = identity_of(connection) if identity is None else identity
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?, ?)", (key, text, _seal(owner, key, text)))


def get_meta(connection: sqlite3.Connection) -> Json:
    """Return the entries of table `meta` whose seals hold, and that are of their kind."""
    identity = identity_of(connection)
    sound = {
        key: _parsed(value)
        for key, (value, its_seal) in _entries(connection).items()
        if _holds(identity, key, value, its_seal)
    }
    return {key: value for key, value in sound.items() if isinstance(value, KINDS[key])}


def report_seal(identity: str, key: str, generation: int, value: str) -> bytes:
    """Return the seal of a report's row."""
    return _seal(identity, key, str(generation), value)


def reports_in(connection: sqlite3.Connection, key: str | None = None) -> Iterator[Row]:
    """Yield the rows of table `reports`, or of one report; a text that is larger than any of ours is NULL."""
    query = f"SELECT key, generation, {within('reports', 'value')}, seal FROM reports WHERE key = coalesce(?, key)"
    return connection.execute(query, (key,))


def report_problem(identity: str, listed: Any, rows: Iterable[Row]) -> str | None:
    """Say what is wrong with the rows of table `reports` (None: nothing), given the entry that lists them."""
    if not isinstance(listed, dict):
        return None  # the entry itself is damaged, and named for that
    there = set()
    for key, generation, value, its_seal in rows:
        there.add(key)
        sound = tuple(map(type, (key, generation, value, its_seal))) in TYPES["reports"]
        if (
            not sound
            or report_seal(identity, key, generation, value) != its_seal
            or not isinstance(_parsed(value), dict)
        ):
            return f"the report “{key}” does not fit its hash"
        if listed.get(key) != its_seal.hex():
            return f"the report “{key}” is not the one that was made last"
    missing = sorted(set(listed) - there)
    return f"the report “{missing[0]}” is missing" if missing else None


def _seal(identity: str, *parts: str) -> bytes:
    return seal(identity, *parts) if identity else seal(*parts)


def _holds(identity: str, key: Any, value: Any, its_seal: Any) -> bool:
    return isinstance(key, str) and isinstance(value, str) and _seal(identity, key, value) == its_seal


def _entries(connection: sqlite3.Connection) -> dict[Any, tuple[Any, Any]]:
    keys = ", ".join(f"'{key}'" for key in KINDS)
    rows = connection.execute(f"SELECT key, {within('meta', 'value')}, seal FROM meta WHERE key IN ({keys})").fetchall()
    return {key: (value, its_seal) for key, value, its_seal in rows}


def _parsed(text: Any) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return None
