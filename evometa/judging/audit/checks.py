"""The table of checks: of each what is disturbed, and what is a fault.

To add one: write a function that returns the faults of its cells, and give it a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from evometa.config.schema import Split
from evometa.errors.text import count_of
from evometa.genetics.genome import Genome
from evometa.genetics.topologies import Topology
from evometa.judging.audit import transforms as t
from evometa.judging.audit.faults import cell_of, fault_of, invariant, lead, remaining, scattered, worse_than_stock
from evometa.judging.audit.judgement import Fault, Resamples
from evometa.judging.audit.leaks import leaks
from evometa.judging.audit.subject import Subject
from evometa.judging.audit.transforms import everywhere
from evometa.judging.audits import Cell
from evometa.seeding import stream
from evometa.spec import HEADS

BIRTHS = 4  # other first weights, that lives are begun with
NOISES = (0.01, 0.03)  # of innate weights' deviation, that must be stood
LIVES = (0.5, 2.0, 4.0)
WRONG = (0.05, 0.1, 0.2)
INPUTS = (0.1, 0.3)
RISE = 0.05  # of a loss, that counts


@dataclass(frozen=True)
class Row:
    """One check: its name, what it asks, and what finds its faults; `told`: what is said where there is one."""

    name: str
    question: str
    faults: Callable[[Subject], Iterator[Fault]]
    told: str


def learning(subject: Subject) -> Iterator[Fault]:
    """It learns: what it gains by learning is more than what does not matter."""
    # who compares keeps its examples, and has all of them at once
    if all(lesson.plan.length and not HEADS[course.head].comparison for course, lesson in subject.drawn):
        gain = subject.base.champion - subject.innate.champion
        yield fault_of(subject, "before learning", subject.innate, subject.margin - gain)


def labels_shuffled(subject: Subject) -> Iterator[Fault]:
    """Where labels say nothing, nothing of what is learned may remain."""
    if subject.knows and not subject.sequence:
        yield remaining(subject, "labels shuffled within each task", t.of_tasks(t.shuffled))


def other_support(subject: Subject) -> Iterator[Fault]:
    """What is learned of another task is of no use."""
    if subject.knows and not subject.sequence and all(lesson.count > 1 for _, lesson in subject.drawn):
        yield remaining(subject, "support set of another task", t.of_tasks(t.elsewhere))


def labels_permuted(subject: Subject) -> Iterator[Fault]:
    """Names of classes do not matter."""
    if all(course.family.kind == "classification" for course, _ in subject.drawn) and not subject.sequence:
        yield invariant(subject, "other names for the classes", t.of_tasks(t.relabelled))


def inputs_permuted(subject: Subject) -> Iterator[Fault]:
    """Where first weights are drawn, the places of inputs do not matter."""
    config, genome = subject.evaluator.config, subject.genome
    own = genome.topology is not None or genome.plastic is not None or genome.plasticity.size > 0
    if config.weights.mode == "drawn" and not own:
        yield invariant(subject, "inputs in other places", t.of_tasks(t.rearranged))


def orders(subject: Subject) -> Iterator[Fault]:
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


def examples(subject: Subject) -> Iterator[Fault]:
    """Fewer examples cost no more than they cost the stock rule."""
    batch = subject.evaluator.config.lifetime.batch
    if batch == "all":
        return
    fewest = min(len(lesson.tasks.support_x) for _, lesson in subject.drawn)
    for divisor, name in ((2, "half of the examples"), (5, "a fifth of the examples")):
        if fewest // divisor >= max(2, batch, *subject.classes):
            yield worse_than_stock(subject, name, subject.scores(t.fewer(divisor)))


def lives(subject: Subject) -> Iterator[Fault]:
    """Longer lives lose nothing that the stock rule keeps, nor do shorter ones lose more."""
    if subject.sequence or not all(lesson.plan.length for _, lesson in subject.drawn):
        return
    for factor in LIVES:
        lessons = [everywhere(drawn, t.lasting(factor)) for drawn in subject.reordered]
        yield worse_than_stock(subject, f"lives × {factor:g}", subject.scored(lessons, 1))


def noise(subject: Subject) -> Iterator[Fault]:
    """Its lead over the best stock rule stands noise in inputs, and wrong labels."""
    for share, (support, where) in product(INPUTS, ((False, "queries"), (True, "all inputs"))):
        yield from lead(subject, f"noise of {share:g} deviations in {where}", t.of_tasks(t.noisy(share, support)))
    for share in WRONG:
        yield from lead(subject, f"{share:.0%} of the labels wrong", t.of_tasks(t.mislabelled(share)))


def shifts(subject: Subject) -> Iterator[Fault]:
    """Its lead over the best stock rule stands inputs of other sizes."""
    for factor in (0.5, 2.0):
        yield from lead(subject, f"inputs × {factor:g}", t.of_tasks(t.scaled(factor, 0.0)))
    for shift in (-0.25, 0.25):
        yield from lead(subject, f"inputs {shift:+g} of their deviation", t.of_tasks(t.scaled(1.0, shift)))
    yield from lead(subject, "a quarter of the inputs at 0", t.of_tasks(t.blinded(0.25)))


def fresh_tasks(subject: Subject) -> Iterator[Fault]:
    """On tasks that chose nobody it does as well as on those that chose it."""
    sampling = subject.evaluator.config.sampling
    known: tuple[tuple[Split, int], ...] = (("validation", sampling.validation_tasks), ("test", sampling.test_tasks))
    for split, count in known:
        families = [course.family for course in subject.evaluator.courses if course.serves(split)]
        limits = [family.limit(split) for family in families]
        if not families or any(limit is not None and limit <= count for limit in limits):
            continue  # there are no others
        ours, others = (subject.scored([subject.draw(split, word, count)]) for word in ("", "fresh "))
        gap = ours.champion.mean() - others.champion.mean() - subject.margin
        resampled = [
            Resamples.of(each.champion.shape[1], 1, word).means(each.champion)
            for each, word in ((ours, ""), (others, "fresh"))
        ]
        cell = cell_of(subject, f"other {split} tasks", others)
        yield Fault(cell, float(gap), resampled[0] - resampled[1] - subject.margin, count)


def measures(subject: Subject) -> Iterator[Fault]:
    """No measure is worse after learning than before, where the stock rule's is not."""
    if subject.measure == "loss":
        return
    drawn, best = subject.drawn, subject.best
    outcomes = subject.live([subject.genome], drawn)
    after, before = (subject.by_task(outcomes, drawn, point, "loss")[0] for point in (-1, 0))
    rise, stock = before - after, None
    faults = [rise - RISE * np.abs(before).mean()]
    if best is not None:
        others = subject.live(subject.stock(drawn), drawn)
        beside, born = (subject.by_task(others, drawn, point, "loss")[best] for point in (-1, 0))
        faults.append(rise - (born - beside))
        stock = -float(beside.mean())
    one = Resamples.of(len(after), 1)
    sample = np.min([one.means(each[None]) for each in faults], axis=0)
    cell = Cell(name="loss", champion=-float(after.mean()), stock=stock)
    yield Fault(cell, float(min(each.mean() for each in faults)), sample, len(after))


