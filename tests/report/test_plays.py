"""What a learner of tic-tac-toe plays on boards: in the analysis, in a terminal and as a figure."""

from __future__ import annotations

from pathlib import Path

import evometa
from evometa.judging.analyses import Analysis
from evometa.presentation.boards import positions as lines
from evometa.report.figures.plays import positions
from evometa.tasks.worlds.tictactoe import as_turned, code, pictures, some_boards, sound, turns

SMALL = (
    *("evolution.population=4", "run.generations=1", "tasks.numbers.ticks=400", "tasks.other_tests={}"),
    *("sampling.tasks=2", "sampling.validation_tasks=2", "sampling.test_tasks=2", "champion.candidates=1"),
)
WIN, BLOCK = (1, 1, 0, -1, -1, 0, 0, 0, 0), (1, 0, 0, -1, -1, 0, 0, 0, 1)


def test_boards_of_its_own_games_are_judged_by_the_perfect_table(tmp_path: Path) -> None:
    analysis = evometa.run("tictactoe", out=tmp_path / "run", settings=list(SMALL)).analysis
    assert analysis is not None
    told = analysis.positions
    assert (len(told), told[0].name, told[0].board) == (6, "empty", "." * 9)
    assert all(move.sound for move in told[0].moves)  # nobody loses by the first move
    for one in told:
        board = tuple({"x": 1, "o": -1, ".": 0}[sign] for sign in one.board)
        assert [move.square for move in one.moves] == [k for k in range(9) if board[k] == 0]
        assert tuple(move.square for move in one.moves if move.sound) == sound(board)
        best = max(move.value or 0 for move in one.moves)
        assert {move.square: move.value for move in one.moves}[one.played] == best
    text = [line.plain for line in lines(told)]
    assert text[1].startswith("empty: sound (9 of 9 moves are)")
    assert len(text) == 1 + 4 * len(told)
    assert len(positions(analysis).layout.shapes) == 9 * len(told)


def test_boards_to_win_and_to_block_are_among_those_shown() -> None:
    chosen = some_boards([BLOCK, BLOCK, WIN])
    assert chosen == {"empty": (0,) * 9, "it can win at once": WIN, "it must block": BLOCK}
    assert sound(BLOCK) == (5,)


def test_actions_on_a_picture_of_a_board_are_squares_of_the_board() -> None:
    picture = pictures()[int(turns({})[code(WIN)])].tolist()
    assert list(as_turned(WIN, {"canonical": 1})) == picture
    assert list(as_turned(WIN, {"canonical": 0})) == list(range(9))


def test_who_plays_on_no_boards_has_none() -> None:
    assert "not play on boards" in positions(Analysis()).layout.annotations[0].text
