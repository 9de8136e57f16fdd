"""What a teacher teaches one held-out student, lesson by lesson."""

from __future__ import annotations

import numpy as np

from evometa.evolution.evaluation import Evaluator
from evometa.evolution.teaching import TeachingLessons
from evometa.genetics.genome import Genome
from evometa.judging.analyses import Curriculum
from evometa.judging.scores import finite
from evometa.lifetime.teaching import Game

MOST = 120  # lessons that are shown


def curriculum_of(evaluator: Evaluator, genome: Genome) -> Curriculum | None:
    """Let a teacher teach one held-out student; None where nobody is taught."""
    (course, lesson), *_ = evaluator.draw("test", 0, 1)
    if not isinstance(lesson, TeachingLessons):
        return None
    evaluator.lived["analysis"] += 1
    found = evaluator.ways.teach(lesson.classes([genome], course.world), lesson.tasks, lesson.plan)
    assert found.lessons is not None
    assert found.m is not None
    given = int(
        found.result("lessons")[0, -1, 0]
    )  # what is chosen for who cannot be beaten any more counts for nothing
    places, moves = found.lessons[:, : min(given, MOST)].tolist()
    return Curriculum(
        boards=[board_of(lesson.tasks.game, place) for place in places], moves=moves,
        insisted=[finite(float(m)) for m in found.m[: len(places)]], lessons=given,
        unbeatable=bool(found.result("blunders")[0, -1, 0] == 0),
    )  # fmt: skip


def board_of(game: Game, place: int) -> str:
    """Return a position row by row: x who began, o the other, a dot for an empty square."""
    own, other = ("x", "o") if game.ply[place] % 2 == 0 else ("o", "x")
    count = len(game.legal)
    mine, theirs = game.x[:count, place] > 0, game.x[count : 2 * count, place] > 0
    return "".join(np.where(mine, own, np.where(theirs, other, ".")).tolist())
