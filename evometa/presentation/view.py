"""What people see while a run goes on, and the table at its end: live in a terminal, plain lines elsewhere.

A view is what `evometa.run(..., watch=view)` talks to: `begin`, `note`, `progress`, `generation`, `end`, `standing`.
"""

from __future__ import annotations

import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Self, cast

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from evometa.errors.text import count_of, legible
from evometa.presentation.console import Paper, print_parts
from evometa.presentation.episode import episode_lines
from evometa.presentation.events import Generation, Start
from evometa.presentation.format import STAGED, clock, short, stages
from evometa.presentation.score_table import scoreboard
from evometa.presentation.world_faults import faults_of
from evometa.system.interruption import Patient

if TYPE_CHECKING:
    from evometa.presentation.run import Run

WINDOW = 10  # generations that rates are averaged over
EVERY = 1.0  # seconds between plain lines


def open_view(console: Console) -> View:
    """Return a live view where the console is a terminal that can redraw, else a plain one.

    Who reads it may go away: computing goes on.
    """
    console.file = cast(IO[str], Patient(console.file))
    return LiveView(console) if console.is_terminal and not console.is_dumb_terminal else PlainView(console)


def on_terminal(stream: IO[str] | None) -> bool:
    """Return whether a stream is a terminal; one that is missing or closed is none."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


class View(ABC):
    """The common part: what has been reported so far, and rates over the last generations."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.info, self.stats = Start(), Generation()
        self.share, self.workers = 0.0, list[Text]()  # of the generation under way: what is done; how workers stand
        self.recent: tuple[tuple[float, float], ...] = ()  # seconds and lifetimes; replaced, as a thread draws

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def begin(self, info: Start) -> None:
        """Show what starts."""
        self.info = info = info.legible()
        line = Text(info.recipe, style="bold")
        line.append(f" · seed {info.seed} · {info.backend} · {info.out}", style="not bold")
        if info.resumed_from is not None:
            line.append(f" · goes on after generation {info.resumed_from}", style="not bold")
        self.print(line)

    def print(self, part: RenderableType) -> None:
        """Print something that stays, unbroken where nobody reads it in columns."""
        print_parts(self.console, (part,))

    def note(self, text: str) -> None:
        """Show one line that stays."""
        self.print(Text(legible(text), style="dim"))

    def progress(self, done: int, total: int) -> None:
        """Take in how much of the generation under way is done."""
        self.share = done / total if total else 0.0

    def standing(self, text: str) -> None:
        """Take in how the workers of the generation under way stand."""
        self.workers = [Text(legible(text), style="dim")]

    def generation(self, stats: Generation) -> None:
        """Take in a finished generation."""
        self.stats, self.share, self.workers = stats.legible(), 0.0, []
        self.recent = (*self.recent, (stats.total_seconds, float(stats.lifetimes)))[-WINDOW:]

    def end(self, run: Run) -> None:
        """Show the champion against the stock learners, and where the run lies."""
        self.close()
        self.print(end_table(run, self.info.out))

    @abstractmethod
    def close(self) -> None:
        """Stop drawing; what was shown stays."""

    def speed(self) -> str:
        """Return generations and lifetimes a second, and the time left."""
        seconds = sum(s for s, _ in self.recent)
        if seconds <= 0:
            return ""
        rate = len(self.recent) / seconds
        left = (self.stats.generations - self.stats.generation - self.share) / rate
        lifetimes = sum(n for _, n in self.recent) / seconds
        return f"{short(rate)} generations/s · {short(lifetimes)} lifetimes/s · {clock(left)} left"

    @property
    def acts(self) -> bool:
        """Whether it is a run in worlds, or of searches."""
        return any(one.get("family") in STAGED for one in self.info.config.get("tasks", ()))

    def scores(self) -> Text:
        """Return best fitness, on this generation's tasks and the panel's, median, innate → adapted, the median loss
        before → after tuning, divergence, and the share of the newborn who behave like one that was known."""
        s = self.stats
        line = Text.assemble("best ", (number(s.best), "bold"))
        if s.best_error is not None:
            line.append(f" ± {number(s.best_error)}")
        if s.panel is not None:  # chance has made the best of this generation's tasks; the panel is the same
            line.append(" here, ").append(number(s.panel), "bold").append(" on the panel")
        if s.validation is not None:
            line.append(f"  validation {number(s.validation)}", "yellow" if s.validation_age else "")
            if s.validation_age:
                line.append(f" (best {number(s.validation_best)}, {count_of(s.validation_age, 'generation')} ago)")
        line.append(f"  median {number(s.median)}")
        first, second = stages(self.acts)
        line.append(f"  {first} {number(s.innate)} → {second} ")
        line.append(number(s.adapted), "bold")
        if s.gradient_before is not None and s.gradient_after is not None:
            worse = s.gradient_after > s.gradient_before
            line.append(f"  tuned {number(s.gradient_before)} → ")
            line.append(number(s.gradient_after), "yellow" if worse else "")
        line.append(f"  diverged {s.diverged - s.faults:,}", "yellow" if s.diverged > s.faults else "dim")
        if s.faults:
            line.append(f"  faults of the world {s.faults:,}", "yellow")
        if s.born:
            line.append(f"  twins {(s.twins or 0) / s.born:.0%}", "dim")
        if s.cluster:
            line.append(f"  {s.cluster}", "dim")
        return line


