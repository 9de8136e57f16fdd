"""Reading a run: while it is being written, after a crash, from read-only media; what is read is verified."""

from __future__ import annotations

import json
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from evometa.errors import InputError
from evometa.store.connection import Connection, check_interrupted, is_damage, words_of
from evometa.store.files import locate, refused
from evometa.store.migration import open_current
from evometa.store.rows import head, is_genome, link, parsed, typed
from evometa.store.schema import FIRST_LINK, EvaluationRow, Individual, Json, Report, generation_seal
from evometa.store.seals import get_meta, identity_of, report_problem, reports_in
from evometa.store.verification import check_identity

UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, struct.error, RecursionError, OverflowError)
"""What content of a form that nobody wrote can raise."""


class Reader:
    """Everything that a run file tells; made by `open_reader`.

    The file is open only while a method runs, so a writer is never held up, nor is its end. Each raises
    InputError when what it reads is damaged, or the number asked for does not exist.
    """

    def __init__(self, path: Path, connection: Connection | None = None) -> None:
        self.path = path
        self._connection = connection
        self._trusted = connection is not None  # a writer's own: verified as a whole, or written by itself
        self._verified: set[int] = set()
        self._identity: str | None = None  # while the file is open

    @property
    def config(self) -> Json:
        """The resolved configuration."""
        return dict(self._entry("config"))

    @property
    def environment(self) -> Json:
        """Versions and machine with which the run was begun."""
        return dict(self._entry("environment"))

    @property
    def created(self) -> float:
        """When the run was begun, in seconds since 1970; 0 where that is not known."""
        return float(self._entry("created"))

    @property
    def last_generation(self) -> int:
        """The newest committed generation, −1 before the first."""
        with self.reading():
            return int(self._one("SELECT coalesce(max(number), -1) FROM generations")[0])

    def generations(self) -> range:
        """Return the numbers of all committed generations."""
        return range(self.last_generation + 1)

    def digest(self, generation: int | None = None) -> str:
        """Return the chain up to a generation (the last one) in hexadecimal: equal runs, equal digests."""
        number = self.last_generation if generation is None else generation
        return self._sealed(number)[3].hex() if number >= 0 else FIRST_LINK.hex()

    def links(self, generation: int) -> tuple[bytes, bytes]:
        """Return chain and seal of a generation, to which the next one's are linked."""
        if generation < 0:
            return FIRST_LINK, FIRST_LINK
        with self.reading():
            return self._sealed(generation)[3:]

    def state(self, generation: int) -> Json:
        """Return the state with which the run can go on after a generation."""
        with self.reading():
            return parsed(self._sealed(generation)[0])

    def statistics(self) -> list[Json]:
        """Return the statistics of every generation, each with its number under "generation"."""
        return self._all(1)

    def told(self, generation: int) -> Json:
        """Return statistics and times of one generation."""
        with self.reading():
            _, statistics, timing, *_ = self._sealed(generation)
            return {**parsed(statistics), **parsed(timing)}

    def timing(self) -> list[Json]:
        """Return the times of every generation, each with its number under "generation"."""
        return self._all(2)

    def graphs(self) -> dict[str, str]:
        """Return the texts of all graphs by key."""
        with self.reading() as connection:
            return dict(connection.execute("SELECT key, text FROM graphs").fetchall())

    def individual(self, number: int) -> Individual:
        """Return one individual with the text of its genome."""
        query = (
            "SELECT id, generation, parents, operator, genome, signature, text"
            " FROM individuals LEFT JOIN genomes USING (id) WHERE id = ?"
        )
        with self.reading():
            row = self._one(query, number)
            if row is None:
                raise self._absent(f"an individual of this run (number {number} was asked for)")
            typed("individuals", row[:6])
            self._verify(row[1])
            if not is_genome(row[4], row[6]):
                raise refused(self.path, f"a damaged genome of individual {number}")
            text = row[6] if isinstance(row[6], str) else None
            born, parents = row[1], tuple(json.loads(row[2]))
            return Individual(number, born, parents, row[3], row[4], row[5], text)

    def evaluation(self, number: int, generation: int | None = None) -> EvaluationRow | None:
        """Return how an individual did in a generation, or when it was last evaluated; None if it was not."""
        when = "= ?2" if generation is not None else "IN (SELECT number FROM generations WHERE number >= ?2)"
        query = f"SELECT * FROM evaluations WHERE id = ?1 AND generation {when} ORDER BY generation DESC"
        with self.reading():
            born = self.individual(number).generation if generation is None else generation
            row = self._one(f"{query} LIMIT 1", number, born)
            if row is None:
                return None
            self._verify(row[0])
            return EvaluationRow.from_stored(typed("evaluations", row))

    def ancestors(self, number: int, limit: int = 100) -> list[Individual]:
        """Return an individual and its ancestors, nearest first, at most `limit` of them."""
        found: dict[int, Individual] = {}
        waiting = [number]
        with self.reading():
            while waiting and len(found) < limit:
                current = waiting.pop(0)
                if current not in found:
                    found[current] = self.individual(current)
                    waiting += found[current].parents
        return list(found.values())

    def children(self, number: int, limit: int = 100) -> list[int]:
        """Return the numbers of an individual's children, the first born first, at most `limit` of them."""
        query = (
            "SELECT id FROM individuals WHERE id > ?1"
            " AND EXISTS (SELECT 1 FROM json_each(parents) WHERE value = ?1) ORDER BY id LIMIT ?2"
        )
        with self.reading() as connection:
            return [row[0] for row in connection.execute(query, (number, limit)).fetchall()]

    def report(self, key: str = "final") -> Report | None:
        """Return the report of that name, if one has been made."""
        with self.reading() as connection:
            with connection.moment():
                rows = list(reports_in(connection, key))
                listed = {name: its_seal for name, its_seal in self._entry("reports").items() if name == key}
            problem = report_problem(self._owner(), listed, rows)
            if problem is not None:
                raise refused(self.path, problem)
            return Report(rows[0][1], parsed(rows[0][2])) if rows else None

    def _all(self, column: int) -> list[Json]:
        with self.reading():
            return [{**parsed(self._sealed(n)[column]), "generation": n} for n in self.generations()]

    def _sealed(self, number: int) -> tuple[str, str, str, bytes, bytes]:
        """Return state, statistics, timing, chain and seal of a generation, once its seal holds."""
        with self.reading() as connection:
            row = head(connection, number)
            if row is None:
                raise self._absent(f"a generation from 0 to {self.last_generation} ({number} was asked for)")
            previous = self._one("SELECT seal FROM generations WHERE number = ?", number - 1)
            before = previous[0] if previous is not None else FIRST_LINK
            if generation_seal(self._owner(), before, row[3], *row[:3]) != row[4]:
                raise refused(self.path, f"a damaged generation {number + 1}")
            return row

    def _owner(self) -> str:
        """Return the identity of the run."""
        with self.reading() as connection:
            if self._identity is None:
                self._identity = identity_of(connection)
            return self._identity

    def _verify(self, number: int) -> None:
        """Check the rows of a generation against the chain, once."""
        if self._trusted or number in self._verified:
            return
        with self.reading() as connection:
            previous = self._sealed(number - 1)[3] if number else FIRST_LINK
            state, _, _, chain, _ = self._sealed(number)
            if link(connection, number, state, previous) != chain:
                raise refused(self.path, f"a damaged generation {number + 1}")
            self._verified.add(number)

    def _entry(self, key: str) -> Any:
        with self.reading() as connection:
            meta = get_meta(connection)
            if key not in meta:
                raise refused(self.path, f"a damaged entry “{key}”")
            return meta[key]

    def _one(self, query: str, *parameters: Any) -> Any:
        """Return the first row of a query, or None; the statement is over afterwards."""
        with self.reading() as connection:
            if any(isinstance(one, int) and abs(one) >= 1 << 63 for one in parameters):
                return None  # a number that SQLite does not have
            rows = connection.execute(query, parameters).fetchall()
            return rows[0] if rows else None

    def _absent(self, expected: str) -> InputError:
        return InputError(expected, "none with that number", str(self.path))

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Hold the file open, read-only; what unreadable content can raise becomes one InputError for people."""
        outermost = self._connection is None
        try:
            connection = self._connection = self._connection or open_current(self.path)
            yield connection
        except InputError:
            raise
        except sqlite3.Error as error:
            check_interrupted(error, self._connection)
            if is_damage(error):
                raise refused(self.path, f"a damaged one ({words_of(error)})") from error
            raise InputError("a run file that can be read", words_of(error), str(self.path)) from error
        except OSError as error:
            raise InputError("a run file that can be read", str(error), str(self.path)) from None
        except UNREADABLE as error:
            raise refused(self.path, f"damaged content ({error})") from error
        finally:
            if outermost and self._connection and not self._connection.private:
                self._connection.close()
                self._connection = self._identity = None


def open_reader(path: str | Path) -> Reader:
    """Return a reader of a run (its folder or its file); it is never in a writer's way and needs no closing.

    An older format is brought up to date in memory. Raises InputError when there is no run that can be read.
    """
    path = locate(path)
    check_identity(path)
    reader = Reader(path)
    reader.config  # noqa: B018  refuses what has a newer format or is damaged through and through
    return reader
