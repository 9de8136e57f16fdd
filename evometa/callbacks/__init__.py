"""What is told of a run while it goes on: to one view (evometa.presentation.view), and to callbacks, which users write.

class Patience(Callback):
    def on_begin(self, info):
        self.since = info["resumed_from"] or 0

    def on_best(self, best):
        self.since = best["generation"]

    def on_generation(self, statistics, run):
        if statistics["generation"] - self.since >= 20:
            self.request_stop("nothing better for 20 generations")

evometa.run("delta", callbacks=[Patience()])
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from evometa.errors import InputError
from evometa.errors.text import legible
from evometa.presentation.events import Generation, Start
from evometa.store.records import Json
from evometa.system.arguments import TEXT, takes
from evometa.system.interruption import cuttable

if TYPE_CHECKING:
    from evometa.presentation.run import Run

LOG = logging.getLogger("evometa.callbacks")
LONGEST = 300  # characters of an error's text that are shown


class Watch(Protocol):
    """The one view of a run (evometa.presentation.view has two), part of the program: what it raises ends the run."""

    def begin(self, info: Start) -> None: ...
    def note(self, text: str) -> None: ...
    def progress(self, done: int, total: int) -> None: ...
    def generation(self, stats: Generation) -> None: ...
    def end(self, run: Run) -> None: ...


class Silent:
    """A view that shows nothing."""

    def begin(self, info: Start) -> None: ...
    def note(self, text: str) -> None: ...
    def progress(self, done: int, total: int) -> None: ...
    def generation(self, stats: Generation) -> None: ...
    def end(self, run: Run) -> None: ...


class Callback:
    """Hears of a run moment by moment: derive from it, and override the moments that matter.

    The order is: `on_begin`; then, whenever a generation has been committed, `on_best` (if there is a new best)
    and `on_generation`; at last one of `on_end`, `on_interrupt` and `on_failure`. `on_note` may come at any time,
    even before `on_begin`.

    All that a callback is given is its own: copies in plain JSON types, and runs read from the run file. So
    nothing that it does changes one bit of the run. It is called in the run's thread, between generations: a slow
    one slows the run. One that raises is named once (class, moment, error), switched off, and the run goes on
    without it; KeyboardInterrupt interrupts the run, as Ctrl-C does.
    """

    _notes: tuple[str, ...] = ()
    _stop: str | None = None

    def on_begin(self, info: Json) -> None:
        """The run begins, or goes on: `recipe, seed, backend, out` (its folder), `generations` (in all),
        `resumed_from` (generations done before; None: a new run), `config` (the resolved configuration)."""

    def on_best(self, best: Json) -> None:
        """There is a new best: `id, generation, formula, rule` (text by slot), `coefficients, size, fitness` (one
        number for each objective), `innate, adapted, operator, parents`."""

    def on_generation(self, statistics: Json, run: Run) -> None:
        """A generation is committed: `generation` (from 1), `generations` (in all), `best, best_id, best_size, median,
        innate, adapted, formula, network` (of the best: how large it is, where it evolves), `best_error` (the standard
        error of `best` over its tasks), `panel` (what the best does on tasks that stay the same, where there are such),
        `panel_lifetimes`, the same of `validation` tasks (also `validation_best`, and `validation_age`: generations
        since), `units` (a reference's loss on each set, where losses are judged by it), `unit_lifetimes`, `behaviours`
        (different ones in the population), `species` (how many members each has), `families` (how many descend from
        each guess), `solved_after` (births until a genome was as good as `run.until` asks), `twins` (how many of those
        `born` behave like one that was known, and lived no life of their own), `diverged, lifetimes, known, born,
        reasons, fault, evaluate_seconds, total_seconds`; `run` reads the run file as it stands."""

    def on_note(self, text: str) -> None:
        """Something was said to the user: what was recovered, what is under way, what went wrong."""

    def on_end(self, run: Run) -> None:
        """The run is over and its champion tested; `run.finished` is False where a callback had it stopped."""

    def on_interrupt(self, message: str) -> None:
        """The run was interrupted (Ctrl-C, SIGTERM, SIGHUP); `message` says after which generation, how to go on."""

    def on_failure(self, message: str) -> None:
        """The run could not go on; `message` says why. Committed generations are kept."""

    @takes(reason=TEXT)
    def request_stop(self, reason: str = "") -> None:
        """Ask the run to stop after the generation under way (any thread may ask): the champion is tested, `on_end`
        comes, and `evometa resume` can go on with the run as if it had never stopped."""
        self._stop = reason

    @takes(text=TEXT)
    def note(self, text: str) -> None:
        """Say something to the user, as soon as the present moment is over."""
        self._notes = (*self._notes, text)


class Listeners:
    """All who are told of a run; the engine talks to nobody else. InputError for what is no Callback.

    `callbacks`: those still listening; `stop`: who asked for a stop, and why, if anybody did.
    """

    def __init__(self, watch: Watch | None = None, callbacks: Sequence[Callback] = ()) -> None:
        self.watch: Watch = watch or Silent()
        self.callbacks = _checked(callbacks)
        self.stop: str | None = None
        self.folder = Path()
        for one in self.callbacks:
            one._stop, one._notes = None, ()  # left from another run

    @property
    def anyone(self) -> bool:
        """Whether anyone listens, so that what is told must be worked out."""
        return bool(self.callbacks) or not isinstance(self.watch, Silent)

    def begin(self, info: Start) -> None:
        """The run begins; callbacks first, as one may ask for a password where a view would draw."""
        self._begin(info)
        self.watch.begin(info)

    def note(self, text: str) -> None:
        """Something is said to the user."""
        self.watch.note(text)
        self._tell("on_note", text)

    def generation(self, statistics: Generation, best: Json | None) -> None:
        """A generation is committed; `best`: the best, where it is a new one."""
        self.watch.generation(statistics)
        if best is not None:
            self._tell("on_best", best)
        self._tell("on_generation", statistics.plain, self._run)

    def end(self, run: Run) -> None:
        """The run is over; callbacks hear of it even where the view cannot show it."""
        try:
            self.watch.end(run)
        finally:
            self._end()

    def catch_up(self, info: Start) -> None:
        """Tell callbacks, but not the view, of a run that was over before it was resumed."""
        self._begin(info)
        self._end()

    def interrupt(self, message: str) -> None:
        """The run was interrupted; nobody hears of it whose `on_end` has come."""
        self._tell_last("on_interrupt", message)

    def failure(self, message: str) -> None:
        """The run failed; nobody hears of it whose `on_end` has come."""
        self._tell_last("on_failure", message)

    def _begin(self, info: Start) -> None:
        self.folder = Path(info.out).absolute()
        self._tell("on_begin", info.plain)

    def _end(self) -> None:
        if self._tell_last("on_end", self._run):
            raise KeyboardInterrupt

    def _run(self) -> Run:
        """Return a run of the callback's own, which reads the file anew; costs nothing until it is asked."""
        from evometa.presentation.run import Run
        from evometa.store import Reader
        from evometa.store.files import FILE

        return Run(Reader(self.folder / FILE))

    def _tell(self, moment: str, *told: Any) -> None:
        """Let every callback hear of a moment; `told` holds data to copy, and functions that make a copy."""
        for one in self.callbacks:
            self._call(one, moment, *told)

    def _tell_last(self, moment: str, told: Any) -> bool:
        """Let every callback hear of its last moment; one that Ctrl-C cuts short leaves the others theirs.

        Return whether there was one.
        """
        cut = False
        for one in self.callbacks:
            try:
                with cuttable():
                    self._call(one, moment, told)
            except KeyboardInterrupt:
                cut = True
        self.callbacks = []
        return cut

    def _call(self, one: Callback, moment: str, *told: Any) -> None:
        try:
            getattr(one, moment)(*(item() if callable(item) else deepcopy(item) for item in told))
        except (Exception, SystemExit) as error:
            self.callbacks = [other for other in self.callbacks if other is not one]
            self._name(one, moment, error)
        notes, one._notes = one._notes, ()
        for text in notes:
            self.watch.note(text)
        if one._stop is not None:
            self.stop, one._stop = f"{type(one).__name__}{one._stop and ': '}{one._stop}", None

    def _name(self, one: Callback, moment: str, error: BaseException) -> None:
        """Say which callback raised what; where no view shows it, on the standard logger, with the traceback."""
        place = traceback.extract_tb(error.__traceback__)[-1]
        try:
            text = legible(" ".join(str(error).split()))
        except Exception:
            text = "an error without words"
        text = text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
        said = f"callback {type(one).__name__}.{moment} raised {type(error).__name__}: {text}"
        said = (
            f"{said} ({Path(place.filename).name}, line {place.lineno}). It is switched off; the run is not affected."
        )
        self.watch.note(said)
        LOG.log(logging.ERROR if isinstance(self.watch, Silent) else logging.DEBUG, said, exc_info=error)


def _checked(callbacks: Sequence[Callback]) -> list[Callback]:
    """Return the callbacks as a list; InputError for anything else among them."""
    where = "callbacks"
    if isinstance(callbacks, Callback) or not hasattr(callbacks, "__iter__"):
        raise InputError("a list of callbacks", type(callbacks).__name__, where, "Put it in brackets: [callback].")
    found = list(callbacks)
    for one in found:
        if isinstance(one, type):
            raise InputError("callbacks", f"the class {one.__name__}", where, f"Give an object: {one.__name__}().")
        if not isinstance(one, Callback):
            raise InputError("callbacks derived from evometa.callbacks.Callback", type(one).__name__, where)
    return found
