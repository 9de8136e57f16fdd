"""Means with their 95 % intervals, one row each: the name and the value above, the marks on the line below."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10
from typing import TYPE_CHECKING, NamedTuple

from evometa.presentation.format import number
from evometa.report.figures.scale import axis_type
from evometa.report.figures.theme import LIGHT, new, note, plain

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MOST = 20  # rows drawn
LABEL = 32  # characters of a row's name: what a telephone shows beside the value
HEIGHT = 52  # pixels of a row
BEYOND = "beyond the edge"
FAR = 20  # times the middle one: a mark so far away is drawn at the edge
SYMBOLS = {
    "": "circle",
    "champion": "diamond",
    "removed": "circle",
    "frozen": "diamond-open",
}


class Mark(NamedTuple):
    """A mean with half its 95 % interval; `kind` decides the symbol, `strong` marks are in the accent's colour.

    `told`: what it says when pointed at, if that is not the mean.
    """

    mean: float
    half: float | None
    kind: str = ""
    strong: bool = False
    told: str = ""


class Row(NamedTuple):
    """A name, a value in words, and one mark or several."""

    name: str
    value: str
    marks: tuple[Mark, ...]
    strong: bool = False
    detail: str = ""


def row_figure(title: str, rows: Sequence[Row], axis: str, kind: str = "linear", zero: bool = False) -> Figure:
    """Draw rows from top to bottom; `zero`: with a line at 0 that is always in sight; `kind`: of the x axis."""
    shown, left = _within(rows[:MOST]) if zero else list(rows[:MOST]), len(rows) - MOST
    kinds = sorted({mark.kind for row in shown for mark in row.marks}, reverse=True)
    named = [name for name in kinds if name not in ("", BEYOND)]
    figure = new(title, 112 + HEIGHT * len(shown) + 26 * (len(named) > 1))
    for name in kinds:
        _marks(figure, shown, name)
    for y, row in enumerate(shown):
        common = {"y": y, "yref": "y", "xref": "paper", "showarrow": False, "yshift": 16, "font": {"size": 12}}
        name = plain(row.name, LABEL)
        figure.add_annotation(x=0, xanchor="left", text=f"<b>{name}</b>" if row.strong else name, **common)
        common |= {"font": {"size": 12, "color": LIGHT["muted"]}}
        figure.add_annotation(x=1, xanchor="right", text=plain(row.value), **common)
    figure.update_yaxes(range=[len(shown) - 0.6, -0.78], visible=False)
    figure.update_xaxes(title_text=plain(axis), type=kind, nticks=6, showgrid=True, range=_range(shown, kind, zero))
    figure.update_layout(margin={"l": 18, "t": 52}, showlegend=len(named) > 1)
    if zero:
        figure.add_vline(x=0, line={"color": LIGHT["line"], "width": 1.5}, layer="below")
    return note(figure, f"{left} more are not drawn.") if left > 0 else figure


def _marks(figure: Figure, rows: Sequence[Row], kind: str) -> None:
    """Draw all marks of a kind, the strong ones in the accent's colour."""
    for strong in (True, False):
        part = [
            (y, row, mark)
            for y, row in enumerate(rows)
            for mark in row.marks
            if (mark.kind, mark.strong) == (kind, strong)
        ]
        if not part:
            continue
        colour = LIGHT["blue" if strong else "slate"]
        figure.add_scatter(
            x=[mark.mean for _, _, mark in part], y=[y for y, _, _ in part], mode="markers", name=kind,
            legendgroup=kind, showlegend=kind != BEYOND and not any(trace.name == kind for trace in figure.data),
            marker={"color": colour, "size": 10, "symbol": [_symbol(mark) for _, _, mark in part],
                    "line": {"width": 2, "color": colour}},
            error_x={"array": [mark.half or 0.0 for _, _, mark in part], "color": colour, "thickness": 1.8, "width": 5},
            customdata=[[plain(row.name, 200), mark.told or plus_minus(mark.mean, mark.half), plain(row.detail)]
                        for _, row, mark in part],
            hovertemplate="%{customdata[0]}<br>%{customdata[1]}<br>%{customdata[2]}<extra>" + plain(kind) + "</extra>",
        )  # fmt: skip


def _symbol(mark: Mark) -> str:
    if mark.kind == BEYOND:
        return "triangle-right" if mark.mean > 0 else "triangle-left"
    return SYMBOLS.get(mark.kind, "circle")


def _range(rows: Sequence[Row], kind: str, zero: bool) -> list[float] | None:
    """Return the ends of the axis with some room on both sides; None leaves it to plotly."""
    ends = [mark.mean + sign * (mark.half or 0.0) for row in rows for mark in row.marks for sign in (-1, 1)]
    if kind == "log" or not ends:
        return None
    low, high = min(ends), max(ends)
    low, high = (min(low, 0.0), max(high, 0.0)) if zero else (low, high)
    room = 0.05 * (high - low) or 0.05 * abs(high) or 1.0
    return [low - room, high + room]


def _within(rows: Sequence[Row]) -> list[Row]:
    """Bring marks that are far beyond the others to the edge, as pointers: else these could not be told apart."""
    sizes = sorted(abs(mark.mean) for row in rows for mark in row.marks)
    usual = FAR * sizes[len(sizes) // 2] if sizes else 0.0
    ends = [abs(mark.mean) + (mark.half or 0.0) for row in rows for mark in row.marks if abs(mark.mean) <= usual]
    if not usual or len(ends) == len(sizes):
        return list(rows)
    edge = 1.4 * max(ends)
    return [row._replace(marks=tuple(_inside(mark, usual, edge) for mark in row.marks)) for row in rows]


def _inside(mark: Mark, usual: float, edge: float) -> Mark:
    if abs(mark.mean) <= usual:
        return mark
    told = plus_minus(mark.mean, mark.half)
    return mark._replace(mean=edge if mark.mean > 0 else -edge, half=None, kind=BEYOND, told=told)


def scale_of(means: Sequence[float], halves: Sequence[float], higher: bool) -> str:
    """Return the kind of axis for means: logarithmic only where the intervals stay above 0, too."""
    return axis_type(list(means), [mean - half for mean, half in zip(means, halves, strict=True)], higher=higher)


def plus_minus(mean: float | None, half: float | None) -> str:
    """Write a mean ± half its interval, both to the second digit of the latter."""
    if mean is None or half is None or not half > 0:
        return number(mean).replace("-", "−")
    digits = min(8, max(0, 1 - floor(log10(half))))
    return f"{mean:,.{digits}f} ± {half:,.{digits}f}".replace("-", "−")
