"""Lifetimes: how fast the champion and stock rules learn, and what goes on inside while they do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from evometa.judging.analyses import ANALYSIS, Analysis
from evometa.report.figures.held_out import ABSENT, LACKING
from evometa.report.figures.scale import known, measure, numbers, scale_y, whole_x
from evometa.report.figures.theme import LIGHT, SERIES, blank, panels, plain
from evometa.system.arguments import takes

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MOST = 8  # curves drawn
UPDATES = "weight updates"
UNCHANGED = "No weight changes within a life: what the champion knows it is born with."
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")


@takes(analysis=ANALYSIS | None)
def learning_curves(analysis: Analysis | None) -> Figure:
    """Draw performance on held-out tasks by number of weight updates: the champion and the tuned stock rules."""
    title = "Learning, update by update"
    if analysis is None or not analysis.curves:
        return blank(title, ABSENT if analysis is None else LACKING)
    scale, curves = measure(analysis.measure, analysis.lower_is_better), analysis.curves[:MOST]
    rows = [numbers(curve.mean) for curve in curves]
    if not any(map(known, rows)):
        return blank(title, "Not one point of the learning curves is finite.")
    if all(len(curve.updates) < 2 for curve in curves):
        return blank(title, UNCHANGED)
    figure = panels(title, [scale.heading], [320])
    others = [name for name in SERIES if name != "blue"]
    for place, (curve, mean) in reversed(list(enumerate(zip(curves, rows, strict=True)))):
        colour = "blue" if place == 0 else others[(place - 1) % len(others)]
        x, half = numbers(curve.updates), numbers(curve.ci95)
        _band(figure, 1, x, *_ends(mean, half), colour)
        figure.add_scatter(
            x=x, y=mean, name=plain(curve.name, 30), mode="lines" if len(x) > 3 else "lines+markers",
            line={"color": LIGHT[colour], "width": 3 if place == 0 else 1.8, "dash": DASHES[place % len(DASHES)]},
            legendrank=place + 1, hovertemplate="%{y:.4g}",
        )  # fmt: skip
    scale_y(figure, *rows, higher=scale.higher)
    whole_x(figure, UPDATES, [value for curve in curves for value in curve.updates])
    figure.update_layout(hovermode="x unified")
    return figure


@takes(analysis=ANALYSIS | None)
def biography(analysis: Analysis | None) -> Figure:
    """Draw a lifetime of the champion: what it gets wrong, its weights and how much they change, update by update."""
    title = "A lifetime from within"
    if analysis is None or not analysis.biography.updates:
        return blank(title, ABSENT if analysis is None else LACKING)
    told = analysis.biography
    if len(told.updates) < 2:
        return blank(title, UNCHANGED)
    x = numbers(told.updates)
    parts = (
        ("error on the queries", "orange", told.error), ("loss on the queries", "purple", told.loss),
        ("size of the weights, |w|", "blue", told.weights), ("size of a change, |Δw|", "green", told.change),
    )  # fmt: skip
    shown = [part for part in parts if len(known(numbers(part[2].mean))) > 1]
    if not shown:
        return blank(title, "Not one number of it is finite.")
    figure = panels(title, [heading for heading, _, _ in shown], [130] * len(shown))
    for row, (_, colour, values) in enumerate(shown, start=1):
        mean, low, high = map(numbers, (values.mean, values.low, values.high))
        _band(figure, row, x, low, high, colour)
        line, mode = {"color": LIGHT[colour], "width": 2}, "lines" if len(known(mean)) > 3 else "lines+markers"
        figure.add_scatter(x=x, y=mean, line=line, mode=mode, hovertemplate="%{y:.4g}<extra></extra>", row=row, col=1)
        scale_y(figure, mean, low, row=row)
    whole_x(figure, UPDATES, x, len(shown))
    figure.update_layout(showlegend=False, hovermode="x")
    return figure


def _ends(mean: Sequence[float | None], half: Sequence[float | None]) -> tuple[list[float | None], list[float | None]]:
    """Return the lower and the upper end of intervals."""
    pairs = [(m, h) if m is not None and h is not None else None for m, h in zip(mean, half, strict=False)]
    return [p and p[0] - p[1] for p in pairs], [p and p[0] + p[1] for p in pairs]


def _band(
    figure: Figure, row: int, x: Sequence[Any], low: Sequence[float | None], high: Sequence[float | None], colour: str
) -> None:
    """Draw what lies between two lines; where one of them is missing there is nothing."""
    both = [(at, a, b) for at, a, b in zip(x, low, high, strict=False) if a is not None and b is not None]
    if len(both) < 2:
        return
    x, low, high = zip(*both, strict=True)
    common: dict[str, Any] = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False}
    figure.add_scatter(x=x, y=low, **common, row=row, col=1)
    figure.add_scatter(x=x, y=high, fill="tonexty", fillcolor=LIGHT[f"{colour} band"], **common, row=row, col=1)
