"""Pieces that several pages are made of."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from dash import dcc, html

from evometa.dashboard import routes
from evometa.dashboard.page import attributes
from evometa.dashboard.shelf import Entry
from evometa.dashboard.summaries import FINISHED, INTERRUPTED, RUNNING, state_of
from evometa.presentation.learner import Learner
from evometa.presentation.run import Run

if TYPE_CHECKING:
    from dash.development.base_component import Component

SHOWN = 600  # characters of a formula; what is longer is folded
WHOLE = 20_000  # characters of a text that a page has at most

MEANING = {
    RUNNING: "a process is writing to it",
    FINISHED: "all generations are done and the champion has been tested",
    INTERRUPTED: "nobody is writing to it; `evometa resume` goes on with it",
}


def crumbs(entry: Entry, *here: str) -> Component:
    """Return the way back: all runs, this run, this page."""
    links: list[Any] = [html.Li(dcc.Link("Runs", href="/"))]
    if here:
        links.append(html.Li(dcc.Link(entry.name, href=routes.to_run(entry.key), className="name")))
    links.append(html.Li(here[-1] if here else entry.name, className="name", **attributes(aria_current="page")))
    way: Component = html.Nav(html.Ol(links), className="crumbs", **attributes(aria_label="Where this page is"))
    return way


def badge(state: str) -> Component:
    """Return how a run stands, as a word in a box."""
    mark: Component = html.Span(state, className=f"badge {state.replace(' ', '-')}", title=MEANING.get(state, ""))
    return mark


def state_in(run: Run, entry: Entry) -> str:
    """Return how a run stands."""
    return state_of(entry, run.finished)


def progress(done: int, asked: int) -> Component:
    """Return a bar with its number beside it."""
    bar = html.Progress(
        value=str(min(done, asked)), max=str(max(asked, 1)), **attributes(aria_label="generations done")
    )
    shown: Component = html.Span([bar, html.Span(f"{done:,} of {asked:,}", className="count")], className="progress")
    return shown


def facts(rows: Iterable[tuple[str, Any]]) -> Component:
    """Return names and values as a list of pairs."""
    pairs = [html.Div([html.Dt(name), html.Dd(value)]) for name, value in rows]
    shown: Component = html.Dl(pairs, className="facts")
    return shown


def formula(learner: Learner) -> Component:
    """Return a rule, simplified, and what it is; long ones are folded."""
    if learner.genome is None:
        missing: Component = html.P("The run has not kept this individual's genome.", className="muted")
        return missing
    parts: list[Any] = [*folded(learner.formula, "formula"), html.P(learner.recognised, className="recognised")]
    shown: Component = html.Div(parts)
    return shown


def folded(text: str, kind: str) -> list[Component]:
    """Return a text; of a long one the beginning, and the rest (up to a limit) to be unfolded."""
    if len(text) <= SHOWN:
        return [html.P(text, className=kind)]
    rest = text[:WHOLE] + (f" … and {len(text) - WHOLE:,} characters more" if len(text) > WHOLE else "")
    more = html.Details([html.Summary(f"all of its {len(text):,} characters"), html.P(rest, className=kind)])
    return [html.P(text[:SHOWN] + " …", className=kind), more]


def rule_texts(learner: Learner) -> Component:
    """Return the rule slot by slot, as evometa reads it, with the values of its coefficients."""
    rows: list[Any] = []
    for slot, tree in learner.living.items():
        rows += [html.H3(slot), *folded(str(tree), "code")]
    if learner.coefficients:
        values = ", ".join(f"{name} = {value:.6g}" for name, value in learner.coefficients.items())
        rows += [html.H3("coefficients"), html.P(values, className="code")]
    shown: Component = html.Div(rows, className="texts")
    return shown


def table(head: Sequence[str], rows: Iterable[Sequence[Any]], label: str, numeric: Sequence[int] = ()) -> Component:
    """Return a table that becomes a list of cards where the page is narrow; `numeric`: columns of numbers."""
    kinds = ["number" if column in numeric else "" for column in range(len(head))]
    cells = [
        html.Tr([html.Td(cell, className=kinds[n], **attributes(data_label=head[n])) for n, cell in enumerate(row)])
        for row in rows
    ]
    top = html.Thead(html.Tr([html.Th(name, scope="col", className=kinds[n]) for n, name in enumerate(head)]))
    shown: Component = html.Table([html.Caption(label), top, html.Tbody(cells)], className="stacking")
    return shown


def when(seconds: float) -> str:
    """Return a time as people write it, in this machine's time zone."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds)) if seconds > 0 else "unknown"


def size_of(count: float) -> str:
    """Return a number of bytes in words."""
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} GB"
