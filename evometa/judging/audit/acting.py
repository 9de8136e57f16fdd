"""Checks of champions that act: whether they learn from their rewards, and from nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from evometa.evolution.courses import Drawn
from evometa.judging.audit import robustness
from evometa.judging.audit import worlds as w
from evometa.judging.audit.agent import Agent, still
from evometa.judging.audit.faults import fault_of, invariant, remaining
from evometa.judging.audit.judgement import Fault
from evometa.judging.audit.leaks import NONE, SEEN, exact
from evometa.judging.audit.learning import RISE
from evometa.judging.audit.subject import Contestants, Scores, Subject
from evometa.judging.audit.transforms import SEED
from evometa.judging.audits import Cell
from evometa.judging.overlap import overlap
from evometa.seeding import stream

LANES = 16  # lives that are compared bit by bit


def learning(subject: Agent) -> Iterator[Fault]:
    """It learns: it does better than with its learning switched off."""
    gain = subject.base.champion - subject.innate.champion
    yield fault_of(subject, "learning switched off", subject.innate, subject.margin - gain)


def births(subject: Agent) -> Iterator[Fault]:
    """Which first weights were drawn does not matter more than to the stock rule; innate ones stand a little noise."""
    if subject.evaluator.config.weights.init != "zeros" or subject.genome.weights is not None:
        yield from robustness.births(subject)


def yoked(subject: Agent) -> Iterator[Fault]:
    """Where rewards are those of another life, nothing of what is learned may remain (a yoked control)."""
    if subject.is_paid and subject.knows and subject.drawn[0][1].count > 1:
        yield remaining(subject, "paid what another life was", paid_wrongly(subject, 1.0))


def paid_wrongly(subject: Agent, share: float) -> Scores:
    """Return what is scored where a share of the rewards are those that the learner had in another life."""
    names = [] if subject.best is None else [subject.best]
    found = []
    for number, drawn in enumerate(subject.reordered):
        each: Contestants = []
        for genome, lives in [(subject.genome, drawn), *subject.beside(drawn, names)]:
            own = subject.paid_first if number == 0 and genome is subject.genome else subject.rewards(genome, lives)
            others: Drawn = []
            for (course, lesson), rewards in zip(lives, own, strict=True):
                wrong = stream(SEED, number, "audit/wrong rewards").random(rewards.shape) < share
                pay = w.Pay(np.roll(rewards, 1, axis=1), wrong)
                others.append((course, w.altered(course, lesson, pay, paid=subject.paid, noise=pay.noise)))
            each.append((genome, others))
        found.append(subject.of_each(each))
    return subject.side_by_side(found)


def actions_permuted(subject: Agent) -> Iterator[Fault]:
    """Where first weights are drawn, names of actions do not matter; those of worlds that forbid some are not asked."""
    worlds = [w.world_of(course) for course, _ in subject.drawn] if subject.in_equations else []
    if worlds and drawn_alike(subject) and not any(str(world.legal) for world in worlds):
        orders = []
        for drawn in subject.reordered:
            each: Drawn = []
            for course, lesson in drawn:
                names = w.names_of(lesson)
                each.append((course, w.altered(course, lesson, w.renamed, paid=subject.paid, parameters=names)))
            orders.append(each)
        yield invariant(subject, "actions with the names of others", subject.scored(orders))


def inputs_permuted(subject: Agent) -> Iterator[Fault]:
    """Where first weights are drawn, the places of inputs do not matter."""
    if subject.in_equations and drawn_alike(subject) and inputs_of(subject) > 1:
        yield invariant(subject, "inputs in other places", subject.scores(w.rearranged))


def drawn_alike(subject: Agent) -> bool:
    """Tell whether first weights are drawn, alike for all inputs and actions, of worlds that show no afterstates:
    there what is seen has its places for each action."""
    config, genome = subject.evaluator.config, subject.genome
    own = genome.topology is not None or genome.plastic is not None or genome.plasticity.size > 0
    afterstates = subject.in_equations and any(w.world_of(course).afterstates for course, _ in subject.drawn)
    return config.weights.mode == "drawn" and not own and not afterstates


def inputs_of(subject: Agent, drawn: Drawn | None = None) -> int:
    """Return how many numbers worlds show, the fewest of any."""
    return min(lesson.tasks.inputs for _, lesson in drawn or subject.drawn)  # type: ignore[attr-defined]


def luck(subject: Agent) -> Iterator[Fault]:
    """Its bad luck in a world is not worse than the stock rule's, nor does it scatter more with luck."""
    own, stock = subject.base.champion, subject.base.stock
    if len(own) > 1:
        scatter = own.std(axis=0, ddof=1) - (0.0 if stock is None else stock.std(axis=0, ddof=1))
        values = [scatter - subject.margin]
        if stock is not None:
            values.append(stock.min(axis=0) - own.min(axis=0) - subject.margin)
        yield fault_of(subject, f"{len(own)} times other luck in the same world", subject.base, *values)


def leaks(subject: Agent) -> Iterator[Fault]:
    """No split has another's lives, and nobody hears what actions are worth beside their reward."""
    yield from met_before(subject)
    if subject.in_equations and not subject.paid:
        drawn = [(course, lesson.part(0, LANES)) for course, lesson in subject.drawn]
        deaf: Drawn = [(course, w.altered(course, one, w.unmeasured, paid=False)) for course, one in drawn]
        pairs = zip(*(subject.live([subject.genome], each) for each in (drawn, deaf)), strict=True)
        same = [np.array_equal(one.score("reward"), other.score("reward"), equal_nan=True) for one, other in pairs]
        yield exact("what actions are worth is heard", 1.0 - float(np.mean(same)), NONE, LANES)


def met_before(subject: Subject) -> Iterator[Fault]:
    """Compare the lives of the test with those that came before it."""
    found = overlap(subject.evaluator, subject.drawn)
    for name, met in (("test lives met in evolution", found.train), ("test lives met in validation", found.validation)):
        yield exact(name, met / max(1, found.tasks), SEEN, found.tasks)


def measures(subject: Agent) -> Iterator[Fault]:
    """Rewards are no less than without learning, where the stock rule's are not."""
    if not subject.paid:
        names = [] if subject.best is None else [subject.best]
        contestants = [(subject.genome, subject.drawn), *subject.beside(subject.drawn, names)]
        falls = []
        for genome, drawn in contestants:
            after, before = (
                subject.by_task(subject.live([one], drawn), drawn, measure="reward")[0]
                for one in (genome, still(genome))
            )
            falls.append((before - after, before, after))
        own, before, after = falls[0]
        faults = [own - RISE * np.abs(before).mean(), *(own - fall for fall, _, _ in falls[1:])]
        stock = float(falls[1][2].mean()) if len(falls) > 1 else None
        found = fault_of(subject, "reward", Scores(after[None]), *faults)
        yield replace(found, cell=Cell(name="reward", champion=float(after.mean()), stock=stock))
