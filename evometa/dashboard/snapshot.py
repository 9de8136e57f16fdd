"""What has been read of each run, shared by all readers: however many look, a run file is read now and then.

Whatever was made from a file is kept until the file changes, and then until ten times the processor time has passed
that this process has used since (at least a second). So the more there is to do for those who look, the more rarely
anything is read; a hundred readers take no more than about a tenth of a processor.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

from evometa.dashboard.shelf import Entry, Stamp
from evometa.errors import InputError
from evometa.presentation.run import Run, load

T = TypeVar("T")

AT_LEAST, TIMES, AT_MOST = 1.0, 10.0, 60.0  # seconds; times the processor time used; seconds
PAGES, VALUES = 32, 96  # that are kept at most: snapshots, and values for each


class Snapshot:
    """A run, or several, as they were read last. Any thread may ask; one at a time reads."""

    def __init__(self, *entries: Entry) -> None:
        self.entries = entries
        self._lock = threading.RLock()
        self._stamp: Stamp | None = None
        self._runs: list[Run] = []
        self._values: OrderedDict[Hashable, Any] = OrderedDict()
        self._before: OrderedDict[Hashable, Any] = OrderedDict()
        self._read_at, self._used = 0.0, 0.0
        self._making = False

    def stamp(self) -> Stamp:
        """Return which state of the files is shown now; forgets what is out of date."""
        if self._lock.acquire(blocking=False):
            try:
                self._refresh()
            finally:
                self._lock.release()
        return self._stamp or ()

    def get(self, what: Hashable, make: Callable[..., T]) -> T:
        """Return what `make` gives of the runs (not None), made once for each state of their files.

        While another thread is reading, what was last made is returned. Raises what `make` and `load` raise.
        """
        if not self._lock.acquire(blocking=False):
            for values in (self._values, self._before):
                found = values.get(what)
                if found is not None:
                    return cast(T, _given(found))
            self._lock.acquire()
        try:
            self._refresh()
            found = self._values.get(what)
            if found is None:
                found = self._values[what] = self._made(make)
                while len(self._values) > VALUES:
                    self._values.popitem(last=False)
            return cast(T, _given(found))
        finally:
            self._lock.release()

    def _made(self, make: Callable[..., Any]) -> Any:
        """Make a value, or the error that came of trying; meanwhile nothing is forgotten."""
        within, self._making = self._making, True
        try:
            return make(*self._opened())
        except InputError as error:  # kept too: what cannot be read is not read again for every reader
            return error
        finally:
            self._making = within

    def _refresh(self) -> None:
        """Forget what was made once a file has changed and it is time; not while something is made of other values."""
        if self._making:
            return
        now, used = time.monotonic(), time.process_time()
        wait = min(AT_MOST, max(AT_LEAST, TIMES * (used - self._used)))
        if self._stamp is not None and now < self._read_at + wait:
            return
        stamp = tuple(number for entry in self.entries for number in entry.stamp())  # before: what is read is as new
        if stamp != self._stamp:
            self._before, self._values = self._values, OrderedDict()
            self._stamp, self._runs = stamp, []
        self._read_at, self._used = now, used

    def _opened(self) -> list[Run]:
        """Open the runs, anew in each state of their files: no other thread uses these."""
        if not self._runs:
            self._runs = [opened(entry) for entry in self.entries]
        return self._runs


def opened(entry: Entry) -> Run:
    """Open a run for looking at it. Raises InputError where it is refused or cannot be read."""
    if entry.refusal:
        raise InputError("a run inside the folder", entry.refusal, entry.name)
    return load(entry.file)


def _given(found: Any) -> Any:
    """Return a value, or raise the error that stands in its place."""
    if isinstance(found, InputError):
        raise InputError(found.expected, found.found, found.where, found.remedy)
    return found


class Snapshots:
    """The snapshots that were looked at lately."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[Entry, ...], Snapshot] = OrderedDict()

    def of(self, *entries: Entry) -> Snapshot:
        """Return the snapshot of one run or of several; what was asked for longest ago is forgotten."""
        with self._lock:
            found = self._kept.setdefault(entries, Snapshot(*entries))
            self._kept.move_to_end(entries)
            while len(self._kept) > PAGES:
                self._kept.popitem(last=False)
            return found
