"""Writing a run: one process at a time, one transaction a generation."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock

import evometa
from evometa.errors import InputError, RunFailed
from evometa.store.files import (
    FILE,
    connect_writer,
    displaced,
    failed,
    holding,
    is_damage,
    locate,
    new_file,
    refused,
    release,
    sync_folder,
)
from evometa.store.reader import Reader
from evometa.store.recovery import made_sound
from evometa.store.schema import (
    FORMAT,
    EvaluationRow,
    Generation,
    IndividualRow,
    canonical,
    genome_key,
    pruned_mark,
)
from evometa.store.seals import OPENING, get_meta, identity_of, new_identity, put_meta, report_seal
from evometa.store.verification import check_identity

ANOTHER = "Give another folder with --out, or continue the run with `evometa resume {}`."


class Writer:
    """A run held for writing; made by `create` and `open_writer`, closed by `close` or by leaving `with`.

    `last_generation` is the newest committed one (−1: none yet); `notes` says what had to be recovered or
    migrated when the run was opened; `reader` reads through the same connection.
    """

    def __init__(self, path: Path, lock: FileLock, notes: Sequence[str] = ()) -> None:
        self.path, self.folder, self.notes = path, path.parent, list(notes)
        self._lock = lock
        self._connection = connect_writer(path)
        try:
            self._place = path.stat()
            self.reader = Reader(path, self._connection)
            self._identity = identity_of(self._connection)
            self.last_generation = self.reader.last_generation
            self._chain, self._seal = self.reader.links(self.last_generation)
            self._graphs = set(self.reader.graphs())
        except BaseException:
            self._connection.close()
            raise
        self._texts: dict[int, bytes] | None = None  # individuals whose text is kept, once `prune` has asked

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def commit(
        self,
        generation: int,
        individuals: Iterable[IndividualRow],
        evaluations: Iterable[EvaluationRow],
        state: dict[str, Any],
        statistics: dict[str, Any],
        timing: dict[str, Any],
        genomes: Mapping[bytes, str] | None = None,
        graphs: Mapping[str, str] | None = None,
    ) -> None:
        """Add one whole generation, or nothing.

        `genomes` gives texts by key; a new individual without one is stored as pruned. `graphs` may repeat
        known ones. Only `statistics` and `timing` may differ when the run is repeated.
        Raises ValueError for rows that contradict the file, RunFailed when the file cannot be written.
        """
        if generation != self.last_generation + 1:
            raise ValueError(f"generation {generation} cannot follow generation {self.last_generation}")
        born = sorted(individuals, key=lambda row: row.id)
        texts = genomes or {}
        for row in born:
            if row.genome in texts and genome_key(texts[row.genome]) != row.genome:
                raise ValueError(f"individual {row.id}: the key of its genome is not the SHA-256 of its text")
        new = {key: text for key, text in (graphs or {}).items() if key not in self._graphs}
        record = Generation(
            generation,
            sorted((key, generation, text) for key, text in new.items()),
            [row.stored(generation) for row in born],
            [(row.id, texts.get(row.genome) or pruned_mark(row.genome)) for row in born],
            [row.stored(generation) for row in sorted(evaluations, key=lambda row: row.id)],
            canonical(state),
            canonical(statistics),
            canonical(timing),
        )
        chain = record.link(self._chain)
        its_seal = record.seal(self._identity, self._seal, chain)
        with self._transaction():
            record.insert(self._connection, chain, its_seal)
            put_meta(self._connection, "committed", generation, self._identity)
        self.last_generation, self._chain, self._seal = generation, chain, its_seal
        self._graphs.update(new)
        if self._texts is not None:
            self._texts.update((row.id, row.genome) for row in born if row.genome in texts)

    def report(self, value: dict[str, Any], key: str = "final") -> None:
        """Keep a report on the run as it stands (champion, baselines), in place of an older one of that name.

        Raises RunFailed when the file cannot be written.
        """
        text, last = canonical(value), self.last_generation
        its_seal = report_seal(self._identity, key, last, text)
        with self._transaction():
            listed = get_meta(self._connection).get("reports", {})
            put_meta(self._connection, "reports", {**listed, key: its_seal.hex()}, self._identity)
            self._connection.execute("INSERT OR REPLACE INTO reports VALUES (?, ?, ?, ?)", (key, last, text, its_seal))

    def amend(self, config: dict[str, Any]) -> None:
        """Replace the resolved configuration, as when a run is continued for more generations.

        Raises RunFailed when the file cannot be written.
        """
        with self._transaction():
            put_meta(self._connection, "config", config, self._identity)

    def prune(self, keep: Iterable[bytes]) -> int:
        """Drop all genome texts but those of the given keys; return how many were dropped.

        The individuals' rows and the chain stay whole. Raises RunFailed when the file cannot be written.
        """
        if self._texts is None:
            query = "SELECT id, genome FROM individuals JOIN genomes USING (id) WHERE typeof(text) = 'text'"
            self._texts = dict(self._connection.execute(query))
        kept = frozenset(keep)
        gone = {number: key for number, key in self._texts.items() if key not in kept}
        if gone:
            with self._transaction():
                rows = ((pruned_mark(key), number) for number, key in gone.items())
                self._connection.executemany("UPDATE genomes SET text = ? WHERE id = ?", rows)
        for number in gone:
            del self._texts[number]
        return len(gone)

    def close(self) -> None:
        """Give the run free for others; harmless when repeated."""
        for wish in (  # a log that cannot be folded in now, for readers or want of space, will be later
            "PRAGMA busy_timeout = 0",
            "PRAGMA wal_checkpoint(TRUNCATE)",
            "PRAGMA journal_mode = DELETE",  # leaves one file, readable from any medium
        ):
            with suppress(sqlite3.Error):
                self._connection.execute(wish)
        with suppress(sqlite3.Error):
            self._connection.close()
        if self._lock.is_locked:
            release(self._lock, self.folder)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Run the body as one transaction: all of it is durable afterwards under the run's path, or none of it."""
        self._check_place()
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            yield
            self._connection.execute("COMMIT")
        except BaseException as error:
            if self._connection.in_transaction:
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.IntegrityError):
                raise ValueError(f"a row contradicts the run file: {error}") from error
            if isinstance(error, sqlite3.DatabaseError):
                raise failed(self.path, error) from error
            raise
        self._check_place()

    def _check_place(self) -> None:
        """Raise RunFailed where the file that is open is no longer the one under the run's path."""
        try:
            moved = not os.path.samestat(self.path.stat(), self._place)
        except OSError:
            moved = True
        if moved:
            raise displaced(self.path)


