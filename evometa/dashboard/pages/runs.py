"""The list of all runs: filtered by words and by state, sorted, with boxes to choose runs for a comparison."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

from dash import dcc, html

from evometa.dashboard import routes
from evometa.dashboard.page import Page, attributes
from evometa.dashboard.pages.parts import badge, progress, when
from evometa.dashboard.summaries import FINISHED, INTERRUPTED, RUNNING, UNREADABLE, WAITING, Summary
from evometa.evolution.measures import lower_is_better
from evometa.presentation.format import interval, number

if TYPE_CHECKING:
    from dash.development.base_component import Component

MOST = 200  # runs that the list shows at once
STATES = ("all", RUNNING, FINISHED, INTERRUPTED, UNREADABLE)
FORMULA = 160  # characters of a formula in the list


def _score(summary: Summary) -> float:
    """Return what sorts the best held-out performance first; runs without one last."""
    if summary.score is None or not math.isfinite(summary.score):
        return math.inf
    return summary.score if lower_is_better(summary.measure) else -summary.score


ORDERS: dict[str, Callable[[Summary], Any]] = {
    "newest": lambda summary: -summary.created,
    "name": lambda summary: 0,  # the shelf sorts by name
    "held-out score": lambda summary: (summary.measure or "~", _score(summary)),
}


def runs_page(folder: str) -> Page:
    """Return the page whose rows `rows` fills."""

    def body() -> list[Component]:
        return [
            html.H1("Runs"),
            html.P(["in ", html.Code(folder)], className="muted"),
            html.Div(
                [
                    html.Span([html.Label("Filter", htmlFor=stringified("words")), _words()], className="words"),
                    choices("state", STATES),
                    choices("order", tuple(ORDERS)),
                ],
                className="filters", role="search",
            ),
            html.Div(
                [
                    html.P("Looking …", id={"type": "list", "name": "count"}, role="status"),
                    dcc.Link("Compare", id={"type": "compare", "name": "button"}, href="/compare", className="button"),
                ],
                className="above-list",
            ),
            html.Ul(id={"type": "list", "name": "rows"}, className="runs"),
        ]  # fmt: skip

    return Page("Runs", body)


def _words() -> Component:
    box: Component = dcc.Input(
        id={"type": "words", "name": "words"}, type="search", value="", persistence=True,
        persistence_type="session", placeholder="name, recipe, formula …", maxLength=200, autoComplete="off",
    )  # fmt: skip
    return box


def stringified(kind: str) -> str:
    """Return the id that an element of that type and name has in the browser."""
    return f'{{"name":"{kind}","type":"{kind}"}}'


def choices(kind: str, names: Sequence[str]) -> Component:
    """Return buttons of which one is pressed."""
    words = {"state": "Show", "order": "Sort by"}
    buttons = [
        html.Button(
            name, id={"type": kind, "name": name}, type="button", **attributes(aria_pressed=str(n == 0).lower())
        )
        for n, name in enumerate(names)
    ]
    label = html.Span(words[kind], id=f"{kind}-label", className="label")
    group: Component = html.Div(
        [label, *buttons], role="group", className="choices", **attributes(aria_labelledby=f"{kind}-label")
    )
    return group


def chosen(summaries: Collection[Summary], words: object, state: object, order: object) -> list[Summary]:
    """Return the runs that fit, in the order asked for."""
    text = words if isinstance(words, str) else ""
    found = [one for one in summaries if one.mentions(text)]
    if isinstance(state, str) and state in STATES[1:]:
        found = [one for one in found if one.state == state]
    rank = ORDERS.get(order if isinstance(order, str) else "", ORDERS["newest"])
    return sorted(found, key=rank)


def count_line(fitting: int, all_of_them: int, waiting: int) -> list[Any]:
    """Return how many runs are shown, in words; where there are none, how to make one."""
    if not all_of_them:
        return ["No runs here yet. Start one with ", html.Code("evometa run digits"), " and it appears."]
    text = (
        f"{min(fitting, MOST):,} of {all_of_them:,} runs"
        if fitting != all_of_them or fitting > MOST
        else _plural(fitting)
    )
    if fitting > MOST:
        text += f"; {fitting - MOST:,} more fit the filter"
    return [text + (f" · {waiting:,} not read yet" if waiting else "")]


def row(summary: Summary) -> Component:
    """Return a run's place in the list: a box to choose it, its name, and a slot for the rest."""
    entry = summary.entry
    box = html.Button(
        "", id={"type": "choose", "name": entry.key}, type="button", className="choose", role="checkbox",
        **attributes(aria_checked="false", aria_label=f"compare {entry.name}"),
    )  # fmt: skip
    name = dcc.Link(entry.name, href=routes.to_run(entry.key), className="name")
    place: Component = html.Li(
        [box, name, html.Div(told(summary), id={"type": "row", "name": entry.key}, className="told")]
    )
    return place


def told(summary: Summary) -> list[Component]:
    """Return what the list says of a run."""
    if summary.state == WAITING:
        return [badge(summary.state)]
    if summary.problem:
        return [badge(summary.state), html.Span(summary.problem, className="problem")]
    parts = [
        badge(summary.state),
        html.Span(f"{summary.recipe} · seed {summary.seed}", className="origin"),
        progress(summary.done, summary.asked),
        html.Span(_scores(summary), className="scores"),
    ]
    short = summary.formula if len(summary.formula) <= FORMULA else summary.formula[:FORMULA] + " …"
    parts.append(html.Span(short, className="formula"))
    parts.append(html.Span(f"begun {when(summary.created)}", className="begun"))
    return parts


def _scores(summary: Summary) -> str:
    if summary.score is not None:
        return f"held-out {summary.measure or 'score'} {interval(summary.score, summary.half)}"
    return f"best {summary.objective} {number(summary.best)}" if summary.done else "no generation yet"


def _plural(count: int) -> str:
    return "1 run" if count == 1 else f"{count:,} runs"
