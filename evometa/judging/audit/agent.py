"""A champion that acts in worlds, as an audit knows it, beside classic agents that live the same lives in their way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from evometa.evolution.acting import SUMS, ActingLessons, plan_of
from evometa.evolution.courses import Drawn, course_of
from evometa.evolution.fitness import performance
from evometa.evolution.lessons import Lessons
from evometa.evolution.measures import lower_is_better
from evometa.genetics.genome import Genome
from evometa.genetics.phenotype import express
from evometa.judging.agents import config_of, genome_of
from evometa.judging.audit.judgement import F64
from evometa.judging.audit.subject import Contestants, Scores, Subject
from evometa.judging.audit.worlds import trembling, with_luck
from evometa.language.acting_library import AGENTS, ClassicAgent
from evometa.language.text import parse
from evometa.lifetime import F32, Outcomes
from evometa.lifetime.acting import Lives

ZERO = parse("0")


@dataclass
class Agent(Subject):
    """A champion that acts in worlds."""

    @cached_property
    def in_equations(self) -> bool:
        """Whether all worlds are of equations, which can be disturbed; those of a user's own environments cannot."""
        return all(isinstance(lesson.tasks, Lives) for _, lesson in self.drawn)

    @cached_property
    def reordered(self) -> list[Drawn]:
        """The same lives with other luck, in the world and in what is chosen."""
        others = [self.draw(purpose=f"luck {k} ") for k in range(1, self.orders if self.in_equations else 1)]
        return [self.drawn, *(
            [(course, with_luck(lesson, other)) for (course, lesson), (_, other) in zip(self.drawn, drawn, strict=True)]
            for drawn in others
        )]  # fmt: skip

    @property
    def once(self) -> float:
        """Roughly how many operations the champion's lives take, with one luck."""
        total = 0.0
        for course, lesson in self.drawn:
            learner = express([self.genome], course.world)[0]
            world = len(lesson.tasks.world.code) if isinstance(lesson.tasks, Lives) else 0
            each = learner.graph.synapses * (6.0 + len(learner.program.code)) + world
            total += lesson.tasks.lanes * lesson.plan.length * each
        return total

    def beside(self, drawn: Drawn, names: Sequence[str]) -> Contestants:
        """Return classic agents with their dials, and how they live these lives."""
        agents = [AGENTS[name] for name in names]
        return [(genome_of(one, self.rivals[one.name]), self.as_lived_by(one, drawn)) for one in agents]

    def as_lived_by(self, agent: ClassicAgent, drawn: Drawn) -> Drawn:
        """Return lives in the same worlds, with the same luck, as an agent lives them; its actions tremble as often."""
        config, usual = config_of(agent, self.evaluator.config), self.evaluator.config.acting.epsilon
        found: Drawn = []
        for course, lesson in drawn:
            assert isinstance(lesson, ActingLessons)
            assert lesson.first is not None
            own = course_of(config, course.number, course.family)
            first = replace(lesson.first, init=config.weights.init, scale=config.weights.scale, drawn={})
            lives = replace(
                lesson, first=first,
                plan=replace(plan_of(config, lesson.tasks), windows=lesson.plan.windows, task=lesson.plan.task),
                optimism=config.acting.optimism, bound=config.acting.bound or config.lifetime.bound,
            )  # fmt: skip
            shaken = (lesson.plan.epsilon - usual) / (1.0 - usual) if usual < 1.0 else 0.0
            found.append((own, trembling(shaken)(lives)))
        return found

    def measured(self, outcomes: Outcomes, lesson: Lessons, checkpoint: int, measure: str) -> F64:
        """Return a measure of each life, f64[genomes, lanes], the greater the better; sums as of a life as long as
        that undisturbed."""
        sign = -1.0 if lower_is_better(measure) else 1.0
        scale = self.ticks[0] / lesson.plan.length if measure in SUMS and len(set(self.ticks)) == 1 else 1.0
        return sign * scale * performance(outcomes, measure, checkpoint)

    @property
    def paid(self) -> bool:
        """Whether rewards are what is measured."""
        return self.measure == "reward"

    @cached_property
    def ticks(self) -> list[int]:
        """How long the lives of each set last."""
        return [lesson.plan.length for _, lesson in self.drawn]

    @cached_property
    def innate(self) -> Scores:
        """What all score who do not learn."""
        names = [] if self.best is None else [self.best]
        found = []
        for drawn in self.reordered:
            beside = [(still(genome), lives) for genome, lives in self.beside(drawn, names)]
            found.append(self.of_each([(still(self.genome), drawn), *beside]))
        return self.side_by_side(found)

    @cached_property
    def chance(self) -> F64:
        """What is scored without learning, f64[orders, tasks]: by a network with first weights that were drawn, or by
        who takes any action, each alike, whichever is better."""
        blank = Genome({"update": ZERO}, coefficients=self.genome.coefficients)
        found = []
        for share in (0.0, 1.0):
            lives = [[(course, trembling(share)(lesson)) for course, lesson in drawn] for drawn in self.reordered]
            found.append(np.stack([self.of_each([(blank, drawn)])[0] for drawn in lives]))
        return max(found, key=lambda scores: float(scores.mean()))

    def rewards(self, genome: Genome, drawn: Drawn) -> list[F32]:
        """Return what a learner is paid, tick by tick, f32[ticks, L] of each set."""
        found = []
        for course, lesson in drawn:
            assert isinstance(lesson, ActingLessons)
            assert isinstance(lesson.tasks, Lives)
            plan = replace(lesson.plan, windows=np.arange(1, lesson.plan.ticks + 1, dtype=np.int32))
            self.lived += lesson.tasks.lanes
            lived = self.evaluator.ways.act(lesson.actors([genome], course.world), lesson.tasks, plan)
            found.append(lived.measure("reward")[0])
        return found

    @cached_property
    def paid_first(self) -> list[F32]:
        """What the champion is paid undisturbed, f32[ticks, L] of each set."""
        return self.rewards(self.genome, self.drawn)

    @cached_property
    def is_paid(self) -> bool:
        """Whether rewards tell anything: they are not always the same."""
        return self.in_equations and all(float(each.std()) > 0 for each in self.paid_first)


def still(genome: Genome) -> Genome:
    """Return a learner that does not learn."""
    return genome.replace(rule={"update": ZERO})
