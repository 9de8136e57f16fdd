"""Several runs beside each other: their curves, what they came to, and the settings in which they differ."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dash import dcc, html

from evometa.dashboard import routes
from evometa.dashboard.page import Page, figure_slot, text_slot
from evometa.dashboard.pages.parts import badge, folded, state_in, table
from evometa.dashboard.shelf import Entry
from evometa.dashboard.snapshot import Snapshot
from evometa.judging.verdict import over, verdict
from evometa.presentation.comparison import Side, SideBySide, fitness, learner, scores, side_by_side
from evometa.presentation.format import interval, number
from evometa.presentation.run import Run
from evometa.report import figures

if TYPE_CHECKING:
    from dash.development.base_component import Component

SETTINGS = 60  # settings shown at most
VALUE = 80  # characters of a setting
HEAD = ("run", "state", "recipe", "seed", "generations", "fitness", "held-out", "size", "rule", "which is")
APART = "They were not tested by one measure on the same tasks: set their scores against each other with care."


def comparison_page(entries: Sequence[Entry], snapshot: Snapshot) -> Page:
    """Return the page that compares runs; with fewer than two it says how to choose them."""
    if len(entries) < 2:
        words: list[Any] = [
            f"Choose two or more (at most {routes.MOST}) in the ",
            dcc.Link("list of runs", href="/"),
            ".",
        ]
        return Page("Compare", lambda: [html.H1("Compare"), html.P(words)])

    def body() -> list[Component]:
        return [
            html.H1(f"{len(entries)} runs compared"),
            html.P(dcc.Link("Choose others", href="/")),
            html.Div(
                figure_slot("comparison", "Fitness and held-out scores", wide=True),
                className="plots",
            ),
            text_slot("runs", className="card scrolling"),
            text_slot("learners", className="card scrolling"),
            html.Details(
                [html.Summary("Settings that differ"), text_slot("settings", className="scrolling")], className="card"
            ),
        ]

    def told() -> SideBySide:
        return snapshot.get("compared", lambda *runs: side_by_side(runs))

    texts = {
        "runs": lambda *runs: _runs(entries, runs, told()),
        "learners": lambda *runs: _learners(entries, told()),
        "settings": lambda *runs: _settings(entries, told().settings),
    }
    drawn = {"comparison": lambda *runs: figures.comparison(runs)}
    moment = tuple(entry.written_by() for entry in entries)
    address = ("compare", *(entry.key for entry in entries))
    return Page("Compare", body, address, snapshot, texts, drawn, moment)


def _runs(entries: Sequence[Entry], runs: Sequence[Run], told: SideBySide) -> list[Component]:
    rows = [_row(entry, run, side) for entry, run, side in zip(entries, runs, told.sides, strict=True)]
    note = [] if told.alike else [html.P(APART, className="muted")]
    return [table(HEAD, rows, "What they came to", (3, 4, 7)), *note]


def _row(entry: Entry, run: Run, side: Side) -> list[Any]:
    told, best = side.summary, side.summary.shown
    score = interval(best.meta_test, best.meta_test_ci95) if best else "–"
    return [
        dcc.Link(entry.name, href=routes.to_run(entry.key), className="name"),
        badge(state_in(run, entry)),
        told.recipe,
        str(told.seed),
        f"{told.generation:,} of {told.generations:,}",
        fitness(side).replace("_", " ") if best else "no generation yet",
        f"{(best and best.measure) or ''} {score}".strip(),
        number(side.size),
        html.Div(folded((best and best.formula) or "–", "formula")),
        (best and best.recognised) or "–",
    ]


def _learners(entries: Sequence[Entry], told: SideBySide) -> list[Component]:
    """Return how stock learners did on the same held-out tasks as each champion."""
    title = "Stock learners on the same held-out tasks, mean ± 95 % interval"
    if not told.baselines:
        return [html.H2(title), html.P("None of these runs has been tested yet.")]
    reports = [side.report for side in told.sides]
    rows = [
        ["95 % interval", *(over(one.over if one else None) for one in reports)],
        ["champion", *(scores(one.test, one.also) if one else "–" for one in reports)],
    ]
    for name, found in told.baselines.items():
        rows.append([name, *(learner(one) if one else "–" for one in found)])
    rows.append(["the champion", *((one and verdict(one)) or "–" for one in reports)])
    return [table(["learner", *(entry.name for entry in entries)], rows, title)]


def _settings(entries: Sequence[Entry], settings: Mapping[str, Sequence[Any]]) -> list[Component]:
    if not settings:
        return [html.P("None, but for name, seed and machine.")]
    rows = [[html.Code(key), *map(_value, values)] for key, values in list(settings.items())[:SETTINGS]]
    more = [html.P(f"and {len(settings) - SETTINGS} more")] if len(settings) > SETTINGS else []
    return [table(["setting", *(entry.name for entry in entries)], rows, f"{len(settings)} settings"), *more]


def _value(value: Any) -> str:
    """Return a setting as JSON, clipped."""
    text = "–" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= VALUE else text[:VALUE] + " …"
