"""Teachers and students compiled, and the hand-made ones."""

from __future__ import annotations

import numpy as np
import pytest

from evometa.language.acting import compile_acting
from evometa.language.liveness import living
from evometa.language.program import evaluate
from evometa.language.signals import ACTING_SLOTS, SIGNAL_COUNT
from evometa.language.teaching import compile_student, compile_teacher
from evometa.language.teaching_library import TEACHERS, teacher_in_words
from evometa.language.text import parse_rule
from evometa.language.tree import Tree

POSITIONS = {
    "blunder": [0, 1, 1, 1], "reached": [1, 0.5, 1, 0], "ply": [0, 2, 4, 1], "gap": [-1, 2, 1, 5],
    "loss": [0.1, 0.9, 0.5, 3], "noise": [0.9, 0.2, 0.6, 0.8], "taught": [0, 1, 2, 0], "chance": [1, 0.2, 0.1, 0],
}  # fmt: skip
CHOSEN = {
    "random_lessons": 0, "random_losing": 0, "distillation": 0, "own_games": 0, "own_errors": 2, "hardest": 3,
    "any_blunder": 2, "closure": 2, "earliest_blunder": 2, "widest_gap": 1, "adagrad": 1,
}  # fmt: skip


def rule_of(**texts: str) -> dict[str, Tree]:
    return parse_rule(texts, slots=ACTING_SLOTS)


@pytest.mark.parametrize("name", TEACHERS)
def test_hand_made_teachers_choose_as_they_say(name: str) -> None:
    program = compile_teacher(TEACHERS[name].slots)
    assert program is not None
    signals = {key: np.array(value, np.float32) for key, value in POSITIONS.items()}
    priority = np.broadcast_to(evaluate(program, signals | {"c0": np.float32(0.1)})["lesson"], 4)
    assert int(np.argmax(priority)) == CHOSEN[name]


def test_every_teacher_has_its_words() -> None:
    for row in TEACHERS.values():
        assert row.meaning
        assert row.source
        assert row.rate in row.rates
        assert teacher_in_words(row.slots)
    assert teacher_in_words(TEACHERS["hardest"].slots) == "hardest first"
    assert teacher_in_words(rule_of(lesson="gap", update="-c0*grad")) == "none of the hand-made teachers"


def test_the_step_of_a_student_is_multiplied_and_nothing_where_m_is_0() -> None:
    student = compile_student(rule_of(update="-grad", s1="s1 + 1"))
    given = {"grad": np.array([2, np.inf], np.float32), "s1": np.zeros(2, np.float32)}
    assert evaluate(student, {**given, "m": np.float32(3)})["update"].tolist() == [-6, -np.inf]
    assert evaluate(student, {**given, "m": np.float32(0)})["update"].tolist() == [0, 0]
    reads = compile_student(rule_of(update="s1", s1="s1 + grad"))
    assert evaluate(reads, {**given, "m": np.float32(1)})["update"][0] == 2  # as it has become


def test_both_parts_are_compiled_together_and_felt() -> None:
    rule = rule_of(lesson="gap", insist="2", update="-c0*grad", s1="grad")
    habits = compile_acting(rule, "lesson")
    assert habits.lane is not None
    assert habits.lane.reads == {"gap"}
    assert set(living(rule, acts=True)) == {"lesson", "insist", "update"}
    assert compile_teacher(rule_of(update="grad")) is None


def test_signals_fit_the_bits_of_a_program() -> None:
    assert SIGNAL_COUNT <= 63
