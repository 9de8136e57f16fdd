"""What the list of runs says of each: read when a run's file has changed, within a budget of time for each look."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from evometa.dashboard.shelf import Entry, Stamp
from evometa.dashboard.snapshot import AT_LEAST, TIMES, opened
from evometa.errors import InputError
from evometa.presentation.run import Run

BUDGET = 1.0  # seconds of reading for one look at the list; the rest comes at the next

RUNNING, FINISHED, INTERRUPTED, UNREADABLE, WAITING = "running", "finished", "interrupted", "unreadable", "not read yet"


@dataclass(frozen=True, slots=True)
class Summary:
    """One run in the list. `score`, `half`: held-out performance of the champion and half its 95 % interval."""

    entry: Entry
    state: str = WAITING
    problem: str = ""
    recipe: str = ""
    seed: str = ""
    done: int = 0
    asked: int = 0
    created: float = 0.0
    objective: str = ""
    best: float | None = None
    measure: str = ""
    score: float | None = None
    half: float | None = None
    formula: str = ""

    def mentions(self, words: str) -> bool:
        """Tell whether all words occur in its name, recipe, seed, state or formula."""
        text = " ".join((self.entry.name, self.recipe, self.seed, self.state, self.formula, self.problem)).casefold()
        return all(word in text for word in words.casefold().split())


@dataclass(frozen=True, slots=True)
class _Read:
    stamp: Stamp
    summary: Summary
    at: float  # when it was read
    until: float  # it is not read again before then


class Summaries:
    """The summaries of all runs. Any thread may ask; one at a time reads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read: dict[Entry, _Read] = {}
        self._until = 0.0

    def of(self, entries: Mapping[str, Entry]) -> list[Summary]:
        """Return the summary of every run; those that are not yet read are marked so."""
        if self._lock.acquire(blocking=not self._read):
            try:
                self._read_some(entries)
            finally:
                self._lock.release()
        return [self._summary(entry) for entry in entries.values()]

    def _read_some(self, entries: Mapping[str, Entry]) -> None:
        """Read what has changed, the one that was read longest ago first, until the budget is used up."""
        started = time.monotonic()
        if started < self._until:
            return
        for gone in [entry for entry in self._read if entries.get(entry.key) != entry]:
            del self._read[gone]
        for entry in sorted(entries.values(), key=self._turn):
            now, stamp, before = time.monotonic(), entry.stamp(), self._read.get(entry)
            if now - started > BUDGET:
                break
            if before is None or (before.stamp != stamp and now >= before.until):
                summary = read(entry)
                ended = time.monotonic()
                self._read[entry] = _Read(stamp, summary, ended, ended + max(AT_LEAST, TIMES * (ended - now)))
        self._until = time.monotonic() + AT_LEAST

    def _turn(self, entry: Entry) -> float:
        found = self._read.get(entry)
        return found.at if found else 0.0

    def _summary(self, entry: Entry) -> Summary:
        found = self._read.get(entry)
        if found is None:
            return Summary(entry)
        if found.summary.state == UNREADABLE:
            return found.summary
        return replace(found.summary, state=state_of(entry, found.summary.state == FINISHED))


def state_of(entry: Entry, finished: bool) -> str:
    """Return a word for how a run stands; asked anew each time, as no file changes when a run is killed."""
    return FINISHED if finished else RUNNING if entry.written_by() else INTERRUPTED


def read(entry: Entry) -> Summary:
    """Return the summary of a run that nobody writes to, or why there is none."""
    try:
        run = opened(entry)
        with run.reader.reading():
            return _summary(entry, run)
    except InputError as error:
        return Summary(entry, UNREADABLE, error.found)


def _summary(entry: Entry, run: Run) -> Summary:
    settings, done = run.settings, run.generation
    found = Summary(
        entry, FINISHED if run.finished else INTERRUPTED, recipe=settings.name, seed=str(settings.seed), done=done,
        asked=settings.run.generations, created=run.reader.created,
        objective=settings.fitness.objectives[0].replace("_", " "),
        best=run.statistics(done).best if done else None,
    )  # fmt: skip
    champion = run.champion
    if champion is None:
        return found
    score, half = champion.meta_test, champion.meta_test_ci95
    return replace(found, formula=champion.formula, measure=champion.measure or "", score=score, half=half)
