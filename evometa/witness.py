"""What a rule does in its own world: its weight changes on real tasks, beside those of the classic rules there.

Algebra compares rules for all numbers, and probes for usual ones; but rules evolve where, say, inputs are 0 or 1, and
there `min(target, pre)` is `target·pre`. So a champion is also watched while it lives.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from evometa.courses import Course, Lessons
from evometa.genome import Genome
from evometa.language.library import RULES
from evometa.language.probes import likeness
from evometa.language.program import compile_rule, evaluate
from evometa.language.signals import SIGNALS
from evometa.lifetime import Births
from evometa.lifetime.reference import Learner
from evometa.phenotype import express

LANES = 16
PATIENCE = 20_000  # synapse updates; the reference is slow, and larger nets are not watched
ALIKE = 0.99


def behaviour(genome: Genome, course: Course, lesson: Lessons) -> dict[str, Any] | None:
    """Return which classic rule changes weights most like this one in a few of its lifetimes: name, scale, r2.

    None for rules with states or with an evolved loss, for large networks, and where nothing is learned.
    """
    examples = course.network.synapses * lesson.plan.order.size
    if set(genome.rule) != {"update"} or examples > PATIENCE:
        return None
    batch = lesson.plan.order.shape[1]
    changes, signals = watch(genome, course, lesson)
    best: dict[str, Any] | None = None
    for rule in RULES.values():
        single = any(SIGNALS[name].single for name in rule.needs)
        if set(rule.slots) != {"update"} or not rule.needs <= signals.keys() or (single and batch > 1):
            continue
        coefficients = {name: np.float32(value) for name, value in {**rule.coefficients, "c0": 1.0}.items()}
        theirs = evaluate(compile_rule(rule.slots), {**signals, **coefficients})["update"]
        scale, r2 = likeness(changes, np.broadcast_to(theirs, changes.shape).astype(np.float64))
        if r2 >= ALIKE and (best is None or r2 > best["r2"]):
            best = {"name": rule.name, "title": rule.title, "scale": scale, "r2": r2}
    return best


def watch(genome: Genome, course: Course, lesson: Lessons) -> tuple[Any, dict[str, Any]]:
    """Live a few lifetimes in the reference; return the rule's weight changes f64[n] and the signals it read f32[n]."""
    lanes = np.arange(min(LANES, lesson.tasks.lanes))
    births = Births({key: weights[:, lanes] for key, weights in lesson.births.weights.items()})
    phenotypes = express([genome], course.network, course.weights, course.feedback)
    learner = Learner(phenotypes, 0, lesson.tasks.take(lanes), births, lesson.plan)
    rows: list[dict[str, Any]] = []
    learner.witness = lambda signals, results: rows.append({**signals, "change": results["update"]})
    with np.errstate(all="ignore"):
        for update in range(len(lesson.plan.order)):
            learner.learn(update)

    def column(name: str) -> Any:
        return np.concatenate([np.broadcast_to(row[name], len(lanes)) for row in rows]).astype(np.float32)

    return column("change").astype(np.float64), {name: column(name) for name in rows[0] if name != "change"}
