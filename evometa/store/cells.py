"""What the cells of a run file hold, looked at before it counts: SQLite keeps any type anywhere."""

from __future__ import annotations

import json
import sqlite3
from itertools import product
from typing import Any

from evometa.store.schema import ENTRY, Json, Row


def _types(*columns: type | tuple[type, ...]) -> frozenset[tuple[type, ...]]:
    return frozenset(product(*(one if isinstance(one, tuple) else (one,) for one in columns)))


_REAL = (float, type(None))
TYPES = {
    "meta": _types(str, str, bytes),
    "generations": _types(str, str, str, bytes, bytes),
    "graphs": _types(str, int, str),
    "reports": _types(str, int, str, bytes),
    "contents": _types(int, int, int, bytes, bytes, bytes),
    "pieces": _types(int, int, bytes, bytes),
    "individuals": _types(int, int, str, str, bytes, bytes),
    "evaluations": _types(int, int, bytes, _REAL, _REAL, int, int, str),
}
GRAPHS = "SELECT key, generation, text FROM graphs WHERE generation = ? ORDER BY key"
OF_GENERATIONS = {
    "generations": "number",
    **dict.fromkeys(("graphs", "contents", "pieces", "individuals", "evaluations", "reports"), "generation"),
}
"""In which column of a table a generation's number stands."""


def typed(table: str, row: Row) -> Row:
    """Return a row of a table. Raises TypeError where it holds something of another type than the table's."""
    if tuple(map(type, row)) not in TYPES[table]:
        raise TypeError(f"a row of table {table} holds a value of another type")
    return row


def within(table: str, column: str) -> str:
    """Return the SQL of a column of JSON that is NULL where its text is larger than any of ours."""
    return f"CASE WHEN length(CAST({column} AS BLOB)) <= {ENTRY[table]} THEN {column} END"


def fitting(table: str, text: str) -> str:
    """Return a JSON text for a table. Raises sqlite3.DataError where it is one that no reader would take."""
    if len(text) > ENTRY[table]:
        raise sqlite3.DataError("a value larger than any of ours")
    return text


def parsed(text: Any) -> Json:
    """Return a stored JSON object. Raises ValueError or TypeError for anything else."""
    try:
        found = json.loads(text)
    except RecursionError:
        raise ValueError("JSON that is nested too deeply") from None
    if not isinstance(found, dict):
        raise ValueError("JSON that is no object")
    return found


def head(connection: sqlite3.Connection, number: int) -> tuple[str, str, str, bytes, bytes] | None:
    """Return state, statistics, timing, chain and seal of a generation, unchecked; None where there is none."""
    columns = ", ".join(within("generations", name) for name in ("state", "statistics", "timing"))
    query = f"SELECT {columns}, chain, seal FROM generations WHERE number = ?"
    found = connection.execute(query, (number,)).fetchall()
    return typed("generations", found[0]) if found else None  # type: ignore[return-value]


def strays(connection: sqlite3.Connection) -> str | None:
    """Name a table with rows that belong to no generation, and so to no hash; None where there is none."""
    for table, column in OF_GENERATIONS.items():
        odd = f"typeof({column}) <> 'integer' OR {column} < {-1 if table == 'reports' else 0}"
        if connection.execute(f"SELECT 1 FROM {table} WHERE {odd} LIMIT 1").fetchall():
            return table
    for table, column, owner in (("genomes", "id", "individuals"), ("pieces", "generation", "contents")):
        query = f"SELECT 1 FROM {table} WHERE {column} NOT IN (SELECT {column} FROM {owner}) LIMIT 1"
        if connection.execute(query).fetchall():
            return table
    return None


def newest(connection: sqlite3.Connection) -> int:
    """Return the number of the newest generation of which there is a trace; −1 for none."""
    found = -1
    for table, column in OF_GENERATIONS.items():
        query = f"SELECT coalesce(max({column}), -1) FROM {table} WHERE typeof({column}) = 'integer'"
        found = max(found, connection.execute(query).fetchone()[0])
    return found
