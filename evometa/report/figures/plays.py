"""What a learner plays after a life, drawn as boards: what it values each legal move at, and which are blunders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evometa.judging.analyses import Analysis, Position
from evometa.presentation.boards import verdict
from evometa.report.figures.lessons import SIDE, SIGNS
from evometa.report.figures.theme import LIGHT, blank, new

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

TITLE = "What it plays"
NONE = "It does not play on boards."
ACROSS, GAP, ABOVE = 3, 0.5, 0.95  # boards in a row; between two, and above each for words, in squares
PIXELS = 48  # of a square


def positions(analysis: Analysis | None) -> Figure:
    """Draw boards with the value of each legal move; filled is the move that is made, orange what is a blunder."""
    told = [] if analysis is None else analysis.positions
    if not told:
        return blank(TITLE, NONE)
    rows = -(-len(told) // ACROSS)
    figure = new(TITLE, 96 + int(rows * (SIDE + ABOVE) * PIXELS))
    for number, one in enumerate(told):
        _board(figure, one, number % ACROSS * (SIDE + GAP), number // ACROSS * (SIDE + ABOVE))
    hidden = {"visible": False, "fixedrange": True}
    figure.update_layout(
        showlegend=False, xaxis={**hidden, "range": [-0.6, ACROSS * (SIDE + GAP) - GAP - 0.4]},
        yaxis={**hidden, "range": [rows * (SIDE + ABOVE) - ABOVE - 0.4, -1.3]},
    )  # fmt: skip
    return figure


def _board(figure: Figure, told: Position, left: float, top: float) -> None:
    """Add a board whose first square is centred at (left, top)."""
    moves = {move.square: move for move in told.moves}
    for square, sign in enumerate(told.board):
        x, y, move = left + square % SIDE, top + square // SIDE, moves.get(square)
        colour = LIGHT["ink"] if move is None else LIGHT["blue"] if move.sound else LIGHT["orange"]
        filled = square == told.played
        figure.add_shape(
            type="rect", x0=x - 0.46, x1=x + 0.46, y0=y - 0.46, y1=y + 0.46, layer="below",
            line={"color": LIGHT["line"], "width": 1}, fillcolor=colour if filled else LIGHT["card"],
        )  # fmt: skip
        text = SIGNS[sign] if move is None else _short(move.value)
        figure.add_annotation(
            x=x, y=y, text=text, showarrow=False,
            font={"size": 18 if move is None else 11, "color": LIGHT["card"] if filled else colour},
        )  # fmt: skip
    figure.add_annotation(
        x=left - 0.46, y=top - 0.78, text=f"{told.name}: {verdict(told)}".replace(": ", ":<br>", 1), showarrow=False,
        xanchor="left", align="left", font={"size": 11, "color": LIGHT["muted"]},
    )  # fmt: skip


def _short(value: float | None) -> str:
    """Write a number with its sign and three digits; none as a dash."""
    return "–" if value is None else f"{value + 0.0:+.3g}".replace("-", "−")