def create(folder: str | Path, config: dict[str, Any], environment: dict[str, Any]) -> Writer:
    """Make a new run folder, with its parents, and hold the run for writing.

    The run file appears under its name only when it is whole. Raises InputError when the folder holds a run
    already or cannot be written, RunFailed when the disk is full.
    """
    folder = Path(folder).absolute()  # where it is now, whatever folder the process works in later
    path = folder / FILE
    if os.path.exists(path):
        raise InputError("a folder without a run", f"a run ({FILE})", str(folder), ANOTHER.format(folder))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError("a folder that can be made", str(error), str(folder)) from None
    with holding(folder) as lock:
        if path.exists():  # made by another process since
            raise InputError("a folder without a run", f"a run ({FILE})", str(folder), ANOTHER.format(folder))
        meta = {
            "format": FORMAT,
            "evometa": evometa.__version__,
            "config": config,
            "environment": environment,
            "created": time.time(),
            **OPENING,
            **new_identity(),
        }
        try:
            new_file(path.with_name(FILE + ".new"), meta)
            os.replace(path.with_name(FILE + ".new"), path)
            sync_folder(folder)
            return Writer(path, lock)
        except (sqlite3.DatabaseError, OSError) as error:
            raise RunFailed(f"{path} cannot be made: {error}. Nothing was run.") from error


def open_writer(path: str | Path) -> Writer:
    """Hold an existing run (its folder or its file) for writing, once all of it has been verified.

    What is damaged is left out: see `Writer.notes`. Raises InputError when there is no run, another process
    holds it, its format is newer, or nothing of it can be saved; RunFailed when the file cannot be written.
    """
    path = locate(path).absolute()
    check_identity(path)
    with holding(path.parent) as lock:
        try:
            return Writer(path, lock, made_sound(path))
        except (sqlite3.DatabaseError, OSError) as error:
            damaged = isinstance(error, sqlite3.Error) and is_damage(error)
            raise (refused(path, str(error)) if damaged else failed(path, error)) from error
