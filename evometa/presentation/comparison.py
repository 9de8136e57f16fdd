"""Runs side by side: what each found, how well that does, and in which settings they differ."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from evometa.errors import InputError
from evometa.errors.text import legible
from evometa.judging.reports import Baseline, Report
from evometa.judging.scores import Score
from evometa.judging.verdict import lifetimes, over, verdict
from evometa.presentation.console import print_parts
from evometa.presentation.format import curve, interval, number, tuned
from evometa.presentation.summary import Summary, summary_of
from evometa.store.records import Json
from evometa.system.arguments import RUNS, takes

if TYPE_CHECKING:
    from evometa.presentation.run import Run

NARROWEST = 24  # columns that a run is given in a terminal; more runs are shown below each other
LABEL = 24  # columns of the names at the left
SETTINGS = 40  # settings that differ, in the table of runs of one recipe
SIDE = ("name", "description", "seed", "run.backend", "run.threads", "run.on")  # settings that nobody compares
ABSENT = "–"
LINE = "\n"  # between the parts of a cell


@dataclass(frozen=True)
class Side:
    """A run beside others: its summary, the size of its champion, its objective and the curve of its best fitness."""

    summary: Summary
    size: int | None
    objective: str
    best: list[float | None]

    @property
    def report(self) -> Report | None:
        """The report on its champion."""
        return self.summary.report

    def baseline(self, name: str) -> Baseline | None:
        """A stock learner by its name."""
        return next((row for row in self.report.baselines if row.name == name), None) if self.report else None

    def plain(self) -> Json:
        """Return it in plain JSON types."""
        return {**self.summary.plain(), "size": self.size, "objective": self.objective, "best": self.best}


@dataclass(frozen=True)
class SideBySide:
    """Several runs side by side.

    `baselines`: by name, a stock learner in each run (None where it has no such); `settings`: by key, the value in each
    run, of those that differ; `alike`: whether the champions were tested by one measure on the same kind of tasks, so
    that their scores may be set against each other.
    """

    sides: list[Side]
    baselines: dict[str, list[Baseline | None]]
    settings: dict[str, list[Any]]
    alike: bool

    def plain(self) -> Json:
        """Return it in plain JSON types."""
        rivals = {name: [row and _score(row) for row in rows] for name, rows in self.baselines.items()}
        sides = [side.plain() for side in self.sides]
        return {"runs": sides, "baselines": rivals, "settings": self.settings, "alike": self.alike}


@takes(runs=RUNS)
def compare(runs: Sequence[Run]) -> Json:
    """Return several runs side by side as one JSON object.

    `runs`: for each what its summary tells, its curve of best fitness and the size of its champion; `baselines`: by
    name, a score and how it was tuned for each run (none where it has no such learner); `settings`: by key, the value
    in each run, of those that differ; `alike`: whether the champions were tested by one measure on the same kind of
    tasks, so that their scores may be set against each other.
    """
    return side_by_side(runs).plain()


def side_by_side(runs: Sequence[Run]) -> SideBySide:
    """Return several runs side by side."""
    sides = [_side(run) for run in runs]
    names = dict.fromkeys(row.name for side in sides if side.report for row in side.report.baselines)
    different = _different([_flat(run.config) for run in runs])
    measures = {side.report and side.report.measure for side in sides}
    same_tasks = not any(key.startswith("tasks.") for key in different)
    alike = len(measures) == 1 and None not in measures and same_tasks
    return SideBySide(sides, {name: [side.baseline(name) for side in sides] for name in names}, different, alike)


def readable(paths: Sequence[str]) -> tuple[list[Run], list[InputError]]:
    """Return those of several runs that can be compared, and for each of the others what is wrong with it."""
    from evometa.presentation.run import load

    runs, refusals = [], []
    for path in paths:
        try:
            run = load(path)
            _side(run)
            runs.append(run)
        except InputError as error:
            refusals.append(error)
    return runs, refusals


def _side(run: Run) -> Side:
    shown = run.champion
    size = None if shown is None or shown.genome is None else shown.size
    return Side(summary_of(run), size, run.settings.fitness.objectives[0], [row.best for row in run.history])


def _score(row: Baseline) -> Json:
    also = {name: score.plain() for name, score in row.also.items()}
    return {"mean": row.mean, "ci95": row.ci95, "tuned": tuned(row), "also": also}


def _different(settings: Sequence[Json]) -> dict[str, list[Any]]:
    """Return the settings that are not the same everywhere."""
    found = {}
    for key in sorted({key for one in settings for key in one}):
        values = [one.get(key) for one in settings]
        if key not in SIDE and any(value != values[0] for value in values):
            found[key] = values
    return found


def _flat(value: Any, path: str = "") -> Json:
    """Return nested settings as one table, keys joined by points; of several sets of tasks each has its number."""
    if isinstance(value, Mapping):
        items = [(str(key), item) for key, item in value.items()]
    elif isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
        items = [(str(place) if len(value) > 1 else "", item) for place, item in enumerate(value)]
    else:
        return {path: value}
    found: Json = {}
    for key, item in items:
        found |= _flat(item, ".".join(part for part in (path, key) if part))
    return found


def print_comparison(runs: Sequence[Run], console: Console) -> None:
    """Print runs side by side, as many as fit beside each other."""
    count = len(runs)
    if console.is_terminal:
        count = max(1, (console.width - LABEL) // NARROWEST)
    print_parts(console, list(_page(side_by_side(runs), count)))


def _page(told: SideBySide, width: int) -> Iterator[RenderableType]:
    total = len(told.sides)
    for first in range(0, total, width):
        yield _table(told, range(first, min(first + width, total)))
    for side in told.sides:
        if side.report is not None and (words := verdict(side.report.legible())):
            yield Text(f"{legible(side.summary.run)}: {words}")
    if not told.alike:
        yield Text("Their scores are not of one measure on the same tasks: compare with care.", style="yellow")
    left = len(told.settings) - (SETTINGS if _one_recipe(told) else 0)
    if left > 0:
        yield Text(f"{left} settings differ that are not shown (--json has them all)", style="dim")


def _one_recipe(told: SideBySide) -> bool:
    return len({side.summary.recipe for side in told.sides}) == 1


def _table(told: SideBySide, places: range) -> Table:
    """One column for each run."""
    table = Table(header_style="bold", show_lines=False)
    table.add_column("", overflow="fold")
    for place in places:
        table.add_column(Text(legible(told.sides[place].summary.run)), overflow="fold", ratio=1)
    for name, cells in _rows(told):
        if any(cells[place].plain != ABSENT for place in places):
            table.add_row(Text(legible(name)), *(cells[place] for place in places))
    return table


def _rows(told: SideBySide) -> Iterator[tuple[str, list[Text]]]:
    sides, runs = told.sides, [side.summary for side in told.sides]
    champions, reports = [one.shown for one in runs], [side.report for side in sides]

    def row(name: str, cells: Iterable[str], style: str = "") -> tuple[str, list[Text]]:
        return name, [Text(LINE.join(map(legible, cell.split(LINE))), style=style) for cell in cells]

    yield row("recipe", [one.recipe for one in runs])
    yield row("seed", [str(one.seed) for one in runs])
    yield row("generation", map(_generation, runs))
    yield row("rule", [one.formula if one and one.formula else ABSENT for one in champions], "cyan")
    yield row("which is", [one.recognised if one and one.recognised else ABSENT for one in champions])
    yield row("size, nodes", [number(side.size) for side in sides])
    yield row("fitness", map(fitness, sides))
    yield row("best fitness", [curve(side.best[-200:]) for side in sides], "green")
    yield row("innate → adapted", [f"{number(c and c.innate)} → {number(c and c.adapted)}" for c in champions])
    yield row("held-out tasks", [(one and one.measure) or "not tested yet" for one in reports])
    yield row("± 95 % interval", [over(one.over) if one and one.measure else ABSENT for one in reports])
    yield row("  champion", [scores(one.test, one.also) if one else ABSENT for one in reports], "bold")
    for name, rivals in told.baselines.items():
        yield row(f"  {name}", [learner(one) if one else ABSENT for one in rivals])
    yield row("lifetimes", [f"{lifetimes(one.lived, LINE)}{LINE}{one.diverged:,} diverged" for one in runs])
    yield row("seconds", [number(one.total_seconds) for one in runs])
    if any(one.damage for one in runs):
        yield row("damage", [one.damage or "none" for one in runs], "red")
    shown = list(told.settings.items())[:SETTINGS] if _one_recipe(told) else []  # recipes differ in most of them
    for key, values in shown:
        yield row(key, [ABSENT if value is None else _value(value) for value in values], "dim")


def scores(score: Score, also: Mapping[str, Score]) -> str:
    """Write a learner's score, then its scores by other measures."""
    others = [f"{name} {interval(other.mean, other.ci95)}" for name, other in also.items()]
    return "; ".join([text for text in (interval(score.mean, score.ci95),) if text != ABSENT] + others) or ABSENT


def learner(row: Baseline) -> str:
    """Write a stock learner's scores, and how it was tuned."""
    text, dials = scores(row, row.also), tuned(row)
    return f"{text} ({dials})" if dials else text


def fitness(side: Side) -> str:
    """Write the champion's fitness in the first objective."""
    shown = side.summary.shown
    return f"{side.objective} {number(shown.fitness[0])}" if shown and shown.fitness else ABSENT


def _generation(one: Summary) -> str:
    state = "finished" if one.finished else "not finished"
    return f"{one.generation} of {one.generations}, {state}"


def _value(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else f"{text[:199]}…"
