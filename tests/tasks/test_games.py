"""Tic-tac-toe as tables, against the game worked out once more on strings."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from evometa.lifetime import NONE
from evometa.tasks.games import View, positions, tictactoe, turned
from evometa.tasks.worlds.tictactoe import pictures

LINES = ("012", "345", "678", "036", "147", "258", "048", "246")


@cache
def worth(board: str) -> int:
    """What a board is worth to whose turn it is: 1, 0, −1."""
    one, other = ("x", "o") if board.count("x") == board.count("o") else ("o", "x")
    if any(all(board[int(k)] == other for k in line) for line in LINES):
        return -1
    free = [k for k in range(9) if board[k] == "."]
    return max((-worth(board[:k] + one + board[k + 1 :]) for k in free), default=0)


def text(board: tuple[int, ...]) -> str:
    own, other = ("x", "o") if sum(map(abs, board)) % 2 == 0 else ("o", "x")
    return "".join({1: own, -1: other, 0: "."}[square] for square in board)


@pytest.mark.parametrize("view, seen, losing", [("board", 4520, 2755), ("canonical", 627, 371)])
def test_positions_are_as_many_as_are_known(view: View, seen: int, losing: int) -> None:
    game = tictactoe(view)
    assert len(game.ply) == seen
    assert len(game.losing) == losing
    assert game.ply.tolist() == sorted(game.ply.tolist())
    assert ((game.x[:9] + game.x[9:18] + game.x[18:]) == 1).all()


@pytest.mark.parametrize("view", ["board", "canonical"])
def test_moves_are_sound_that_do_not_lose_what_is_not_lost(view: View) -> None:
    game = tictactoe(view)
    for place, board in enumerate(positions(view)):
        own, now = text(board), "x" if game.ply[place] % 2 == 0 else "o"
        for square in range(9):
            legal = own[square] == "."
            assert game.legal[square, place] == legal
            if not legal:
                assert game.following[square, place] == NONE
                continue
            kept = -worth(own[:square] + now + own[square + 1 :])
            assert game.sound[square, place] == (kept >= 0 or worth(own) < 0)
            assert not game.best[square, place] or kept == worth(own)
    assert (game.best <= game.sound).all()
    assert game.best.max(axis=0).all()


def test_who_can_win_at_once_does() -> None:
    game = tictactoe("board")
    place = positions("board").index((1, 1, 0, -1, -1, 0, 0, 0, 0))
    assert np.flatnonzero(game.best[:, place]).tolist() == [2]


def test_pictures_of_a_board_are_seen_as_one() -> None:
    for board in positions("board")[::37]:
        seen = {turned(tuple(board[k] for k in own), "canonical") for own in pictures().tolist()}
        assert len(seen) == 1
        assert seen <= set(positions("canonical"))


def test_a_move_leads_where_the_other_is_to_move() -> None:
    game = tictactoe("canonical")
    move, place = np.nonzero(game.following != NONE)
    own, to = np.array(positions("canonical"))[place], np.array(positions("canonical"))[game.following[move, place]]
    assert ((own == 1).sum(axis=1) + 1 == (to == -1).sum(axis=1)).all()
    assert ((own == -1).sum(axis=1) == (to == 1).sum(axis=1)).all()
