"""Reading a run: while it is being written, after a crash, from read-only media; what is read is verified."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from evometa.errors import InputError
from evometa.store.access import Access
from evometa.store.cells import head, parsed
from evometa.store.connection import Connection
from evometa.store.evaluations import Evaluation, Evaluations
from evometa.store.files import locate, refused
from evometa.store.individuals import Genomes, Individual, Individuals, Texts
from evometa.store.memory import Memory
from evometa.store.schema import FIRST_LINK, Json, Report, generation_seal
from evometa.store.seals import report_problem, reports_in
from evometa.store.source import Source, born_in, source_of
from evometa.store.verification import check_identity

T = TypeVar("T", Individuals, Genomes | Texts, Evaluations)


class Reader(Access):
    """Everything that a run file tells; made by `open_reader`.

    The file is open only while a method runs, so a writer is never held up, nor is its end. Each raises
    InputError when what it reads is damaged, or the number asked for does not exist.
    """

    def __init__(self, path: Path, connection: Connection | None = None) -> None:
        super().__init__(path, connection)
        self._trusted = connection is not None  # a writer's own: verified as a whole, or written by itself
        self._verified: set[bytes] = set()  # links of the chain
        self._memory = Memory()

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
        """Return one individual with its genome."""
        with self.reading():
            born = self._born(number)
            all_of_them = self.individuals(born)
            row = number - all_of_them.first
            return all_of_them.individual(row, born, self.genomes(born).genome(row))

    def evaluation(self, number: int, generation: int | None = None) -> Evaluation | None:
        """Return how an individual did in a generation, or when it was last evaluated; None if it was not."""
        with self.reading():
            if generation is not None:
                there = 0 <= generation <= self.last_generation
                return self.evaluations(generation).evaluation(number) if there else None
            return self.evaluations(self._latest(number, self._born(number))).evaluation(number)

    def forget(self) -> None:
        """Read everything anew from now on, as genomes may have been dropped."""
        self._memory.clear()

    def individuals(self, generation: int) -> Individuals:
        """Return all who were born in a generation."""
        return self._part(generation, "individuals", lambda source: source.individuals())

    def genomes(self, generation: int) -> Genomes | Texts:
        """Return the genomes that are kept of those born in a generation."""
        return self._part(generation, "genomes", lambda source: source.genomes())

    def evaluations(self, generation: int) -> Evaluations:
        """Return how everyone did who was evaluated in a generation."""
        return self._part(generation, "evaluations", lambda source: source.evaluations())

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
        found: list[int] = []
        with self.reading():
            for generation in range(self._born(number) + 1, self.last_generation + 1):
                found += self.individuals(generation).children(number)
                if len(found) >= limit:
                    break
        return found[:limit]

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

    def _part(self, number: int, kind: str, read: Callable[[Source], T]) -> T:
        """Return a part of a generation, of which the last ones are remembered by their place in the chain."""
        with self.reading() as connection:
            chain = self._sealed(number)[3]
            part = self._memory.get((chain, kind))
            if part is None:
                source = source_of(connection, self._owner(), number)
                self._verify(source, number)
                part = read(source)
                self._memory.put((chain, kind), part)
            return part

    def _verify(self, source: Source, number: int) -> None:
        """Check a generation against the chain, once."""
        state, _, _, chain, _ = self._sealed(number)
        if self._trusted or chain in self._verified:
            return
        previous = self._sealed(number - 1)[3] if number else FIRST_LINK
        if source.link(state, previous) != chain:
            raise refused(self.path, f"a damaged generation {number + 1}")
        self._verified.add(chain)

    def _born(self, number: int) -> int:
        """Return in which generation an individual was born."""
        with self.reading() as connection:
            born = born_in(connection, number)
            if born is None:
                raise self._absent(f"an individual of this run (number {number} was asked for)")
            return born

    def _latest(self, number: int, born: int) -> int:
        """Return the generation in which an individual was last evaluated: it was in each one from birth until then."""
        there, step = born, 1
        while self._evaluated(number, there + step):
            there, step = there + step, 2 * step
        while step > 1:
            step //= 2
            if self._evaluated(number, there + step):
                there += step
        return there

    def _evaluated(self, number: int, generation: int) -> bool:
        """Tell whether an individual was evaluated in a generation; of a damaged one that is not known."""
        with suppress(InputError):
            return generation <= self.last_generation and self.evaluation(number, generation) is not None
        return False


def open_reader(path: str | Path) -> Reader:
    """Return a reader of a run (its folder or its file); it is never in a writer's way and needs no closing.

    An older format is brought up to date in memory. Raises InputError when there is no run that can be read.
    """
    path = locate(path)
    check_identity(path)
    reader = Reader(path)
    reader.config  # noqa: B018  refuses what has a newer format or is damaged through and through
    return reader
