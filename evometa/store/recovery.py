"""Is a run file whole? If not, keep what is: the checks, the rescue of good generations, and migrations."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import evometa
from evometa.errors import InputError
from evometa.store.files import (
    connect,
    connect_reader,
    connect_writer,
    is_damage,
    leftovers,
    locate,
    new_file,
    refused,
    sync_folder,
)
from evometa.store.schema import (
    APPLICATION_ID,
    FIRST_LINK,
    FORMAT,
    Generation,
    build,
    genome_key,
    get_meta,
    pruned_mark,
    put_meta,
    seal,
)

MAGIC = b"SQLite format 3\x00"
OUR_MARK = b"CREATE TABLE generations(number INTEGER PRIMARY KEY, state"
PAGE = 4096

# How to bring a file of format n to format n + 1, within a transaction.
MIGRATIONS: dict[int, Callable[[sqlite3.Connection], None]] = {}


@dataclass(frozen=True)
class Verification:
    """What a check found: the last generation up to which all is well (−1: none), and the first problem."""

    last_good_generation: int
    problem: str | None


class Damage(Exception):
    """Content that contradicts its hashes; the text says which."""


def verify(path: str | Path) -> Verification:
    """Check all of a run file against its structure and its hashes, without changing it.

    Raises InputError when there is no such file, it is not a run, or its format is another.
    """
    path = locate(path)
    check_identity(path)
    try:
        with closing(connect_reader(path)) as connection:
            return _check(connection, path)
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            return Verification(-1, str(error))
        raise InputError("a run file that can be read", str(error), str(path)) from error


def check_identity(path: Path) -> None:
    """Raise InputError unless the first page looks like a run file's, perhaps a damaged one's."""
    try:
        with path.open("rb") as file:
            head = file.read(PAGE)
    except OSError as error:
        raise InputError("a run file that can be read", str(error), str(path)) from None
    ours = head[68:72] == APPLICATION_ID.to_bytes(4, "big") or OUR_MARK in head
    if not head:
        raise InputError("a run file", "an empty file", str(path))
    if not ours and head.startswith(MAGIC):
        raise InputError("a run file", "the SQLite database of another program", str(path))
    if not ours and (len(head) < PAGE or path.stat().st_size < 3 * PAGE or any(head[:8])):
        raise InputError("a run file", "something else (it is not an SQLite database)", str(path))


def format_of(connection: sqlite3.Connection, path: Path) -> int:
    """Return the format of a run file; raise InputError when it is newer than this evometa."""
    meta = get_meta(connection)
    if meta.get("format", FORMAT) > FORMAT:
        version = meta.get("evometa", "a newer one")
        raise InputError(
            f"a run file of format {FORMAT} or older, which evometa {evometa.__version__} can read",
            f"format {meta['format']}, written by evometa {version}", str(path),
            f"Upgrade: pip install --upgrade 'evometa>={version}'.",
        )
    return int(meta.get("format", FORMAT))


def check_meta(connection: sqlite3.Connection, path: Path) -> dict[str, Any]:
    """Return the sealed entries of the run file; raise InputError when the indispensable ones are gone."""
    format_of(connection, path)
    meta = get_meta(connection)
    if "config" not in meta:
        raise refused(path, "a damaged configuration")
    return meta


def migrate(connection: sqlite3.Connection, path: Path) -> list[str]:
    """Bring a file of an older format up to date, in one transaction; return a note if there was need."""
    found = format_of(connection, path)
    if found == FORMAT:
        return []
    if any(step not in MIGRATIONS for step in range(found, FORMAT)):
        raise InputError(f"a run file of format {FORMAT}", f"format {found}, which is too old", str(path))
    connection.execute("BEGIN IMMEDIATE")
    try:
        for step in range(found, FORMAT):
            MIGRATIONS[step](connection)
        put_meta(connection, "format", FORMAT)
        put_meta(connection, "evometa", evometa.__version__)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    return [f"{path.name} was brought from format {found} to format {FORMAT}."]


def migrated_copy(connection: sqlite3.Connection, path: Path) -> sqlite3.Connection:
    """Return an up-to-date copy, in memory, of a file of an older format that may not be changed."""
    copy = sqlite3.connect(":memory:", isolation_level=None)
    connection.backup(copy)
    migrate(copy, path)
    return copy


def made_sound(path: Path) -> list[str]:
    """Verify a run file that is held for writing, migrate or rescue it where needed, and return notes on that."""
    notes: list[str] = []
    with closing(connect_reader(path)) as connection:
        pass
    return notes


def _check(connection: sqlite3.Connection, path: Path) -> Verification:
    """Check structure, sealed entries and every generation; damaged structure does not end the check."""
    problem: str | None = None
    last = -1
    try:
        meta = check_meta(connection, path)
    except (ValueError, TypeError):
        pass
    return Verification(last, problem)


def _sound_generations(connection: sqlite3.Connection) -> Iterator[tuple[Generation, bytes]]:
    """Yield each generation with its chain as long as everything in it agrees; raise Damage at the first that fails."""
    numbers = [n for (n,) in connection.execute("SELECT number FROM generations ORDER BY number")]
    chain = FIRST_LINK
    for expected, number in enumerate(numbers):
        if number != expected:
            raise Damage(f"generation {expected} is missing")
        yield None
