"""What all trackers share: what is logged and when, going on with a run, filling in, figures at the end."""

from __future__ import annotations

import math
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from evometa.callbacks import LONGEST, Callback
from evometa.errors import InputError
from evometa.presentation.events import Start
from evometa.store.records import Json, Statistics
from evometa.tracking.metrics import Entry, missed, result, scalars
from evometa.tracking.resumption import keep, recall

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from evometa.presentation.run import Run

EVERY = 1.0  # seconds between two writings, so that a tracker does not slow a run of quick generations
MANY = 500  # entries that are written at once

Ending = Literal["finished", "interrupted", "failed"]


def library(module: str, extra: str) -> Any:
    """Import a module of an optional library; InputError that names the extra where that cannot be done."""
    try:
        return import_module(module)
    except Exception as error:  # a library that does not fit the others raises anything
        found = f"{type(error).__name__}: {error}"
        remedy = f'Install it: pip install "evometa[{extra}]"'
        raise InputError(f"the library {module.partition('.')[0]}", found, f"tracking with {extra}", remedy) from error


class Tracker(Callback, ABC):
    """Logs a run to a tracker; a class for each tracker says how.

    `name`: as for `--log`, and of the extra; `lag`: seconds until what was written has surely outlived a kill;
    `logged`: up to which generation all is written.
    """

    name: ClassVar[str]
    lag: ClassVar[float] = 0.0

    def __init__(self) -> None:
        self.folder = Path()
        self.kept: Json = {}
        self.logged = 0
        self._entries: list[Entry] = []
        self._formula = ""
        self._marks: deque[tuple[float, int]] = deque()  # when a generation was written, oldest first
        self._safe = 0  # up to which generation all is written and would outlive a kill
        self._written = 0.0  # when there was last a writing

    @abstractmethod
    def open(self, info: Start, kept: Json) -> tuple[Json, int]:
        """Begin a run in the tracker, or go on with the one that `kept` tells of.

        Return what is to be kept, as JSON, and up to which generation the tracker has everything.
        """

    @abstractmethod
    def write(self, entries: Sequence[Entry]) -> None:
        """Log generations, in their order."""

    @abstractmethod
    def finish(self, numbers: Mapping[str, float], formula: str) -> None:
        """Log the champion: its scores on held-out tasks and its rule."""

    @abstractmethod
    def draw(self, figures: Mapping[str, Figure]) -> None:
        """Log the run's figures."""

    @abstractmethod
    def close(self, ending: Ending) -> None:
        """Leave the tracker's run as it is; `open` can go on with it."""

    def on_begin(self, info: Json) -> None:
        from evometa.presentation.run import load

        start = Start.model_validate(info)
        done = start.resumed_from or 0
        self.folder = Path(start.out).absolute()
        self._entries, self._formula, self._written = [], "", time.monotonic()
        kept = {} if start.resumed_from is None else recall(self.folder, self.name)
        self.kept, self.logged = self.open(start, kept)
        self._marks, self._safe = deque(), self.logged
        self._keep(self._written)
        if self.logged < done:
            run = load(self.folder)
            self.note(f"{self.name}: fills in generations {self.logged + 1} to {done}")
            for entry in missed(run, self.logged + 1, done):
                self._add(entry)
            self._flush()

    def on_best(self, best: Json) -> None:
        self._formula = best["formula"]

    def on_generation(self, statistics: Json, run: Run) -> None:
        formula, self._formula = self._formula, ""
        self._add(Entry(statistics["generation"], scalars(Statistics.model_validate(statistics)), formula))
        if time.monotonic() - self._written >= EVERY:
            self._flush()

    def on_end(self, run: Run) -> None:
        try:
            self._flush()
            self.finish(result(run), "" if run.champion is None else run.champion.formula)
            self._draw(run)
        finally:
            self._close("finished")

    def on_interrupt(self, message: str) -> None:
        self._last("interrupted")

    def on_failure(self, message: str) -> None:
        self._last("failed")

    def _last(self, ending: Ending) -> None:
        try:
            self._flush()
        finally:
            self._close(ending)

    def _close(self, ending: Ending) -> None:
        self.close(ending)
        self._keep(math.inf)

    def _add(self, entry: Entry) -> None:
        """Put an entry by, unless the tracker has it already (a damaged run file has lost generations)."""
        if entry.generation > self.logged + len(self._entries):
            self._entries.append(entry)
        if len(self._entries) >= MANY:
            self._flush()

    def _flush(self) -> None:
        entries, self._entries = self._entries, []
        if entries:
            self.write(entries)
            self.logged = entries[-1].generation
            self._marks.append((time.monotonic(), self.logged))
            self._keep(time.monotonic() - self.lag)
        self._written = time.monotonic()

    def _keep(self, before: float) -> None:
        """Note beside the run what was written before a time: from there on, a resumed run logs again."""
        while self._marks and self._marks[0][0] <= before:
            self._safe = self._marks.popleft()[1]
        keep(self.folder, self.name, {**self.kept, "logged": self._safe})

    def _draw(self, run: Run) -> None:
        """Log the figures; where they cannot be drawn, say so: all else is logged."""
        try:
            if figures := _figures(run.path, run.digest):
                self.draw(figures)
        except Exception as error:
            self.note(f"{self.name}: the figures are left out: {' '.join(str(error).split())[:LONGEST]}")


@lru_cache(maxsize=1)
def _figures(path: Path, digest: str) -> dict[str, Figure]:
    """Return a run's figures, drawn once for all trackers; `digest`: of the run as it stands."""
    from evometa.presentation.run import load
    from evometa.report.figures import figures_of

    return figures_of(load(path))