def peaks(subject: Subject) -> Iterator[Fault]:
    """A life is not at its best just where it is judged, but a little earlier and later, too."""
    lengths = [lesson.plan.length for _, lesson in subject.drawn]
    if min(lengths) < 4 or subject.sequence:
        return
    for step in sorted({-1, 1, *(round(sign * lengths[0] / 4) for sign in (-1, 1))}):
        lessons = [[(c, t.lasting(1 + step / one.plan.length)(one)) for c, one in each] for each in subject.reordered]
        when = f"{count_of(abs(step), 'update')} {'earlier' if step < 0 else 'later'}"
        yield worse_than_stock(subject, when, subject.scored(lessons, 1))


CHECKS: Sequence[Row] = (
    Row("learning", "Does it learn?", learning, "it does not learn"),
    Row("labels shuffled", "Does it need its labels?", labels_shuffled, "it answers as well without them"),
    Row("another task's support", "Does it need its own examples?", other_support, "those of another serve as well"),
    Row("labels permuted", "Does it matter what classes are called?", labels_permuted, "it does"),
    Row("inputs permuted", "Does it matter where inputs lie?", inputs_permuted, "it does"),
    Row("orders", "Does it hang on the order of examples?", orders, "more than the stock rule"),
    Row("births", "Does it hang on its first weights?", births, "more than the stock rule"),
    Row("examples", "Do fewer examples cost it more?", examples, "more than the stock rule"),
    Row("lives", "Does it stand shorter and longer lives?", lives, "the stock rule does"),
    Row("noise", "Does its lead stand noise and wrong labels?", noise, "it does not"),
    Row("shifts", "Does its lead stand other inputs?", shifts, "it does not"),
    Row("fresh tasks", "Was it chosen by luck?", fresh_tasks, "on other tasks it is worse"),
    Row("leaks", "Do tasks give away what they ask?", leaks, "they do"),
    Row("measures", "Do other measures agree?", measures, "they part ways"),
    Row("peaks", "Is it as good a little earlier and later?", peaks, "it peaks just where it is judged"),
)
