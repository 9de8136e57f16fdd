"""What happens within a few of a learner's lifetimes: what its rule reads and gives, how its weights move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.evolution.courses import Course
from evometa.evolution.lessons import Lessons
from evometa.genetics.genome import Genome
from evometa.genetics.phenotype import network_of
from evometa.judging.behaviour import extent, observe
from evometa.language.program import compile_rule, evaluate
from evometa.language.tree import Tree
from evometa.lifetime import Phenotypes
from evometa.lifetime.numba.stepwise import Lives
from evometa.lifetime.reference import Learner
from evometa.seeding import stream
from evometa.spec.states import MEMORY

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

SAMPLE = 8192  # synapse updates that statistics are made of, all task sets together
POINTS = 41  # of a life's course, at most


@dataclass
class Watched:
    """A sample of synapse updates, and the course of a life.

    `before`, `after`: each signal f32[n], with the states as they were and as they have become; `results`: what the
    slots gave, f32[n]; `weights`, `changes`: for each of `updates` (mean, tenth, ninetieth percentile) over synapses
    and lifetimes of |w| then and of |Δw| in the update that led there; None where nothing is finite.
    """

    lifetimes: int = 0
    before: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    after: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    results: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    updates: list[int] = field(default_factory=list)
    weights: list[tuple[float, float, float] | None] = field(default_factory=list)
    changes: list[tuple[float, float, float] | None] = field(default_factory=list)
    note: str = ""

    def values(self, tree: Tree, slot: str) -> F64:
        """Return what a tree in a slot gives on the sample, f64[n]."""
        return self.run({"update": tree}, self.after if slot == "update" else self.before)

    def run(self, rule: dict[str, Tree], signals: dict[str, NDArray[np.float32]]) -> F64:
        """Return the weight changes of a rule that reads these signals, f64[n]."""
        with np.errstate(all="ignore"):
            found = evaluate(compile_rule(rule), signals)["update"]
        return np.broadcast_to(found, len(self.results["update"])).astype(np.float64)


def spaced(last: int, count: int = POINTS) -> list[int]:
    """Return at most `count` whole numbers from 0 to `last`, evenly spaced, both among them."""
    return sorted({round(i * last / (count - 1)) for i in range(count)}) if last >= count else list(range(last + 1))


def watch(genome: Genome, drawn: Sequence[tuple[Course, Lessons]], lengths: Sequence[int], seed: int) -> Watched:
    """Follow a learner through a few lifetimes of each task set, from birth to so many updates.

    The course of a life is that of the first set. What is too large is followed for fewer updates, or not at all.
    """
    found = Watched()
    share = 1.0 / len(drawn)
    samples: list[dict[str, dict[str, NDArray[np.float32]]]] = []
    for number, ((course, lesson), length) in enumerate(zip(drawn, lengths, strict=True)):
        lanes, updates = extent(network_of(genome) or course.network, lesson.plan, length, share)
        if not lanes or "update" not in genome.rule:
            found.note = (
                found.note or f"{course.family.name}: the network is too large to be followed synapse by synapse"
            )
            continue
        if updates < length:
            found.note = f"{course.family.name}: followed for the first {updates} of {length} updates, as it is large"
        rng = stream(seed, 0, f"watch {number}")
        size = max(1, round(share * SAMPLE / max(updates, 1)))
        points = set(spaced(updates))
        with np.errstate(all="ignore"):
            for update, learner in enumerate(observe(genome, course, lesson, lanes, updates)):
                samples.append(_sample(genome, learner, size, rng))
                if number == 0:
                    _follow(found, update, learner, points)
        found.lifetimes += min(lanes, len(range(0, lesson.tasks.lanes, lesson.repeats)))
    for kind in ("before", "after", "results"):
        names = samples[0][kind] if samples else ()
        setattr(found, kind, {name: np.concatenate([one[kind][name] for one in samples]) for name in names})
    return found


def end_of_life(phenotypes: Phenotypes, course: Course, lesson: Lessons, credit: str) -> dict[str, F32]:
    """Live all lives of the first phenotype; return its weights (w) and states f32[E, L] after the last update."""
    plan, tasks = lesson.plan, lesson.tasks
    lives = Lives(
        phenotypes, lesson.births(phenotypes), tasks.lanes, head=course.head, credit=credit, bound=plan.bound,
        synapse_cost=plan.synapse_cost,
    )  # fmt: skip
    return lives.learn(lives.birth(), tasks.support_x, tasks.support_y, plan.order, 0, len(plan.order), plan.task)[0]


def _sample(genome: Genome, learner: Learner, size: int, rng: np.random.Generator) -> dict[str, dict[str, F32]]:
    """Take some synapses of some lifetimes, and what of them the rule's slots read and gave."""
    shape = learner.w.shape
    rows, columns = rng.integers(0, shape[0], size), rng.integers(0, shape[1], size)
    reads = frozenset().union(*(tree.signals() for slot, tree in genome.rule.items() if slot != "loss"))

    def pick(value: Any) -> F32:
        return np.asarray(np.broadcast_to(value, shape)[rows, columns], np.float32)

    before = {name: pick(value) for name, value in learner.signals.items() if name in reads}
    results = {name: pick(value) for name, value in learner.results.items()}
    return {
        "before": before,
        "after": {**before, **{s: results[s] for s in MEMORY if s in results}},
        "results": results,
    }


def _follow(found: Watched, update: int, learner: Learner, points: set[int]) -> None:
    """Note how the weights stand, where this update is one of the points."""
    before = learner.signals["w"]
    if update == 0:
        found.updates.append(0)
        found.weights.append(band(np.abs(before)))
        found.changes.append(None)
    if update + 1 in points:
        found.updates.append(update + 1)
        found.weights.append(band(np.abs(learner.w)))
        found.changes.append(band(np.abs(learner.w - before)))


def band(values: Any) -> tuple[float, float, float] | None:
    """Return mean, 10th and 90th percentile of the finite ones among numbers; None where there is none."""
    finite = values[np.isfinite(values)].astype(np.float64)
    if not len(finite):
        return None
    low, high = np.quantile(finite, (0.1, 0.9))
    return float(finite.mean()), float(low), float(high)
