"""What a rule does in its own lives: its weight changes there, beside those that the classic rules would make.

Algebra compares rules for all numbers; but rules evolve where, say, inputs are 0 or 1, and there `min(target, pre)` is
`target·pre`, or where weights grow large, and there a rule that begins as the delta rule is none. So what a champion
behaves like is said of the lives that it lives.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from evometa.evolution.courses import Course
from evometa.evolution.lessons import Lessons
from evometa.genetics.genome import Genome
from evometa.genetics.phenotype import express, network_of
from evometa.judging.reports import Behaviour
from evometa.language.fit import ALIKE, best_fit
from evometa.language.liveness import living
from evometa.language.signals import COEFFICIENTS, PLASTICITY, SIGNALS
from evometa.lifetime import Graph, Plan
from evometa.lifetime.numba.stepwise import watch
from evometa.lifetime.reference import Learner
from evometa.spec.states import MEMORY

FEW_LANES, MOST_LANES = 2, 16
WORK = 4e7  # synapses × lanes × examples that are watched; of larger lifetimes only the beginning
FEW_UPDATES = 3
SAMPLE = 1024  # synapses, of all lifetimes watched, that are compared
_NEAR = 0.2  # share of the weight changes from which the nearest rule is worth naming


@dataclass(frozen=True)
class Lives:
    """Some synapses followed through lifetimes: `changes f64[U, S]`, `signals` f32[U, S] each (states left out).

    `length`: updates of a whole life, of which the first U are here; `least`, `most`: of all finite weight changes.
    """

    changes: NDArray[np.float64]
    signals: dict[str, NDArray[np.float32]]
    length: int
    lifetimes: int
    least: float
    most: float


def extent(graph: Graph, plan: Plan, updates: int, share: float = 1.0) -> tuple[int, int]:
    """Return how many lanes, and how many of so many updates, `share` of WORK is enough for; (0, 0): too few."""
    work = share * WORK / (max(1, graph.synapses) * plan.order.shape[1])
    lanes = int(min(MOST_LANES, max(FEW_LANES, work // max(updates, 1))))
    watched = int(min(updates, work // lanes))
    return (lanes, watched) if watched >= min(FEW_UPDATES, updates) else (0, 0)


def observe(genome: Genome, course: Course, lesson: Lessons, count: int, updates: int) -> Iterator[Learner]:
    """Live the first updates of so many lifetimes, of different tasks; yield the learner after each."""
    first = np.arange(0, lesson.tasks.lanes, lesson.repeats)  # the first life of each task
    lanes = first[np.round(np.linspace(0, len(first) - 1, min(count, len(first)))).astype(np.int64)]
    phenotypes = express([genome], course.world)
    births = lesson.births(phenotypes).take(lanes)
    return islice(watch(phenotypes, 0, lesson.tasks.take(lanes), births, lesson.plan.take(lanes)), updates)


def follow(genome: Genome, course: Course, lesson: Lessons) -> Lives | None:
    """Follow a learner through a few lifetimes; of large ones through their beginning; None where that is too large."""
    length, batch, _ = lesson.plan.order.shape
    lanes, updates = extent(network_of(genome) or course.network, lesson.plan, length)
    if not lanes:
        return None
    known = {"output", *MEMORY, *COEFFICIENTS, *PLASTICITY[len(genome.plasticity) :]}
    reads = frozenset(name for name, row in SIGNALS.items() if name not in known and not (row.single and batch > 1))
    moments, least, most = [], np.inf, -np.inf
    for learner in observe(genome, course, lesson, lanes, updates):
        chosen = np.random.default_rng(0).permutation(learner.w.size)[:SAMPLE]
        change = learner.results["update"]
        watched = {"": change, **{name: learner.signals[name] for name in reads}}
        moments.append({name: np.broadcast_to(v, change.shape).ravel()[chosen] for name, v in watched.items()})
        finite = change[np.isfinite(change)]
        least, most = min(least, finite.min(initial=np.inf)), max(most, finite.max(initial=-np.inf))
    signals = {name: np.stack([moment[name] for moment in moments]).astype(np.float32) for name in moments[0]}
    changes = signals.pop("").astype(np.float64)
    return Lives(changes, signals, length, learner.lanes, float(least), float(most))


def behaviour(genome: Genome, course: Course, lesson: Lessons) -> Behaviour | None:
    """Return which classic rule changes weights most like this one in a few of its lifetimes.

    None where nothing is learned, for networks that are too large, for learners that act, and for habits.
    """
    if course.family.kind in ("acting", "search"):
        return None
    if "update" not in genome.rule or not lesson.plan.length:
        return None
    lives = follow(genome, course, lesson)
    if lives is None or not lives.changes.any():
        return None
    rule = living(genome.rule)
    reads = frozenset().union(*(tree.signals() for tree in rule.values()))
    fit = best_fit(lives.changes, lives.signals, lives.length, reads)
    updates = len(lives.changes)
    where = "in its own lives" if updates == lives.length else f"in the first {updates} updates of its own lives"
    where += " (on its evolved loss)" if "loss" in rule else ""
    if fit is None or fit.r2 < _NEAR:
        text, explained = f"none of the classic rules {where}", Behaviour(name=None)
    else:
        steps, alike = [float(step) for step in fit.steps], fit.r2 >= ALIKE
        explained = Behaviour(
            name=fit.rule.name if alike else None, title=fit.rule.title, r2=fit.r2,
            scale=sum(steps) / updates, steps=[steps[0], steps[-1]],
        )  # fmt: skip
        text = f"none of the classic rules; nearest {where}: {fit.words} (R² {fit.r2:.2f})"
        if alike:
            text = f"{where} like {fit.words} (R² {fit.r2:.4f})"
    sign = 1 if lives.least >= 0 else -1 if lives.most <= 0 else 0
    text += {1: "; no weight ever falls", -1: "; no weight ever rises", 0: ""}[sign]
    return Behaviour(text=text, updates=updates, lifetimes=lives.lifetimes, sign=sign, **explained)
