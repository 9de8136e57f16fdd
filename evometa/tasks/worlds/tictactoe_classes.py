"""Tic-tac-toe against oneself, each board up to symmetry an input of its own: games of learners that keep a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import numpy as np

from evometa.tasks.worlds import tictactoe_afterstates
from evometa.tasks.worlds.tictactoe import F64, OWN, POWERS, boards, code, pictures, winner

CLASSES = 626  # of boards behind a move, up to symmetry, where the game goes on


@cache
def numbered(*, alike: bool = True) -> F64:
    """Return for each board behind a move the number of its class, f64[3⁹]; −1 where the game is over.

    `alike`: pictures of each other are one class; otherwise each board is one.
    """
    table, numbers = np.full(3**9, -1.0), dict[int, int]()
    for board in boards():
        for square in (k for k in range(9) if board[k] == 0):
            moved = np.array([OWN if k == square else own for k, own in enumerate(board)])
            if not winner(tuple(moved)) and 0 in moved:
                views = pictures() if alike else pictures()[:1]
                least = min(int((moved[picture] + 1) @ POWERS) for picture in views)
                table[code(tuple(moved))] = numbers.setdefault(least, len(numbers))
    return table


def classes(settings: Mapping[str, float]) -> F64:
    """Return the same, whatever the settings."""
    return numbered()


_ONE = tictactoe_afterstates.WORLD
WORLD = replace(
    _ONE,
    name="tictactoe_classes",
    about="tictactoe_afterstates, seen as a table has it: boards that are pictures of each other are one input, which "
    "is 1 behind a move that leads there; a further one is 1 where the game is won, and none where it is drawn",
    # a weight of full boards would be one of the last moves that win, too, and make draws worth something
    observe=(f"equal(class, rows({CLASSES}))", "won"),
    settings={},
    tables={**{name: rows for name, rows in _ONE.tables.items() if name != "seen"}, "class_of": classes},
    let={**{name: text for name, text in _ONE.let.items() if name != "digits"}, "class": "lookup(class_of, number)"},
)
