"""Handing out slices to workers that come, leave, are late, or take others down with them.

The driver decides who lives what, so a worker gets nothing before it has shown that it computes the same bits, those
that come late are put to work at once, and what a lost one had in hand goes to others. A slice that is late is given
to an idle worker, too: whichever is first counts, as both are the same. A slice that was lost with several workers is
lived by a process of this machine, genome by genome; if that is lost, too, the run ends and names the genome.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from evometa.cluster.pool import Done, Lost, Pool
from evometa.cluster.search_batches import SearchBatch, SearchSlice
from evometa.cluster.slices import Shared, Slice, joined, split, whole
from evometa.cluster.staff import Staff
from evometa.cluster.worker import live
from evometa.errors import RunFailed
from evometa.errors.text import count_of

AHEAD = 2  # slices in a worker's hands: one is lived, one is on its way
LATE = 3.0  # medians that a slice may take before somebody else is given it, too
LOSSES = 3  # workers that a slice may be lost with before it is taken for the cause
POLL = 0.25  # seconds between looks at who is there
SILENCE, ABSENCE = 10.0, 300.0  # seconds without any worker after which that is said, and after which a run ends


@dataclass(frozen=True)
class Task:
    """The slice of that number in a worker's hands, and since when."""

    number: int
    worker: str
    since: float


@dataclass
class Tally:
    """Slices that were lived, lost with a worker, and sent again because they were late; seconds that they took."""

    slices: int = 0
    lost: int = 0
    again: int = 0
    seconds: float = 0.0

    def misfortunes(self) -> list[str]:
        """Return what has happened to slices, in words."""
        return [f"{self.lost:,} lost"] * (self.lost > 0) + [f"{self.again:,} sent again"] * (self.again > 0)


