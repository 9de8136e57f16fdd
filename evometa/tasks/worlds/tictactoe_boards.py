"""Tic-tac-toe against oneself, each board an input of its own: games of learners that keep a table of all boards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from evometa.tasks.worlds import tictactoe_classes
from evometa.tasks.worlds.tictactoe import F64

BOARDS = 4519  # behind a move, where the game goes on


def numbers(settings: Mapping[str, float]) -> F64:
    """Return for each board behind a move its number, whatever the settings, f64[3⁹]; −1 where the game is over."""
    return tictactoe_classes.numbered(alike=False)


_ONE = tictactoe_classes.WORLD
WORLD = replace(
    _ONE,
    name="tictactoe_boards",
    about="tictactoe_classes, where boards that are pictures of each other are inputs of their own",
    observe=(f"equal(class, rows({BOARDS}))", "won"),
    tables={**_ONE.tables, "class_of": numbers},
)
