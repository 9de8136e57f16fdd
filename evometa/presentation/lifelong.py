"""Lives of many tasks, and streams of classes, in a terminal: what is known, what was, what was lost, at what memory.

Always together, as who learns nothing forgets nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from evometa.judging.reports import Report, RowCourse, StreamCourse
from evometa.judging.scores import Score, finite
from evometa.presentation.format import interval

STREAM = ("learner", "at the end", "when learned", "change since", "memory (floats)")
WORLDS = ("learner", "first world", "last world", "last − first", "later half", "against born anew", "memory (floats)")
ROW = ("learner", "first tasks", "later half", "against born anew", "met again", "memory (floats)")
Cells = tuple[str, ...]


def lifelong_tables(report: Report | None) -> Iterator[RenderableType]:
    """Yield the tables of a report's lives of many tasks; none where there are no such."""
    if report is None:
        return
    if report.stream is not None:
        yield _table("streams of classes, accuracy over all classes met", STREAM, stream_rows(report))
        for test in report.other_tests:
            if test.stream is not None:
                yield _table(f"the same, {test.name}", STREAM, [
                    _of_stream("champion", test.stream),
                    *(_of_stream(row.name, row.stream) for row in test.baselines if row.stream is not None),
                ])  # fmt: skip
    if report.row is not None and report.row.measure is not None:
        yield _table(f"worlds in a row, {report.row.measure}", WORLDS, row_rows(report))
    elif report.row is not None:
        yield _table("many tasks in a row, accuracy", ROW, row_rows(report))
        if report.row.permuted is not None:
            control = _score(report.row.permuted)
            yield Text(f"behind tasks with permuted labels, what is carried is worth {control}")


def stream_rows(report: Report) -> list[Cells]:
    """Return the cells of the champion and of plain learners in streams."""
    rows = [("champion", report.stream), *((row.name, row.stream) for row in report.baselines)]
    return [_of_stream(name, stream) for name, stream in rows if stream is not None]


def row_rows(report: Report) -> list[Cells]:
    """Return the cells of the champion and of plain learners in lives of many tasks."""
    found = [_of_row("champion", report.row)] if report.row is not None else []
    for row in report.baselines:
        if row.row is not None:
            found.append(_of_row(row.name, row.row))
        elif row.memory is not None:
            found.append((row.name, "–", _score(row), "–", "–", f"{row.memory:,}"))
    return found


def _of_stream(name: str, one: StreamCourse) -> Cells:
    return name, _score(one.end), _score(one.learned), _score(one.backward), _count(one.memory)


def _of_row(name: str, one: RowCourse) -> Cells:
    if one.measure is not None:
        told = (one.first, one.last, one.gain, one.later, one.forward)
        return name, *map(_score, told), _count(one.memory)
    return name, _score(one.first), _score(one.later), _score(one.forward), _score(one.backward), _count(one.memory)


def _score(score: Score | None) -> str:
    if score is None or finite(score.mean) is None:
        return "–"
    return interval(score.mean, finite(score.ci95))


def _count(memory: int | None) -> str:
    return "–" if memory is None else f"{memory:,}"


def _table(title: str, columns: Sequence[str], rows: Sequence[Cells]) -> Table:
    table = Table(title=title, title_justify="left")
    for place, column in enumerate(columns):
        table.add_column(column, justify="right" if place else "left")
    for rank, row in enumerate(rows):
        table.add_row(*map(Text, row), style=None if rank else "bold")
    return table
