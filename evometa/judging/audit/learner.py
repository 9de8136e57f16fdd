"""A champion that learns from examples, as an audit knows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from evometa.config.schema import Split
from evometa.evolution.courses import Drawn, lessons
from evometa.evolution.fitness import performance
from evometa.evolution.lessons import Lessons
from evometa.evolution.sequences import end_of
from evometa.genetics.genome import Genome
from evometa.judging.analysis.measurement import cost
from evometa.judging.audit.constant import constant_scores
from evometa.judging.audit.judgement import F64
from evometa.judging.audit.subject import Contestants, Scores, Subject
from evometa.judging.champion import stock_genomes
from evometa.judging.exam import Exam
from evometa.language.text import parse
from evometa.lifetime import Outcomes
from evometa.tasks import Family


@dataclass
class Learner(Subject):
    """A champion that learns from examples."""

    def draw(self, split: Split = "test", purpose: str = "", count: int = 0) -> Drawn:
        """Draw lessons of a split, asked before learning and after it."""
        return [(course, ended(lesson)) for course, lesson in super().draw(split, purpose, count)]

    @cached_property
    def reordered(self) -> list[Drawn]:
        """The same lessons in several orders of examples; in one where all examples are met at once."""
        others = [self.draw(purpose=f"order {k} ") for k in range(1, self.orders if self.ordered else 1)]
        return [
            self.drawn,
            *(
                [
                    (course, replace(lesson, plan=replace(lesson.plan, order=turned.plan.order)))
                    for (course, lesson), (_, turned) in zip(self.drawn, other, strict=True)
                ]
                for other in others
            ),
        ]

    @property
    def once(self) -> float:
        """Roughly how many operations the champion's lives take, in one order."""
        config = self.evaluator.config
        each = [lesson.count * cost(course, self.genome, lesson.plan.length, config) for course, lesson in self.drawn]
        return float(sum(each))

    @cached_property
    def ordered(self) -> bool:
        """Whether lives meet their examples in an order, and that is drawn."""
        config = self.evaluator.config
        whole = all(lesson.plan.order.shape[1] == len(lesson.tasks.support_x) for _, lesson in self.drawn)
        return config.lifetime.order == "shuffled" and not (self.sequence or whole)

    @property
    def sequence(self) -> bool:
        """Whether queries have moments of their own: of sequences, whose examples they are, and of tasks in a row."""
        return any(lesson.plan.asked is not None for _, lesson in self.drawn)

    def other(self, place: int, family: Family) -> Drawn:
        """Return the lessons with another family in the place of one set's."""
        course = replace(self.drawn[place][0], family=family)
        lesson = lessons(course, self.evaluator.config, "test", 0, self.tasks, fresh=True)
        return [*self.drawn[:place], (course, ended(lesson)), *self.drawn[place + 1 :]]

    @property
    def classes(self) -> list[int]:
        """How many classes the tasks of each set of classification have."""
        kinds = [(course.family.kind, lesson.tasks.support_y.shape[1]) for course, lesson in self.drawn]
        return [max(2, count) for kind, count in kinds if kind == "classification"]

    def beside(self, drawn: Drawn, names: Sequence[str]) -> Contestants:
        """Return stock rules with their dials, and the same lessons."""
        tuned = {name: self.rivals[name] for name in names}
        return [(genome, drawn) for genome in stock_genomes(Exam(self.evaluator, drawn), tuned)]

    def measured(self, outcomes: Outcomes, lesson: Lessons, checkpoint: int, measure: str) -> F64:
        """Return a measure of each life, f64[genomes, lanes], the greater the better."""
        sign, at = -1.0 if measure == "loss" else 1.0, end_of(lesson.plan) if checkpoint == -1 else checkpoint
        return sign * performance(outcomes, measure, at)

    @cached_property
    def innate(self) -> Scores:
        """What all score before they learn."""
        return self.scores(checkpoint=0)

    @cached_property
    def chance(self) -> F64:
        """What is scored without learning, f64[orders, tasks]: by a network with first weights that were drawn, or by
        who gives the same answer to every query, the mean target of the task's examples, whichever is better."""
        blank = Genome({"update": parse("0")}, coefficients=self.genome.coefficients)  # which distances may go by
        untrained = np.stack([self.of_each([(blank, drawn)], 0)[0] for drawn in self.reordered])
        parts = [self.sign * constant_scores(lesson, course.head, self.measure) for course, lesson in self.drawn]
        constant = np.mean([part[: untrained.shape[1]] for part in parts], axis=0)[None]
        return untrained if untrained.mean() >= constant.mean() else np.repeat(constant, len(untrained), axis=0)


def ended(lesson: Lessons) -> Lessons:
    """Return lessons that are asked before learning and after it, and nowhere else."""
    if lesson.plan.asked is not None:
        return lesson
    points = np.unique([0, lesson.plan.length]).astype(np.int32)
    return replace(lesson, plan=replace(lesson.plan, order=lesson.plan.order[: lesson.plan.length], checkpoints=points))
