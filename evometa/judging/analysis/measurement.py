"""Learners compared on the same held-out tasks, as many as a budget of work allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from evometa.config.schema import Config
from evometa.evolution.courses import Course, Drawn
from evometa.evolution.evaluation import Evaluator
from evometa.evolution.rows import updates_of
from evometa.genetics.genome import Genome
from evometa.genetics.phenotype import express
from evometa.judging.analyses import Effect
from evometa.judging.exam import Exam, Scores, lost, main_measure, open_exam
from evometa.judging.scores import Score, finite
from evometa.lifetime import Outcomes, Plan
from evometa.tasks.in_a_row import InARow

BUDGET = 2.5e10  # operations of the kernel, as `cost` reckons them: some half a second on two cores
FEW_TASKS = 16
MOST_LANES = 10_000  # lifetimes of each learner, for the memory that outcomes take
FEW_LEARNERS = 16


@dataclass(frozen=True)
class Trial:
    """Held-out tasks, how learners are compared on them, and after how many updates (one number to each set)."""

    exam: Exam
    lengths: list[int]

    @property
    def drawn(self) -> Drawn:
        """The lessons of each set."""
        return self.exam.drawn

    @property
    def config(self) -> Config:
        """The recipe."""
        return self.exam.evaluator.config

    @property
    def measure(self) -> str:
        """What learners are compared by."""
        return main_measure(self.config)

    def live(self, genomes: Sequence[Genome], points: Sequence[Sequence[int]], fresh: bool = False) -> list[Outcomes]:
        """Live all genomes at once, with queries after so many updates, given for each set."""
        exam = self.redrawn if fresh and self.config.weights.mode != "drawn" else self.exam
        cut = [
            (course, replace(lesson, plan=asked_after(lesson.plan, at)))
            for (course, lesson), at in zip(exam.drawn, points, strict=True)
        ]
        return replace(exam, drawn=cut).live(genomes, "analysis")

    @property
    def redrawn(self) -> Exam:
        """The same tasks with weights drawn afresh, for learners that inherit none."""
        updates = self.config.champion.updates
        return open_exam(self.exam.evaluator, "test", self.exam.tasks, fresh=True, updates=updates)

    def scores(self, outcomes: Sequence[Outcomes], g: int, checkpoint: int = -1) -> Scores:
        """Return a learner's performance on each task."""
        return self.exam.scores(outcomes, g, self.measure, checkpoint)

    def score(self, scores: Scores) -> Score:
        """Return a learner's mean and half its 95 % interval."""
        return brief(self.exam.score(scores, self.measure))


def asked_after(plan: Plan, updates: Sequence[int]) -> Plan:
    """Return a plan with queries after so many updates; that of sequences as it is, as their queries have ticks."""
    return plan if plan.asked is not None else replace(plan, checkpoints=np.array(sorted(set(updates)), np.int32))


def open_trial(evaluator: Evaluator, genome: Genome, learners: int, tasks: int | None) -> tuple[Trial, int]:
    """Draw held-out tasks for so many learners like this one; return them, and how many learners there is time for.

    `tasks`: how many (None: those of the champion's test, as far as BUDGET goes).
    """
    config = evaluator.config
    serving = [course for course in evaluator.courses if course.serves("test")]
    lengths = [updates_of(config, course.family, "test") for course in serving]
    parts = open_exam(evaluator, "test", FEW_TASKS).parts
    each = sum(
        n * cost(course, genome, length, config) for n, course, length in zip(parts, serving, lengths, strict=True)
    )
    room = min(BUDGET / (each * learners), MOST_LANES // (max(parts) * config.sampling.repeats))
    count = tasks or int(min(config.sampling.test_tasks, max(FEW_TASKS, room)))
    afford = learners if tasks else int(max(FEW_LEARNERS, BUDGET / (each * count)))
    exam = open_exam(evaluator, "test", count, updates=config.champion.updates)
    return Trial(exam, lengths), min(learners, afford)


def cost(course: Course, genome: Genome, length: int, config: Config) -> float:
    """Return roughly how many operations a learner's lifetimes of one task take."""
    learner = express([genome], course.world)[0]
    synapses, instructions = learner.graph.synapses, len(learner.program.code)
    family = course.family
    support, queries = family.support["test"], family.queries["test"]
    own = family.each["test"][0] if isinstance(family, InARow) else support
    examples, asked = length * config.lifetime.examples(own), queries + support * config.network.compares
    return synapses * config.sampling.repeats * (examples * (6.0 + instructions) + 4.0 * asked)


def effect(trial: Trial, outcomes: Sequence[Outcomes], g: int, whole: Scores) -> Effect:
    """Return what became of a changed learner, beside the whole one on the same tasks (whole minus changed)."""
    own = trial.scores(outcomes, g)
    difference = brief(trial.exam.difference(whole, own, trial.measure))
    return Effect(**trial.score(own), difference=difference, diverged=lost(outcomes, g))


def brief(score: Score) -> Score:
    """Return mean and half the 95 % interval alone, as JSON has them."""
    return Score(mean=finite(score.mean), ci95=finite(score.ci95))


def short(value: float | None) -> float | None:
    """Return a number of a long list, with six digits."""
    return None if finite(value) is None else float(f"{value:.6g}")
