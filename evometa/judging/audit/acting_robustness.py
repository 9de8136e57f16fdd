"""Checks of what a champion that acts stands: noise, lives of other lengths, other rewards, inputs and worlds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from evometa.evolution.acting import ActingLessons
from evometa.evolution.courses import Drawn
from evometa.genetics.genome import Genome
from evometa.genetics.topologies import Topology
from evometa.judging.audit import worlds as w
from evometa.judging.audit.acting import inputs_of, paid_wrongly
from evometa.judging.audit.agent import Agent, still
from evometa.judging.audit.faults import elsewhere, fault_of, lead, lost_lead, worse_than_stock
from evometa.judging.audit.judgement import Fault
from evometa.judging.audit.subject import Contestants, Scores, Subject
from evometa.judging.audit.transforms import SEED
from evometa.lifetime import F32
from evometa.seeding import stream
from evometa.tasks.families.world import WorldFamily

LIVES = (0.5, 2.0)
LEARNED = (0.03, 0.1)  # of learned weights' deviation
TREMBLING = (0.05, 0.2)  # of actions
WRONG = (0.05, 0.2)  # of rewards
NOISY = (0.1, 0.3)  # of the rewards' deviation
SCALES = (0.5, 2.0)
LEVELS = (-0.25, 0.25)  # added to rewards, of their deviation
DARK = 0.25  # of the inputs
FEW = 8  # inputs, below which none is put to 0
MOST = 24  # tasks whose learned weights are shaken: each is lived by itself


def tasks(subject: Subject) -> Iterator[Fault]:
    """Its lead over the best stock rule stands worlds, or students, that lie outside of what evolution drew."""
    for place, (course, _) in enumerate(subject.drawn if subject.best is not None else []):
        for name, family in {**course.family.shifts(), **course.family.others}.items():
            yield elsewhere(subject, name, subject.other(place, family))


def learned(subject: Agent) -> Iterator[Fault]:
    """What is learned stands noise: weights as they are at the end, no longer learning, in the same world.

    Of worlds in a row it is not asked: what is there at the end was learned in the last of them.
    """
    several = any(lesson.plan.task for _, lesson in subject.drawn)
    if not subject.in_equations or several or isinstance(subject.genome.topology, Topology):
        return
    names = [] if subject.best is None else [subject.best]
    contestants = [(subject.genome, subject.drawn), *subject.beside(subject.drawn, names)]
    weights = [weights_of(subject, genome, drawn) for genome, drawn in contestants]
    before = kept(subject, contestants, weights, 0.0)
    for share in LEARNED:
        after = kept(subject, contestants, weights, share)
        yield worse_than_stock(subject, f"noise of {share:.0%} on learned weights", after, before)


def frozen(genome: Genome) -> Genome:
    """Return a learner that does not learn, and has no weights of its own."""
    return still(genome).replace(weights=None)


def weights_of(subject: Agent, genome: Genome, drawn: Drawn) -> list[F32]:
    """Return the weights at the end of the lives of the first tasks, f32[E, tasks] of each set."""
    found = []
    for course, lesson in drawn:
        each = []
        for lane in range(min(lesson.tasks.lanes, MOST)):
            one = lesson.part(lane, lane + 1)
            assert isinstance(one, ActingLessons)
            plan = replace(one.plan, keep_weights=True)
            lived = subject.evaluator.ways.act(one.actors([genome], course.world), one.tasks, plan)  # type: ignore[arg-type]
            assert lived.weights is not None
            each.append(lived.weights[0])
        subject.lived += len(each)
        found.append(np.stack(each, axis=1))
    return found


def kept(subject: Agent, contestants: Contestants, weights: list[list[F32]], share: float) -> Scores:
    """Return what weights score that stay as they are, with noise of a share of their deviation."""
    found = []
    for (genome, drawn), own in zip(contestants, weights, strict=True):
        parts = []
        for (course, lesson), learnt in zip(drawn, own, strict=True):
            few = lesson.part(0, learnt.shape[1])
            assert isinstance(few, ActingLessons)
            noise = stream(SEED, 0, "audit/learned").standard_normal(learnt.shape)
            moved = (learnt + share * learnt.std(axis=0) * noise).astype(np.float32)
            sound = np.ascontiguousarray(np.where(np.isfinite(moved), moved, np.float32(0)))
            lives: Drawn = [(course, w.Kept(**{**vars(few), "optimism": 0.0, "weights": sound}))]
            parts.append(subject.by_task(subject.live([frozen(genome)], lives), lives)[0])
        found.append(np.mean(parts, axis=0))
    return subject.side_by_side([np.stack(found)])


def lives(subject: Agent) -> Iterator[Fault]:
    """Longer lives lose nothing that the stock rule keeps, nor do shorter ones lose more."""
    if not subject.in_equations:
        return
    for factor in LIVES if subject.best is not None else LIVES[1:]:  # shorter ones cost anybody something
        found = subject.scored([lasting(subject, factor)])
        yield worse_than_stock(subject, f"lives × {factor:g}", found, subject.first_order)


def lasting(subject: Agent, factor: float) -> Drawn:
    """Return the lives in the same worlds for a longer or shorter time."""
    found: Drawn = []
    for place, (course, lesson) in enumerate(subject.drawn):
        family: WorldFamily = course.family  # type: ignore[assignment]
        found.append(subject.other(place, family.lasting(max(2, round(lesson.plan.length * factor))))[place])
    return found


def noise(subject: Agent) -> Iterator[Fault]:
    """Its lead over the best stock rule stands actions that are not its own, and rewards that are wrong."""
    if subject.best is None:
        return
    for share in TREMBLING:
        yield from lead(subject, f"{share:.0%} of the actions by chance", w.trembling(share))
    if subject.is_paid:
        for share in WRONG:
            found = paid_wrongly(subject, share)
            yield fault_of(subject, f"{share:.0%} of the rewards another life's", found, lost_lead(subject, found))
        for share in NOISY:
            yield from paid_otherwise(subject, f"noise of {share:g} deviations in rewards", share)


def paid_otherwise(subject: Agent, name: str, change: w.Change | float) -> Iterator[Fault]:
    """Yield how far the lead falls where rewards are others, or have noise of a share of their deviation."""
    orders = []
    for number, drawn in enumerate(subject.reordered):
        each: Drawn = []
        for course, lesson in drawn:
            own, noise = change, None
            if isinstance(own, float):
                rng = stream(SEED, number, f"audit/paid {course.number}")
                size = np.float32(own * deviation(subject))
                own = w.Pay(size * rng.standard_normal((lesson.plan.length, lesson.tasks.lanes), np.float32))
                noise = own.noise
            each.append((course, w.altered(course, lesson, own, paid=subject.paid, noise=noise)))
        orders.append(each)
    found = subject.scored(orders)
    yield fault_of(subject, name, found, lost_lead(subject, found))


def deviation(subject: Agent) -> float:
    """Return the deviation of what the champion is paid."""
    return float(np.concatenate([each.ravel() for each in subject.paid_first]).std())


def shifts(subject: Agent) -> Iterator[Fault]:
    """Its lead over the best stock rule stands rewards of another size and level, and other inputs."""
    if subject.best is None or not subject.in_equations:
        return
    if subject.is_paid:
        for factor in SCALES:
            yield from paid_otherwise(subject, f"rewards × {factor:g}", w.paying(f"{factor}*{{}}"))
        for level in LEVELS:
            size = level * deviation(subject)
            yield from paid_otherwise(
                subject, f"rewards {level:+g} of their deviation", w.paying(f"{{}} + ({size:.6f})")
            )
    if inputs_of(subject) > 1:
        for factor in SCALES:
            yield from seen_otherwise(subject, f"inputs × {factor:g}", w.seeing(f"{factor}*{{}}"))
    if inputs_of(subject) >= FEW and all(w.is_separable(course, lesson) for course, lesson in subject.drawn):
        yield from seen_otherwise(subject, f"{DARK:.0%} of the inputs at 0", None)


def seen_otherwise(subject: Agent, name: str, change: w.Change | None) -> Iterator[Fault]:
    """Yield how far the lead falls where all inputs are others, or, without a change, some of each life's are 0."""
    orders = []
    for drawn in subject.reordered:
        each: Drawn = []
        for course, lesson in drawn:
            size = inputs_of(subject, [(course, lesson)])
            dark = stream(SEED, 0, "audit/dark").random((size, lesson.tasks.lanes)) >= DARK
            own, seen = (w.blinded(size), dark.astype(np.float32)) if change is None else (change, None)
            each.append((course, w.altered(course, lesson, own, paid=subject.paid, parameters=seen)))
        orders.append(each)
    found = subject.scored(orders)
    yield fault_of(subject, name, found, lost_lead(subject, found))
