"""Checks of learning itself: what must fall where nothing can be learned, and what must not where nothing matters."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evometa.config.schema import Split
from evometa.judging.audit import transforms as t
from evometa.judging.audit.faults import cell_of, fault_of, invariant, remaining
from evometa.judging.audit.judgement import Fault, Resamples
from evometa.judging.audit.leaks import exact
from evometa.judging.audit.learned import learned_by
from evometa.judging.audit.learner import Learner
from evometa.judging.audit.subject import Subject
from evometa.judging.audits import Cell
from evometa.spec import HEADS

RISE = 0.05  # of a loss, that counts
BOUND = 0.05  # of weights, that may stand at their bound


def learning(subject: Learner) -> Iterator[Fault]:
    """It learns: what it gains by learning is more than what does not matter."""
    # who compares keeps its examples, and has all of them at once
    if all(lesson.plan.length and not HEADS[course.head].comparison for course, lesson in subject.drawn):
        gain = subject.base.champion - subject.innate.champion
        yield fault_of(subject, "before learning", subject.innate, subject.margin - gain)


def labels_shuffled(subject: Learner) -> Iterator[Fault]:
    """Where labels say nothing, nothing of what is learned may remain."""
    if subject.knows and not subject.sequence:
        yield remaining(subject, "labels shuffled within each task", subject.scores(t.of_tasks(t.shuffled)))


def other_support(subject: Learner) -> Iterator[Fault]:
    """What is learned of another task is of no use."""
    if subject.knows and not subject.sequence and all(lesson.count > 1 for _, lesson in subject.drawn):
        yield remaining(subject, "support set of another task", subject.scores(t.of_tasks(t.elsewhere)))


def labels_permuted(subject: Learner) -> Iterator[Fault]:
    """Names of classes do not matter."""
    if all(course.family.kind == "classification" for course, _ in subject.drawn) and not subject.sequence:
        yield invariant(subject, "other names for the classes", subject.scores(t.of_tasks(t.relabelled)))


def inputs_permuted(subject: Learner) -> Iterator[Fault]:
    """Where first weights are drawn, the places of inputs do not matter."""
    config, genome = subject.evaluator.config, subject.genome
    own = genome.topology is not None or genome.plastic is not None or genome.plasticity.size > 0
    if config.weights.mode == "drawn" and not own:
        yield invariant(subject, "inputs in other places", subject.scores(t.of_tasks(t.rearranged)))


def fresh_tasks(subject: Subject) -> Iterator[Fault]:
    """On tasks that chose nobody it does as well as on those that chose it."""
    sampling = subject.evaluator.config.sampling
    known: tuple[tuple[Split, int], ...] = (("validation", sampling.validation_tasks), ("test", sampling.test_tasks))
    for split, count in known:
        families = [course.family for course in subject.evaluator.courses if course.serves(split)]
        limits = [family.limit(split) for family in families]
        if not families or any(limit is not None and limit <= count for limit in limits):
            continue  # there are no others
        more = max(count, subject.tasks)
        ours, others = (
            subject.scored([subject.draw(split, word, size)]) for word, size in (("", count), ("fresh ", more))
        )
        gap = ours.champion.mean() - others.champion.mean() - subject.margin
        resampled = [
            Resamples.of(each.champion.shape[1], 1, word).means(each.champion)
            for each, word in ((ours, ""), (others, "fresh"))
        ]
        cell = cell_of(subject, f"other {split} tasks", others)
        yield Fault(cell, float(gap), resampled[0] - resampled[1] - subject.margin, count)


def measures(subject: Learner) -> Iterator[Fault]:
    """No measure is worse after learning than before, where the stock rule's is not."""
    if subject.measure == "loss":
        return
    drawn = subject.drawn
    outcomes = subject.live([subject.genome], drawn)
    after, before = (subject.by_task(outcomes, drawn, point, "loss")[0] for point in (-1, 0))
    rise, stock = before - after, None
    faults = [rise - RISE * np.abs(before).mean()]
    for genome, _ in [] if subject.best is None else subject.beside(drawn, [subject.best]):
        others = subject.live([genome], drawn)
        beside, born = (subject.by_task(others, drawn, point, "loss")[0] for point in (-1, 0))
        faults.append(rise - (born - beside))
        stock = -float(beside.mean())
    one = Resamples.of(len(after), 1)
    sample = np.min([one.means(each[None]) for each in faults], axis=0)
    cell = Cell(name="loss", champion=-float(after.mean()), stock=stock)
    yield Fault(cell, float(min(each.mean() for each in faults)), sample, len(after))
    learned = learned_by(subject)
    if learned:
        shares = np.mean([one.bounded for one in learned], axis=0)
        own, stock = [*shares.tolist(), 0.0][:2]
        yield exact("share of weights that came to their bound", own, max(BOUND, stock), len(learned[0].lanes))
