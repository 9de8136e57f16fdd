"""Where a generation of a run file lies: in columns, or in rows where format 1 or 2 wrote it."""

from __future__ import annotations

import sqlite3
from typing import Protocol

from evometa.store.contents import contents_of
from evometa.store.evaluations import Evaluations
from evometa.store.individuals import Genomes, Individuals, Texts
from evometa.store.rows import Rows

WIDEST = 1 << 63  # of SQLite's numbers


class Source(Protocol):
    """A generation as it is stored; each method raises TypeError or ValueError for what cannot be what was written."""

    def link(self, state: str, previous: bytes) -> bytes:
        """Return the link of the chain that it gives."""

    def problem(self) -> str | None:
        """Say what does not fit a hash that the link covers; None: everything does."""

    def individuals(self) -> Individuals:
        """Return who was born."""

    def genomes(self) -> Genomes | Texts:
        """Return the genomes that are kept of those born."""

    def evaluations(self) -> Evaluations:
        """Return how everyone did who was evaluated."""


def source_of(connection: sqlite3.Connection, identity: str, number: int) -> Source:
    """Return the source of a generation; `identity`: the run's."""
    return contents_of(connection, identity, number) or Rows(connection, number)


def born_in(connection: sqlite3.Connection, number: int) -> int | None:
    """Return in which generation an individual was born; None where there is no such individual."""
    if abs(number) >= WIDEST:
        return None
    query = "SELECT generation, first + born FROM contents WHERE first <= ? AND born > 0 ORDER BY first DESC LIMIT 1"
    rows = connection.execute(query, (number,)).fetchall()
    if not rows or number >= rows[0][1]:
        rows = connection.execute("SELECT generation FROM individuals WHERE id = ?", (number,)).fetchall()
    return rows[0][0] if rows else None


def spans(connection: sqlite3.Connection) -> list[tuple[int, int, int]]:
    """Return each generation's number, the number of who was born in it first, and how many were."""
    query = (
        "SELECT generation, first, born FROM contents UNION ALL"
        " SELECT generation, min(id), count(*) FROM individuals GROUP BY generation ORDER BY 1"
    )
    return connection.execute(query).fetchall()
