"""Seals: hashes over what may differ between repetitions of a run, and over which run it belongs to.

Every run has an identity, drawn when it begins. It goes into every seal but not into the chain, so that the same run
repeated has the same digest, and a row of another run, or of an earlier state of this one, is noticed all the same.
Table `meta` says how much there must be: the newest generation (`committed`) and the seal of every report (`reports`).
The identity lies there twice, since without it nothing can be verified.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from secrets import token_hex
from typing import Any

from evometa.store.schema import Row, canonical, seal

IDENTITY = ("identity", "identity_copy")
META = frozenset({"format", "evometa", "config", "environment", "created", "committed", "reports", *IDENTITY})
OPENING: Mapping[str, Any] = {"committed": -1, "reports": {}}  # of a run that has just begun


def new_identity() -> dict[str, Any]:
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
    text = canonical(value)
    owner = identity_of(connection) if identity is None else identity
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?, ?)", (key, text, _seal(owner, key, text)))


def get_meta(connection: sqlite3.Connection) -> dict[str, Any]:
    """Return the entries of table `meta` whose seals hold."""
    identity = identity_of(connection)
    return {
        key: json.loads(value)
        for key, (value, its_seal) in _entries(connection).items()
        if _holds(identity, key, value, its_seal)
    }


def report_seal(identity: str, key: str, generation: int, value: str) -> bytes:
    """Return the seal of a report's row."""
    return _seal(identity, key, str(generation), value)


def report_problem(identity: str, listed: Any, rows: list[Row]) -> str | None:
    """Say what is wrong with the rows of table `reports` (None: nothing), given the entry that lists them."""
    if not isinstance(listed, dict):
        return None  # the entry itself is damaged, and named for that
    for key, generation, value, its_seal in rows:
        if not isinstance(value, str) or report_seal(identity, key, generation, value) != its_seal:
            return f"the report “{key}” does not fit its hash"
        if listed.get(key) != its_seal.hex():
            return f"the report “{key}” is not the one that was made last"
    missing = sorted(set(listed) - {row[0] for row in rows})
    return f"the report “{missing[0]}” is missing" if missing else None


def _seal(identity: str, *parts: str) -> bytes:
    return seal(identity, *parts) if identity else seal(*parts)


def _holds(identity: str, key: Any, value: Any, its_seal: Any) -> bool:
    return isinstance(key, str) and isinstance(value, str) and _seal(identity, key, value) == its_seal


def _entries(connection: sqlite3.Connection) -> dict[Any, tuple[Any, Any]]:
    rows = connection.execute("SELECT key, value, seal FROM meta").fetchall()
    return {key: (value, its_seal) for key, value, its_seal in rows}


def _parsed(text: Any) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return None