class Dispatch:
    """A batch under way: what `shared` and `slices` come to, in the hands of a pool's workers."""

    def __init__(self, pool: Pool, staff: Staff, shared: Shared | SearchBatch,
                 slices: Sequence[Slice | SearchSlice], tally: Tally,
                 progress: Callable[[int, int], None] | None = None,
                 show: Callable[[str], None] | None = None) -> None:  # fmt: skip
        self.pool, self.staff, self.shared, self.slices = pool, staff, shared, slices
        self.tally, self.progress, self.show, self.shown = tally, progress, show, ""
        self.reference = pool.share(shared)
        self.tasks: dict[int, Task] = {}
        self.waiting, self.suspects = deque(range(len(slices))), deque[int]()
        self.results: dict[int, Any] = {}
        self.times: list[float] = []
        self.losses = Counter[int]()
        self.attended, self.said = time.monotonic(), False  # when a worker was there last; that none is was said

    def work(self) -> list[Any]:
        """Return what comes of each slice, in their order. Raises RunFailed where that cannot be had."""
        try:
            while len(self.results) < len(self.slices):
                for done in self.turn():
                    self.receive(done)
                if self.suspects:
                    number = self.suspects.popleft()
                    self.finish(number, self.at_home(self.slices[number]))
        finally:
            for task in list(self.tasks):
                self.forget(task)
            if self.staff.home:
                self.pool.dismiss(self.staff.home)
                self.staff.home = ""
        self.tally.slices += len(self.slices)
        return [self.results[number] for number in range(len(self.slices))]

    def turn(self) -> Iterator[Done]:
        """See who is there, give them something to do, and return what has ended."""
        self.look()
        self.assign()
        if self.show and (standing := self.standing()) != self.shown:
            self.shown = standing
            self.show(standing)
        return self.pool.done(POLL)

    def standing(self) -> str:
        """Return who is there, and how far the slices are."""
        under_way = len({one.number for one in self.tasks.values()})
        parts = [count_of(len(self.staff.trusted), "worker"), f"{len(self.results)} of {len(self.slices)} slices",
                 f"{under_way} under way", *self.tally.misfortunes()]  # fmt: skip
        return " · ".join(parts)

    def look(self) -> None:
        """Take back what those who are not there had in hand; wait for somebody to come, but not for ever."""
        there, now = self.staff.look(), time.monotonic()
        for task, one in list(self.tasks.items()):
            if one.worker not in there:
                self.lose(task)
        if self.staff.trusted or self.staff.home:
            self.attended, self.said = now, False
        elif now - self.attended > ABSENCE:
            self.accuse()
        elif now - self.attended > SILENCE and not self.said:
            self.said = True
            self.staff.note("no worker is ready; waiting for one …")

    def accuse(self) -> None:
        """Take the slices that workers were lost with for the cause of there being none; RunFailed where none was."""
        suspects = [number for number in self.waiting if self.losses[number]]
        if not suspects:
            raise RunFailed(f"no worker has been there for {ABSENCE:.0f} seconds.")
        self.suspects += suspects
        self.waiting = deque(number for number in self.waiting if number not in suspects)

    def assign(self) -> None:
        """Give slices to whoever has a hand free, and what is late to somebody who has nothing to do."""
        loads = Counter(one.worker for one in self.tasks.values())
        for load in range(AHEAD):
            for worker in [one for one in self.staff.trusted if loads[one] == load]:
                number = self.waiting.popleft() if self.waiting else self.late(worker) if not load else None
                if number is not None:
                    self.give(worker, number)
                    loads[worker] += 1

    def late(self, worker: str) -> int | None:
        """Return the slice that has been under way longest, if it is late and in one pair of hands, not this one's."""
        holders = Counter(one.number for one in self.tasks.values())
        alone = [one for one in self.tasks.values() if holders[one.number] == 1]
        oldest = min(alone, key=lambda one: one.since, default=None)
        if oldest is None or oldest.worker == worker or not self.times:
            return None
        if time.monotonic() - oldest.since < LATE * median(self.times):
            return None
        self.tally.again += 1
        return oldest.number

    def give(self, worker: str, number: int) -> None:
        """Give a worker a slice."""
        own = self.staff.backend, self.staff.threads
        task = self.pool.submit(worker, live, self.reference, self.slices[number], *own)
        self.tasks[task] = Task(number, worker, time.monotonic())

    def receive(self, done: Done) -> None:
        """Take in what has come of a task."""
        one = self.tasks.get(done.task)
        if self.staff.hear(done) or one is None:
            return
        if done.error is not None:  # another worker may have more memory, or room on its disk
            if not isinstance(done.error, Lost):
                self.staff.note(f"worker {one.worker}: {type(done.error).__name__}: {done.error}")
            self.lose(done.task)
            return
        if not self.staff.same(one.worker, done.value.process):
            self.lose(done.task)
            return
        self.forget(done.task)
        if one.number not in self.results:
            self.tally.seconds += done.value.seconds
            self.times.append(time.monotonic() - one.since)
            self.finish(one.number, done.value.result)

    def finish(self, number: int, result: Any) -> None:
        """Keep what has come of a slice; nobody else need live it."""
        self.results[number] = result
        for task in [task for task, other in self.tasks.items() if other.number == number]:
            self.forget(task)
        if self.progress:
            self.progress(len(self.results), len(self.slices))

    def lose(self, task: int) -> None:
        """Take back a slice whose worker is lost, unless somebody else has it, too."""
        one = self.tasks[task]
        self.forget(task)
        self.tally.lost += 1
        self.losses[one.number] += 1
        if not any(other.number == one.number for other in self.tasks.values()):
            (self.waiting.appendleft if self.losses[one.number] < LOSSES else self.suspects.append)(one.number)

    def forget(self, task: int) -> None:
        """Want to know no more of a task."""
        del self.tasks[task]
        self.pool.drop(task)

    def at_home(self, part: Slice | SearchSlice) -> Any:
        """Return what comes of a slice in a process of this machine, which lives one genome at a time."""
        genomes = range(part.first, part.first + len(part))
        whom = f"genomes {genomes[0]} to {genomes[-1]}"
        self.staff.note(f"{whom} were lost with all who lived them; a process of this machine lives them")
        self.staff.home = home = self.staff.home or self.pool.recruit()
        shared, singles = split(whole(self.shared, part), [slice(g, g + 1) for g in range(len(part))])
        reference, results, own = self.pool.share(shared), [], (self.staff.backend, self.staff.threads)
        for genome, single in zip(genomes, singles, strict=True):
            task, result = self.pool.submit(home, live, reference, single, *own), None
            while result is None:
                for done in self.turn():
                    if done.task == task:
                        result = done
                    else:
                        self.receive(done)
                if home not in self.pool.workers():
                    result = Done(task, error=Lost())
            self.pool.drop(task)
            if result.error is not None:
                named = f"{type(result.error).__name__}: {result.error}"
                cause = "ends every process that lives it" if isinstance(result.error, Lost) else named
                raise RunFailed(f"genome {genome} of a batch of {len(self)}: {cause}.")
            results.append(result.value.result)
        return joined(results)

    def __len__(self) -> int:
        """Genomes in all."""
        return sum(len(part) for part in self.slices)
