"""The rows of a generation as they lie in a file: read one after the other, so in bounded memory, and checked.

SQLite keeps any type in any column, and JSON of bytes is that of their hexadecimal text: so what a row holds is looked
at before it counts as what the chain of hashes covers.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import product
from typing import Any

from evometa.store.schema import ENTRY, Json, Row, canonical_rows, genome_key, pruned_mark

PIECE = 1 << 16  # characters that are hashed at once

ROWS = {
    "graphs": "SELECT key, generation, text FROM graphs WHERE generation = ? ORDER BY key",
    "individuals": "SELECT id, generation, parents, operator, genome, signature FROM individuals"
    " WHERE generation = ? ORDER BY id",
    "evaluations": "SELECT * FROM evaluations WHERE generation = ? ORDER BY id",
}  # in the order of the chain
TEXTS = "SELECT genomes.id, text FROM individuals JOIN genomes USING (id) WHERE generation = ? ORDER BY genomes.id"
_GENOMES = "SELECT id, genome, text FROM individuals LEFT JOIN genomes USING (id) WHERE generation = ? ORDER BY id"
_PARENTS = re.compile(r"\[(?:[0-9]{1,19}(?:,[0-9]{1,19})*)?\]")


def _types(*columns: type | tuple[type, ...]) -> frozenset[tuple[type, ...]]:
    return frozenset(product(*(one if isinstance(one, tuple) else (one,) for one in columns)))


_REAL = (float, type(None))
TYPES = {
    "meta": _types(str, str, bytes),
    "generations": _types(str, str, str, bytes, bytes),
    "graphs": _types(str, int, str),
    "individuals": _types(int, int, str, str, bytes, bytes),
    "evaluations": _types(int, int, bytes, _REAL, _REAL, int, int, str),
    "reports": _types(str, int, str, bytes),
}


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


def link(connection: sqlite3.Connection, number: int, state: str, previous: bytes) -> bytes:
    """Return the link of the chain that a generation's rows give, as `Generation.link` does.

    Raises TypeError or ValueError for rows that hold something else than they should.
    """
    digest, waiting, size = sha256(previous), [], 0
    for piece in _json(connection, number, state):
        waiting.append(piece)
        size += len(piece)
        if size > PIECE:
            digest.update("".join(waiting).encode())
            waiting, size = [], 0
    digest.update("".join(waiting).encode())
    return digest.digest()


def _json(connection: sqlite3.Connection, number: int, state: str) -> Iterator[str]:
    yield f"[{number},"
    for table, query in ROWS.items():
        yield "["
        between = ""
        for row in _sound(table, connection.execute(query, (number,))):
            yield between + canonical_rows(row)
            between = ","
        yield "],"
    yield f"{canonical_rows(state)}]"


def _sound(table: str, rows: Iterable[Row]) -> Iterator[Row]:
    for row in rows:
        typed(table, row)
        if table == "individuals" and not _PARENTS.fullmatch(row[2]):
            raise ValueError(f"individual {row[0]} has no list of parents")
        if table == "evaluations":
            if not row[2] or len(row[2]) % 8:
                raise ValueError(f"individual {row[1]} has no list of fitness")
            if row[7] != "{}":
                parsed(row[7])
        yield row


def damaged_genome(connection: sqlite3.Connection, number: int) -> int | None:
    """Return the first individual of a generation whose genome is neither that of its key nor marked as pruned."""
    for individual, key, text in connection.execute(_GENOMES, (number,)):
        if not is_genome(key, text):
            return int(individual)
    return None


def is_genome(key: bytes, text: Any) -> bool:
    """Tell whether a stored text is the genome of a key, or the mark of one that was pruned."""
    return genome_key(text) == key if isinstance(text, str) else bool(pruned_mark(key) == text)


def strays(connection: sqlite3.Connection) -> str | None:
    """Name a table with rows that belong to no generation, and so to no hash; None where there is none."""
    for table, column in (("generations", "number"), *((table, "generation") for table in (*ROWS, "reports"))):
        odd = f"typeof({column}) <> 'integer' OR {column} < {-1 if table == 'reports' else 0}"
        if connection.execute(f"SELECT 1 FROM {table} WHERE {odd} LIMIT 1").fetchall():
            return table
    query = "SELECT 1 FROM genomes WHERE id NOT IN (SELECT id FROM individuals) LIMIT 1"
    return "genomes" if connection.execute(query).fetchall() else None


def newest(connection: sqlite3.Connection) -> int:
    """Return the number of the newest generation of which there is a trace; −1 for none."""
    found = -1
    for table, column in (("generations", "number"), *((table, "generation") for table in (*ROWS, "reports"))):
        query = f"SELECT coalesce(max({column}), -1) FROM {table} WHERE typeof({column}) = 'integer'"
        found = max(found, connection.execute(query).fetchone()[0])
    return found
