"""How SQLite opens a run file: within bounds, and only once its tables are those that this program makes.

A file may come from anybody: views in place of tables can run for ever, one cell can hold all of the memory, pages
can lead in circles. So nothing is asked before the definitions have been compared, and no statement is without end.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from math import inf
from pathlib import Path
from typing import Any

from evometa.store.schema import CELL, SCHEMAS, Definition, complete

STEPS = 100_000  # instructions of SQLite's machine between two looks at the clock
SECONDS, SPEED = 10.0, 10_000_000  # of computing for a statement, and one more for so many bytes of the file
LIMITS = {sqlite3.SQLITE_LIMIT_LENGTH: CELL, sqlite3.SQLITE_LIMIT_ATTACHED: 0}
MOST = 100  # definitions that are looked at
DEFINITIONS = tuple(frozenset(map(Definition.of, schema)) for schema in SCHEMAS)

# SQLite's primary result codes that come from the machine (rights, locks, space, devices), not from the file.
_OF_THE_MACHINE = frozenset({3, 5, 6, 8, 10, 13, 14, 15, 23})
_INTERRUPT, _TOO_BIG = 9, 18
_WORDS = {_INTERRUPT: "it takes longer to read than any of ours", _TOO_BIG: "a value larger than any of ours"}


class Clock:
    """The time that a statement may take, in seconds of computing; `over` once one has taken longer."""

    def __init__(self, seconds: float = inf) -> None:
        self.seconds, self.over = seconds, False
        self.start()

    def start(self) -> None:
        """Begin with a statement."""
        self._end = time.thread_time() + self.seconds

    def is_over(self) -> bool:
        """Tell whether the statement is to be ended."""
        self.over = time.thread_time() > self._end
        return self.over


class Connection(sqlite3.Connection):
    """A connection that closes when it is forgotten, and takes the folder of its private copy along.

    `private`: to a copy, in that folder or in memory, in nobody's way.
    """

    scratch: Path | None = None
    private = False
    clock = Clock()

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        """Run a statement; a message of SQLite's that quotes damaged text counts as a message of damage."""
        self.clock.start()
        try:
            return super().execute(*arguments)
        except UnicodeDecodeError as error:
            raise sqlite3.DatabaseError(f"text that is not UTF-8 ({error.reason})") from error

    def bound(self, size: int) -> None:
        """Bound what a statement may take, in a file of so many bytes."""
        for limit, most in LIMITS.items():
            self.setlimit(limit, most)
        self.clock = Clock(SECONDS + size / SPEED)
        self.set_progress_handler(self.clock.is_over, STEPS)

    @contextmanager
    def moment(self) -> Iterator[None]:
        """Let all that the body reads be of one moment, while others write."""
        alone = not self.in_transaction
        if alone:
            self.execute("BEGIN")
        try:
            yield
        finally:
            if alone and self.in_transaction:
                self.execute("COMMIT")

    def __del__(self) -> None:
        with suppress(sqlite3.Error):  # one that could not even be opened
            self.close()
        if self.scratch:
            shutil.rmtree(self.scratch, ignore_errors=True)


def connect(path: Path, options: str, patience: float) -> Connection:
    """Open a run file with URI options (`mode=ro`, …), without SQLite's implicit transactions.

    `patience`: seconds that a statement waits for other processes. Nothing in the file is run.
    """
    uri = f"{path.resolve().as_uri()}?{options}"
    connection = sqlite3.connect(
        uri, uri=True, timeout=patience, isolation_level=None, check_same_thread=False, factory=Connection
    )
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def check_definitions(connection: Connection, size: int, *, some: bool = False) -> None:
    """Bound a connection, and compare the file's tables with ours, whatever they hold; `some`: a few may be missing.

    Those of another format then stand beside the file, empty.
    Raises sqlite3.DatabaseError where they are others: with such a file nothing may be done.
    """
    connection.bound(size)
    query = "SELECT type, name, sql FROM sqlite_master LIMIT ?"
    found = {Definition(*row) for row in connection.execute(query, (MOST,))}
    if not (found in DEFINITIONS or (some and any(found < one for one in DEFINITIONS))):
        raise sqlite3.DatabaseError("the definition of a table is damaged")
    complete(connection)


def is_damage(error: sqlite3.Error) -> bool:
    """Tell whether an error says that the file's content is wrong, rather than that it cannot be reached."""
    return _code(error) not in _OF_THE_MACHINE


def words_of(error: Exception) -> str:
    """Return what an error says of a file, in words for people."""
    return _WORDS.get(_code(error), str(error))


def check_interrupted(error: BaseException, connection: Connection | None) -> None:
    """Raise KeyboardInterrupt where a signal ended a statement: what its handler raises is lost in SQLite's hands."""
    if _code(error) == _INTERRUPT and connection is not None and not connection.clock.over:
        raise KeyboardInterrupt from error


def _code(error: BaseException) -> int:
    return int(getattr(error, "sqlite_errorcode", 1)) & 0xFF
