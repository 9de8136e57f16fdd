"""Who is audited: a champion beside tuned stock rules, and what they score in lessons however these were disturbed.

What is disturbed differs with what lives are: those with examples (`learner`), those that act (`agent`), those of
students who are taught (`teacher`), and searches (`search`). How scores are taken, and what counts, is the same.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from evometa.config.schema import Split
from evometa.evolution.courses import Drawn, course_of, lessons
from evometa.evolution.evaluation import Evaluator
from evometa.evolution.fitness import performance
from evometa.evolution.measures import MEASURES, lower_is_better
from evometa.genetics.genome import Genome
from evometa.judging.audit.judgement import F64, I64
from evometa.judging.audit.transforms import Transform, everywhere
from evometa.judging.exam import main_measure
from evometa.lifetime import Outcomes
from evometa.tasks import Family

PURPOSE = "audit"
ORDERS, FEW_ORDERS = 8, 3  # of examples, or of luck, that each task is lived in; where that takes long
BUDGET = 1e10  # operations of the kernel (`cost`) of all learners in those orders, once: half a second or so
MARGIN = 0.02  # of what lies within 0 and 1, as accuracy does: a difference below it does not matter
SHARE = 0.05  # the same, as a share of what is learned
LEAST = 0.01  # the same, of what has no bounds, as a loss
BOUNDED = 2.0  # measures up to there have bounds

Contestants = list[tuple[Genome, Drawn]]
"""Learners, each with its lessons: the same tasks, lived in its own way."""


@dataclass(frozen=True)
class Scores:
    """Scores on each task, the greater the better, f64[orders, tasks]: `champion`, and `stock`, those of the best stock
    rule, if there is one."""

    champion: F64
    stock: F64 | None = None


@dataclass
class Subject(ABC):
    """A champion with the dials of tuned stock rules, by name, on so many held-out tasks."""

    evaluator: Evaluator
    genome: Genome
    rivals: Mapping[str, Mapping[str, float]]
    tasks: int
    lived: int = field(default=0, init=False)
    memory: dict[str, Any] = field(default_factory=dict, init=False)  # what checks have worked out, for others

    @cached_property
    def measure(self) -> str:
        """The recipe's own measure."""
        return main_measure(self.evaluator.config)

    @cached_property
    def sign(self) -> float:
        """−1 where less is better."""
        return -1.0 if lower_is_better(self.measure) else 1.0

    @cached_property
    def drawn(self) -> Drawn:
        """The lessons undisturbed; first weights are drawn, too, for rules that inherit none."""
        return self.draw()

    def draw(self, split: Split = "test", purpose: str = "", count: int = 0) -> Drawn:
        """Draw lessons of a split, so many; `purpose`: a word that makes them others."""
        return self.evaluator.draw(split, 0, count or self.tasks, fresh=True, purpose=purpose)

    @property
    @abstractmethod
    def reordered(self) -> list[Drawn]:
        """The same lessons in several orders: of examples, or of what is left to luck."""

    @property
    @abstractmethod
    def once(self) -> float:
        """Roughly how many operations the champion's lives take, in one order."""

    @property
    def orders(self) -> int:
        """In how many orders lives may be lived: as many as there is time for."""
        each = self.once * (1 + len(self.rivals))
        return int(np.clip(BUDGET / max(each, 1.0), FEW_ORDERS, ORDERS))

    @abstractmethod
    def beside(self, drawn: Drawn, names: Sequence[str]) -> Contestants:
        """Return stock rules with their dials, and how they live these lessons."""

    def other(self, place: int, family: Family) -> Drawn:
        """Return the lessons with another family, maybe of another size, in the place of one set's."""
        config = self.evaluator.config
        course = course_of(config, self.drawn[place][0].number, family)
        lesson = lessons(course, config, "test", 0, self.tasks, fresh=True)
        return [*self.drawn[:place], (course, lesson), *self.drawn[place + 1 :]]

    @cached_property
    def members(self) -> I64:
        """The units that each task is made of, those of all sets, i64[M, tasks]."""
        return members_of(self.drawn)

    @property
    def unit(self) -> str:
        """What tasks are made of that is drawn independently."""
        names = {course.family.unit for course, _ in self.drawn}
        return names.pop() if len(names) == 1 else "task"

    def scores(self, transform: Transform | None = None, checkpoint: int = -1) -> Scores:
        """Return what all score in the lessons, disturbed by a transform."""
        changed = [drawn if transform is None else everywhere(drawn, transform) for drawn in self.reordered]
        return self.scored(changed, checkpoint)

    def scored(self, orders: Sequence[Drawn], checkpoint: int = -1, genome: Genome | None = None) -> Scores:
        """Return what champion and best stock rule score in some lessons, each an order; `genome`: in the champion's
        place."""
        names = [] if self.best is None else [self.best]
        found = [
            self.of_each([(genome or self.genome, drawn), *self.beside(drawn, names)], checkpoint) for drawn in orders
        ]
        return self.side_by_side(found)

    @staticmethod
    def side_by_side(found: Sequence[F64]) -> Scores:
        """Return f64[learners, tasks] of each order as scores: of the champion, and of one more, if there is one."""
        own = np.stack([each[0] for each in found])
        return Scores(own, np.stack([each[1] for each in found]) if len(found[0]) > 1 else None)

    def of_each(self, contestants: Contestants, checkpoint: int = -1) -> F64:
        """Return what each scores in its lessons, f64[learners, tasks]; those who have the same live at once."""
        first = contestants[0][1]
        if all(drawn is first for _, drawn in contestants):
            genomes = [genome for genome, _ in contestants]
            return self.by_task(self.live(genomes, first), first, checkpoint)
        return np.concatenate([
            self.by_task(self.live([genome], drawn), drawn, checkpoint) for genome, drawn in contestants
        ])  # fmt: skip

    def live(self, genomes: Sequence[Genome], drawn: Drawn) -> list[Outcomes]:
        """Live genomes through lessons."""
        self.lived += len(genomes) * sum(lesson.tasks.lanes for _, lesson in drawn)
        return self.evaluator.outcomes(genomes, drawn, PURPOSE)

    def by_task(
        self, outcomes: Sequence[Outcomes], drawn: Drawn, checkpoint: int = -1, measure: str | None = None
    ) -> F64:
        """Return scores f64[genomes, tasks] by a measure (the recipe's), the greater the better: means over sets.

        `checkpoint`: −1 after learning, 0 before, others as the plan has them.
        """
        found = []
        for each, (_, lesson) in zip(outcomes, drawn, strict=True):
            lanes = self.measured(each, lesson, checkpoint, measure or self.measure)
            found.append(lanes.reshape(len(lanes), -1, lesson.repeats).mean(axis=2))
        fewest = min(part.shape[1] for part in found)
        return np.asarray(np.mean([part[:, :fewest] for part in found], axis=0))

    def measured(self, outcomes: Outcomes, lesson: Any, checkpoint: int, measure: str) -> F64:
        """Return a measure of each life, f64[genomes, lanes], the greater the better."""
        return (-1.0 if lower_is_better(measure) else 1.0) * performance(outcomes, measure, checkpoint)

    @cached_property
    def everyone(self) -> F64:
        """What champion and all stock rules score undisturbed, f64[orders, learners, tasks]."""
        names = list(self.rivals)
        return np.stack([
            self.of_each([(self.genome, drawn), *self.beside(drawn, names)]) for drawn in self.reordered
        ])  # fmt: skip

    @cached_property
    def base(self) -> Scores:
        """What champion and best stock rule score undisturbed."""
        place = None if self.best is None else 1 + list(self.rivals).index(self.best)
        return Scores(self.everyone[:, 0], None if place is None else self.everyone[:, place])

    @cached_property
    def best(self) -> str | None:
        """The name of the stock rule that is best undisturbed, None where there is none."""
        if not self.rivals:
            return None
        return list(self.rivals)[int(np.argmax(self.everyone[:, 1:].mean(axis=(0, 2))))]

    @property
    def first_order(self) -> Scores:
        """What all score undisturbed in the first order."""
        return Scores(self.base.champion[:1], None if self.base.stock is None else self.base.stock[:1])

    @property
    @abstractmethod
    def innate(self) -> Scores:
        """What all score before they learn, or without learning."""

    @property
    @abstractmethod
    def chance(self) -> F64:
        """What is scored by who knows nothing, f64[orders, tasks]."""

    @cached_property
    def knows(self) -> bool:
        """Whether it scores more than chance, so that something can remain of that."""
        return float((self.base.champion - self.chance).mean()) > self.margin

    @cached_property
    def margin(self) -> float:
        """What does not matter."""
        base = self.base.champion
        if MEASURES[self.measure].high > BOUNDED:
            return max(SHARE * abs(float((base - self.innate.champion).mean())), LEAST * abs(float(base.mean())))
        return max(MARGIN, SHARE * abs(float((base - self.chance).mean())))


def members_of(drawn: Drawn) -> I64:
    """Return the units that each task of some lessons is made of, i64[M, tasks], those of different sets apart."""
    found, first = [], 0
    for each in [lesson.units() for _, lesson in drawn]:
        found.append(each + first)
        first += int(each.max()) + 1
    fewest = min(each.shape[1] for each in found)
    return np.concatenate([each[:, :fewest] for each in found])
