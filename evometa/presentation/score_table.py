"""A champion beside stock learners on held-out tasks, as a terminal shows it when a run ends, and ever after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from evometa.judging.verdict import basis, number_in, over, verdict
from evometa.presentation.format import interval, learner, number, signed

AT_EDGE = "* best at an end of the values that were tried: beyond it there may be better ones"


class Board(NamedTuple):
    """What a scoreboard says, whatever it is drawn on; `rows`: the champion's first, a cell for each column."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]


def scoreboard(told: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Yield title, table and verdict of a run's summary; nothing before its champion has been tested."""
    found = board(told)
    if found is None:
        return
    yield Text(found.title, style="italic")
    table = Table()
    for place, name in enumerate(found.columns):
        table.add_column(Text(name), justify="right" if place else "left")
    for place, row in enumerate(found.rows):
        table.add_row(*map(Text, row), style=None if place else "bold")
    yield table
    for text in found.notes:
        yield Text(text, style="dim" if text == AT_EDGE else "")


def board(told: Mapping[str, Any]) -> Board | None:
    """Return the scoreboard of a run's summary; None before its champion has been tested."""
    champion, rows = told["champion"], told["baselines"]
    score = {"mean": champion.get("meta_test"), "ci95": champion.get("meta_test_ci95")}
    if score["mean"] is None:
        return None
    measure = str(champion.get("measure") or "score")
    also = champion.get("also") or {}
    lower = " (lower is better)" if "loss" in (measure, *also) else ""
    lower = lower if measure == "loss" else lower.replace("lower", "of loss, lower")
    title = f"{measure} on held-out tasks{lower}, mean ± 95 % interval {over(champion.get('over'))}"
    differences = [_difference(row, measure) for row in rows]
    paired = any(text != "–" for text in differences)
    lines = [("champion", *(_score(each) for each in (score, *also.values())), *([""] if paired else []))]
    for row, difference in zip(rows, differences, strict=True):
        others = [_score((row.get("also") or {}).get(name)) for name in also]
        lines.append((learner(row), _score(row), *others, *([difference] if paired else [])))
    columns = ("learner", measure, *also, *(["champion − learner"] if paired else []))
    edge = AT_EDGE if any(row.get("at_edge") for row in rows) else ""
    notes = tuple(text for text in (edge, verdict(told), basis(told)) if text)
    return Board(title, columns, tuple(lines), notes)


def _score(row: Any) -> str:
    if not isinstance(row, Mapping) or number_in(row, "mean") is None:
        return "–"
    return interval(number_in(row, "mean"), number_in(row, "ci95"))


def _difference(row: Mapping[str, Any], measure: str) -> str:
    """Write the paired difference, by the measure that the learner has."""
    others: Mapping[str, Any] = row.get("also") or {}
    here = isinstance(row.get("difference"), Mapping) or not others
    name, found = (measure, row) if here else next(iter(others.items()))
    difference = found.get("difference")
    if not isinstance(difference, Mapping) or number_in(difference, "mean") is None:
        return "–"
    half = number_in(difference, "ci95")
    text = signed(number_in(difference, "mean")) + ("" if half is None else f" ± {number(half)}")
    return text if name == measure else f"{text} {name}"
