"""Checks of champions that teach: whether students learn, by these lessons, and other students, too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from evometa.evolution.courses import Drawn
from evometa.evolution.lessons import Lessons
from evometa.judging.audit.faults import fault_of, lead, worse_than_stock
from evometa.judging.audit.judgement import Fault
from evometa.judging.audit.teacher import Teacher
from evometa.judging.audit.transforms import Transform
from evometa.tasks.families.teaching import TeachingFamily

STARTS = (0.5, 2.0)  # times as large first weights


def learning(subject: Teacher) -> Iterator[Fault]:
    """Its students learn: they come to more than those that do not."""
    gain = subject.base.champion - subject.innate.champion
    yield fault_of(subject, "learning switched off", subject.innate, subject.margin - gain)


def teaching(subject: Teacher) -> Iterator[Fault]:
    """Its lessons are worth more to the same students than lessons by chance."""
    gain = subject.base.champion - subject.by_chance.champion
    yield fault_of(subject, "lessons by chance", subject.by_chance, subject.margin - gain)


def starts(subject: Teacher) -> Iterator[Fault]:
    """Its lead over the best hand-made teacher stands students that are born with smaller or larger weights."""
    for factor in STARTS:
        yield from lead(subject, f"first weights × {factor:g}", born(factor))


def born(factor: float) -> Transform:
    """Return what multiplies first weights."""

    def change(lesson: Lessons) -> Lessons:
        assert lesson.first is not None
        return replace(lesson, first=replace(lesson.first, scale=factor * lesson.first.scale, drawn={}))

    return change


def lives(subject: Teacher) -> Iterator[Fault]:
    """More lessons that may be given cost nothing that they do not cost the best hand-made teacher."""
    drawn: Drawn = []
    for place, (course, lesson) in enumerate(subject.drawn):
        family = course.family
        assert isinstance(family, TeachingFamily)
        drawn.append(subject.other(place, family.lasting(2 * lesson.plan.length))[place])
    yield worse_than_stock(subject, "twice as many lessons", subject.scored([drawn]))
