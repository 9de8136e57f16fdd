"""Is a run file whole? Its structure is SQLite's to check; its content is checked against our hashes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evometa.errors import InputError
from evometa.store.files import is_damage, locate
from evometa.store.migration import open_current
from evometa.store.schema import (
    APPLICATION_ID,
    FIRST_LINK,
    PAGE,
    SCHEMA,
    Generation,
    genome_key,
    pruned_mark,
)
from evometa.store.seals import META, get_meta, identity_of, report_problem

MAGIC = b"SQLite format 3\x00"
OUR_MARK = SCHEMA[1][:60].encode()


class Damage(Exception):
    """Content of a run file that contradicts its hashes or its structure; the text says which."""


@dataclass(frozen=True)
class Verification:
    """What a check found: the last generation up to which all is well (−1: none), and the first problem."""

    last_good_generation: int
    problem: str | None


def verify(path: str | Path) -> Verification:
    """Check all of a run file, without changing it, also while it is being written.

    Raises InputError when there is no such file, it is no run file, or its format is newer.
    """
    path = locate(path)
    check_identity(path)
    try:
        with closing(open_current(path)) as connection:
            return _check(connection, path)
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            return Verification(-1, str(error))
        raise InputError("a run file that can be read", str(error), str(path)) from error


def check_identity(path: Path) -> None:
    """Raise InputError unless the first page is a run file's, perhaps damaged or blank."""
    try:
        with path.open("rb") as file:
            head = file.read(PAGE)
    except OSError as error:
        raise InputError("a run file that can be read", str(error), str(path)) from None
    if not head:
        found = "an empty file"
    elif head[68:72] == APPLICATION_ID.to_bytes(4, "big") or OUR_MARK in head:
        return
    elif head.startswith(MAGIC):
        found = "the database of another program" if len(head) == PAGE else "the first bytes of a database"
    elif len(head) == PAGE and not any(head):
        return
    else:
        found = "something else (it is no SQLite database)"
    raise InputError("a run file of evometa", found, str(path))


def sound_generations(connection: sqlite3.Connection) -> Iterator[tuple[Generation, bytes, bytes]]:
    """Yield each generation with its chain and seal while all agrees; raise Damage at the first that does not."""
    identity = identity_of(connection)
    chain = before = FIRST_LINK
    number = 0
    while True:
        try:
            generation, claimed, its_seal = Generation.select(connection, number)
            chain = generation.link(chain)
            if chain != claimed:
                raise Damage(f"generation {number + 1} does not fit its chain of hashes")
            if generation.seal(identity, before, chain) != its_seal:
                raise Damage(f"the statistics of generation {number + 1} do not fit their hash")
            _check_texts(generation)
            before = its_seal
        except LookupError:
            return
        except sqlite3.Error as error:
            if not is_damage(error):
                raise
            raise Damage(f"generation {number + 1} cannot be read: {error}") from error
        except (TypeError, ValueError, AttributeError) as error:
            raise Damage(f"generation {number + 1} holds something unreadable: {error}") from error
        yield generation, chain, its_seal
        number += 1


def _check_texts(generation: Generation) -> None:
    """Raise Damage unless every individual has its genome's text, or the mark of a pruned one."""
    texts: dict[int, Any] = dict(generation.texts)
    for number, born, _, _, key, _ in generation.individuals:
        text = texts.get(number)
        if genome_key(text) != key if isinstance(text, str) else pruned_mark(key) != text:
            raise Damage(f"the genome of individual {number} (generation {born + 1}) does not fit its hash")


def _check(connection: sqlite3.Connection, path: Path) -> Verification:
    """Check structure, sealed entries and all generations; the first problem found is told."""
    problems = list(_structural(connection, path))
    last = -1
    try:
        committed = get_meta(connection).get("committed")
        claimed = committed if isinstance(committed, int) else -1
        for table, column in (
            ("generations", "number"),
            ("individuals", "generation"),
            ("evaluations", "generation"),
            ("graphs", "generation"),
            ("reports", "generation"),
        ):
            (newest,) = connection.execute(f"SELECT coalesce(max({column}), -1) FROM {table}").fetchone()
            claimed = max(claimed, newest)
        for generation, _, _ in sound_generations(connection):
            last = generation.number
        if last < claimed:
            problems.append(f"generation {last + 2} is missing")
    except Damage as damage:
        problems.append(str(damage))
    except (sqlite3.Error, TypeError) as error:
        if isinstance(error, sqlite3.Error) and not is_damage(error):
            raise
        problems.append(f"a table cannot be read: {error}")
    return Verification(last, problems[0] if problems else None)


def _structural(connection: sqlite3.Connection, path: Path) -> Iterator[str]:
    """Yield what is wrong with the header, the tables' definitions, SQLite's structure and sealed entries."""
    with path.open("rb") as file:
        versions = file.read(20)[18:]
    if versions not in (b"\x01\x01", b"\x02\x02"):
        yield "its header is damaged"
    try:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        if application != APPLICATION_ID:
            yield "its header is damaged"
        found = {sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master")}
        if found != set(SCHEMA):
            yield "the definition of a table is damaged"
        (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if verdict != "ok":
            yield " ".join(verdict.split())
        meta = get_meta(connection)
        missing = META - meta.keys()
        if missing:
            yield f"its entry “{min(missing)}” is damaged, or another run's"
        rows = connection.execute("SELECT * FROM reports").fetchall()
        problem = report_problem(identity_of(connection), meta.get("reports"), rows)
        if problem is not None:
            yield problem
    except (sqlite3.Error, ValueError, TypeError) as error:
        if isinstance(error, sqlite3.Error) and not is_damage(error):
            raise
        yield str(error)
