"""What a run file holds: its tables, and the hashes that make any change to them noticeable.

Three kinds of SHA-256 cover everything in the file. The *chain* covers what must be the same whenever the same run is
repeated: `chain[n] = SHA-256(chain[n - 1] + canonical JSON of generation n)` over its new graphs, its row of table
`contents` and its state. A row of `contents` holds the SHA-256 of the *columns* of those born, of their genomes, and
of the evaluations; so genomes can be dropped without breaking the chain. The *seal* of a row covers what may differ
between repetitions (statistics, times, configuration, reports, the pieces as which columns are stored) and the run's
identity; see seals.py. Formats 1 and 2 kept a row for each individual: see rows.py.
"""

from __future__ import annotations

import json
import re
import sqlite3
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple

APPLICATION_ID = 0x65766F6D  # "evom"
FORMAT = 3
PAGE = 4096  # bytes
CELL = 64 << 20  # bytes of the largest value in any table
ENTRY = {"meta": 4 << 20, "generations": CELL, "reports": 16 << 20}  # bytes of the largest JSON text in a table
FIRST_LINK = sha256(b"evometa run").digest()

_FIRST = (
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT, seal BLOB) WITHOUT ROWID",
    "CREATE TABLE generations(number INTEGER PRIMARY KEY, state TEXT, statistics TEXT, timing TEXT,"
    " chain BLOB, seal BLOB)",
    "CREATE TABLE graphs(key TEXT PRIMARY KEY, generation INTEGER, text TEXT) WITHOUT ROWID",
)
_REPORTS = "CREATE TABLE reports(key TEXT PRIMARY KEY, generation INTEGER, value TEXT, seal BLOB) WITHOUT ROWID"
IN_COLUMNS = (
    "CREATE TABLE contents(generation INTEGER PRIMARY KEY, first INTEGER, born INTEGER,"
    " individuals BLOB, genomes BLOB, evaluations BLOB)",
    "CREATE INDEX contents_by_first ON contents(first)",
    "CREATE TABLE pieces(generation INTEGER, kind TEXT, number INTEGER, whole INTEGER, data BLOB, seal BLOB)",
    "CREATE INDEX pieces_in_order ON pieces(generation, kind, number)",
)
IN_ROWS = (  # of formats 1 and 2
    "CREATE TABLE individuals(id INTEGER PRIMARY KEY, generation INTEGER, parents TEXT, operator TEXT,"
    " genome BLOB, signature BLOB)",
    "CREATE INDEX individuals_of_generation ON individuals(generation)",
    "CREATE TABLE genomes(id INTEGER PRIMARY KEY, text TEXT)",
    "CREATE TABLE evaluations(generation INTEGER, id INTEGER, fitness BLOB, innate REAL, adapted REAL,"
    " lifetimes INTEGER, diverged INTEGER, measures TEXT, PRIMARY KEY(generation, id)) WITHOUT ROWID",
)
SCHEMA = (*_FIRST, _REPORTS, *IN_COLUMNS)
OLDER = (*_FIRST, *IN_ROWS, _REPORTS)
MIGRATED = tuple(sorted((*OLDER, *IN_COLUMNS), key=lambda sql: not sql.startswith("CREATE TABLE")))
"""What a file has that was begun in an older format, in the order that SQLite's VACUUM gives it: indices last."""
SCHEMAS = (SCHEMA, OLDER, MIGRATED)

KINDS = ("individuals", "genomes", "evaluations")
"""What is written of a generation in columns; of individuals and evaluations, tables of that name in formats 1, 2."""


class Definition(NamedTuple):
    """What SQLite's own table says of a table or an index."""

    type: str
    name: str
    sql: str

    @classmethod
    def of(cls, sql: str) -> Definition:
        """Return the definition that a statement makes."""
        _, kind, name, *_ = re.split(r"[ (]", sql)
        return cls(kind.lower(), name, sql)


WIDTHS = {
    **{"generations": 6, "graphs": 3, "reports": 4, "contents": 6, "pieces": 6},
    **{"individuals": 6, "genomes": 2, "evaluations": 8},
}

Row = tuple[Any, ...]
"""A row of a table."""
Json = dict[str, Any]
"""A JSON object in Python's own types."""


@dataclass(frozen=True, slots=True)
class Report:
    """A report and the newest generation at the time it was made."""

    generation: int
    value: Json


def _plain(value: Any) -> Any:
    """Turn NumPy's numbers and arrays into plain ones for JSON."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"a run file keeps JSON, and {type(value).__name__} is not JSON")


canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=_plain).encode
canonical_rows = json.JSONEncoder(separators=(",", ":"), default=bytes.hex).encode


def link(previous: bytes, number: int, graphs: Iterable[Row], contents: Row, state: str) -> bytes:
    """Return the next link of the chain: of a generation's new graphs, its row of `contents`, and its state."""
    return sha256(previous + canonical_rows([number, list(graphs), contents, state]).encode()).digest()


def seal(*parts: str | bytes) -> bytes:
    """Return the SHA-256 of several texts, told apart by their lengths."""
    digest = sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        digest.update(struct.pack("<Q", len(data)) + data)
    return digest.digest()


def generation_seal(identity: str, previous: bytes, *parts: str | bytes) -> bytes:
    """Return the seal of a row of table `generations`: chain, state, statistics, timing, after the seal before it."""
    return seal(identity, previous, *parts)


def insert(connection: sqlite3.Connection, table: str, rows: Iterable[Row]) -> None:
    """Write rows into a table, within the caller's transaction."""
    connection.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * WIDTHS[table])})", rows)


def build(connection: sqlite3.Connection, schema: Iterable[str]) -> None:
    """Lay out an empty run file: page size, application id, tables; begins a transaction for what is to be in it."""
    connection.execute(f"PRAGMA page_size = {PAGE}")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute("BEGIN IMMEDIATE")
    for statement in schema:
        connection.execute(statement)


def complete(connection: sqlite3.Connection) -> None:
    """Let the tables that a file's layout lacks stand beside it, empty, for this connection alone."""
    connection.execute("PRAGMA temp_store = MEMORY")
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for type, name, sql in map(Definition.of, (*IN_ROWS, *IN_COLUMNS)):
        if type == "table" and name not in there:
            connection.execute(sql.replace("CREATE TABLE", "CREATE TEMP TABLE", 1))
