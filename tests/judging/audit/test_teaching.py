"""The audit of champions that teach: lessons that are no better than lessons by chance are flagged."""

from __future__ import annotations

import numpy as np
import pytest

from evometa.config.load import load
from evometa.evolution.courses import open_courses
from evometa.evolution.evaluation import Evaluator
from evometa.genetics.genome import Genome
from evometa.judging.audit import teaching
from evometa.judging.audit.checks import TEACHING
from evometa.judging.audit.judgement import judged
from evometa.judging.audit.teacher import Teacher
from evometa.judging.audit.whole import audit, subject_of
from evometa.language.signals import ACTING_SLOTS
from evometa.language.text import parse_rule
from evometa.lifetime.numba import cpu

STUDENTS = 20
SMALL = ["tasks.lessons=120", "sampling.tasks=4", "sampling.validation_tasks=20", "sampling.test_tasks=20",
         "network.hidden=[16]", 'fitness.objectives=["blunders"]', 'champion.measure="blunders"']  # fmt: skip
RIVALS = {"widest_gap": {"c0": 0.1}}


@pytest.fixture(scope="module")
def evaluator() -> Evaluator:
    config = load("teacher", SMALL).config
    (course,) = open_courses(config)
    course.family.others = {name: course.family.others[name] for name in ("16 hidden nodes", "momentum")}
    return Evaluator(config, [course], cpu.live)


def teacher(evaluator: Evaluator, **texts: str) -> Teacher:
    rule = {"lesson": "gap*select(reached, 1, 0)", "insist": "1", "update": "-c0*grad", **texts}
    genome = Genome(parse_rule(rule, slots=ACTING_SLOTS), coefficients=np.array([0.1, 0.3, 4, 0.5], np.float32))
    found = subject_of(evaluator, genome, RIVALS, STUDENTS)
    assert isinstance(found, Teacher)
    return found


def test_lessons_by_chance_are_flagged(evaluator: Evaluator) -> None:
    by_chance = teacher(evaluator, lesson="noise")
    assert np.array_equal(by_chance.base.champion, by_chance.by_chance.champion)
    assert [cell.verdict for cell in judged(list(teaching.teaching(by_chance)))] == ["flagged"]


def test_students_that_do_not_learn_are_flagged(evaluator: Evaluator) -> None:
    assert [cell.verdict for cell in judged(list(teaching.learning(teacher(evaluator, update="0"))))] == ["flagged"]


def test_a_hand_made_teacher_passes(evaluator: Evaluator) -> None:
    own = teacher(evaluator)
    assert own.base.stock is not None
    assert np.array_equal(own.base.champion, own.base.stock)  # it is one
    found = audit(evaluator, own.genome, rivals=RIVALS, tasks=STUDENTS)
    assert found.flagged == []
    verdicts = {check.name: check.verdict for check in found.tests}
    assert list(verdicts) == [row.name for row in TEACHING]
    assert verdicts["learning"] == "passes"
    assert verdicts["labels permuted"] == "left out"
    (others,) = (check for check in found.tests if check.name == "other tasks")
    assert [cell.name for cell in others.cells] == ["16 hidden nodes", "momentum"]
