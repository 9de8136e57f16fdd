"""Who is audited: a champion and tuned stock rules, and what they score in lessons however these were disturbed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from evometa.config.schema import Split
from evometa.evolution.courses import Drawn, lessons
from evometa.evolution.evaluation import Evaluator
from evometa.evolution.fitness import performance
from evometa.evolution.lessons import Lessons
from evometa.evolution.sequences import end_of
from evometa.genetics.genome import Genome
from evometa.judging.analysis.measurement import cost
from evometa.judging.audit.constant import constant_scores
from evometa.judging.audit.judgement import F64, I64
from evometa.judging.audit.transforms import Transform, everywhere
from evometa.judging.champion import stock_genomes
from evometa.judging.exam import Exam, main_measure
from evometa.language.text import parse
from evometa.lifetime import Outcomes
from evometa.tasks import Family

PURPOSE = "audit"
ORDERS, FEW_ORDERS = 8, 3  # of examples, that each task is lived in; where that takes long
BUDGET = 1e10  # operations of the kernel (`cost`) of all learners in those orders, once: half a second or so
MARGIN = 0.02  # of accuracy or closeness: a difference below it does not matter
SHARE = 0.05  # the same, as a share of what is learned
LEAST = 0.01  # the same, of a loss


@dataclass(frozen=True)
class Scores:
    """Scores on each task, the greater the better: `champion f64[orders, tasks]`, `stock f64[rules, orders, tasks]`."""

    champion: F64
    stock: F64


@dataclass
class Subject:
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
        return -1.0 if self.measure == "loss" else 1.0

    @cached_property
    def drawn(self) -> Drawn:
        """The lessons undisturbed; first weights are drawn, too, for rules that inherit none."""
        return self.draw()

    def draw(self, split: Split = "test", purpose: str = "", count: int = 0) -> Drawn:
        """Draw lessons of a split, so many; `purpose`: a word that makes them others."""
        drawn = self.evaluator.draw(split, 0, count or self.tasks, fresh=True, purpose=purpose)
        return [(course, ended(lesson)) for course, lesson in drawn]

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
    def orders(self) -> int:
        """In how many orders lives may be lived: as many as there is time for."""
        config = self.evaluator.config
        once = sum(
            lesson.count * cost(course, self.genome, lesson.plan.length, config) for course, lesson in self.drawn
        ) * (1 + len(self.rivals))  # fmt: skip
        return int(np.clip(BUDGET / max(once, 1.0), FEW_ORDERS, ORDERS))

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

    @cached_property
    def members(self) -> I64:
        """The units that each task is made of, those of all sets, i64[M, tasks]."""
        return members_of(self.drawn)

    @property
    def unit(self) -> str:
        """What tasks are made of that is drawn independently."""
        names = {course.family.unit for course, _ in self.drawn}
        return names.pop() if len(names) == 1 else "task"

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

    def stock(self, drawn: Drawn) -> list[Genome]:
        """Return the stock rules with their dials."""
        return stock_genomes(Exam(self.evaluator, drawn), self.rivals)

    def scores(self, transform: Transform | None = None, checkpoint: int = -1) -> Scores:
        """Return what all score in the lessons, disturbed by a transform."""
        changed = [drawn if transform is None else everywhere(drawn, transform) for drawn in self.reordered]
        return self.scored(changed, checkpoint)

    def scored(self, orders: Sequence[Drawn], checkpoint: int = -1, genome: Genome | None = None) -> Scores:
        """Return what all score in some lessons, each an order; `genome`: in place of the champion."""
        own, others = [], []
        for drawn in orders:
            everyone = [genome or self.genome, *self.stock(drawn)]
            scores = self.by_task(self.live(everyone, drawn), drawn, checkpoint)
            own.append(scores[0])
            others.append(scores[1:])
        return Scores(np.stack(own), np.stack(others, axis=1))

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
        sign = self.sign if measure is None else (-1.0 if measure == "loss" else 1.0)
        found = []
        for each, (_, lesson) in zip(outcomes, drawn, strict=True):
            at = end_of(lesson.plan) if checkpoint == -1 else checkpoint
            lanes = performance(each, measure or self.measure, at)
            found.append(sign * lanes.reshape(len(lanes), -1, lesson.repeats).mean(axis=2))
        fewest = min(part.shape[1] for part in found)
        return np.asarray(np.mean([part[:, :fewest] for part in found], axis=0))

    @cached_property
    def base(self) -> Scores:
        """What all score undisturbed."""
        return self.scores()

    @cached_property
    def innate(self) -> Scores:
        """What all score before they learn."""
        return self.scores(checkpoint=0)

    @cached_property
    def best(self) -> int | None:
        """Which stock rule is best undisturbed, None where there is none."""
        means = self.base.stock.mean(axis=(1, 2)) if len(self.base.stock) else []
        return int(np.argmax(means)) if len(means) else None

    @property
    def rival(self) -> str | None:
        """Its name."""
        return None if self.best is None else list(self.rivals)[self.best]

    @cached_property
    def chance(self) -> F64:
        """What is scored without learning, f64[orders, tasks]: by a network with first weights that were drawn, or by
        who gives the same answer to every query, the mean target of the task's examples, whichever is better."""
        untrained = self.scored(self.reordered, 0, Genome({"update": parse("0")})).champion
        parts = [self.sign * constant_scores(lesson, course.head, self.measure) for course, lesson in self.drawn]
        constant = np.mean([part[: untrained.shape[1]] for part in parts], axis=0)[None]
        return untrained if untrained.mean() >= constant.mean() else np.repeat(constant, len(untrained), axis=0)

    @cached_property
    def knows(self) -> bool:
        """Whether it scores more than chance, so that something can remain of that."""
        return float((self.base.champion - self.chance).mean()) > self.margin

    @cached_property
    def margin(self) -> float:
        """What does not matter."""
        base = self.base.champion
        if self.measure == "loss":
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


def ended(lesson: Lessons) -> Lessons:
    """Return lessons that are asked before learning and after it, and nowhere else."""
    if lesson.plan.asked is not None:
        return lesson
    points = np.unique([0, lesson.plan.length]).astype(np.int32)
    return replace(lesson, plan=replace(lesson.plan, order=lesson.plan.order[: lesson.plan.length], checkpoints=points))