class PlainView(View):
    """One line for the first and last generation, and for others at most one a second."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(console)
        self.clock = clock
        self.printed = -EVERY

    def generation(self, stats: Generation) -> None:
        first = not self.stats
        super().generation(stats)
        last = stats.generation >= stats.generations
        if first or last or self.clock() - self.printed >= EVERY:
            self.printed = self.clock()
            line = Text(f"generation {stats.generation}/{stats.generations}  ")
            line.append_text(self.scores())
            line.append(f"  {self.speed()}  {self.stats.learner}")
            self.console.print(Paper(line), soft_wrap=True)

    def close(self) -> None:
        """Nothing is being drawn."""


class LiveView(View):
    """A few lines that are redrawn in place."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self.live: Live | None = None

    def begin(self, info: Start) -> None:
        super().begin(info)
        self.live = Live(
            console=self.console,
            get_renderable=lambda: Paper(self.picture()),
            refresh_per_second=5,
            redirect_stdout=not self.console.stderr or on_terminal(sys.stdout),  # what is piped is somebody else's
        )
        self.live.start()

    def close(self) -> None:
        if self.live is not None:
            self.live.stop()
            self.live = None

    def picture(self) -> RenderableType:
        """Return the present state as lines that fit the terminal's width."""
        total = self.stats.generations or self.info.generations
        finished = self.stats.generation or self.info.resumed_from or 0
        head = Table.grid(expand=True, padding=(0, 1))
        head.add_column(ratio=1)
        head.add_column(no_wrap=True, justify="right")
        head.add_row(ProgressBar(total=total, completed=finished + self.share), f"generation {finished}/{total}")
        if not self.stats:
            return Group(head, Text("first generation …", style="dim"), *self.workers)
        rule = Text.assemble(("rule  ", "dim"), (self.stats.learner, "cyan"))
        rows = [Text(self.speed(), style="dim"), self.scores(), rule, *self.workers]
        for row in rows:
            row.no_wrap, row.overflow = True, "ellipsis"
        return Group(head, *rows)


def end_table(run: Run, out: str) -> RenderableType:
    """Return the champion's rule, its held-out test against stock learners, and where the run lies."""
    parts: list[RenderableType] = []
    if (faults := faults_of(run.history)) is not None:
        parts.append(Text(faults.sentence, style="yellow"))
    if (champion := run.champion) is not None:
        parts.append(Text.assemble(("champion  ", "dim"), (legible(champion.formula), "cyan")))
        if champion.recognised:
            parts.append(Text.assemble(("          ", "dim"), legible(champion.recognised)))
        if run.settings.topology.mode == "evolved":
            parts.append(Text(f"network   {champion.topology}"))
        parts.extend(episode_lines(champion.report))
        parts.extend(scoreboard(champion.report, run.settings.seed))
        told = {"origin": run.origin, "search": run.search()}
        parts.extend(Text.assemble((f"{name:<10}", "dim"), found.sentence) for name, found in told.items() if found)
    if out:
        parts.append(Text(f"run  {out}    look at it: evometa inspect {out}"))
    return Group(*parts)


def number(value: float | None) -> str:
    """Write a score in four decimals (very large or small: digits); nothing as a dash."""
    if value is None:
        return "–"
    return f"{value:.4f}" if value == 0 or 0.001 <= abs(value) < 1000 else f"{value:.4g}"
