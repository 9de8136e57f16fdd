"""Many genomes on their way down the gradients of their lives, all of them in one call for each set of tasks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from evometa.config.gradient import Gradient
from evometa.config.schema import Config
from evometa.evolution.adam import SMALL, Adam, warmth
from evometa.evolution.courses import Course, Drawn
from evometa.evolution.evaluation import Evaluator
from evometa.evolution.lessons import Lessons
from evometa.evolution.sequences import judged, mean, shares
from evometa.genetics.genomes import Genomes
from evometa.genetics.learners import Learners
from evometa.genetics.lifted import LARGEST
from evometa.genetics.parameters import Parameters
from evometa.language.adjoint import adjoint_of
from evometa.lifetime import F32, OK, Outcomes, Phenotypes
from evometa.lifetime.backends import Descend, Prepare
from evometa.lifetime.batch import born
from evometa.spec.arrays import I64, U8

PURPOSE = "numbers"  # of lives
KEPT = 0.99  # share of a running mean of losses that a step leaves
MOST, LEAST = 100.0, 1e-3  # losses above, and running means below, count so much
MOVED = 0.01  # share of the largest change of a weight in a life: a synapse that changes by more is plastic

F64 = NDArray[np.float64]


class Descent:
    """G genomes with their parameters, and how far they have come on the courses that evolution goes by.

    `means f32[G, C]`: running means of the losses at all checkpoints that ever count, one course after the other, 0
    where none is known; `norms`: of each step those of the gradients, f64[G]. After `compare`, `gained f32[G, 2]`: mean
    loss before and after, and `plastic f64[G]`: the share of synapses that learn. `generation` says what the section is
    like, and which numbers of a rule with too many are tuned.
    """

    def __init__(self, evaluator: Evaluator, prepare: Prepare, genomes: Genomes, generation: int) -> None:
        self.evaluator, self.settings = evaluator, evaluator.config.gradient.at(generation)
        config = evaluator.config
        self.parameters = Parameters.of(
            genomes, self.settings.chosen(config.evolved), config.rule.evolving, generation,
            config.network.coefficients,
        )  # fmt: skip
        courses = [course for course in evaluator.courses if course.serves("train")]
        self.learners = {course.number: Learners(self.parameters, course.world) for course in courses}
        self.descend = {number: self._prepared(prepare, one.born) for number, one in self.learners.items()}
        self.adam = Adam.of(self.parameters, self.settings)
        places = [places_of(config, self.settings, course) for course in courses]
        begins = np.cumsum([0, *(count for count, _ in places)])
        self.places = np.concatenate([begin + at for begin, (_, at) in zip(begins[:-1], places, strict=True)])
        known = genomes.moments
        self.means = np.zeros((len(genomes), begins[-1]), np.float32) if known is None else known.means.copy()
        self.norms: list[F64] = []
        self.gained = np.zeros((len(genomes), 2), np.float32)
        self.plastic = np.zeros(len(genomes))

    def step(self, drawn: Drawn, share: float) -> None:
        """Go one step on these tasks; `share`: of the rates."""
        means = self.means[:, self.places] if self.norms else self._begun(drawn)
        gradient, losses = np.zeros(len(self.parameters.values), np.float32), []
        parts = zip(drawn, self._weights(drawn, means), shares_of(drawn).tolist(), strict=True)
        for (course, lesson), weights, part in parts:
            learners = self.learners[course.number]
            phenotypes = learners.phenotypes(self.adam.values)
            births = lesson.births(phenotypes)
            slopes = self.descend[course.number](phenotypes, lesson.tasks, births, lesson.plan, weights)
            self._count(lesson)
            gradient += np.float32(part) * learners.gradient(slopes)
            counted = slopes.losses if lesson.plan.asked is None else mean(lesson.plan, slopes.losses)
            losses.append(means_of(counted, slopes.status))
        self.norms.append(self.adam.step(gradient, self.rates(share)))
        self.adam.values = self._held(self.adam.values)
        self.means[:, self.places] = followed(means, np.concatenate(losses, axis=1))

    def _prepared(self, prepare: Prepare, born: Phenotypes) -> Descend:
        """Return what gives slopes of these learners."""
        rules, losses = ([adjoint_of(one) for one in programs] for programs in (born.programs, born.losses))
        return prepare(rules, losses, self.settings.order)

    def _weights(self, drawn: Drawn, running: F32) -> list[F32]:
        """Return what each checkpoint of each genome counts, f32[G, C] for each course."""
        found, place = [], 0
        for _, lesson in drawn:
            counts = np.ones(len(lesson.plan.checkpoints), np.float32)
            counts[0] = self.settings.first
            if lesson.plan.asked is not None:
                counts = shares(lesson.plan)
            count = len(counts) if lesson.plan.asked is None else 1  # running means
            means = np.maximum(running[:, place : place + count], LEAST)
            if self.settings.balance == "absolute":
                means = np.ones_like(means)
            found.append(counts / counts.sum() / means)
            place += count
        return found

    def rates(self, share: float) -> F32:
        """Return the rate of each number, f32[N]; `share`: of what the recipe says."""
        own, bounds, of = self.settings, self.evaluator.config.coefficients, self.parameters
        rates = np.full(len(of.values), own.rate, np.float32)
        for name, place in of.places.items():
            sizes = np.abs(self.adam.values[place])
            if name == "weights":
                rates[place] = own.weight_rate
            elif name == "constants":
                rates[place] *= np.maximum(sizes, SMALL)
            elif name == "coefficients":
                low, high = np.array(bounds.ranges)
                widths = np.resize((high - low).astype(np.float32), sizes.shape)
                rates[place] *= sizes if bounds.scale == "log" else widths
        rates *= (share * warmth(own, self.adam.steps)).astype(np.float32)[of.row]
        return rates

    def compare(self, drawn: Drawn) -> None:
        """Let all live on the same tasks with the numbers that they came with, and with those that they have now."""
        for place, values in enumerate((self.parameters.values, self.adam.values)):
            means, plastic = [], []
            for course, lesson in drawn:
                phenotypes, outcomes = self._lived(course, lesson, values)
                means.append(means_of(outcomes.loss[:, -1:], outcomes.status)[:, 0])
                plastic.append(plasticity(phenotypes, lesson, outcomes))
            shares = shares_of(drawn)[:, None]
            self.gained[:, place] = np.nan_to_num((shares * means).sum(axis=0), nan=MOST)
            self.plastic = (shares * plastic).sum(axis=0)

    def genomes(self) -> Genomes:
        """Return the genomes with what their numbers and moments have become."""
        own = self.adam
        return self.parameters.with_numbers(own.values, own.first, own.second, own.steps, self.means, self.gained)

    def _begun(self, drawn: Drawn) -> F32:
        """Return the running means that genomes bring along; those who lack some live once, which gives them these."""
        known = self.means[:, self.places]
        if known.all():
            return known
        outcomes = [self._lived(course, lesson, self.adam.values)[1] for course, lesson in drawn]
        losses = [
            each.loss if lesson.plan.asked is None else each.loss[:, -1:]
            for (_, lesson), each in zip(drawn, outcomes, strict=True)
        ]
        found = np.concatenate(
            [means_of(loss, each.status) for loss, each in zip(losses, outcomes, strict=True)], axis=1
        )
        return np.where(known == 0, np.nan_to_num(found, nan=MOST), known)

    def _lived(self, course: Course, lesson: Lessons, values: F32) -> tuple[Phenotypes, Outcomes]:
        """Let all live with some values of their parameters; return who lived, and what became of them."""
        phenotypes = self.learners[course.number].phenotypes(values)
        plan = replace(lesson.plan, keep_weights=True)
        self._count(lesson)
        lived = self.evaluator.backend(
            phenotypes, lesson.tasks, lesson.births(phenotypes), plan, threads=self.evaluator.config.run.threads
        )
        return phenotypes, judged(plan, lived)

    def _count(self, lesson: Lessons) -> None:
        self.evaluator.lived[PURPOSE] += len(self.parameters) * lesson.tasks.lanes

    def _held(self, values: F32) -> F32:
        """Return values within the bounds of the recipe."""
        config = self.evaluator.config
        held = np.clip(values, -LARGEST, LARGEST).astype(np.float32)
        limits = {
            "weights": (-config.lifetime.bound / config.topology.gain, config.lifetime.bound / config.topology.gain),
            "coefficients": config.coefficients.ranges,
        }
        for name, (low, high) in limits.items():
            if name in self.parameters.places:
                place = self.parameters.places[name]
                bounds = (np.resize(np.asarray(bound, np.float32), held[place].shape) for bound in (low, high))
                held[place] = np.clip(held[place], *bounds)
        return held


def checkpoints(config: Config, own: Gradient, support: int) -> tuple[int, ...]:
    """Return the numbers of updates after which losses count, for tasks of so many support examples."""
    length = own.updates or config.lifetime.length(support)
    if config.evolution.inheritance == "darwin":
        return (0,)
    points = {point for point in config.lifetime.checkpoints if 0 < point <= length} | {length}
    return own.checkpoints or tuple(sorted(points))


def places_of(config: Config, own: Gradient, course: Course) -> tuple[int, I64]:
    """Return how many checkpoints of a course ever count, and which of these do by `own`."""
    if course.family.sequence:
        return 1, np.zeros(1, np.int64)  # the mean over all queries
    support = course.family.support["train"]
    ever = sorted({point for one in config.gradient.all().values() for point in checkpoints(config, one, support)})
    return len(ever), np.searchsorted(ever, checkpoints(config, own, support))


def shares_of(drawn: Drawn) -> F64:
    """Return how much each set of tasks counts, f64[sets], 1 together."""
    weights = np.array([course.settings.weight for course, _ in drawn])
    return weights / weights.sum()


def means_of(losses: F32, status: U8) -> F32:
    """Return mean losses f32[G, C] over the lives that were not lost, none above MOST; NaN where all were lost."""
    sound = (status == OK)[:, None, :]
    with np.errstate(invalid="ignore"):
        sums = np.where(sound, np.minimum(losses, MOST), 0.0).sum(axis=2, dtype=np.float64)
        return (sums / sound.sum(axis=2)).astype(np.float32)


def followed(means: F32, losses: F32) -> F32:
    """Return running means after one more step; a loss that is not known leaves them as they are."""
    new = np.float32(KEPT) * means + np.float32(1.0 - KEPT) * losses
    return np.where(np.isfinite(losses), new, means)


def plasticity(phenotypes: Phenotypes, lesson: Lessons, outcomes: Outcomes) -> F64:
    """Return the share of synapses, f64[G], whose weight the life in lane 0 has changed by more than MOVED."""
    assert outcomes.weights is not None
    births, shares = lesson.births(phenotypes), np.zeros(len(phenotypes))
    for g, learned in enumerate(outcomes.weights):
        change = np.abs(learned.astype(np.float64) - born(phenotypes, g, births, lesson.tasks.lanes)[:, 0])
        largest = change.max(initial=0.0)
        shares[g] = (change > MOVED * largest).mean() if 0.0 < largest < np.inf else 0.0
    return shares
