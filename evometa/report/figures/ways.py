"""Where a champion goes in a world, early in a life and late, and what its modulator says there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from evometa.judging.analyses import Analysis, Journey
from evometa.presentation.format import number
from evometa.report.figures.theme import LIGHT, blank, new

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

TITLE = "Where it goes"
NONE = "Its lives are not in a world, or it was not followed through one."
SIDE, TOP = 260, 96  # pixels of a map, and above it


def journey(analysis: Analysis | None) -> Figure:
    """Draw how often each state of a world is met in the first and in the last fifth of one held-out life."""
    told = None if analysis is None else analysis.journey
    if told is None or not (told.states or told.modulator):
        return blank(TITLE, NONE)
    figure = new(TITLE, TOP + (SIDE if told.states else 20) + 40)
    for place, (visits, words) in enumerate(((told.early, "first fifth of the life"), (told.late, "last fifth"))):
        if told.states:
            _map(figure, grid(told, visits), place, words)
    if told.modulator:
        words = "modulator m: " + ", ".join(f"{number(value)} {name}" for name, value in told.modulator.items())
        figure.add_annotation(
            x=0, y=-0.12, xref="paper", yref="paper", text=words, showarrow=False, xanchor="left",
            font={"size": 12, "color": LIGHT["muted"]},
        )  # fmt: skip
    return figure


def grid(told: Journey, visits: list[list[int]]) -> Any:
    """Return how often each place was met, f64[rows, columns]: states of a place together; without sides in a row."""
    counts = np.zeros(told.states)
    for state, count in visits:
        counts[state] = count
    places = told.side * told.side
    if not places or told.states % places:
        return counts[None]
    return counts.reshape(places, -1).sum(axis=1).reshape(told.side, told.side)


def _map(figure: Figure, counts: Any, place: int, words: str) -> None:
    """Add a map at the left or at the right."""
    axis = "" if not place else str(place + 1)
    figure.add_heatmap(
        z=counts.tolist(), colorscale=[[0, LIGHT["card"]], [1, LIGHT["blue"]]], showscale=False,
        xaxis=f"x{axis}", yaxis=f"y{axis}", hovertemplate="%{z:.0f} visits<extra></extra>", xgap=1, ygap=1,
    )  # fmt: skip
    look = {"visible": False, "fixedrange": True}
    figure.update_layout({
        f"xaxis{axis}": {**look, "domain": [0.52 * place, 0.52 * place + 0.48], "anchor": f"y{axis}"},
        f"yaxis{axis}": {**look, "autorange": "reversed", "anchor": f"x{axis}"},
    })  # fmt: skip
    figure.add_annotation(
        x=0.52 * place + 0.24, y=1.08, xref="paper", yref="paper", text=words, showarrow=False,
        font={"size": 13, "color": LIGHT["ink"]},
    )  # fmt: skip
