"""A generation as formats 1 and 2 keep it, in rows: its link of the chain, who was born, their texts, how they did.

JSON of bytes is that of their hexadecimal text: so what a row holds is looked at before it counts as what the chain of
hashes covers. Rows are only read; what is written is in columns.
"""

from __future__ import annotations

import binascii
import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

import numpy as np

from evometa.spec.arrays import I64
from evometa.store.cells import GRAPHS, parsed, typed
from evometa.store.evaluations import Evaluation, Evaluations
from evometa.store.individuals import Individuals, Texts
from evometa.store.schema import Row, canonical_rows

PIECE = 1 << 16  # characters that are hashed at once

ROWS = {
    "graphs": GRAPHS,
    "individuals": "SELECT id, generation, parents, operator, genome, signature FROM individuals"
    " WHERE generation = ? ORDER BY id",
    "evaluations": "SELECT * FROM evaluations WHERE generation = ? ORDER BY id",
}  # in the order of the chain
TEXTS = "SELECT genomes.id, text FROM individuals JOIN genomes USING (id) WHERE generation = ? ORDER BY genomes.id"
_GENOMES = "SELECT id, genome, text FROM individuals LEFT JOIN genomes USING (id) WHERE generation = ? ORDER BY id"
_PARENTS = re.compile(r"\[(?:[0-9]{1,19}(?:,[0-9]{1,19})*)?\]")


class Rows:
    """A generation that is stored in rows."""

    def __init__(self, connection: sqlite3.Connection, number: int) -> None:
        self.connection, self.number = connection, number

    def link(self, state: str, previous: bytes) -> bytes:
        """Return the link of the chain: SHA-256 of the one before and the canonical JSON of all rows.

        Raises TypeError or ValueError for rows that hold something else than they should.
        """
        digest, waiting, size = sha256(previous), [], 0
        for piece in self._json(state):
            waiting.append(piece)
            size += len(piece)
            if size > PIECE:
                digest.update("".join(waiting).encode())
                waiting, size = [], 0
        digest.update("".join(waiting).encode())
        return digest.digest()

    def problem(self) -> str | None:
        """Say whose genome is neither that of its key nor marked as pruned; None: nobody's."""
        for individual, key, text in self.connection.execute(_GENOMES, (self.number,)):
            if not is_genome(key, text):
                return f"the genome of individual {individual} (generation {self.number + 1}) does not fit its hash"
        return None

    def individuals(self) -> Individuals:
        """Return who was born. Raises ValueError where they are not numbered one after the other."""
        found = [typed("individuals", row) for row in self._rows("individuals")]
        ids, _, parents, operators, _, signatures = zip(*found, strict=True) if found else [()] * 6
        first = ids[0] if found else 0
        if ids != tuple(range(first, first + len(ids))):
            raise ValueError("individuals that are not numbered one after the other")
        return Individuals.of(first, [json.loads(text) for text in parents], operators, signatures)

    def genomes(self) -> Texts:
        """Return the genomes of those born. Raises ValueError for a text that is not the one of its key."""
        if (problem := self.problem()) is not None:
            raise ValueError(problem)
        rows = self.connection.execute(_GENOMES, (self.number,)).fetchall()
        return Texts(tuple(text if isinstance(text, str) else None for *_, text in rows))

    def evaluations(self) -> Evaluations:
        """Return how everyone did."""
        return Evaluations.of([_evaluation(typed("evaluations", row)) for row in self._rows("evaluations")])

    def _rows(self, table: str) -> list[Row]:
        return self.connection.execute(ROWS[table], (self.number,)).fetchall()

    def _json(self, state: str) -> Iterator[str]:
        yield f"[{self.number},"
        for table, query in ROWS.items():
            yield "["
            between = ""
            for row in _sound(table, self.connection.execute(query, (self.number,))):
                yield between + canonical_rows(row)
                between = ","
            yield "],"
        yield f"{canonical_rows(state)}]"


def prune_rows(connection: sqlite3.Connection, keep: I64) -> int:
    """Drop all texts but those of the given individuals; return how many were dropped."""
    query = "SELECT id, genome FROM individuals JOIN genomes USING (id) WHERE typeof(text) = 'text'"
    kept = frozenset(keep.tolist())
    gone = [(pruned_mark(key), number) for number, key in connection.execute(query) if number not in kept]
    connection.executemany("UPDATE genomes SET text = ? WHERE id = ?", gone)
    return len(gone)


def _evaluation(row: Row) -> Evaluation:
    _, number, fitness, innate, adapted, lifetimes, diverged, measures = row
    text = json.loads(measures).get("cases")
    cases = None if text is None else np.frombuffer(binascii.a2b_base64(text), "<f4")
    return Evaluation(
        number, tuple(np.frombuffer(fitness, "<f8").tolist()), innate, adapted, lifetimes, diverged, cases
    )


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


def is_genome(key: bytes, text: Any) -> bool:
    """Tell whether a stored text is the genome of a key, or the mark of one that was pruned."""
    if isinstance(text, str):
        return sha256(text.encode()).digest() == key
    return bool(pruned_mark(key) == text)


def pruned_mark(key: bytes) -> bytes:
    """Return what stands in place of a dropped genome text; no damaged text can look like it."""
    return sha256(b"pruned" + key).digest()[:8]
