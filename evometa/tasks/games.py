"""Tic-tac-toe as tables of positions, which students are taught: the board as it is, or one of its eight pictures."""

from __future__ import annotations

from functools import cache
from typing import Literal

import numpy as np

from evometa.lifetime import NONE
from evometa.lifetime.teaching import Game
from evometa.tasks.worlds.tictactoe import OTHER, OWN, Board, after, boards, pictures, value, winner

View = Literal["board", "canonical"]


@cache
def turned(board: Board, view: View) -> Board:
    """Return what is seen of a board: itself, or of its pictures the one with the lowest digits: 1 for who began."""
    if view == "board":
        return board
    second = sum(map(abs, board)) % 2  # whose turn it is is the second one
    sides = {0: 0, OTHER if second else OWN: 1, OWN if second else OTHER: 2}
    return min((tuple(board[k] for k in own) for own in pictures().tolist()), key=lambda one: [sides[k] for k in one])


@cache
def depth(board: Board) -> int:
    """Return the moves until the end between perfect players: who wins is quick, who loses is slow."""
    if winner(board) or 0 not in board:
        return 0
    ahead = [after(board, square) for square in range(9) if board[square] == 0]
    equal = [1 + depth(one) for one in ahead if -value(one) == value(board)]
    return min(equal) if value(board) > 0 else max(equal)


@cache
def positions(view: View) -> tuple[Board, ...]:
    """Return the boards that are seen where a move is to be made, in order of plies: 4 520, or 627 canonical ones."""
    return tuple(dict.fromkeys(turned(board, view) for board in boards()))


@cache
def tictactoe(view: View) -> Game:
    """Return the game; a position's numbers are own squares, the other's, and empty ones."""
    own = positions(view)
    place = {board: number for number, board in enumerate(own)}
    legal, sound, best = (np.zeros((9, len(own)), np.uint8) for _ in range(3))
    following = np.full((9, len(own)), NONE, np.int32)
    for number, board in enumerate(own):
        worth = value(board)
        for square in (k for k in range(9) if board[k] == 0):
            ahead = after(board, square)
            kept = -value(ahead) == worth
            legal[square, number] = 1
            sound[square, number] = worth < 0 or value(ahead) <= 0
            best[square, number] = kept and (worth == 0 or 1 + depth(ahead) == depth(board))
            following[square, number] = place.get(turned(ahead, view), NONE)
    squares = np.array(own, np.int64).T
    x = np.concatenate([squares == OWN, squares == OTHER, squares == 0]).astype(np.float32)
    ply = (squares != 0).sum(axis=0).astype(np.int32)
    return Game(x, legal, sound, best, following, ply)
