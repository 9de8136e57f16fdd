"""Formats of run files: newer ones are refused, older ones brought up to date step by step."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from evometa.errors import InputError
from evometa.store.connection import Connection, check_definitions
from evometa.store.files import connect_reader
from evometa.store.schema import FIRST_LINK, FORMAT, IN_COLUMNS, Definition, generation_seal, seal
from evometa.store.seals import IDENTITY, get_meta, new_identity, put_meta, report_seal, reports_in
from evometa.version import __version__


def _give_identity(connection: sqlite3.Connection) -> None:
    """Bring format 1, whose seals knew of no run, to format 2; what did not fit its seal still does not."""
    entries = new_identity()
    identity, before, last = entries[IDENTITY[0]], FIRST_LINK, -1
    sound = get_meta(connection)
    for (last,) in connection.execute("SELECT number FROM generations ORDER BY number").fetchall():
        query = "SELECT chain, state, statistics, timing, seal FROM generations WHERE number = ?"
        *parts, its_seal = connection.execute(query, (last,)).fetchone()
        if all(isinstance(part, (str, bytes)) for part in parts) and seal(*parts) == its_seal:
            its_seal = generation_seal(identity, before, *parts)
            connection.execute("UPDATE generations SET seal = ? WHERE number = ?", (its_seal, last))
        before = its_seal if isinstance(its_seal, bytes) else FIRST_LINK
    reports = {}
    for key, generation, value, its_seal in list(reports_in(connection)):
        reports[key] = its_seal.hex() if isinstance(its_seal, bytes) else ""
        if isinstance(value, str) and seal(key, str(generation), value) == its_seal:
            new = report_seal(identity, key, generation, value)
            connection.execute("UPDATE reports SET seal = ? WHERE key = ?", (new, key))
            reports[key] = new.hex()
    for key, value in (sound | entries | {"committed": last, "changes": 0, "reports": reports}).items():
        put_meta(connection, key, value, identity)


def _make_room_for_columns(connection: sqlite3.Connection) -> None:
    """Bring format 2, which knew rows alone, to format 3; the generations that it has stay in rows."""
    for type, name, sql in map(Definition.of, IN_COLUMNS):
        if type == "table":
            connection.execute(f"DROP TABLE IF EXISTS temp.{name}")  # what stood in for it
        connection.execute(sql)


# How to bring a file of format n to format n + 1, within a transaction.
MIGRATIONS: dict[int, Callable[[sqlite3.Connection], None]] = {1: _give_identity, 2: _make_room_for_columns}
READABLE = 2  # the oldest format that is read as it lies there


def format_of(connection: sqlite3.Connection, path: Path) -> int:
    """Return the format of a run file; raise InputError when it is newer, or older than any known way up."""
    meta = get_meta(connection)
    found = meta.get("format", FORMAT)
    if found > FORMAT:
        version = meta.get("evometa", "(unknown)")
        raise InputError(
            f"a run file of format {FORMAT} or older, which evometa {__version__} can read",
            f"format {found}, written by evometa {version}",
            str(path),
            f"Upgrade: pip install --upgrade 'evometa>={version}'.",
        )
    if any(step not in MIGRATIONS for step in range(found, FORMAT)):
        raise InputError(f"a run file of format {FORMAT}", f"format {found}, which is too old", str(path))
    return found


def migrate(connection: sqlite3.Connection, path: Path, wanted: int = FORMAT) -> str | None:
    """Bring a file to a format in one transaction; return a note on it, or None if it was of that one already."""
    found = format_of(connection, path)
    if found >= wanted:
        return None
    connection.execute("BEGIN IMMEDIATE")
    try:
        for step in range(found, wanted):
            MIGRATIONS[step](connection)
        put_meta(connection, "format", wanted)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return f"{path.name} was brought from format {found} to format {wanted}."


def open_current(path: Path) -> Connection:
    """Open a run file read-only; one of a format that is not read as it lies there is brought further in a copy.

    Raises InputError as `format_of` does, sqlite3.DatabaseError when the file is damaged.
    """
    connection = connect_reader(path)
    try:
        if format_of(connection, path) >= READABLE:
            return connection
        # without a name: of any size, as SQLite puts it on disk by itself, and takes it away
        copy = sqlite3.connect("", isolation_level=None, check_same_thread=False, factory=Connection)
        copy.private = True
        connection.backup(copy)
    except BaseException:
        connection.close()
        raise
    connection.close()
    check_definitions(copy, path.stat().st_size)
    migrate(copy, path, READABLE)
    return copy
