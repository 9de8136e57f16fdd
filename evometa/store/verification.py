"""Is a run file whole? Its structure is SQLite's to check; its content is checked against our hashes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from evometa.errors import InputError
from evometa.store.cells import head, newest, parsed, strays
from evometa.store.connection import Connection, check_interrupted, is_damage, words_of
from evometa.store.files import locate
from evometa.store.migration import open_current
from evometa.store.schema import APPLICATION_ID, FIRST_LINK, PAGE, SCHEMA, generation_seal
from evometa.store.seals import META, get_meta, identity_of, report_problem, reports_in
from evometa.store.source import source_of
from evometa.store.watermark import Claim, claimed

MAGIC = b"SQLite format 3\x00"
OUR_MARK = SCHEMA[1][:60].encode()


class Damage(Exception):
    """Content of a run file that contradicts its hashes or its structure; the text says which."""


@dataclass(frozen=True)
class Verification:
    """What a check found: the last generation up to which all is well (−1: none), and the first problem."""

    last_good_generation: int
    problem: str | None


@dataclass(frozen=True)
class Link:
    """A generation that verifies: what stands in its row of table `generations`."""

    number: int
    state: str
    statistics: str
    timing: str
    chain: bytes
    seal: bytes


def verify(path: str | Path) -> Verification:
    """Check all of a run file, whatever its size, without changing it, also while it is being written.

    Raises InputError when there is no such file, it is no run file, or its format is newer.
    """
    path = locate(path)
    check_identity(path)
    claim = claimed(path)  # before the file, which can only be further
    connection = None
    try:
        connection = open_current(path)
        return _check(connection, path, claim)
    except sqlite3.DatabaseError as error:
        check_interrupted(error, connection)
        if is_damage(error):
            return Verification(-1, words_of(error))
        raise InputError("a run file that can be read", words_of(error), str(path)) from error
    except OSError as error:
        raise InputError("a run file that can be read", str(error), str(path)) from None
    finally:
        if connection is not None:
            connection.close()


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


def sound_generations(connection: sqlite3.Connection) -> Iterator[Link]:
    """Yield each generation while all of it agrees; raise Damage at the first that does not."""
    identity = identity_of(connection)
    chain = before = FIRST_LINK
    for number in count():
        try:
            found = head(connection, number)
            if found is None:
                return
            state, statistics, timing, claimed_chain, its_seal = found
            source = source_of(connection, identity, number)
            chain = source.link(state, chain)
            if chain != claimed_chain:
                raise Damage(f"generation {number + 1} does not fit its chain of hashes")
            if generation_seal(identity, before, chain, state, statistics, timing) != its_seal:
                raise Damage(f"the statistics of generation {number + 1} do not fit their hash")
            for text in (state, statistics, timing):
                parsed(text)
            if (problem := source.problem()) is not None:
                raise Damage(problem)
            before = its_seal
        except sqlite3.Error as error:
            if not is_damage(error):
                raise
            raise Damage(f"generation {number + 1} cannot be read: {words_of(error)}") from error
        except (TypeError, ValueError, AttributeError) as error:
            raise Damage(f"generation {number + 1} holds something unreadable: {error}") from error
        yield Link(number, *found)


def _check(connection: Connection, path: Path, claim: Claim | None) -> Verification:
    """Check structure, sealed entries and all generations; the first problem found is told."""
    problems = list(_structural(connection, path))
    last = -1
    try:
        stray = strays(connection)
        trace = max(newest(connection), get_meta(connection).get("committed", -1))
        for generation in sound_generations(connection):  # more than there was a trace of, while others write
            last = generation.number
        if last < trace:
            problems.append(f"generation {last + 2} is missing")
        if stray is not None:
            problems.append(f"table {stray} holds rows of no generation")
        problems += lost(connection, claim, last)
    except Damage as damage:
        problems.append(str(damage))
    except (sqlite3.Error, TypeError) as error:
        check_interrupted(error, connection)
        if isinstance(error, sqlite3.Error) and not is_damage(error):
            raise
        problems.append(f"a table cannot be read: {error}")
    return Verification(last, problems[0] if problems else None)


def lost(connection: Connection, claim: Claim | None, last: int) -> list[str]:
    """Say what was committed and is there no longer, as when a log of SQLite's is damaged, which drops it silently."""
    if claim is None or claim.identity != identity_of(connection):
        return []
    if last + 1 < claim.generations:
        rest = f" to {claim.generations}" if claim.generations > last + 2 else ""
        return [f"generation {last + 2}{rest} was committed and is missing: its log is damaged, or gone"]
    changes = get_meta(connection).get("changes", 0)
    if changes < claim.changes:
        return [f"what was committed after generation {last + 1} is missing: its log is damaged, or gone"]
    return []


def _structural(connection: Connection, path: Path) -> Iterator[str]:
    """Yield what is wrong with the header, SQLite's structure and sealed entries."""
    with path.open("rb") as file:
        versions = file.read(20)[18:]
    if versions not in (b"\x01\x01", b"\x02\x02"):
        yield "its header is damaged"
    try:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        if application != APPLICATION_ID:
            yield "its header is damaged"
        (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if verdict != "ok":
            yield " ".join(verdict.split())
        with connection.moment():
            meta = get_meta(connection)
            problem = report_problem(identity_of(connection), meta.get("reports"), reports_in(connection))
        missing = META - meta.keys()
        if missing:
            yield f"its entry “{min(missing)}” is damaged, or another run's"
        if problem is not None:
            yield problem
    except (sqlite3.Error, ValueError, TypeError) as error:
        check_interrupted(error, connection)
        if isinstance(error, sqlite3.Error) and not is_damage(error):
            raise
        yield words_of(error)
