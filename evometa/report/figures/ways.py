"""Where a champion goes in a world, early in a life and late, and what its modulator says there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evometa.judging.analyses import Analysis, Journey
from evometa.presentation.format import number
from evometa.presentation.ways import grid
from evometa.report.figures.theme import LIGHT, blank, new

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

TITLE = "Where it goes"
NONE = "Its lives are not in a world of equations; only through one is it followed."
UNKNOWN = "This world does not number its states (id), and what a modulator says is not known of it."
SIDE, TOP, BAR, BELOW = 260, 96, 34, 64  # pixels of a map, above it, of a bar, and below all


def journey(analysis: Analysis | None) -> Figure:
    """Draw how often each state of a world is met in the first and in the last fifth of one held-out life."""
    told = None if analysis is None else analysis.journey
    if told is None or not (told.states or told.modulator):
        return blank(TITLE, NONE if told is None else UNKNOWN)
    bars = BAR * len(told.modulator) + 20 if told.modulator else 0
    maps = SIDE if told.states else 0
    between = 40 if bars and maps else 0
    figure = new(TITLE, TOP + maps + between + bars + BELOW)
    room = maps + between + bars
    for place, (visits, words) in enumerate(((told.early, "first fifth of the life"), (told.late, "last fifth"))):
        if told.states:
            _map(figure, grid(told, visits), place, words, 1 - maps / room)
    if told.modulator:
        _bars(figure, told, bars / room)
    return figure


def _bars(figure: Figure, told: Journey, share: float) -> None:
    """Add what the modulator says on the mean, a bar for each kind of moment, in the lowest `share` of the figure."""
    names, values = list(told.modulator), [value or 0.0 for value in told.modulator.values()]
    figure.add_bar(
        x=values, y=names, orientation="h", xaxis="x3", yaxis="y3", width=0.5, marker={"color": LIGHT["blue"]},
        text=[number(value).replace("-", "−") for value in told.modulator.values()], textposition="outside",
        cliponaxis=False, hoverinfo="skip", showlegend=False,
    )  # fmt: skip
    low, high = min(0.0, *values), max(0.0, *values)
    edge = 0.15 * ((high - low) or 1.0)
    figure.update_layout({
        "xaxis3": {"domain": [0.24, 1], "anchor": "y3", "fixedrange": True, "range": [low - edge, high + edge],
                   "title": {"text": f"mean of the modulator m{_span(told)}"}},
        "yaxis3": {"domain": [0, share], "anchor": "x3", "fixedrange": True, "autorange": "reversed"},
    })  # fmt: skip


def _span(told: Journey) -> str:
    """Say of which part of the life the modulator is known, where that is not all of it."""
    return f", first {told.followed:,} of {told.ticks:,} ticks" if 0 < told.followed < told.ticks else ""


def _map(figure: Figure, counts: Any, place: int, words: str, low: float) -> None:
    """Add a map at the left or at the right, above `low`, a share of the figure."""
    axis = "" if not place else str(place + 1)
    figure.add_heatmap(
        z=counts.tolist(), colorscale=[[0, LIGHT["grid"]], [1, LIGHT["blue"]]], showscale=False,
        xaxis=f"x{axis}", yaxis=f"y{axis}", hovertemplate="%{z:.0f} visits<extra></extra>", xgap=1, ygap=1,
    )  # fmt: skip
    look = {"visible": False, "fixedrange": True}
    figure.update_layout({
        f"xaxis{axis}": {**look, "domain": [0.52 * place, 0.52 * place + 0.48], "anchor": f"y{axis}"},
        f"yaxis{axis}": {**look, "domain": [low, 1], "autorange": "reversed", "anchor": f"x{axis}"},
    })  # fmt: skip
    figure.add_annotation(
        x=0.52 * place + 0.24, y=1.08, xref="paper", yref="paper", text=words, showarrow=False,
        font={"size": 13, "color": LIGHT["ink"]},
    )  # fmt: skip
