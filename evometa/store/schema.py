"""What a run file holds: its tables, its rows, and the hashes that make any change to them noticeable.

Three kinds of SHA-256 cover everything in the file. The *chain* covers what must be the same whenever the
same run is repeated: `chain[n] = SHA-256(chain[n - 1] + canonical JSON of generation n)` over its new graphs,
individuals (with the keys of their genomes), evaluations and state. The *seal* of a row covers what may
differ between repetitions (statistics, times, configuration, reports) and the run's identity; see seals.py. The
*key* of a genome is the SHA-256 of its text, so a text can be dropped without breaking the chain.
"""

from __future__ import annotations

import json
import sqlite3
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import isnan
from typing import Any, NamedTuple

APPLICATION_ID = 0x65766F6D  # "evom"
FORMAT = 2
PAGE = 4096  # bytes
CELL = 64 << 20  # bytes of the largest value in any table
ENTRY = {"meta": 4 << 20, "generations": CELL, "reports": 16 << 20}  # bytes of the largest JSON text in a table
FIRST_LINK = sha256(b"evometa run").digest()

SCHEMA = (
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT, seal BLOB) WITHOUT ROWID",
    "CREATE TABLE generations(number INTEGER PRIMARY KEY, state TEXT, statistics TEXT, timing TEXT,"
    " chain BLOB, seal BLOB)",
    "CREATE TABLE graphs(key TEXT PRIMARY KEY, generation INTEGER, text TEXT) WITHOUT ROWID",
    "CREATE TABLE individuals(id INTEGER PRIMARY KEY, generation INTEGER, parents TEXT, operator TEXT,"
    " genome BLOB, signature BLOB)",
    "CREATE INDEX individuals_of_generation ON individuals(generation)",
    "CREATE TABLE genomes(id INTEGER PRIMARY KEY, text TEXT)",
    "CREATE TABLE evaluations(generation INTEGER, id INTEGER, fitness BLOB, innate REAL, adapted REAL,"
    " lifetimes INTEGER, diverged INTEGER, measures TEXT, PRIMARY KEY(generation, id)) WITHOUT ROWID",
    "CREATE TABLE reports(key TEXT PRIMARY KEY, generation INTEGER, value TEXT, seal BLOB) WITHOUT ROWID",
)

COLUMNS = {"generations": 6, "graphs": 3, "individuals": 6, "genomes": 2, "evaluations": 8, "reports": 4}

Row = tuple[Any, ...]
Json = dict[str, Any]
"""A JSON object in Python's own types."""


class IndividualRow(NamedTuple):
    """One individual at birth: its number, its parents' numbers, what made it, and the key of its genome.

    `genome` is `genome_key(text)`; `signature` is the hash of what it does on probe inputs (may be empty).
    """

    id: int
    parents: tuple[int, ...]
    operator: str
    genome: bytes
    signature: bytes = b""

    def stored(self, generation: int) -> Row:
        """Return the columns of table `individuals`."""
        parents = f"[{','.join(map(str, self.parents))}]"  # a third of the time of a JSON encoder
        return (self.id, generation, parents, self.operator, self.genome, self.signature)


class EvaluationRow(NamedTuple):
    """What evaluating one individual gave: fitness, performance before and after learning, lifetimes lived.

    `diverged` of the `lifetimes` did not stay finite. `measures` is JSON of the caller's own; like everything
    here it must be reproducible (times belong into the generation's timing). NaN in `innate` or `adapted`
    is kept as None.
    """

    id: int
    fitness: tuple[float, ...]
    innate: float | None = None
    adapted: float | None = None
    lifetimes: int = 0
    diverged: int = 0
    measures: Mapping[str, Any] = {}

    def stored(self, generation: int) -> Row:
        """Return the columns of table `evaluations`."""
        fitness = struct.pack(f"<{len(self.fitness)}d", *self.fitness)
        return (
            generation,
            self.id,
            fitness,
            _real(self.innate),
            _real(self.adapted),
            int(self.lifetimes),
            int(self.diverged),
            canonical(self.measures) if self.measures else "{}",
        )

    @classmethod
    def from_stored(cls, row: Row) -> EvaluationRow:
        """Read the columns of table `evaluations` back."""
        _, number, fitness, innate, adapted, lifetimes, diverged, measures = row
        values = struct.unpack(f"<{len(fitness) // 8}d", fitness)
        return cls(number, values, innate, adapted, lifetimes, diverged, json.loads(measures))


@dataclass(frozen=True, slots=True)
class Individual:
    """One individual as it was born; `text` is its genome, or None where that has been pruned."""

    id: int
    generation: int
    parents: tuple[int, ...]
    operator: str
    genome: bytes
    signature: bytes
    text: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """A report and the newest generation at the time it was made."""

    generation: int
    value: Json


def _real(value: float | None) -> float | None:
    """Return what SQLite would give back for a number: it keeps NaN as NULL, and −0 as 0."""
    return None if value is None or isnan(value) else float(value) + 0.0


def _plain(value: Any) -> Any:
    """Turn NumPy's numbers and arrays into plain ones for JSON."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"a run file keeps JSON, and {type(value).__name__} is not JSON")


canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=_plain).encode
canonical_rows = json.JSONEncoder(separators=(",", ":"), default=bytes.hex).encode


def genome_key(text: str) -> bytes:
    """Return the key of a genome: the SHA-256 of its text."""
    return sha256(text.encode()).digest()


def pruned_mark(key: bytes) -> bytes:
    """Return what stands in place of a dropped genome text; no damaged text can look like it."""
    return sha256(b"pruned" + key).digest()[:8]


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


@dataclass(frozen=True, slots=True)
class Generation:
    """All stored rows of one generation, as they lie in the tables (`texts`: rows of table `genomes`)."""

    number: int
    graphs: Sequence[Row]
    individuals: Sequence[Row]
    texts: Sequence[Row]
    evaluations: Sequence[Row]
    state: str
    statistics: str
    timing: str

    def link(self, previous: bytes) -> bytes:
        """Return the next link of the chain."""
        rows = [self.number, self.graphs, self.individuals, self.evaluations, self.state]
        return sha256(previous + canonical_rows(rows).encode()).digest()

    def seal(self, identity: str, previous: bytes, chain: bytes) -> bytes:
        """Return the seal of the row in table `generations`, which follows that of the generation before."""
        return generation_seal(identity, previous, chain, self.state, self.statistics, self.timing)

    def insert(self, connection: sqlite3.Connection, chain: bytes, its_seal: bytes) -> None:
        """Write all rows, within the caller's transaction."""
        insert(connection, "graphs", self.graphs)
        insert(connection, "individuals", self.individuals)
        insert(connection, "genomes", self.texts)
        insert(connection, "evaluations", self.evaluations)
        row = (self.number, self.state, self.statistics, self.timing, chain, its_seal)
        insert(connection, "generations", [row])


def insert(connection: sqlite3.Connection, table: str, rows: Iterable[Row]) -> None:
    """Write rows into a table, within the caller's transaction."""
    connection.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * COLUMNS[table])})", rows)


def build(connection: sqlite3.Connection) -> None:
    """Lay out an empty run file: page size, application id, tables; begins a transaction for what is to be in it."""
    connection.execute(f"PRAGMA page_size = {PAGE}")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute("BEGIN IMMEDIATE")
    for statement in SCHEMA:
        connection.execute(statement)
