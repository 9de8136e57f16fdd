"""Who watches a run that was begun from Python, where its caller names nobody: a terminal, a notebook, or no one."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from multiprocessing import parent_process
from typing import TYPE_CHECKING, Any

from rich.console import Console

from evometa.callbacks import Callback, Listeners, Watch
from evometa.errors.text import legible
from evometa.judging.verdict import verdict
from evometa.presentation.events import Generation, Start
from evometa.presentation.notebook import FAINT, element, text
from evometa.presentation.view import View, on_terminal, open_view

if TYPE_CHECKING:
    from evometa.presentation.run import Run

EVERY = 0.25  # seconds between two changes of a notebook's display


@contextmanager
def listening(watch: Watch | None, progress: bool | None, callbacks: Sequence[Callback]) -> Iterator[Listeners]:
    """Give all who are told of a run; a view that its caller did not bring is closed at the end, however it comes.

    `progress`: True shows it anywhere, on stderr; False nowhere; None where somebody reads it: on a terminal and in a
    notebook, within the main thread of a process that is nobody's worker. A `watch` is the caller's, and wins.
    """
    if watch is not None or not (_read() if progress is None else progress):
        yield Listeners(watch, callbacks)
        return
    with NotebookView(_display()) if _in_notebook() else open_view(_console()) as view:
        yield Listeners(view, callbacks)


def _console() -> Console:
    return Console(stderr=True, highlight=False, markup=False, emoji=False)


def _read() -> bool:
    """Whether somebody reads what is shown."""
    if threading.current_thread() is not threading.main_thread() or parent_process() is not None:
        return False
    return _in_notebook() or on_terminal(sys.stderr)


def _in_notebook() -> bool:
    """Whether this process is the kernel of a notebook, which has imported IPython; nothing is imported to find out."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return any(base.__name__ == "ZMQInteractiveShell" for base in type(shell).__mro__)


def _display() -> Callable[..., Any]:
    found: Callable[..., Any] = import_module("IPython.display").display
    return found


class NotebookView(View):
    """One display of a notebook, changed in place; `display`: IPython's function."""

    def __init__(self, display: Callable[..., Any], clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(_console())
        self.display, self.clock = display, clock
        self.handle: Any = None
        self.drawn = -EVERY
        self.notes: list[str] = []
        self.result: list[str] | None = None

    def begin(self, info: Start) -> None:
        self.info = info.legible()
        self.draw()

    def note(self, text: str) -> None:
        self.notes.append(text)
        self.draw()

    def progress(self, done: int, total: int) -> None:
        super().progress(done, total)
        self.draw_at_times()

    def generation(self, stats: Generation) -> None:
        super().generation(stats)
        self.draw_at_times()

    def end(self, run: Run) -> None:
        self.result = []
        if (champion := run.champion) is not None:
            said = "" if champion.report is None else verdict(champion.report.legible())
            how = [found.sentence for found in (run.origin, run.search()) if found is not None]
            words = (f"champion  {champion.formula}", champion.recognised, *how, said)
            self.result = [legible(text) for text in words if text]
        self.draw()

    def close(self) -> None:
        """Show how far it came."""
        if self.handle is not None:
            self.draw()

    def draw_at_times(self) -> None:
        """Draw, but not so often that a notebook has nothing else to do."""
        if self.clock() - self.drawn >= EVERY:
            self.draw()

    def draw(self) -> None:
        """Show all anew."""
        self.drawn = self.clock()
        lines = list(self.lines())
        page = element("div", "".join(element("div", html) for html, _ in lines), 'class="evometa"')
        bundle = {"text/html": page, "text/plain": "\n".join(plain for _, plain in lines)}
        if self.handle is None:
            self.handle = self.display(bundle, raw=True, display_id=True)
        else:
            self.handle.update(bundle, raw=True)

    def lines(self) -> Iterator[tuple[str, str]]:
        """Yield each line as HTML and as plain text."""
        if self.info:
            rest = f" · seed {self.info.seed} · {self.info.backend} · {self.info.out}"
            yield element("strong", text(self.info.recipe)) + text(rest), f"{self.info.recipe}{rest}"
            total = self.info.generations
            done = self.stats.generation or self.info.resumed_from or 0
            said = f"generation {done}/{total}"
            share = min(total, done + self.share)  # the test, too, tells how much of it is done
            bar = element("progress", "", f'max="{total}" value="{share:.2f}"')
            speed = f"  {self.speed()}" if self.stats and self.result is None else ""
            yield f"{bar} {text(said + speed)}", said + speed
        if self.stats and self.result is None:
            scores = self.scores().plain
            yield text(scores), scores
            yield element("code", text(self.stats.learner)), f"rule  {self.stats.learner}"
        for note in self.notes:
            yield element("span", text(note), FAINT), legible(note)
        for place, said in enumerate(self.result or ()):
            yield text(said) if place else element("code", text(said)), said
