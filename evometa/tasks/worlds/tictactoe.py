"""Tic-tac-toe, seen by whose turn it is: against a random player, a perfect one by a table, or against oneself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from evometa.language.worlds.world import Boards, World

LINES = ((0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6))
POWERS = 3 ** np.arange(9)
SHOWN = 6  # boards of a learner
OWN, OTHER = 1, -1  # on a board of 9 numbers; 0: an empty square
F64 = NDArray[np.float64]
Board = tuple[int, ...]


def code(board: Board) -> int:
    """Return a board's number, below 3⁹: digits 0 where the square is the other's, 1 where it is empty, 2 own."""
    return int(np.dot(np.array(board) + 1, POWERS))


def winner(board: Board) -> int:
    """Return OWN or OTHER, whoever has a line, else 0."""
    sums = [sum(board[square] for square in line) for line in LINES]
    return (3 in sums) - (-3 in sums)


def after(board: Board, square: int) -> Board:
    """Return the board after a move, as the other sees it."""
    return tuple(-(OWN if k == square else value) for k, value in enumerate(board))


@cache
def value(board: Board) -> int:
    """Return what a board is worth to whose turn it is, if both play perfectly: 1, 0 or −1."""
    if winner(board) or 0 not in board:
        return winner(board)
    return max(-value(after(board, square)) for square in range(9) if board[square] == 0)


@cache
def boards() -> tuple[Board, ...]:
    """Return every board that a game can come to, its turn to move, game not over; first the empty one."""
    found: dict[Board, None] = {(0,) * 9: None}
    queue = list(found)
    for board in queue:
        for square in range(9):
            ahead = after(board, square) if board[square] == 0 else board
            if ahead not in found and not winner(ahead) and 0 in ahead:
                found[ahead] = None
                queue.append(ahead)
    return tuple(found)


def sound(board: Board) -> tuple[int, ...]:
    """Return the squares that keep what a board is worth."""
    return tuple(s for s in range(9) if board[s] == 0 and -value(after(board, s)) == value(board))


def threats(board: Board, side: int) -> int:
    """Return how many lines lack only one more of a side's."""
    return sum(sum(board[square] for square in line) == 2 * side for line in LINES)


def some_boards(met: Sequence[Board]) -> dict[str, Board]:
    """Return six boards at most: the empty one, and of those that were met the first of each kind, and others."""
    can_win = [board for board in met if threats(board, OWN)]
    must_block = [board for board in met if threats(board, OTHER) and not threats(board, OWN)]
    kinds = {"it can win at once": can_win, "it must block": must_block}
    found: dict[str, Board] = {"empty": (0,) * 9, **{name: own[0] for name, own in kinds.items() if own}}
    # where every move is as good nothing is decided
    others = [board for board in dict.fromkeys(met) if len(sound(board)) < board.count(0)]
    for board in (each for each in [*others, *dict.fromkeys(met)] if each not in found.values()):
        if len(found) == SHOWN:
            break
        often = met.count(board)
        name = f"move {10 - board.count(0)}, met {f'{often} times' if often > 1 else 'once'}"
        found[name if name not in found else f"{name} ({len(found)})"] = board
    return found


def as_it_is(board: Board, settings: Mapping[str, float]) -> Sequence[int]:
    """Return the square of each action where the board is shown as it is."""
    return range(9)


def as_turned(board: Board, settings: Mapping[str, float]) -> Sequence[int]:
    """Return the square of each action where, with canonical = 1, one of the board's pictures is shown."""
    if not settings["canonical"]:
        return range(9)
    own: list[int] = pictures()[int(turns(settings)[code(board)])].tolist()
    return own


def safe_moves(settings: Mapping[str, float]) -> F64:
    """Return for each board the moves that keep its worth, as a sum of 2^square, f64[3⁹]; 0 where there are none."""
    table = np.zeros(3**9)
    for board in boards():
        table[code(board)] = sum(1 << square for square in sound(board))
    return table


@cache
def pictures() -> NDArray[np.int64]:
    """Return the eight pictures of a board, i64[8, 9]: which square stands at each place."""
    grid = np.arange(9).reshape(3, 3)
    return np.stack([np.rot90(side, turns).ravel() for side in (grid, grid[:, ::-1]) for turns in range(4)])


def turns(settings: Mapping[str, float]) -> F64:
    """Return for each board which of its pictures has the smallest number, f64[3⁹]; the first of equal ones."""
    digits = np.arange(3**9)[:, None] // POWERS % 3
    codes = np.stack([digits[:, picture] @ POWERS for picture in pictures()])
    return codes.argmin(axis=0).astype(np.float64)


def _squares_of_pictures(settings: Mapping[str, float]) -> F64:
    return pictures().astype(np.float64).ravel()


WORLD = World(
    name="tictactoe",
    about="Against one who plays perfectly in a share of the moves, else at random, or, with own = 1, against oneself; "
    "X and O in turn. canonical = 1: of the eight pictures of a board always one is seen",
    actions=9,
    ticks=5000,
    noise=("which", "how", "opening"),
    observe=("equal(seen, 1)", "equal(seen, -1)", "equal(seen, 0)"),
    legal="equal(seen, 0)",
    reward="won - lost",
    end="over",
    settings={"perfect": 0, "own": 0, "canonical": 0},
    shifts={"an opponent half of whose moves are perfect": {"perfect": 0.5}},
    tables={
        "powers": tuple(POWERS.tolist()),
        "safe": safe_moves,
        "turned": turns,
        "squares": _squares_of_pictures,
        "line_a": [line[0] for line in LINES],
        "line_b": [line[1] for line in LINES],
        "line_c": [line[2] for line in LINES],
        "weights": tuple(2**k for k in range(9)),
    },
    # the other one begins in every second game
    start={"board": "zeros(9) - (1 - own)*mod(trial, 2)*equal(rows(9), floor(9*opening))"},
    let={
        "turn": "canonical*lookup(turned, sum((board + 1)*powers))",
        "seen": "lookup(board, lookup(squares, 9*turn + rows(9)))",
        "moved": "board + equal(rows(9), lookup(squares, 9*turn + action))",
        "won": "equal(largest(lookup(moved, line_a) + lookup(moved, line_b) + lookup(moved, line_c)), 3)",
        # the answer: one of the empty squares, or of those that keep what the board is worth
        "empty": "equal(moved, 0)",
        "kept": "mod(floor(div(lookup(safe, sum((1 - moved)*powers)) + 0.5, weights)), 2)",
        "ways": "select(less(how, perfect), kept, empty)",
        "answer": "ways*equal(running(ways), 1 + floor(which*sum(ways)))",
        "answered": "moved - answer",
        "lines": "lookup(answered, line_a) + lookup(answered, line_b) + lookup(answered, line_c)",
        "full": "not(sum(empty))",
        "lost": "(1 - won)*(1 - own)*equal(largest(0 - lines), 3)",
        "over": "max(max(won, lost), max(full, (1 - own)*not(sum(equal(answered, 0)))))",
    },
    next={"board": "select(own, 0 - moved, answered)"},
    boards=Boards(some_boards, sound, as_turned),
)
