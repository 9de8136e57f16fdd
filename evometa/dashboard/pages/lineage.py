"""A family tree to click through: the ancestors of an individual, what made each of them and what that gained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import dcc, html

from evometa.dashboard import routes
from evometa.dashboard.page import Page, figure_slot, text_slot
from evometa.dashboard.pages.parts import crumbs, table
from evometa.dashboard.shelf import Entry
from evometa.dashboard.snapshot import Snapshot
from evometa.presentation.format import numbers
from evometa.presentation.lineage import Step, lineage, tree
from evometa.presentation.run import Run
from evometa.report import figures
from evometa.report.figures.scale import objectives

if TYPE_CHECKING:
    from dash.development.base_component import Component

DRAWN, ROWS = 120, 40  # ancestors: in the figure, in the table
HEAD = ("individual", "born", "made by", "side by side with", "fitness", "gain", "what changed")
CHANGE = 300  # characters


def lineage_page(entry: Entry, snapshot: Snapshot, of: int | None = None) -> Page:
    """Return the page of an individual's ancestors; of the champion's where no number is given."""
    title = f"Family tree of #{of}" if of is not None else "Family tree of the champion"
    words = "All ancestors, the nearest ones if they are many. A click on a mark leads to that individual."

    def body() -> list[Component]:
        return [
            crumbs(entry, title),
            html.H1(title),
            html.Div(
                figure_slot("lineage", "Ancestors by generation of birth and fitness", words, wide=True),
                className="plots",
            ),
            html.Details([html.Summary("the same as links"), text_slot("tree")], className="card"),
            text_slot("line", className="card scrolling"),
        ]

    drawn = {"lineage": lambda run: figures.lineage(_tree(run, of), objectives(run)[0].heading)}
    texts = {"tree": lambda run: _links(entry, _tree(run, of)), "line": lambda run: _line(entry, run, of)}
    return Page(title, body, ("lineage", entry.key, of), snapshot, texts, drawn)


def _of(run: Run, of: int | None) -> int | None:
    champion = run.champion if of is None else None
    return of if champion is None else champion.id


def _tree(run: Run, of: int | None) -> list[Step]:
    number = _of(run, of)
    return [] if number is None else tree(run, number, DRAWN)


def _links(entry: Entry, steps: list[Step]) -> Component:
    links = [html.Li(dcc.Link(f"#{step.id}", href=routes.to_individual(entry.key, step.id))) for step in steps]
    shown: Component = html.Ul(links, className="links")
    return shown


def _line(entry: Entry, run: Run, of: int | None) -> Component | list[Component]:
    """Return the line of descent, step by step: from each to the parent that it has most of."""
    number = _of(run, of)
    if number is None:
        nothing: Component = html.P("No generation is finished yet.")
        return nothing
    steps = lineage(run, number, ROWS + 1)
    shown = table(
        HEAD, [_row(entry, step) for step in steps[:ROWS]], "The line it descends from, step by step", (1, 4, 5)
    )
    if len(steps) <= ROWS:
        return shown
    return [shown, html.P(f"The nearest {ROWS}; go on from any of them.", className="muted")]


def _row(entry: Entry, step: Step) -> list[Any]:
    beside: list[Any] = [
        dcc.Link(f"#{parent}", href=routes.to_pair(entry.key, step.id, parent), title=f"#{step.id} beside #{parent}")
        for parent in dict.fromkeys(step.parents)
    ]
    return [
        dcc.Link(f"#{step.id}", href=routes.to_individual(entry.key, step.id)),
        f"{step.born:,}",
        step.operator or "unknown",
        html.Span(beside, className="links") if beside else "–",
        numbers(step.fitness),
        "–" if step.gain is None else f"{step.gain:+.4g}",
        step.change if len(step.change) <= CHANGE else step.change[:CHANGE] + " …",
    ]
