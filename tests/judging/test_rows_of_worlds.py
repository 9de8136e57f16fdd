"""Lives in worlds in a row: whoever carries nothing gains nothing, and what counts is the later half."""

from dataclasses import replace

import numpy as np
import pytest

from evometa.config.load import load
from evometa.errors import InputError
from evometa.evolution.acting import ActingLessons, scored
from evometa.evolution.check import check_tasks
from evometa.evolution.courses import open_courses
from evometa.evolution.evaluation import Evaluator
from evometa.genetics.genome import Genome
from evometa.judging.exam import open_exam
from evometa.judging.rows_of_worlds import carried, each_as_the_first, row_of_worlds
from evometa.language.signals import ACTING_SLOTS
from evometa.language.text import parse_rule
from evometa.lifetime.acting import ActingOutcomes, ActingPlan
from evometa.lifetime.numba import cpu
from evometa.spec.acting import MEASURES

TINY = ["tasks.numbers={ size = 3, length = 40 }", "lifetime.tasks=4", "sampling.tasks=3"]
CONFIG = load("rooms_in_a_row", TINY).config
EVALUATOR = Evaluator(CONFIG, open_courses(CONFIG), cpu.live)
Q = {"s1": "max(c1*greedy*s1, -grad)", "modulator": "reward + c2*value - before"}
NUMBERS = np.array([0.3, 0.475, 0.95, 1.0, 0.5, 0.01], np.float32)


def genome(update: str) -> Genome:
    return Genome(parse_rule({"update": update, **Q}, "rule", ACTING_SLOTS), coefficients=NUMBERS)


def test_who_learns_nothing_meets_each_world_as_its_first() -> None:
    exam = open_exam(EVALUATOR, "test", 6)
    (course, lesson), *_ = exam.drawn
    assert isinstance(lesson, ActingLessons)
    assert (lesson.plan.task, lesson.plan.windows.tolist()) == (40, [40, 80, 120, 160])
    still, learning = genome("0*w"), genome("c0*m*s1")
    (outcomes,) = exam.live([still, learning], "test")
    for measure in ("reward", "regret", "visited", "trial_length"):
        anew = each_as_the_first(still, EVALUATOR, course, lesson, measure)
        assert carried(outcomes, 0, measure) == pytest.approx(anew, rel=1e-6)
        assert anew.max() > 0
    for g, who in enumerate((still, learning)):
        found = carried(outcomes, g, "share")
        anew = each_as_the_first(who, EVALUATOR, course, lesson, "share")
        assert found.shape == anew.shape == (4, 6)
        assert np.array_equal(found[0], anew[0])
        assert np.array_equal(found[1:], anew[1:]) == (g == 0), "luck is the same, so what differs was carried"


def test_a_run_knows_its_worlds_by_what_each_of_them_is() -> None:
    alone = load("rooms_in_a_row", [*TINY, "lifetime.tasks=1", "tasks.same=[]", "acting.windows=3"]).config
    (course,), (single,) = EVALUATOR.courses, open_courses(alone)
    assert course.family.content() == single.family.content()
    assert course.family.support == {split: 4 * ticks for split, ticks in single.family.support.items()}


def test_what_is_told_of_a_row() -> None:
    exam = open_exam(EVALUATOR, "test", 6)
    (outcomes,) = exam.live([genome("c0*m*s1")], "test")
    told, found = row_of_worlds(exam, genome("c0*m*s1"), outcomes, "share"), carried(outcomes, 0, "share")
    assert told.measure == "share"
    assert told.curve == pytest.approx(found.mean(axis=1).tolist())
    assert told.later.mean == pytest.approx(found[2:].mean())
    assert told.gain is not None
    assert told.gain.mean == pytest.approx(found[3].mean() - found[0].mean())
    assert told.forward.mean == pytest.approx(np.mean(told.curve[2:]) - np.mean(told.reset[2:]))
    assert told.memory == 2 * 4 * 9, "weights and traces of 4 actions and 9 cells"


def test_the_later_half_of_worlds_counts() -> None:
    exam = open_exam(EVALUATOR, "test", 6)
    (outcomes,) = exam.live([genome("c0*m*s1")], "test")
    windows = outcomes.score("reward")[0]
    assert windows[-1] == pytest.approx(windows[2:4].mean(axis=0))


@pytest.mark.parametrize(("late", "tally", "visited"), [(False, 4.5, 20), (True, 6.5, 11)])
def test_what_is_told_at_the_end_of_each_world_counts_in_the_mean(late: bool, tally: float, visited: int) -> None:
    told = {"tally": [2, 3, 5, 8], "visited": [4, 9, 15, 20]}  # at the end of each of four worlds
    measures = np.zeros((len(MEASURES), 1, 4, 1), np.float32)
    for name, each in told.items():
        measures[MEASURES.code(name), 0, :, 0] = each
    plan = ActingPlan(np.array([5, 10, 15, 20], np.int32), task=5)
    found = scored(ActingOutcomes(measures, np.zeros((1, 1), np.uint8)), plan, late)
    assert found.score("tally")[0, :, 0].tolist() == [*told["tally"], tally]
    assert found.score("visited")[0, :, 0].tolist() == [*told["visited"], visited]
    alone = scored(ActingOutcomes(measures, np.zeros((1, 1), np.uint8)), replace(plan, task=0), late)
    assert (alone.score("tally")[0, -1, 0], alone.score("visited")[0, -1, 0]) == (8, 20)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (["lifetime.tasks=1"], "none, as a life has one world"),
        (["lifetime.corrections=2"], "no answers are told"),
        (["lifetime.test_again=1"], "worlds do not come again"),
        (['tasks.same=["doors"]'], r"parameters of world rooms \(walls, meaning, begin, targets, ways\)"),
        (["lifetime.tasks=100000", "tasks.numbers={ length = 400 }"], "ticks in a life"),
        (['tasks.same=["ways"]'], "ways as it is given"),
    ],
)
def test_rows_that_cannot_be_are_refused(change: list[str], said: str) -> None:
    given = {each.split("=")[0]: each for each in (*TINY, *change)}
    with pytest.raises(InputError, match=said):
        drawn(list(given.values()))


def drawn(change: list[str]) -> None:
    """Open a recipe as a run does, and draw lives."""
    loaded = load("rooms_in_a_row", change)
    families = [course.family for course in open_courses(loaded.config)]
    check_tasks(loaded, families)
    families[0].sample("train", 2, np.random.default_rng(0))
