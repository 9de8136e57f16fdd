"""How what is innate and what is learned change while evolution goes on, of several ways to evolve side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from evometa.report.figures.scale import known, measure, numbers, scale_y
from evometa.report.figures.theme import LIGHT, SERIES, blank, panels, plain

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

DASHES = ("solid", "dash", "dot", "dashdot")


class Course(NamedTuple):
    """One way to evolve: at `spent`, lifetimes that evolution has taken, means over seeds, each with half its interval.

    `innate`, `adapted`: performance before and after learning; `plastic`: share of the synapses that learn. `kind` and
    `manner`: courses of one kind have a colour, those of one manner a dash.
    """

    kind: str
    manner: str
    spent: Sequence[float]
    innate: Sequence[tuple[float, float]]
    adapted: Sequence[tuple[float, float]]
    plastic: Sequence[tuple[float, float]]


def assimilation(courses: Sequence[Course], name: str = "loss") -> Figure:
    """Draw performance at birth and after learning, and the share of plastic synapses, by lifetimes spent.

    `name`: of the measure of performance. Bands are the intervals.
    """
    title = "What is innate, and what is learned"
    shown = [one for one in courses if len(one.spent) > 1]
    if not shown:
        return blank(title, "No course has two points yet.")
    scale = measure(name)
    headings = (f"at birth: {scale.heading}", f"after learning: {scale.heading}", "share of the synapses that learn")
    figure = panels(title, headings, [190, 230, 150])
    kinds, manners = (list(dict.fromkeys(getattr(one, key) for one in shown)) for key in ("kind", "manner"))
    for one in shown:
        colour, dash = SERIES[kinds.index(one.kind) % len(SERIES)], DASHES[manners.index(one.manner) % len(DASHES)]
        for row, points in enumerate((one.innate, one.adapted, one.plastic), start=1):
            _curve(figure, row, one, points, colour, dash)
    for row, key in ((1, "innate"), (2, "adapted")):
        scale_y(figure, *(_means(getattr(one, key)) for one in shown), higher=scale.higher, row=row)
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%", row=3, col=1)
    figure.update_xaxes(tickformat=",d")
    figure.update_xaxes(title_text="lifetimes", row=3, col=1)
    figure.update_layout(hovermode="x unified")
    return figure


def _curve(
    figure: Figure, row: int, one: Course, points: Sequence[tuple[float, float]], colour: str, dash: str
) -> None:
    """Draw means as a line, and their intervals as a band."""
    x, means, halves = numbers(one.spent), _means(points), numbers(half for _, half in points)
    lowest = min(known(means), default=0.0) / 2  # where all are above 0 the axis may be logarithmic, and ends there
    ends = [
        (max(m - h, lowest) if lowest > 0 else m - h, m + h, at)
        for at, m, h in zip(x, means, halves, strict=True)
        if m is not None and h is not None
    ]
    common: dict[str, Any] = {"mode": "lines", "showlegend": False, "hoverinfo": "skip", "row": row, "col": 1}
    if ends:
        low, high, places = zip(*ends, strict=True)
        common |= {"x": places, "line": {"width": 0}}
        figure.add_scatter(y=low, **common)
        figure.add_scatter(y=high, fill="tonexty", fillcolor=LIGHT[f"{colour} band"], **common)
    name = plain(f"{one.kind}, {one.manner}", 40)
    figure.add_scatter(
        x=x, y=means, name=name, legendgroup=name, showlegend=row == 1, mode="lines+markers", row=row, col=1,
        line={"color": LIGHT[colour], "width": 2, "dash": dash}, marker={"size": 5}, hovertemplate="%{y:.4g}",
    )  # fmt: skip


def _means(points: Sequence[tuple[float, float]]) -> list[float | None]:
    return numbers(mean for mean, _ in points)
