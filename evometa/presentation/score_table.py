"""A champion beside stock learners on held-out tasks, as a terminal shows it when a run ends, and ever after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from evometa.evolution.measures import lower_is_better
from evometa.judging.reports import Baseline, OtherTest, Report
from evometa.judging.scores import Score, finite
from evometa.judging.verdict import basis, listed, over, verdict
from evometa.presentation.console import WIDE
from evometa.presentation.format import interval, learner, number, signed
from evometa.presentation.lifelong import lifelong_tables

DIFFERENCE = "champion − learner"
AT_EDGE = "* best at an end of the values that were tried: beyond it there may be better ones"


class Board(NamedTuple):
    """What a scoreboard says, whatever it is drawn on; `rows`: the champion's first, a cell for each column."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]


def scoreboard(report: Report | None, seed: int) -> Iterator[RenderableType]:
    """Yield title, table and verdict of a champion's report; nothing before it has been tested."""
    found = board(report, seed)
    if found is None:
        return
    yield Text(found.title, style="italic")
    yield Fitted(found)
    for text in found.notes:
        yield Text(text, style="dim" if text == AT_EDGE else "")
    yield from lifelong_tables(report)


class Fitted:
    """A scoreboard as a table; where a terminal is too narrow for it, without the last of the further measures."""

    def __init__(self, board: Board) -> None:
        self.board = board

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        places = list(range(len(self.board.columns)))
        further = places[2:-1] if self.board.columns[-1] == DIFFERENCE else places[2:]
        whole = options.update(width=WIDE)
        while further and Measurement.get(console, whole, self.table(places)).maximum > options.max_width:
            places.remove(further.pop())
        yield self.table(places)

    def table(self, places: Sequence[int]) -> Table:
        """Return the table of some of the columns."""
        table = Table()
        for place in places:
            table.add_column(Text(self.board.columns[place]), justify="right" if place else "left")
        for rank, row in enumerate(self.board.rows):
            table.add_row(*(Text(row[place]) for place in places), style=None if rank else "bold")
        return table


def board(report: Report | None, seed: int) -> Board | None:
    """Return the scoreboard of a champion's report, in a run with that seed; None before it has been tested."""
    if report is None or report.test.mean is None:
        return None
    report = report.legible()
    measure, also, rows = report.measure or "score", report.also, report.baselines
    less = [name for name in (measure, *also) if lower_is_better(name)]
    lower = " (lower is better)" if less else ""
    lower = lower if measure in less else lower.replace("lower", f"of {listed(less)}, lower")
    title = f"{measure} on held-out tasks{lower}, mean ± 95 % interval {over(report.over)}"
    differences = [_difference(row, measure) for row in rows]
    paired = any(text != "–" for text in differences)
    lines = [("champion", *(_score(each) for each in (report.test, *also.values())), *([""] if paired else []))]
    for row, difference in zip(rows, differences, strict=True):
        others = [_score(row.also.get(name)) for name in also]
        lines.append((learner(row), _score(row), *others, *([difference] if paired else [])))
    columns = ("learner", measure, *also, *([DIFFERENCE] if paired else []))
    edge = AT_EDGE if any(row.at_edge for row in rows) else ""
    others = [further(one, measure) for one in report.other_tests]
    notes = tuple(text for text in (edge, *others, verdict(report), basis(report, seed)) if text)
    return Board(title, columns, tuple(lines), notes)


def further(test: OtherTest, measure: str) -> str:
    """Write a further test of a champion in a line, beside the best of the plain learners."""
    best = test.strongest(measure)
    beside = "" if best is None else f"; {learner(best)} {_score(best)}"
    return f"{test.name}: {_score(test)}{beside}"


def _score(score: Score | None) -> str:
    if score is None or finite(score.mean) is None:
        return "–"
    return interval(score.mean, finite(score.ci95))


def _difference(row: Baseline, measure: str) -> str:
    """Write the paired difference, by the measure that the learner has."""
    here = row.difference is not None or not row.also
    name, score = (measure, row) if here else next(iter(row.also.items()))
    difference = score.difference
    if difference is None or finite(difference.mean) is None:
        return "–"
    half = finite(difference.ci95)
    text = signed(difference.mean) + ("" if half is None else f" ± {number(half)}")
    return text if name == measure else f"{text} {name}"
