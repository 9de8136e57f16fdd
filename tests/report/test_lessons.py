"""What a teacher teaches: in the analysis, in a terminal and as a figure."""

from __future__ import annotations

from pathlib import Path

import evometa
from evometa.config.load import load
from evometa.evolution.courses import open_courses
from evometa.evolution.evaluation import Evaluator
from evometa.judging.analyses import Analysis, Curriculum
from evometa.judging.analysis.curriculum import curriculum_of
from evometa.judging.teachers import genome_of
from evometa.language.teaching_library import TEACHERS
from evometa.lifetime.numba import cpu
from evometa.presentation.boards import lessons, marked
from evometa.report.figures.lessons import curriculum
from tests.evolution.test_teaching import SMALL


def test_lessons_of_one_student_are_in_the_analysis(tmp_path: Path) -> None:
    less = ["champion.baselines=['own_errors']", "champion.candidates=1", "tasks.other_tests={}", "run.generations=1"]
    run = evometa.run("teacher", out=tmp_path / "run", settings=[*SMALL, *less])
    report, told = run.champion.report, run.analysis and run.analysis.curriculum
    assert report is not None
    assert told is not None
    assert report.measure == "lessons"
    assert report.test.mean == 3.0
    assert [row.name for row in report.baselines] == ["own_errors"]
    assert told.lessons == len(told.boards) == len(told.moves) == 3
    assert all(board[move] == "." for board, move in zip(told.boards, told.moves, strict=True))
    assert all(board.count("x") - board.count("o") in (0, 1) for board in told.boards)
    assert all(m is not None and m >= 1 for m in told.insisted)


def test_boards_are_drawn_and_the_move_is_marked() -> None:
    told = Curriculum(boards=["x........", "xo......."] * 40, moves=[4, 8] * 40, insisted=[1.0, 2.5] * 40, lessons=80)
    lines = [line.plain for line in lessons(told)]
    assert marked("x........", 4) == "x...*...."
    assert lines[2].startswith("x . .  x o .")
    assert lines[3].startswith(". * .")
    assert lines[-1] == "and 53 more"
    assert "can be beaten still" in lines[0]
    figure = curriculum(Analysis(curriculum=told))
    squares, taught = figure.data
    assert (len(squares.x), len(taught.x)) == (60 * 9, 60)
    assert taught.text[1] == "lesson 2, insisted on × 2.5"
    assert "Nobody" in curriculum(Analysis()).layout.annotations[0].text


def test_lessons_are_counted_until_nobody_can_beat_the_student() -> None:
    config = load("teacher", ["tasks.other_tests={}"]).config
    teacher = TEACHERS["adagrad"]
    told = curriculum_of(
        Evaluator(config, open_courses(config), cpu.live), genome_of(teacher, {"c0": teacher.rates[0]})
    )
    assert told is not None
    assert told.unbeatable
    assert len(told.boards) < told.lessons < 400
