"""Students as the outer loop draws and judges them, and a run of a teacher from end to end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evometa.config.load import load
from evometa.engine import new_evolution
from evometa.evolution.check import check_names, check_tasks
from evometa.evolution.courses import open_courses
from evometa.evolution.evaluation import Evaluator
from evometa.evolution.teaching import NAMES, TeachingLessons, judged
from evometa.genetics.genome import Genome
from evometa.judging import teachers
from evometa.judging.exam import Exam
from evometa.language.signals import ACTING_SLOTS
from evometa.language.teaching_library import TEACHERS
from evometa.language.text import parse_rule
from evometa.lifetime.numba import cpu
from evometa.lifetime.teaching import TeachingOutcomes
from evometa.spec.teaching import RESULTS

SMALL = ["tasks.lessons=3", "sampling.tasks=2", "sampling.validation_tasks=2", "sampling.test_tasks=8",
         "network.hidden=[2]", "evolution.population=4", "evolution.offspring=4"]  # fmt: skip


@pytest.fixture(scope="module")
def evaluator() -> Evaluator:
    loaded = load("teacher", SMALL)
    check_names(loaded)
    courses = open_courses(loaded.config)
    check_tasks(loaded, [course.family for course in courses])
    return Evaluator(loaded.config, courses, cpu.live)


def genome(**texts: str) -> Genome:
    rule = {"lesson": "gap", "update": "-c0*grad", **texts}
    return Genome(parse_rule(rule, slots=ACTING_SLOTS), coefficients=np.array([0.1, 0.5, 4, 0.5], np.float32))


def lesson_of(evaluator: Evaluator, **how: Any) -> tuple[Any, TeachingLessons]:
    ((course, lesson),) = evaluator.draw("test", 0, 8, **how)
    assert isinstance(lesson, TeachingLessons)
    return course, lesson


def test_students_are_born_blank(evaluator: Evaluator) -> None:
    course, lesson = lesson_of(evaluator)
    births = lesson.actors([genome()], course.world).births.weights[0]
    graph = course.network
    assert births is not None
    outputs = births[(graph.dst >= graph.nodes - 9) & (graph.src != graph.inputs)]
    hidden = births[(graph.dst < graph.nodes - 9) & (graph.src != graph.inputs)]
    assert 0 < outputs.std() < 0.15
    assert hidden.std() == pytest.approx(27**-0.5, rel=0.2)
    assert not births[graph.src == graph.inputs].any()


def test_parts_of_the_students_live_as_among_all(evaluator: Evaluator) -> None:
    course, lesson = lesson_of(evaluator)
    whole = lesson.live([genome()], course.world, evaluator.ways, threads=1)
    some = lesson.part(2, 5).live([genome()], course.world, evaluator.ways, threads=2)
    assert some.scores.tobytes() == np.ascontiguousarray(whole.scores[..., 2:5]).tobytes()
    again = lesson.lasting().live([genome()], course.world, evaluator.ways)
    assert again.scores.tobytes() == whole.scores.tobytes()


def test_students_with_another_rule_have_the_same_teacher(evaluator: Evaluator) -> None:
    course, lesson = lesson_of(evaluator)
    (other,) = (family for name, family in course.family.others.items() if name == "momentum")
    assert set(other.rule) == {"update", "s1"}
    own = lesson.classes([genome(s1="grad"), genome(lesson="noise")], course.world)
    assert own.teacher.tolist() == [0, 1]
    changed = TeachingLessons(**{**vars(lesson), "rule": other.rule})
    both = changed.classes([genome(), genome(update="0")], course.world)
    assert both.students.phenotypes.program.tolist() == [0, 0]
    assert both.teacher.tolist() == [0, 0]


def test_scores_are_what_students_have_come_to() -> None:
    results = np.zeros((len(RESULTS), 1, 2, 2), np.float32)
    results[RESULTS.code("lessons"), 0] = [[1, 2], [3, 2]]
    results[RESULTS.code("blunders"), 0] = [[5, 0], [1, 0]]
    found = judged(TeachingOutcomes(results, np.zeros((1, 2), np.uint8)))
    assert found.names == NAMES
    assert found.score("lessons")[0].tolist() == [[1, 2], [3, 2], [3, 2]]
    assert found.score("unbeatable")[0].tolist() == [[0, 1], [0, 1], [0, 1]]


def test_the_measure_of_lessons_is_told_by_its_median(evaluator: Evaluator) -> None:
    exam = Exam(evaluator, evaluator.draw("test", 0, 8))
    values = [np.array([[1.0, 2, 3, 4, 5, 6, 7, 100]])]
    assert exam.score(values, "lessons").mean == 4.5
    assert exam.score(values, "lessons").ci95 == pytest.approx(49.5)
    assert exam.score(values, "unbeatable").mean == pytest.approx(16.0)
    assert exam.measures == ["lessons", "unbeatable"]


def test_hand_made_teachers_are_tuned_and_tested_on_the_same_students(evaluator: Evaluator) -> None:
    row = TEACHERS["random_lessons"]
    found = teachers.tuned(row, evaluator, "lessons", evaluator.draw("train", 0, 2))
    assert found.dials["c0"] in row.rates
    assert found.tasks == 2
    ((_, lesson),) = teachers.exam_of(row, evaluator, 8).drawn
    assert isinstance(lesson, TeachingLessons)
    assert lesson.tasks.answer == "drawn"
    assert len(lesson.tasks.candidates) == len(lesson.tasks.game.choices)
    assert lesson.tasks.offset.tobytes() == lesson_of(evaluator)[1].tasks.offset.tobytes()


def test_a_generation_is_the_same_with_any_number_of_threads(evaluator: Evaluator) -> None:
    found = []
    for threads in (1, 2):
        config = load("teacher", [*SMALL, f"run.threads={threads}"]).config
        courses = open_courses(config)
        own = Evaluator(config, courses, cpu.live)
        evolution = new_evolution(config, [course.network for course in courses])
        for _ in range(2):
            individuals = evolution.ask()
            own.evaluate(individuals, evolution.generation)
            evolution.tell(individuals)
        found.append([(one.genome.to_json(), one.fitness.values) for one in evolution.hall])
    assert found[0] == found[1]
