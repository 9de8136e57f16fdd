"""Writing a run: one process at a time, one transaction a generation."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock

from evometa.store.files import (
    connect_writer,
    displaced,
    failed,
    leftovers,
    release,
)
from evometa.store.reader import Reader
from evometa.store.rows import fitting
from evometa.store.schema import (
    EvaluationRow,
    Generation,
    IndividualRow,
    Json,
    canonical,
    genome_key,
    pruned_mark,
)
from evometa.store.seals import get_meta, identity_of, put_meta, report_seal
from evometa.store.watermark import Claim, Record


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
            self._changes = int(get_meta(self._connection).get("changes", 0))
            self._record = Record(path)
            self._note()
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
        state: Json,
        statistics: Json,
        timing: Json,
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
        self._note()
        self._graphs.update(new)
        if self._texts is not None:
            self._texts.update((row.id, row.genome) for row in born if row.genome in texts)

    def report(self, value: Json, key: str = "final") -> None:
        """Keep a report on the run as it stands (champion, baselines), in place of an older one of that name.

        Raises RunFailed when the file cannot be written.
        """
        text, last = canonical(value), self.last_generation
        its_seal = report_seal(self._identity, key, last, text)
        with self._transaction():
            fitting("reports", text)
            listed = get_meta(self._connection).get("reports", {})
            put_meta(self._connection, "reports", {**listed, key: its_seal.hex()}, self._identity)
            self._connection.execute("INSERT OR REPLACE INTO reports VALUES (?, ?, ?, ?)", (key, last, text, its_seal))
        self._note()

    def amend(self, config: Json) -> None:
        """Replace the resolved configuration, as when a run is continued for more generations.

        Raises RunFailed when the file cannot be written.
        """
        with self._transaction():
            put_meta(self._connection, "config", config, self._identity)
        self._note()

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
        self._record.close(whole=not leftovers(self.path))
        if self._lock.is_locked:
            release(self._lock, self.folder)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Run the body as one transaction: all of it is durable afterwards under the run's path, or none of it."""
        self._check_place()
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            yield
            put_meta(self._connection, "changes", self._changes + 1, self._identity)
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
        self._changes += 1
        self._check_place()

    def _note(self) -> None:
        """Note beside the file what is committed in it."""
        self._record.note(Claim(self._identity, self._changes, self.last_generation + 1))

    def _check_place(self) -> None:
        """Raise RunFailed where the file that is open is no longer the one under the run's path."""
        try:
            moved = not os.path.samestat(self.path.stat(), self._place)
        except OSError:
            moved = True
        if moved:
            raise displaced(self.path)
