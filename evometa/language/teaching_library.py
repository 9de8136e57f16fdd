"""Hand-made teachers, in the rule language: seeds for evolution, and baselines.

Their students go down their gradient at the rate c0, but those of `adagrad`, whose steps shrink where gradients were
large. What needs no look at the student draws its answers among the best
moves; the others teach the sound move that the student likes most.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from evometa.language.liveness import living
from evometa.language.signals import ACTING_SLOTS
from evometa.language.teaching import compile_student, compile_teacher
from evometa.language.text import parse_rule
from evometa.language.tree import Tree


@dataclass(frozen=True)
class ClassicTeacher:
    """A way to choose lessons.

    `slots`: the teacher's, and its student's; `answer`: which move is taught (lifetime/teaching.py); `everywhere`:
    positions where nothing can be lost are candidates, too; `needs`: what it has to know of the student; `rate`: the
    student's usual rate, `rates` others that are tried.
    """

    name: str
    title: str
    slots: Mapping[str, Tree]
    needs: str
    meaning: str
    source: str
    answer: Literal["favourite", "drawn"] = "favourite"
    everywhere: bool = False
    rate: float = 0.1
    rates: tuple[float, ...] = (0.03, 0.05, 0.1, 0.15, 0.2)


_DRAWN = "div(log(noise), {})"  # the largest of these is drawn in proportion to a weight (Efraimidis & Spirakis 2006)
_RULE = {"update": "-c0*grad"}
_ADAGRAD = {"update": "-c0*div(grad, 0.3 + sqrtabs(s1))", "s1": "s1 + grad*grad"}

_ROWS: tuple[tuple[ClassicTeacher, str], ...] = (
    (ClassicTeacher(
        "random_lessons", "random lessons", {}, "nothing", "any position, and one of its best moves",
        "what any teacher has to beat", "drawn", everywhere=True,
    ), "noise"),
    (ClassicTeacher(
        "distillation", "distillation", {}, "nothing", "all positions in turn, each as often as the others",
        "after Rusu et al. 2016, ICLR", "drawn", everywhere=True,
    ), "noise - taught"),
    (ClassicTeacher(
        "random_losing", "random lessons where a move loses", {}, "nothing", "any position where a move loses",
        "random lessons, without those that do not matter", "drawn",
    ), "noise"),
    (ClassicTeacher(
        "own_games", "own games", {}, "its moves", "positions as they come in its own games against a random player",
        "play, and be told the best moves", "drawn", everywhere=True,
    ), "select(chance, " + _DRAWN.format("chance") + ", -1000000)"),
    (ClassicTeacher(
        "own_errors", "errors of own games", {}, "its moves", "the same, where its move loses",
        "after Ross, Gordon & Bagnell 2011, AISTATS (DAgger)",
    ), "select(blunder*chance, " + _DRAWN.format("chance") + ", -1000000)"),
    (ClassicTeacher(
        "hardest", "hardest first", {}, "its answers", "the position with the largest loss, wherever it is",
        "after Shrivastava et al. 2016, CVPR (hard examples)",
    ), "loss"),
    (ClassicTeacher(
        "any_blunder", "any blunder", {}, "its answers everywhere", "any position that it comes to, and blunders",
        "counterexamples (Angluin 1987, Information and Computation 75)",
    ), "blunder*noise*select(reached - 0.75, 1, 0)"),
    (ClassicTeacher(
        "closure", "any blunder, also behind others", {}, "its answers everywhere",
        "any position that it blunders in, and would come to with earlier blunders taken back", "the same",
    ), "blunder*noise*select(reached, 1, 0)"),
    (ClassicTeacher(
        "earliest_blunder", "earliest blunder", {}, "its answers everywhere", "the first blunder that it comes to",
        "the same, in order of plies",
    ), "blunder*(9 - ply)*select(reached - 0.75, 1, 0)"),
    (ClassicTeacher(
        "widest_gap", "widest gap", {}, "its answers everywhere", "where it is most wrong of what it comes to",
        "hard examples among counterexamples",
    ), "gap*select(reached, 1, 0)"),
    (ClassicTeacher(
        "adagrad", "widest gap, to students with AdaGrad", {}, "its answers everywhere",
        "the same, and each synapse's step is divided by the root of its squared gradients so far, and 0.3",
        "its student after Duchi, Hazan & Singer 2011, JMLR 12", rates=(0.1, 0.2, 0.3, 0.4, 0.6, 0.8),
    ), "gap*select(reached, 1, 0)"),
)  # fmt: skip


def _whole(row: ClassicTeacher, text: str) -> ClassicTeacher:
    """Return a teacher with its formula and its student's rule."""
    rule = {"lesson": text, **(_ADAGRAD if row.name == "adagrad" else _RULE)}
    return ClassicTeacher(**{**vars(row), "slots": parse_rule(rule, row.name, ACTING_SLOTS)})


TEACHERS: dict[str, ClassicTeacher] = {row.name: _whole(row, text) for row, text in _ROWS}


def teacher_in_words(rule: Mapping[str, Tree]) -> str:
    """Return which hand-made teacher and student's rule these are, whatever the rate; else that they are none."""
    return _known().get(_key(living(rule, acts=True))) or "none of the hand-made teachers"


@cache
def _known() -> dict[tuple[bytes, bytes], str]:
    """Return the titles of hand-made teachers by their programs; of several with one formula the first's."""
    return {_key(row.slots): row.title for row in reversed(TEACHERS.values())}


def _key(rule: Mapping[str, Tree]) -> tuple[bytes, bytes]:
    teacher = compile_teacher(rule)
    return compile_student(rule).key, b"" if teacher is None else teacher.key
