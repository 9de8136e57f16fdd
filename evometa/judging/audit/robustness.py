"""Checks of what a champion stands: other orders, births, examples and lives, noise, and other inputs and tasks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np

from evometa.errors.text import count_of
from evometa.genetics.genome import Genome
from evometa.genetics.topologies import Topology
from evometa.judging.audit import transforms as t
from evometa.judging.audit.faults import elsewhere, lead, scattered, worse_than_stock
from evometa.judging.audit.judgement import Fault
from evometa.judging.audit.learned import learned_by
from evometa.judging.audit.learned import shaken as shaken_learned
from evometa.judging.audit.learner import Learner
from evometa.judging.audit.subject import Subject
from evometa.judging.audit.transforms import everywhere
from evometa.seeding import stream

BIRTHS = 4  # other first weights, that lives are begun with
NOISES = (0.01, 0.03)  # of innate weights' deviation, that must be stood
LEARNED = (0.01, 0.03, 0.1)  # of learned weights' deviation
LIVES = (0.5, 2.0, 4.0)
MORE = (2, 4)  # times as many examples as evolution had
WRONG = (0.05, 0.1, 0.2)
INPUTS = (0.1, 0.3)


def orders(subject: Learner) -> Iterator[Fault]:
    """Which order examples come in does not matter more than it does to the stock rule."""
    if subject.ordered:
        yield scattered(subject, f"{len(subject.reordered)} orders of examples", subject.base)


def shaken(genome: Genome, share: float) -> Genome:
    """Return a genome with noise of a share of their deviation on its innate weights."""
    genes = genome.topology.genes if isinstance(genome.topology, Topology) else None
    weights = genome.weights if genes is None else genes.weight
    assert weights is not None
    noise = stream(t.SEED, 0, "audit/innate").standard_normal(weights.shape)
    others = (weights + share * weights.std() * noise).astype(np.float32)
    return (
        genome.replace(weights=others) if genes is None else genome.replace(topology=replace(genes, weight=others)[0])
    )


def births(subject: Subject) -> Iterator[Fault]:
    """Which first weights were drawn does not matter more than to the stock rule; innate ones stand a little noise."""
    if subject.evaluator.config.weights.mode == "drawn":
        others = [subject.drawn]
        for k in range(1, BIRTHS):
            pairs = zip(subject.drawn, subject.draw(purpose=f"birth {k} "), strict=True)
            others.append([(course, replace(lesson, first=other.first)) for (course, lesson), (_, other) in pairs])
        yield scattered(subject, f"{BIRTHS} births", subject.scored(others))
    inherited = isinstance(subject.genome.topology, Topology) and subject.evaluator.courses[0].world.inherited
    if subject.genome.weights is not None or inherited:
        for share in NOISES:
            found = subject.scored(subject.reordered, genome=shaken(subject.genome, share))
            yield worse_than_stock(subject, f"noise of {share:.0%} on innate weights", found)


def learned(subject: Learner) -> Iterator[Fault]:
    """Noise on what was learned costs no more than it costs the stock rule."""
    found = learned_by(subject)
    if not found:
        return
    before = shaken_learned(subject, found, 0.0)
    for share in LEARNED if subject.best is not None else NOISES:  # without a yardstick only what is little
        after = shaken_learned(subject, found, share)
        yield worse_than_stock(subject, f"noise of {share:.0%} on learned weights", after, before)


def examples(subject: Learner) -> Iterator[Fault]:
    """Fewer examples, and more of them than evolution had, cost no more than they cost the stock rule."""
    if not subject.sequence and len(subject.drawn) == 1:
        for factor in MORE:
            richer = subject.drawn[0][0].family.richer(factor)
            if richer is not None:
                found, before = subject.scored([subject.other(0, richer)]), subject.first_order
                yield worse_than_stock(subject, f"{factor} times the examples", found, before)
    batch = subject.evaluator.config.lifetime.batch
    if batch == "all":
        return
    fewest = min(len(lesson.tasks.support_x) for _, lesson in subject.drawn)
    for divisor, name in ((2, "half of the examples"), (5, "a fifth of the examples")):
        if fewest // divisor >= max(2, batch, *subject.classes):
            yield worse_than_stock(subject, name, subject.scores(t.fewer(divisor)))


def lives(subject: Learner) -> Iterator[Fault]:
    """Longer lives lose nothing that the stock rule keeps, nor do shorter ones lose more."""
    if subject.sequence or not all(lesson.plan.length for _, lesson in subject.drawn):
        return
    for factor in LIVES if subject.best is not None else LIVES[1:]:  # shorter ones cost anybody something
        for drawn_out in (False, True) if reads_age(subject.genome) else (False,):
            lessons = [everywhere(drawn, t.lasting(factor, drawn_out)) for drawn in subject.reordered]
            name = f"lives × {factor:g}" + (", age drawn out" if drawn_out else "")
            yield worse_than_stock(subject, name, subject.scored(lessons, 1))


def noise(subject: Learner) -> Iterator[Fault]:
    """Its lead over the best stock rule stands noise in inputs, and wrong labels."""
    for share, (support, where) in product(INPUTS, ((False, "queries"), (True, "all inputs"))):
        yield from lead(subject, f"noise of {share:g} deviations in {where}", t.of_tasks(t.noisy(share, support)))
    for share in WRONG:
        yield from lead(subject, f"{share:.0%} of the labels wrong", t.of_tasks(t.mislabelled(share)))


def shifts(subject: Learner) -> Iterator[Fault]:
    """Its lead over the best stock rule stands inputs of other sizes."""
    for factor in (0.5, 2.0):
        yield from lead(subject, f"inputs × {factor:g}", t.of_tasks(t.scaled(factor, 0.0)))
    for shift in (-0.25, 0.25):
        yield from lead(subject, f"inputs {shift:+g} of their deviation", t.of_tasks(t.scaled(1.0, shift)))
    yield from lead(subject, "a quarter of the inputs at 0", t.of_tasks(t.blinded(0.25)))


def tasks(subject: Learner) -> Iterator[Fault]:
    """Its lead over the best stock rule stands tasks that lie outside of what evolution drew."""
    for place, (course, _) in enumerate(subject.drawn if subject.best is not None else []):
        for name, family in course.family.shifts().items():
            yield elsewhere(subject, name, subject.other(place, family))


def reads_age(genome: Genome) -> bool:
    """Tell whether a rule reads how much of its life is over."""
    return any(node.name == "age" for tree in genome.rule.values() for node in tree)


def peaks(subject: Learner) -> Iterator[Fault]:
    """A life is not at its best just where it is judged, but a little earlier and later, too."""
    lengths = [lesson.plan.length for _, lesson in subject.drawn]
    if min(lengths) < 4 or subject.sequence:
        return
    signs = (-1, 1) if subject.best is not None else (1,)  # a little earlier not all is learned
    for step in sorted({sign * size for sign in signs for size in (1, round(lengths[0] / 4))}):
        lessons = [[(c, t.lasting(1 + step / one.plan.length)(one)) for c, one in each] for each in subject.reordered]
        when = f"{count_of(abs(step), 'update')} {'earlier' if step < 0 else 'later'}"
        yield worse_than_stock(subject, when, subject.scored(lessons, 1))
