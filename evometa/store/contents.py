"""A generation in columns: its row of table `contents`, and the pieces as which its columns are stored.

The chain covers the bytes of the columns, a seal each piece as it lies in the file; so a piece is neither changed nor
exchanged unnoticed, whatever zlib makes of it. Genomes that were pruned stand there no longer (`whole` is 0): then the
seal alone says that what is left is what was kept.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from evometa.store.cells import GRAPHS, typed
from evometa.store.columns import Blob, Columns, inflated, layout, of_kind, unpack
from evometa.store.evaluations import Evaluations
from evometa.store.individuals import Genomes, Individuals
from evometa.store.schema import KINDS, Row, insert, link, seal

CONTENTS = "SELECT * FROM contents WHERE generation = ?"
PIECES = "SELECT number, whole, data, seal FROM pieces WHERE generation = ? AND kind = ? ORDER BY number"
ROWS = "rows"  # the column of pruned genomes that says whose are left


class Contents:
    """A generation that is stored in columns; `row`: its row of table `contents`, covered by `link`."""

    def __init__(self, connection: sqlite3.Connection, identity: str, row: Row) -> None:
        self.connection, self.identity, self.row = connection, identity, row
        self.number, self.first, self.born = typed("contents", row)[:3]
        self.hashes = dict(zip(KINDS, row[3:], strict=True))

    def link(self, state: str, previous: bytes) -> bytes:
        """Return the link of the chain. Raises TypeError for rows that hold something else than they should."""
        graphs = [typed("graphs", row) for row in self.connection.execute(GRAPHS, (self.number,))]
        return link(previous, self.number, graphs, self.row, state)

    def problem(self) -> str | None:
        """Say which columns do not fit their hash or their seals; None: all do. Takes the memory of a piece."""
        for kind in KINDS:
            try:
                size, said = 0, -1
                for data in self._bytes(kind):
                    said = layout(data)[1][-1] if said < 0 else said
                    size += len(data)
            except ValueError as error:
                return f"the {kind} of generation {self.number + 1} cannot be read: {error}"
            if size != said:
                return f"the {kind} of generation {self.number + 1} cannot be read: their length is another"
        return None

    def individuals(self) -> Individuals:
        """Return who was born. Raises ValueError where that is damaged."""
        return Individuals.from_columns(self.first, self.born, unpack(self._read("individuals")))

    def genomes(self) -> Genomes:
        """Return the genomes that are kept of those born. Raises ValueError where they are damaged."""
        data = self._read("genomes")
        columns = dict(unpack(data))
        rows = of_kind(columns, ROWS, np.int64) if ROWS in columns else None
        if rows is not None and (np.diff(rows) <= 0).any():
            raise ValueError("genomes of nobody")
        columns.pop(ROWS, None)
        return Genomes(columns, rows, sha256(data).digest())

    def evaluations(self) -> Evaluations:
        """Return how everyone did. Raises ValueError where that is damaged."""
        return Evaluations.from_columns(unpack(self._read("evaluations")))

    def _read(self, kind: str) -> bytes:
        return b"".join(self._bytes(kind))

    def _bytes(self, kind: str) -> Iterator[bytes]:
        """Yield the bytes of columns, piece by piece, checked once all are read. Raises ValueError."""
        digest = sha256()
        wholes: set[int] = set()
        for data in inflated(self._pieces(kind, wholes)):
            digest.update(data)
            yield data
        complete = digest.digest() == self.hashes[kind]
        if wholes != {int(complete)} or not (complete or kind == "genomes"):
            raise ValueError("they do not fit their hash")

    def _pieces(self, kind: str, wholes: set[int]) -> Iterator[bytes]:
        rows = self.connection.execute(PIECES, (self.number, kind))
        for place, row in enumerate(rows):
            number, whole, data, its_seal = typed("pieces", row)
            if number != place or _seal(self.identity, self.number, kind, place, whole, data) != its_seal:
                raise ValueError("a piece does not fit its seal")
            wholes.add(whole)
            yield data


def contents_of(connection: sqlite3.Connection, identity: str, number: int) -> Contents | None:
    """Return a generation that is stored in columns; None where it is not. Raises TypeError where it is damaged."""
    rows = connection.execute(CONTENTS, (number,)).fetchall()
    return Contents(connection, identity, rows[0]) if rows else None


def put_piece(
    connection: sqlite3.Connection, identity: str, number: int, kind: str, place: int, whole: int, data: bytes
) -> None:
    """Write a sealed piece of columns, within the caller's transaction; `whole`: part of all that their hash covers."""
    its_seal = _seal(identity, number, kind, place, whole, data)
    insert(connection, "pieces", [(number, kind, place, whole, data, its_seal)])


def copy_columns(source: sqlite3.Connection, target: sqlite3.Connection, identity: str, number: int) -> None:
    """Copy a generation in columns, if it is one, to a run of another identity, within the caller's transaction."""
    insert(target, "contents", source.execute(CONTENTS, (number,)))
    for kind in KINDS:
        for place, whole, data, _ in source.execute(PIECES, (number, kind)):
            put_piece(target, identity, number, kind, place, whole, data)


@dataclass(frozen=True, slots=True)
class Newborn:
    """What is known of those born in a generation before they live: from which number on, how many, their columns."""

    first: int
    count: int
    individuals: Blob
    genomes: Blob

    @classmethod
    def of(cls, individuals: Individuals, genomes: Columns, all_kept: bool = True) -> Newborn:
        """Pack, hash and deflate; without `all_kept`, genomes are only hashed. DataError where they are too large."""
        packed = Blob.of(genomes, deflated=all_kept)
        return cls(individuals.first, len(individuals), Blob.of(individuals.columns()), packed)


def put_pieces(
    connection: sqlite3.Connection, identity: str, number: int, kind: str, pieces: Sequence[bytes], whole: int = 1
) -> None:
    """Write all pieces of columns, within the caller's transaction."""
    for place, data in enumerate(pieces):
        put_piece(connection, identity, number, kind, place, whole, data)


def put_left(connection: sqlite3.Connection, identity: str, number: int, genomes: Genomes) -> None:
    """Write what is left of a generation's genomes, and whose they are, in place of what was there."""
    connection.execute("DELETE FROM pieces WHERE generation = ? AND kind = 'genomes'", (number,))
    assert genomes.rows is not None
    left = Blob.of({ROWS: genomes.rows, **genomes.columns})
    put_pieces(connection, identity, number, "genomes", left.pieces, whole=0)


def _seal(identity: str, number: int, kind: str, place: int, whole: int, data: bytes) -> bytes:
    return seal(identity, "piece", str(number), kind, str(place), str(whole), data)
