"""Tic-tac-toe: known facts of the game, and games against each kind of opponent, played over by the rules."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evometa.language.worlds.program import DONE, REWARD
from evometa.tasks.worlds import tictactoe, tictactoe_boards, tictactoe_classes
from tests.language.worlds.lives import lived
from tests.properties import SAME
from tests.tasks.worlds.test_stock_worlds import place

pytestmark = SAME

GRID = np.arange(9).reshape(3, 3)


def result(board: Any) -> int | None:
    """1 or −1 for whoever has a line, 0 for a draw, None while the game goes on."""
    grid = np.asarray(board).reshape(3, 3)
    sums = [*grid.sum(0), *grid.sum(1), np.trace(grid), np.trace(grid[:, ::-1])]
    if 3 in sums or -3 in sums:
        return 1 if 3 in sums else -1
    return None if (grid == 0).any() else 0


def worth(board: tuple[int, ...], known: dict[tuple[int, ...], int]) -> int:
    """What a board is worth to the one to move."""
    if board not in known:
        over = result(board)
        moves = [(*board[:k], 1, *board[k + 1 :]) for k in range(9) if board[k] == 0]
        known[board] = over if over is not None else max(-worth(tuple(-v for v in m), known) for m in moves)
    return known[board]


def test_positions_are_counted_as_is_known() -> None:
    boards = np.array(tictactoe.boards())
    assert len(boards) == 4520
    codes = [tictactoe.code(tuple(board)) for board in boards.tolist()]
    turned = tictactoe.turns({})[codes].astype(int)
    canonical = {tuple(board[tictactoe.pictures()[t]]) for board, t in zip(boards, turned, strict=True)}
    assert len(canonical) == 627
    known: dict[tuple[int, ...], int] = {}
    safe = tictactoe.safe_moves({})[codes].astype(int)
    for board, mask in zip(boards.tolist()[::7], safe[::7], strict=True):
        for square in range(9):
            ahead = tuple(-(1 if k == square else v) for k, v in enumerate(board))
            keeps = board[square] == 0 and -worth(ahead, known) == worth(tuple(board), known)
            assert bool(mask >> square & 1) == keeps


@pytest.mark.parametrize("canonical", [0, 1])
def test_what_moves_make_of_the_board(canonical: int) -> None:
    known: dict[tuple[int, ...], int] = {}
    course = lived(place("tictactoe_afterstates", canonical=canonical), 4, 30, 3)
    for lane in range(4):
        for tick in range(30):
            board, ahead = course.states[tick, :, lane].astype(int), course.states[tick + 1, :, lane].astype(int)
            seen = course.seen[tick, :, lane].reshape(9, 29)
            for square in np.flatnonzero(board == 0):
                moved = board + (np.arange(9) == square)
                views = [np.concatenate([view == 1, view == -1, view == 0]) for view in moved[tictactoe.pictures()]]
                least = min(views, key=lambda view: int((3 ** np.arange(9)) @ (view[:9] - 1.0 * view[9:18])))
                assert np.array_equal(seen[square, :27], least if canonical else views[0])
                assert seen[square, 27:].tolist() == [result(moved) == 1, (moved != 0).all()]
            moved = board + (np.arange(9) == course.actions[tick, lane])
            reward, kept, had, _, done, _ = course.given[tick, :, lane]
            assert (reward, done) == (result(moved) == 1, result(moved) is not None)
            assert kept == (1 - worth(tuple((-moved).tolist()), known)) / 2
            assert had == (1 + worth(tuple(board.tolist()), known)) / 2
            assert np.array_equal(ahead, np.zeros(9) if done else -moved)


@pytest.mark.parametrize("perfect", [0, 1])
def test_games_against_another(perfect: int) -> None:
    known: dict[tuple[int, ...], int] = {}
    course = lived(place("tictactoe", perfect=perfect), 8, 60, 2)
    losses = wins = 0
    for lane in range(8):
        for tick in range(60):
            board, ahead = course.states[tick, :, lane].astype(int), course.states[tick + 1, :, lane].astype(int)
            assert np.array_equal(course.seen[tick, :, lane].reshape(3, 9), [board == 1, board == -1, board == 0])
            square, given = int(course.actions[tick, lane]), course.given[tick, :, lane]
            assert board[square] == 0
            moved = board + (np.arange(9) == square)
            over = result(moved)
            if over is not None:
                assert (given[REWARD], given[DONE]) == (over, 1)
            elif not given[DONE]:
                answer = np.flatnonzero(ahead != moved)
                assert given[REWARD] == 0
                assert len(answer) == 1
                assert (moved[answer[0]], ahead[answer[0]]) == (0, -1)
                assert result(ahead) is None
                if perfect:
                    theirs = tuple((-moved).tolist())
                    assert -worth(tuple(ahead.tolist()), known) == worth(theirs, known)
            else:
                assert given[REWARD] in (-1, 0)
            if given[DONE]:
                assert np.abs(ahead).sum() == ahead.min() * -1 == (course.trials[tick, lane] + 1) % 2, "in turn"
            wins += given[REWARD] > 0
            losses += given[REWARD] < 0
    assert losses > 20
    assert wins > 20 or perfect
    assert not perfect or wins == 0


def test_an_opening_knows_nothing_of_the_move_before() -> None:
    """Who plays at random answers and opens by numbers of their own."""
    course = lived(place("tictactoe"), 40, 60, 7)
    names = place("tictactoe").equations.world.noise
    which, opening = (course.noise[1:, names.index(name)] for name in ("which", "opening"))
    opened = (course.given[:, DONE] > 0) & (np.abs(course.states[1:]).sum(axis=1) == 1)
    squares = course.states[1:].argmin(axis=1)[opened]
    assert np.array_equal(squares, np.floor(9 * opening[opened]))
    assert not np.array_equal(squares, np.floor(9 * which[opened]))


def test_own_games() -> None:
    course = lived(place("tictactoe", own=1), 6, 60, 4)
    ends = set()
    for lane in range(6):
        for tick in range(60):
            board, ahead = course.states[tick, :, lane].astype(int), course.states[tick + 1, :, lane].astype(int)
            moved = board + (np.arange(9) == course.actions[tick, lane])
            over = result(moved)
            assert course.given[tick, DONE, lane] == (over is not None)
            assert course.given[tick, REWARD, lane] == (over or 0)
            assert np.array_equal(ahead, np.zeros(9) if over is not None else -moved)
            ends.add(over)
    assert ends == {None, 0, 1}


def test_the_canonical_view_turns_answers_back() -> None:
    own = place("tictactoe", canonical=1)
    course = lived(own, 8, 60, 6)
    for lane in range(8):
        for tick in range(60):
            board, seen = course.states[tick, :, lane], course.seen[tick, :, lane].reshape(3, 9)
            shown = seen[0] - seen[1]
            pictures = [np.rot90(side, k).ravel() for side in (GRID, GRID[:, ::-1]) for k in range(4)]
            assert any(np.array_equal(shown, board[picture]) for picture in pictures)
            assert tictactoe.code(tuple(shown)) == min(tictactoe.code(tuple(board[picture])) for picture in pictures)
            if not course.given[tick, DONE, lane]:
                moved = course.states[tick + 1, :, lane]
                turned = pictures[[np.array_equal(shown, board[p]) for p in pictures].index(True)]
                assert (moved > board).sum() == 1
                assert shown[turned.tolist().index(int(np.flatnonzero(moved > board)[0]))] == 0


def test_boards_that_are_pictures_of_each_other_are_one_class() -> None:
    number_of, least_of = tictactoe_classes.numbered(), dict[int, int]()
    for board in tictactoe.boards():
        for square in (k for k in range(9) if board[k] == 0):
            moved = np.array([1 if k == square else value for k, value in enumerate(board)])
            number = int(number_of[tictactoe.code(tuple(moved.tolist()))])
            assert (number < 0) == (result(moved) is not None)
            if number >= 0:
                views = {tictactoe.code(tuple(moved[picture].tolist())) for picture in tictactoe.pictures()}
                assert least_of.setdefault(number, min(views)) == min(views)
    assert sorted(least_of) == list(range(tictactoe_classes.CLASSES))
    assert len(set(least_of.values())) == tictactoe_classes.CLASSES


def test_boards_as_they_are_have_a_number_each() -> None:
    number_of = tictactoe_boards.numbers({})
    behind = {tictactoe.code(tuple(-own for own in board)) for board in tictactoe.boards() if any(board)}
    assert len(behind) == tictactoe_boards.BOARDS
    assert {int(number_of[code]) for code in behind} == set(range(tictactoe_boards.BOARDS))
    assert (number_of >= 0).sum() == tictactoe_boards.BOARDS


@pytest.mark.parametrize(
    ("name", "number_of", "count"),
    [("tictactoe_classes", tictactoe_classes.numbered(), tictactoe_classes.CLASSES),
     ("tictactoe_boards", tictactoe_boards.numbers({}), tictactoe_boards.BOARDS)],
)  # fmt: skip
def test_the_board_behind_a_move_is_one_input_of_a_table(name: str, number_of: np.ndarray, count: int) -> None:
    course = lived(place(name), 1, 1, 3)
    seen = course.seen[0, :, 0].reshape(9, count + 1)
    for square in range(9):
        number = int(number_of[tictactoe.code(tuple(int(k == square) for k in range(9)))])
        assert np.flatnonzero(seen[square]).tolist() == [number]
