"""A champion that teaches, as an audit knows it, beside hand-made teachers of the same students."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from evometa.evolution.courses import Drawn
from evometa.evolution.teaching import TeachingLessons
from evometa.genetics.genome import Genome
from evometa.genetics.phenotype import express
from evometa.judging.audit.judgement import F64
from evometa.judging.audit.subject import Contestants, Scores, Subject
from evometa.judging.teachers import drawn_for, genome_of
from evometa.language.signals import ACTING_SLOTS
from evometa.language.teaching_library import TEACHERS
from evometa.language.text import parse, parse_rule
from evometa.language.tree import Tree

STILL = {"update": parse("0")}
BY_CHANCE = parse_rule({"lesson": "noise", "insist": "1"}, "lessons by chance", ACTING_SLOTS)


@dataclass
class Teacher(Subject):
    """A champion that teaches."""

    @cached_property
    def reordered(self) -> list[Drawn]:
        """The students, once: each is a draw by itself."""
        return [self.drawn]

    @property
    def once(self) -> float:
        """Roughly how many operations the students' lives take."""
        total = 0.0
        for course, lesson in self.drawn:
            assert isinstance(lesson, TeachingLessons)
            learner = express([self.genome], course.world)[0]
            each = learner.graph.synapses * (6.0 + len(learner.program.code) + len(lesson.tasks.game.choices))
            total += lesson.tasks.lanes * lesson.plan.length * each
        return total

    def beside(self, drawn: Drawn, names: Sequence[str]) -> Contestants:
        """Return hand-made teachers with their students' rates, and their lessons."""
        teachers = [TEACHERS[name] for name in names]
        return [(genome_of(one, self.rivals[one.name]), drawn_for(one, drawn)) for one in teachers]

    @cached_property
    def innate(self) -> Scores:
        """What students come to that do not learn."""
        names = [] if self.best is None else [self.best]
        pairs = [(self.genome, self.drawn), *self.beside(self.drawn, names)]
        return self.side_by_side([self.of_each([(with_slots(one, STILL), drawn) for one, drawn in pairs])])

    @cached_property
    def by_chance(self) -> Scores:
        """What the same students come to with lessons by chance: any position that may be taught."""
        return Scores(self.of_each([(with_slots(self.genome, BY_CHANCE), self.drawn)])[:1])

    @cached_property
    def chance(self) -> F64:
        """What is scored by lessons by chance, or without learning, f64[1, tasks]."""
        known = (self.by_chance.champion, self.innate.champion)
        return np.asarray(max(known, key=lambda scores: float(scores.mean())))


def with_slots(genome: Genome, slots: Mapping[str, Tree]) -> Genome:
    """Return a genome with other slots, of those that it has; of a student that does not learn without its states."""
    kept = {slot: tree for slot, tree in genome.rule.items() if slots is not STILL or slot not in ("s1", "s2")}
    return genome.replace(rule={**kept, **{slot: tree for slot, tree in slots.items() if slot in kept}})
