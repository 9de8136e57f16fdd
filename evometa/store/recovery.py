"""What can be saved of a damaged run file: the generations that verify go into a fresh file in its place."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path

from evometa.errors import InputError
from evometa.store.connection import Connection, check_definitions, connect, is_damage
from evometa.store.contents import copy_columns
from evometa.store.files import connect_reader, connect_writer, leftovers, new_file, sync_folder
from evometa.store.migration import format_of, migrate
from evometa.store.rows import ROWS, TEXTS
from evometa.store.schema import FIRST_LINK, FORMAT, MIGRATED, PAGE, SCHEMA, SCHEMAS, complete, generation_seal, insert
from evometa.store.seals import (
    OPENING,
    get_meta,
    identity_of,
    new_identity,
    put_meta,
    report_problem,
    report_seal,
    reports_in,
)
from evometa.store.verification import Damage, sound_generations, verify
from evometa.version import __version__

WORKSHOP = "rescue"  # folder beside the run file, there only while one is being rescued


def made_sound(path: Path) -> list[str]:
    """Migrate and rescue a run file that is held for writing, where there is need; return notes on that.

    Raises InputError when nothing can be saved, sqlite3.DatabaseError or OSError when the machine gets in the
    way; the file is then as it was.
    """
    notes = []
    outdated = False
    with suppress(sqlite3.DatabaseError), closing(connect_reader(path)) as connection:
        outdated = format_of(connection, path) < FORMAT
    if outdated:
        with closing(connect_writer(path)) as writable:
            notes += [note] if (note := migrate(writable, path)) else []
            writable.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 1)  # the copy that it makes
            with suppress(sqlite3.OperationalError):  # as without room on the disk
                writable.execute("VACUUM")  # gives all tables their place, by which a lost first page can be replaced
    problem = verify(path).problem
    if problem is not None:
        notes.append(_rescue(path, problem))
    return notes


def _rescue(path: Path, problem: str) -> str:
    """Put a fresh file with all that verifies in place of a damaged one, which is kept; return a note."""
    shop = path.with_name(WORKSHOP)
    shutil.rmtree(shop, ignore_errors=True)
    shop.mkdir()
    try:
        saved = {}
        for number, schema in enumerate((None, *SCHEMAS)):
            source = _copied(path, shop / f"damaged-{number}.db", schema)
            last = _salvage(source, shop / f"{number}.db")
            if last is not None:
                saved[last] = shop / f"{number}.db"
        if not saved:
            remedy = "The file was left as it is. Start the run again: recipe and seed give the same run."
            raise InputError("a run file of which something can be saved", problem, str(path), remedy)
        last = max(saved)
        kept = _replace(path, saved[last])
    finally:
        shutil.rmtree(shop, ignore_errors=True)
    goes_on = f"goes on after generation {last + 1}, the last one that verifies" if last >= 0 else "starts again"
    return f"{path} was damaged: {problem}. The run {goes_on}. The damaged file is kept as {kept.name}."


def _salvage(source: Path, target: Path) -> int | None:
    """Copy what verifies into a fresh file, under a new identity; return the last generation, None for nothing."""
    try:
        with closing(connect(source, "mode=rw", 0)) as damaged:
            damaged.execute("PRAGMA writable_schema = ON")  # lets SQLite open a file that has been cut short
            check_definitions(damaged, source.stat().st_size, some=True)
            meta = get_meta(damaged)
            if "config" not in meta:
                return None
            older = damaged.execute("SELECT 1 FROM sqlite_master WHERE name = 'individuals'").fetchall()
            schema = MIGRATED if older else SCHEMA
            standing_in = {"evometa": __version__, "environment": {}, "created": 0}
            new_file(target, {**standing_in, **meta, "format": FORMAT, **OPENING, **new_identity()}, schema)
            with closing(connect(target, "mode=rw", 0)) as fresh:
                complete(fresh)
                return _copy(damaged, fresh)
    except (sqlite3.DatabaseError, ValueError, TypeError) as error:
        if isinstance(error, sqlite3.Error) and not is_damage(error):
            raise
        return None


def _copy(damaged: Connection, fresh: Connection) -> int:
    """Copy generations until one fails, then the reports that hold; return the last generation's number."""
    last, identity, before = -1, identity_of(fresh), FIRST_LINK
    fresh.execute("BEGIN IMMEDIATE")
    with suppress(Damage):
        for one in sound_generations(damaged):
            for table, query in {**ROWS, "genomes": TEXTS}.items():
                insert(fresh, table, damaged.execute(query, (one.number,)))
            copy_columns(damaged, fresh, identity, one.number)
            before = generation_seal(identity, before, one.chain, one.state, one.statistics, one.timing)
            insert(fresh, "generations", [(one.number, one.state, one.statistics, one.timing, one.chain, before)])
            last = one.number
    reports = {}
    with suppress(sqlite3.DatabaseError, TypeError, ValueError, AttributeError):
        owner = identity_of(damaged)
        for row in reports_in(damaged):
            key, generation, value, its_seal = row
            if report_problem(owner, {key: its_seal.hex()}, [row]) is None and generation <= last:
                its_seal = report_seal(identity, key, generation, value)
                insert(fresh, "reports", [(key, generation, value, its_seal)])
                reports[key] = its_seal.hex()
    for entry, told in (("committed", last), ("reports", reports)):
        put_meta(fresh, entry, told, identity)
    fresh.execute("COMMIT")
    return last


def _copied(path: Path, target: Path, schema: Iterable[str] | None) -> Path:
    """Copy a damaged file with its log; under a new first page, which all runs of a schema have, where one is given.

    The first page holds SQLite's header and the definitions of the tables.
    """
    logs = leftovers(path)
    for source in (path, *logs):
        shutil.copyfile(source, target.with_name(source.name.replace(path.name, target.name)))
    if schema is not None:
        blank = target.with_name("blank.db")
        new_file(blank, {}, schema)
        page = bytearray(blank.read_bytes()[:PAGE])
        page[18:20] = b"\x02\x02" if any(log.name.endswith("-wal") for log in logs) else b"\x01\x01"
        page[28:32] = max(1, path.stat().st_size // PAGE).to_bytes(4, "big")
        with target.open("r+b") as file:
            file.write(page)
    return target


def _replace(path: Path, fresh: Path) -> Path:
    """Put a fresh file in place of a damaged one, which is kept with its log; return its new name."""
    number = 1
    while os.path.lexists(kept := path.with_name(f"{path.name}.damaged-{number}")):
        number += 1
    try:
        os.link(path, kept)
    except OSError:  # a file system without links
        shutil.copyfile(path, kept)
    for log in leftovers(path):  # before the fresh file: SQLite would replay the old log into it
        os.replace(log, log.with_name(log.name.replace(path.name, kept.name)))
    os.replace(fresh, path)
    sync_folder(path.parent)
    return kept
