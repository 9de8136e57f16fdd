"""Lives of many tasks: what is carried is worth something only where something is carried."""

import numpy as np

from evometa.config.load import load
from evometa.evolution.courses import open_courses
from evometa.evolution.evaluation import Evaluator
from evometa.judging.exam import open_exam
from evometa.judging.reports import Baseline, Report
from evometa.judging.rows import (
    behind,
    behind_permuted,
    born_anew,
    descending,
    lived,
    permuted,
    row_baselines,
    row_course,
)
from evometa.lifetime.numba import cpu
from tests.evolution.test_rows import TINY

CONFIG = load("trend", TINY).config
EVALUATOR = Evaluator(CONFIG, open_courses(CONFIG), cpu.live)


def test_who_begins_anew_gains_nothing_and_loses_nothing() -> None:
    exam = open_exam(EVALUATOR, "test", 3, fresh=True)
    (course, lesson), *_ = exam.drawn
    anew, all_kept = (descending(course, 0.3, 4.0, kept) for kept in ((True, True), (False, False)))
    (outcomes,) = exam.live([anew, all_kept], "test")
    found = lived(lesson, outcomes, 0, 5)
    assert (found.carried.shape, found.again.shape) == ((5, 3), (2, 3))
    assert np.array_equal(born_anew(anew, EVALUATOR, course, lesson), found.carried)
    told = row_course(exam, anew, outcomes)
    assert told.permuted is not None
    assert (told.forward.mean, told.permuted.mean) == (0.0, 0.0)
    assert not np.array_equal(born_anew(all_kept, EVALUATOR, course, lesson), lived(lesson, outcomes, 1, 5).carried)


def test_labels_are_permuted_in_the_earlier_half_alone() -> None:
    exam = open_exam(EVALUATOR, "test", 3, fresh=True)
    lesson = exam.drawn[0][1]
    y, mixed = lesson.tasks.support_y, permuted(lesson, 5, 0).tasks.support_y
    assert np.array_equal(y[18:], mixed[18:])
    assert not np.array_equal(y[:18], mixed[:18])
    assert np.array_equal(y[:9].sum(axis=0), mixed[:9].sum(axis=0))


def test_a_task_behind_others_is_that_of_the_life_which_meets_them() -> None:
    exam = open_exam(EVALUATOR, "test", 3, fresh=True)
    (course, lesson), *_ = exam.drawn
    keeps = descending(course, 0.3, 4.0, (False, False))
    (outcomes,) = exam.live([keeps], "test")
    found = lived(lesson, outcomes, 0, 5).carried
    for number in range(5):
        assert np.array_equal(behind(keeps, EVALUATOR, course, lesson, number, number), found[number])


def test_nothing_that_counts_in_the_control_comes_behind_labels_that_are_right() -> None:
    exam = open_exam(EVALUATOR, "test", 3, fresh=True)
    (course, lesson), *_ = exam.drawn
    keeps, without = descending(course, 0.3, 4.0, (False, False)), permuted(lesson, 5, CONFIG.seed)
    found = behind_permuted(keeps, EVALUATOR, course, lesson)
    assert found.shape == (3, 3)
    (lives,) = EVALUATOR.outcomes([keeps], [(course, without)], "test")
    whole = lived(without, lives, 0, 5).carried
    assert np.array_equal(found[0], whole[2])  # the first behind them: the life is the same by then
    assert not np.array_equal(found[1:], whole[3:])  # which has learned of right answers before


def test_rivals_are_tuned_and_told_with_their_memory() -> None:
    exam = open_exam(EVALUATOR, "test", 2, fresh=True)
    (outcomes,) = exam.live([descending(exam.drawn[0][0], 0.3, 1.0, (False, True))], "test")
    rows = list(row_baselines(EVALUATOR, exam.scores([outcomes], 0, "accuracy"), 2))
    assert [row.name for row in rows][1] == "SGD that keeps its first layer"
    assert [row.memory for row in rows] == [4 * 50 + 3 * 5] * 3 + [3 * 50]
    assert all(row.mean is not None and row.difference is not None for row in rows)
    assert rows[0].row is not None
    assert rows[0].row.forward.mean == 0.0


def test_learners_whose_memory_is_told_are_no_stock_rules() -> None:
    rows = [
        Baseline(name="SGD that keeps all", dials={"rate": 1.0}, memory=9),
        Baseline(name="sgd", dials={"rate": 0.5}),
    ]
    assert Report(champion=0, baselines=rows).rivals == {"sgd": {"rate": 0.5}}
