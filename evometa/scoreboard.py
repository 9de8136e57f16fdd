"""A champion beside stock learners on held-out tasks, as a terminal shows it when a run ends, and ever after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from evometa.verdict import basis, number_in, over, verdict
from evometa.writing import interval, learner, number, signed

AT_EDGE = "* best at an end of the values that were tried: beyond it there may be better ones"


def scoreboard(told: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Yield title, table and verdict of a run's summary; nothing before its champion has been tested."""
    champion, rows = told["champion"], told["baselines"]
    score = {"mean": champion.get("meta_test"), "ci95": champion.get("meta_test_ci95")}
    if score["mean"] is None:
        return
    measure = str(champion.get("measure") or "score")
    also = champion.get("also") or {}
    lower = " (lower is better)" if "loss" in (measure, *also) else ""
    lower = lower if measure == "loss" else lower.replace("lower", "of loss, lower")
    title = f"{measure} on held-out tasks{lower}, mean ± 95 % interval {over(champion.get('over'))}"
    yield Text(title, style="italic")
    paired = any(_difference(row, measure) != "–" for row in rows)
    table = Table()
    table.add_column("learner")
    for name in (measure, *also):
        table.add_column(Text(name), justify="right")
    if paired:
        table.add_column("champion − learner", justify="right")
    own = [_score(each) for each in (score, *also.values())]
    table.add_row("champion", *own, style="bold")
    for row in rows:
        others = [_score((row.get("also") or {}).get(name)) for name in also]
        table.add_row(Text(learner(row)), _score(row), *others, *([_difference(row, measure)] if paired else []))
    yield table
    if any(row.get("at_edge") for row in rows):
        yield Text(AT_EDGE, style="dim")
    for text in (verdict(told), basis(told)):
        if text:
            yield Text(text)


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
