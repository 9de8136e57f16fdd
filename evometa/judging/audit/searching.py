"""Checks of habits: whether searches find more by them, of what is there to be found, and elsewhere, too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from evometa.config.section import limits
from evometa.evolution.courses import Drawn
from evometa.judging.audit.faults import elsewhere, fault_of, remaining
from evometa.judging.audit.judgement import Fault
from evometa.judging.audit.leaks import exact
from evometa.judging.audit.search import SearchSubject
from evometa.judging.habits import fixed_genome
from evometa.language.habits import different
from evometa.tasks.families.recipe import RecipeFamily
from evometa.tasks.families.recover import RecoverFamily

LENGTHS = (0.5, 2.0)  # of a search, in generations
NOISE = (0.05, 0.2)  # deviations of what is told, in units of the answers' own
SIZES = (0.5, 2.0)  # rules that survive a generation
PROBES = (0.5, 2.0)
STEP = 16  # of numbers of probes
FEW = 16  # searches in which parts are taken out


def gain(subject: SearchSubject) -> Iterator[Fault]:
    """Searches find more by them than by the fixed habits."""
    better = subject.base.champion - subject.innate.champion
    yield fault_of(subject, "fixed habits", subject.innate, subject.margin - better)


def answers_shuffled(subject: SearchSubject) -> Iterator[Fault]:
    """Where what is told is dealt out in another order, so that there is nothing to be found, nothing is gained."""
    if subject.knows:
        found = subject.scored([changed(subject, {"shuffled": True})])
        yield remaining(subject, "answers told in another order", found)


def lengths(subject: SearchSubject) -> Iterator[Fault]:
    """The lead over fixed habits stands shorter and longer searches."""
    for factor in LENGTHS:
        yield from scaled(subject, "generations", "search_generations", factor)


def noise(subject: SearchSubject) -> Iterator[Fault]:
    """The lead over fixed habits stands noise in what is told of hidden rules, more than there is anyway."""
    families = [family_of(subject, place) for place in range(len(subject.drawn))]
    for share in NOISE:
        if all(isinstance(one, RecoverFamily) and one.settings.noise < share for one in families):
            yield elsewhere(subject, f"noise of {share:g} deviations in answers", changed(subject, {"noise": share}))


def sizes(subject: SearchSubject) -> Iterator[Fault]:
    """The lead over fixed habits stands searches of fewer and more rules, told by fewer and more probes, or tasks."""
    for factor in SIZES:
        yield from scaled(subject, "rules", "search_population", factor)
    for factor in PROBES:
        yield from scaled(subject, "probes", "probes", factor, STEP)
        yield from scaled(subject, "tasks", "search_tasks", factor)


def scaled(subject: SearchSubject, name: str, key: str, factor: float, step: int = 1) -> Iterator[Fault]:
    """Yield how far the lead falls where a number of the tasks is some times as large, in steps; not beyond limits."""
    settings = [family_of(subject, place).settings for place in range(len(subject.drawn))]
    if not all(hasattr(own, key) for own in settings):
        return
    before: list[int] = [getattr(own, key) for own in settings]
    after, (low, high) = [round(factor * one / step) * step for one in before], limits(type(settings[0]), key)
    if after != before and low <= min(after) and max(after) <= high:
        drawn = subject.drawn
        for place, value in enumerate(after):
            family = family_of(subject, place).changed(**{key: value})
            drawn = [*drawn[:place], subject.other(place, family)[place], *drawn[place + 1 :]]
        yield elsewhere(subject, f"{name} × {factor:g}", drawn)


def changed(subject: SearchSubject, keys: Mapping[str, Any]) -> Drawn:
    """Return the searches with other settings of their tasks."""
    return [
        subject.other(place, family_of(subject, place).changed(**keys))[place] for place in range(len(subject.drawn))
    ]


def family_of(subject: SearchSubject, place: int) -> RecoverFamily | RecipeFamily:
    """Return the family of a set of tasks."""
    family = subject.drawn[place][0].family
    assert isinstance(family, RecoverFamily | RecipeFamily)
    return family


def inert(subject: SearchSubject) -> Iterator[Fault]:
    """Put each fixed habit in the place of the evolved one, and look whether anything changes."""
    own, fixed = subject.genome.rule, fixed_genome(subject.evaluator, subject.genome).rule
    slots = list(different(own, family_of(subject, 0).settings.tournament))
    if not slots:
        return
    drawn = [(course, lesson.part(0, FEW)) for course, lesson in subject.drawn]
    without = [subject.genome.replace(rule={**own, slot: fixed[slot]}) for slot in slots]
    outcomes = subject.live([subject.genome, *without], drawn)
    for place, slot in enumerate(slots, 1):
        if all(np.array_equal(one.scores[:, 0], one.scores[:, place], equal_nan=True) for one in outcomes):
            yield exact(f"habit {slot}", 0.0, 1.0, subject.tasks)
