"""What a page is: a body with empty slots, and how each slot is filled from the runs that the page shows.

Only the slots are ever replaced in a browser, and only those whose content has changed. So whoever reads, scrolls,
has the focus somewhere or has opened something is not disturbed by a run that goes on.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from dash import dcc, html
from plotly.utils import PlotlyJSONEncoder

from evometa.dashboard.snapshot import Snapshot
from evometa.errors import InputError
from evometa.presentation.run import Run
from evometa.report import figures

if TYPE_CHECKING:
    from dash.development.base_component import Component

TEXT, FIGURE, WORDS = "text", "figure", "words-of-figure"

CONFIG: Any = figures.CONFIG | {
    "displayModeBar": False
}  # its buttons would be the mouse's alone; a double click resets

HEIGHT, TITLE, LEAST = 360, 36, 14  # pixels: of a figure that tells none, of its title's line, above its panels
CLEAR = "rgba(0,0,0,0)"
EMPTY: Any = {  # what is there until a figure is drawn
    "data": [],
    "layout": {
        "xaxis": {"visible": False}, "yaxis": {"visible": False}, "paper_bgcolor": CLEAR, "plot_bgcolor": CLEAR,
    },
}  # fmt: skip

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Page:
    """One page. `texts`, `figures`: what makes a slot's content from the page's runs.

    `address`: what tells one page from another; `moment`: what the content depends on besides the run files.
    """

    title: str
    body: Callable[[], list[Component]]
    address: Hashable = ""
    snapshot: Snapshot | None = None
    texts: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    figures: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    moment: Hashable = None

    def state(self, theme: str) -> str:
        """Return what the content depends on, in one text; reads anew what is due."""
        stamp = self.snapshot.stamp() if self.snapshot else ()
        return sha256(repr((self.address, stamp, self.moment, theme)).encode()).hexdigest()

    def fill(self, kind: str, name: str, theme: str) -> Filling | None:
        """Return the content of a slot; None where the page has no such slot, or nothing to put there."""
        make = (self.texts if kind == TEXT else self.figures).get(name)
        if make is None or self.snapshot is None:
            return None
        what = (self.address, kind, name, self.moment)
        try:
            if kind == TEXT:
                return self.snapshot.get(what, partial(_text, make))
            drawn = partial(self.snapshot.get, (*what, "drawn"), partial(_figure, make))  # once for both themes
            return self.snapshot.get((*what, theme), partial(_themed, drawn, theme))
        except InputError as error:
            return filling(trouble(error)) if kind == TEXT else None


class Filling(NamedTuple):
    """A slot's content in plain JSON types, and its hash."""

    content: Any
    digest: str


def attributes(**values: str) -> dict[str, Any]:
    """Return attributes whose names have a hyphen: `aria_label` gives `aria-label`."""
    return {name.replace("_", "-"): value for name, value in values.items()}


def text_slot(name: str, **more: Any) -> Component:
    """Return the place of a text."""
    return html.Div(id={"type": TEXT, "name": name}, **more)


def figure_slot(name: str, title: str, meaning: str = "", wide: bool = False) -> Component:
    """Return the place of a figure, with its heading, words for when it is empty, and how to read it."""
    heading = f"{name}-heading"
    graph = dcc.Graph(id={"type": FIGURE, "name": name}, figure=EMPTY, config=CONFIG, responsive=True, className="plot")
    parts = [html.H2(title, id=heading), html.Div(id={"type": WORDS, "name": name}), graph]
    if meaning:
        parts.append(html.Figcaption(meaning))
    figure = html.Figure(parts, className="card", role="group", **attributes(aria_labelledby=heading))
    place: Component = html.Div(figure, className="place wide" if wide else "place")
    return place


def trouble(error: InputError) -> Component:
    """Return an error as a box: what was expected, found, where, and what to do."""
    lines = [html.P(f"{error.where}: expected {error.expected}; found {error.found}.")]
    if error.remedy:
        lines.append(html.P(error.remedy))
    box: Component = html.Div(lines, className="card trouble", role="alert")
    return box


def error_page(error: InputError, title: str = "Not found") -> Page:
    """Return a page that says what is wrong."""
    return Page(title, lambda: [html.H1(title), trouble(error), html.P(dcc.Link("All runs", href="/"))])


def _text(make: Callable[..., Any], *runs: Run) -> Filling:
    try:
        return filling(make(*runs))
    except InputError:
        raise
    except Exception:
        log.exception("a part of a page cannot be shown")
        return filling(html.P("This part cannot be shown; evometa's own fault, written to its standard error."))


def _figure(make: Callable[..., Any], *runs: Run) -> Any:
    try:
        return headless(make(*runs))
    except InputError:
        raise
    except Exception:
        log.exception("a figure cannot be drawn")
        return headless(figures.blank("A figure is missing", "It cannot be drawn: a fault of evometa's."))


def _themed(drawn: Callable[[], Any], theme: str, *_runs: Run) -> Filling:
    return filling(figures.themed(drawn(), theme))


def headless(figure: Any) -> Any:
    """Take a figure's title, and the room it takes, out of it: the page has a heading of its own, which wraps."""
    layout = figure.layout
    top = layout.margin.t if layout.margin.t is not None else layout.template.layout.margin.t or 0
    room = min(TITLE, max(0, top - LEAST))
    figure.update_layout(title_text="", margin_t=top - room, height=(layout.height or HEIGHT) - room)
    figure.layout.meta = layout.meta or {}
    return figure


def filling(content: Any) -> Filling:
    """Return components, a figure or plain values in plain JSON types, with their hash."""
    text = json.dumps(content, cls=PlotlyJSONEncoder, sort_keys=True)
    return Filling(json.loads(text), sha256(text.encode()).hexdigest()[:16])
