"""Lifetimes: how fast the champion and stock rules learn, and what goes on inside while they do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from evometa.report.figures.held_out import ABSENT
from evometa.report.figures.scale import known, measure, numbers, scale_y, whole_x
from evometa.report.figures.theme import LIGHT, SERIES, blank, panels, plain
from evometa.system.arguments import MAPPING, takes

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MOST = 8  # curves drawn
UPDATES = "weight updates"
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")


@takes(analysis=MAPPING | None)
def learning_curves(analysis: Mapping[str, Any] | None) -> Figure:
    """Draw performance on held-out tasks by number of weight updates: the champion and the tuned stock rules."""
    title = "Learning, update by update"
    curves = (analysis or {}).get("curves")
    if analysis is None or not curves:
        return blank(title, ABSENT)
    scale = measure(analysis.get("measure"), analysis.get("lower_is_better"))
    rows = [numbers(curve.get("mean")) for curve in curves[:MOST]]
    if not any(map(known, rows)):
        return blank(title, "Not one point of the learning curves is finite.")
    figure = panels(title, [scale.heading], [320])
    others = [name for name in SERIES if name != "blue"]
    for place, (curve, mean) in reversed(list(enumerate(zip(curves[:MOST], rows, strict=True)))):
        colour = "blue" if place == 0 else others[(place - 1) % len(others)]
        x, half = numbers(curve.get("updates")), numbers(curve.get("ci95"))
        _band(figure, 1, x, *_ends(mean, half), colour)
        figure.add_scatter(
            x=x, y=mean, name=plain(curve.get("name"), 30), mode="lines" if len(x) > 3 else "lines+markers",
            line={"color": LIGHT[colour], "width": 3 if place == 0 else 1.8, "dash": DASHES[place % len(DASHES)]},
            legendrank=place + 1, hovertemplate="%{y:.4g}",
        )  # fmt: skip
    scale_y(figure, *rows, higher=scale.higher)
    whole_x(figure, UPDATES, [value for curve in curves[:MOST] for value in numbers(curve.get("updates"))])
    figure.update_layout(hovermode="x unified")
    return figure


@takes(analysis=MAPPING | None)
def biography(analysis: Mapping[str, Any] | None) -> Figure:
    """Draw a lifetime of the champion: what it gets wrong, its weights and how much they change, update by update."""
    title = "A lifetime from within"
    told = (analysis or {}).get("biography") or {}
    x = numbers(told.get("updates"))
    parts = {
        "error": ("error on the queries", "orange"), "loss": ("loss on the queries", "purple"),
        "weights": ("size of the weights, |w|", "blue"), "change": ("size of a change, |Δw|", "green"),
    }  # fmt: skip
    shown = [
        (heading, colour, told[key])
        for key, (heading, colour) in parts.items()
        if isinstance(told.get(key), dict) and len(known(numbers(told[key].get("mean")))) > 1
    ]
    if analysis is None or not x or not shown:
        return blank(title, "Not one number of it is finite." if told else ABSENT)
    figure = panels(title, [heading for heading, _, _ in shown], [130] * len(shown))
    for row, (_, colour, values) in enumerate(shown, start=1):
        mean, low, high = (numbers(values.get(name)) for name in ("mean", "low", "high"))
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
