"""Tic-tac-toe against oneself, seen as what each move would make of the board: games of learners that value boards."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from evometa.language.worlds.world import Boards, World
from evometa.tasks.worlds.tictactoe import (
    F64,
    LINES,
    OWN,
    POWERS,
    as_it_is,
    boards,
    code,
    pictures,
    some_boards,
    sound,
    value,
)


def _pictures(settings: Mapping[str, float]) -> F64:
    """Return for each board the number of what is seen of it: its own, or the smallest one of its eight pictures."""
    numbers = np.arange(3**9)
    digits = numbers[:, None] // POWERS % 3
    codes = np.stack([digits[:, picture] @ POWERS for picture in pictures()])
    return (codes.min(axis=0) if settings["canonical"] else numbers).astype(np.float64)


def _worth(settings: Mapping[str, float]) -> F64:
    """Return what a board is worth to whose turn it is, 1, ½ or 0 for a win, a draw, a loss; 0 for no such board."""
    table = np.zeros(3**9)
    for board in boards():
        table[code(board)] = (1 + value(board)) / 2
    return table


def _kept(settings: Mapping[str, float]) -> F64:
    """Return what a board is worth to who has just moved there; 0 for no such board."""
    table = np.zeros(3**9)
    for board in boards():
        for square in (k for k in range(9) if board[k] == 0):
            moved = tuple(OWN if k == square else own for k, own in enumerate(board))
            table[code(moved)] = (1 - value(tuple(-own for own in moved))) / 2
    return table


WORLD = World(
    name="tictactoe_afterstates",
    about="Against oneself, X and O in turn; seen is the board behind each move, from its player's side, and whether "
    "the game is won or full. canonical = 1: of the eight pictures of a board always one is seen. worth: what the move "
    "leaves between perfect players, best: what the board had, 1 for a win, 1/2 for a draw",
    actions=9,
    ticks=8000,
    afterstates=True,
    observe=("equal(digits, 2)", "equal(digits, 0)", "equal(digits, 1)", "won", "full"),
    legal="equal(board, 0)",
    reward="won",
    end="max(won, full)",
    worth="lookup(kept, number)",
    best="lookup(had, sum((board + 1)*powers))",
    settings={"canonical": 0},
    tables={
        "powers": tuple(POWERS.tolist()),
        "seen": _pictures,
        "had": _worth,
        "kept": _kept,
        "line_a": [line[0] for line in LINES],
        "line_b": [line[1] for line in LINES],
        "line_c": [line[2] for line in LINES],
    },
    start={"board": "zeros(9)"},
    let={
        "moved": "board + equal(rows(9), action)",
        "number": "sum((moved + 1)*powers)",
        "digits": "mod(floor(div(lookup(seen, number), powers)), 3)",
        "won": "equal(largest(lookup(moved, line_a) + lookup(moved, line_b) + lookup(moved, line_c)), 3)",
        "full": "not(sum(equal(moved, 0)))",
    },
    next={"board": "0 - moved"},
    boards=Boards(some_boards, sound, as_it_is),
)
