"""Evolved habits of search, as an audit knows them, beside the fixed ones in the same searches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from evometa.evolution.courses import Drawn
from evometa.evolution.searching import SearchLessons
from evometa.judging.audit.judgement import F64
from evometa.judging.audit.subject import Contestants, Scores, Subject
from evometa.judging.habits import FIXED, fixed_genome


@dataclass
class SearchSubject(Subject):
    """A champion whose lives are searches."""

    @cached_property
    def reordered(self) -> list[Drawn]:
        """The searches, once: each is a draw by itself."""
        return [self.drawn]

    @property
    def once(self) -> float:
        """Roughly how many operations the searches take: a rule at each probe is one."""
        total = 0.0
        for _, lesson in self.drawn:
            assert isinstance(lesson, SearchLessons)
            ground = lesson.tasks.ground
            rules = ground.population * ground.generations * lesson.plan.lives
            total += float(lesson.tasks.lanes) * rules * ground.operations
        return total

    def beside(self, drawn: Drawn, names: Sequence[str]) -> Contestants:
        """Return fixed habits."""
        return [(fixed_genome(self.evaluator, self.genome), drawn) for _ in names]

    @cached_property
    def innate(self) -> Scores:
        """What the habits come to that evolution began with."""
        usual = self.of_each(self.beside(self.drawn, [FIXED]))
        return Scores(usual, usual)

    @property
    def chance(self) -> F64:
        """What fixed habits come to, f64[1, tasks]."""
        return self.innate.champion
