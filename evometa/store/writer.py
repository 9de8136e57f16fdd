"""Writing a run: one process at a time, one transaction a generation."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
from filelock import FileLock

from evometa.spec.arrays import I64
from evometa.store.cells import fitting
from evometa.store.columns import Blob, Columns
from evometa.store.contents import Newborn, put_left, put_pieces
from evometa.store.evaluations import Evaluations
from evometa.store.files import (
    connect_writer,
    displaced,
    failed,
    leftovers,
    release,
)
from evometa.store.individuals import Genomes, Individuals
from evometa.store.reader import Reader
from evometa.store.rows import prune_rows
from evometa.store.schema import KINDS, Json, canonical, generation_seal, insert, link
from evometa.store.seals import get_meta, identity_of, put_meta, report_seal
from evometa.store.source import spans
from evometa.store.watermark import Claim, Record


class Writer:
    """A run held for writing; made by `create` and `open_writer`, closed by `close` or by leaving `with`.

    `last_generation` is the newest committed one (−1: none yet); `graphs`: the keys of those that it has; `notes` says
    what had to be recovered or migrated when the run was opened; `reader` reads through the same connection.
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
            self.graphs = set(self.reader.graphs())
            self._changes = int(get_meta(self._connection).get("changes", 0))
            self._next = max((first + born for _, first, born in spans(self._connection)), default=0)
            alive = self.last_generation >= 0
            self._alive = self.reader.evaluations(self.last_generation).ids if alive else np.zeros(0, np.int64)
            self._record = Record(path)
            self._note()
        except BaseException:
            self._connection.close()
            raise
        self._kept: dict[int, I64] | None = None  # by generation, once `prune` has asked: whose genomes are kept
        self._newborn: Future[Newborn] | None = None  # of the generation in flight
        self._thread = ThreadPoolExecutor(1, "run file")

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def encode(self, individuals: Individuals, genomes: Columns, *, all_kept: bool = True) -> None:
        """Begin to pack, hash and deflate who is born in the next generation, in a thread beside the caller's.

        `commit` writes it, nothing is written before. `genomes`: columns of those born, in their order; `all_kept`:
        False where `commit` will say which of them are kept.
        """
        self._newborn = self._thread.submit(Newborn.of, individuals, genomes, all_kept)

    def commit(
        self,
        generation: int,
        evaluations: Evaluations,
        state: Json,
        statistics: Json,
        timing: Json,
        graphs: Mapping[str, str] | None = None,
        kept: Genomes | None = None,
    ) -> None:
        """Add one whole generation, or nothing: who was given to `encode`, and the rest.

        `kept`: the genomes that are kept of those born, where not all are. `graphs` may repeat known ones. Only
        `statistics` and `timing` may differ when the run is repeated. Raises ValueError for what contradicts the file,
        RunFailed when the file cannot be written.
        """
        if self._newborn is None or generation != self.last_generation + 1:
            raise ValueError(f"generation {generation} cannot follow generation {self.last_generation}")
        new = {key: text for key, text in (graphs or {}).items() if key not in self.graphs}
        rows = sorted((key, generation, text) for key, text in new.items())
        texts = [canonical(state), canonical(statistics), canonical(timing)]
        with self._transaction():
            evaluated = Blob.of(evaluations.columns())
            born = self._newborn.result()
            self._check(born, evaluations)
            blobs = dict(zip(KINDS, (born.individuals, born.genomes, evaluated), strict=True))
            contents = (generation, born.first, born.count, *(blob.hash for blob in blobs.values()))
            chain = link(self._chain, generation, rows, contents, texts[0])
            its_seal = generation_seal(self._identity, self._seal, chain, *texts)
            insert(self._connection, "graphs", rows)
            insert(self._connection, "contents", [contents])
            insert(self._connection, "generations", [(generation, *texts, chain, its_seal)])
            for kind, blob in blobs.items():
                put_pieces(self._connection, self._identity, generation, kind, blob.pieces)
            if kept is not None:
                put_left(self._connection, self._identity, generation, kept)
            put_meta(self._connection, "committed", generation, self._identity)
        self.last_generation, self._chain, self._seal = generation, chain, its_seal
        self._newborn = None
        self._next, self._alive = max(self._next, born.first + born.count), evaluations.ids
        if self._kept is not None:
            rows_kept = np.arange(born.count) if kept is None or kept.rows is None else kept.rows
            self._kept[generation] = born.first + rows_kept
        self._note()
        self.graphs.update(new)

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

    def prune(self, keep: Iterable[int], take: Callable[[Columns, I64], Columns]) -> int:
        """Drop all genomes but those of the given individuals; return how many were dropped.

        `take(columns, rows)` returns the columns of some rows. The chain stays whole. Raises RunFailed when the file
        cannot be written.
        """
        wanted = np.array(sorted(set(keep)), np.int64)
        left = self._with_genomes()
        fewer = {number: ids[np.isin(ids, wanted)] for number, ids in left.items()}
        fewer = {number: ids for number, ids in fewer.items() if len(ids) < len(left[number])}
        with self._transaction():
            gone = prune_rows(self._connection, wanted)
            for number, ids in fewer.items():
                found, first = self.reader.genomes(number), self.reader.individuals(number).first
                assert isinstance(found, Genomes)
                stays = np.flatnonzero(np.isin(left[number], ids))
                put_left(self._connection, self._identity, number, Genomes(take(found.columns, stays), ids - first))
                gone += len(left[number]) - len(ids)
        left.update(fewer)
        self.reader.forget()
        return gone

    def _with_genomes(self) -> dict[int, I64]:
        """Return, for each generation in columns, the numbers of those born in it whose genomes are kept."""
        if self._kept is None:
            self._kept = {}
            for number, first, born in spans(self._connection):
                found = self.reader.genomes(number)
                if isinstance(found, Genomes):
                    self._kept[number] = first + (np.arange(born) if found.rows is None else found.rows)
        return self._kept

    def _check(self, born: Newborn, evaluations: Evaluations) -> None:
        """Raise ValueError for individuals whose numbers cannot be, or who were not alive."""
        if born.count and born.first < self._next:
            raise ValueError(f"individual {born.first} cannot follow individual {self._next - 1}")
        older = evaluations.ids[evaluations.ids < born.first]
        if len(strangers := np.setdiff1d(older, self._alive, assume_unique=True)):
            raise ValueError(f"individual {strangers[0]} is evaluated, but was not in the generation before")
        if len(evaluations.ids) and evaluations.ids[-1] >= born.first + born.count:
            raise ValueError(f"individual {evaluations.ids[-1]} is evaluated before it is born")

    def close(self) -> None:
        """Give the run free for others; harmless when repeated."""
        self._thread.shutdown(wait=False, cancel_futures=True)
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
