"""Hand-made teachers beside an evolved one: on the same births, each with its students' rate tuned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from evometa.evolution.courses import Drawn
from evometa.evolution.evaluation import Evaluator
from evometa.evolution.measures import lower_is_better
from evometa.evolution.teaching import TeachingLessons
from evometa.genetics.genome import Genome
from evometa.judging.exam import Exam, figures
from evometa.language.teaching_library import TEACHERS, ClassicTeacher


@dataclass(frozen=True)
class TunedTeacher:
    """A hand-made teacher, and its students' rate, found on so many train students."""

    teacher: ClassicTeacher
    dials: dict[str, float]
    tasks: int

    @property
    def genome(self) -> Genome:
        """The teacher and its student."""
        return genome_of(self.teacher, self.dials)


def genome_of(teacher: ClassicTeacher, dials: Mapping[str, float]) -> Genome:
    """Return a teacher whose students learn at that rate, c0."""
    return Genome(dict(teacher.slots), coefficients=np.array([dials["c0"]], np.float32))


def drawn_for(teacher: ClassicTeacher, drawn: Drawn) -> Drawn:
    """Return the same students for a teacher that may teach other positions, or other answers."""
    found: Drawn = []
    for course, lesson in drawn:
        assert isinstance(lesson, TeachingLessons)
        own, game = lesson.tasks, lesson.tasks.game
        taught = (game.choices if teacher.everywhere else game.losing).astype(np.int32)
        lives = replace(own, candidates=taught, answer=teacher.answer)
        found.append((course, replace(lesson, tasks=lives)))
    return found


def tune_teachers(evaluator: Evaluator, measure: str) -> list[TunedTeacher]:
    """Tune the recipe's hand-made teachers on train students."""
    config = evaluator.config
    count = config.champion.tuning_tasks or config.sampling.validation_tasks
    drawn = evaluator.draw("train", 0, count, purpose="tuning ")
    return [tuned(TEACHERS[name], evaluator, measure, drawn) for name in config.rivals]


def tuned(teacher: ClassicTeacher, evaluator: Evaluator, measure: str, drawn: Drawn) -> TunedTeacher:
    """Return a teacher with the rate at which its students do best."""
    genomes = [genome_of(teacher, {"c0": rate}) for rate in teacher.rates]
    outcomes = evaluator.outcomes(genomes, drawn_for(teacher, drawn), "tuning")
    sign = -1.0 if lower_is_better(measure) else 1.0
    best = int(np.argmax(sign * figures(outcomes, measure)))
    return TunedTeacher(teacher, {"c0": teacher.rates[best]}, sum(lesson.count for _, lesson in drawn))


def exam_of(teacher: ClassicTeacher, evaluator: Evaluator, count: int, drawn: Drawn | None = None) -> Exam:
    """Return the test of a teacher, on the same students as the champion's."""
    return Exam(evaluator, drawn_for(teacher, drawn or evaluator.draw("test", 0, count)))
