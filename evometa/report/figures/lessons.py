"""The lessons that a teacher gives one student, in order, drawn as boards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evometa.judging.analyses import Analysis
from evometa.report.figures.theme import LIGHT, blank, new

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

TITLE = "What is taught, in order"
NONE = "Nobody is taught here."
ACROSS, MOST = 10, 60  # boards in a row, and in all
SIDE, GAP = 3, 1.2  # squares of a board, and between two
PIXELS = 20  # of a square
SIGNS = {"x": "✕", "o": "○", ".": ""}


def curriculum(analysis: Analysis | None) -> Figure:
    """Draw a student's first lessons as boards, row by row; filled is the square that is taught."""
    told = None if analysis is None else analysis.curriculum
    if told is None or not told.boards:
        return blank(TITLE, NONE)
    count = min(len(told.boards), MOST)
    rows = -(-count // ACROSS)
    figure = new(TITLE, 110 + int(rows * (SIDE + GAP) * PIXELS))
    squares: dict[str, list[float]] = {"x": [], "y": []}
    taught: dict[str, list[float]] = {"x": [], "y": []}
    signs: list[str] = []
    for number in range(count):
        for square, sign in enumerate(told.boards[number]):
            x = number % ACROSS * (SIDE + GAP) + square % SIDE
            y = number // ACROSS * (SIDE + GAP) + square // SIDE
            squares["x"].append(x)
            squares["y"].append(y)
            signs.append(SIGNS[sign])
            if square == told.moves[number]:
                taught["x"].append(x)
                taught["y"].append(y)
    words = [f"lesson {number + 1}, insisted on × {told.insisted[number] or 0:.3g}" for number in range(count)]
    figure.add_scatter(
        **squares, mode="markers+text", text=signs, textfont={"size": 12, "color": LIGHT["ink"]}, hoverinfo="skip",
        marker={"symbol": "square-open", "size": PIXELS - 3, "color": LIGHT["muted"]},
    )  # fmt: skip
    figure.add_scatter(
        **taught, mode="markers", text=words, hovertemplate="%{text}<extra></extra>",
        marker={"symbol": "square", "size": PIXELS - 5, "color": LIGHT["blue"]},
    )  # fmt: skip
    hidden = {"visible": False, "fixedrange": True}
    width = ACROSS * (SIDE + GAP)
    figure.update_layout(
        showlegend=False, xaxis={**hidden, "range": [-1, width]},
        yaxis={**hidden, "range": [rows * (SIDE + GAP), -1]},
    )  # fmt: skip
    end = "nobody can beat the student then" if told.unbeatable else "the student can be beaten still"
    figure.add_annotation(
        x=0, y=1.06, xref="paper", yref="paper", text=f"{told.lessons} lessons; {end}", showarrow=False,
        xanchor="left", font={"size": 12, "color": LIGHT["muted"]},
    )  # fmt: skip
    return figure
