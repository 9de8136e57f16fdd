"""What lives have learned: the weights at the end of each, and what these score when they are shaken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from evometa.evolution.courses import Course, Lessons
from evometa.evolution.fitness import performance
from evometa.evolution.networks import activations_of
from evometa.genetics.genome import Genome
from evometa.genetics.phenotype import express
from evometa.genetics.topologies import Topology
from evometa.judging.audit.judgement import F64
from evometa.judging.audit.learner import Learner
from evometa.judging.audit.subject import PURPOSE, Scores
from evometa.lifetime import F32, Births, Outcomes, Phenotypes, Plan, Tasks
from evometa.lifetime.batch import batch_of
from evometa.seeding import stream
from evometa.spec import HEADS

MOST = 40  # tasks: each is lived by itself, as a life's weights are handed out of its first lane alone


@dataclass(frozen=True)
class Learned:
    """The weights that some genomes have learned in one life of each task of a set."""

    subject: Learner
    course: Course
    lesson: Lessons
    genomes: Sequence[Genome]

    @cached_property
    def phenotypes(self) -> Phenotypes:
        """The learners."""
        return express(self.genomes, self.course.world)

    @cached_property
    def lanes(self) -> list[int]:
        """The first lane of each task."""
        return list(range(0, self.lesson.tasks.lanes, self.lesson.repeats))[:MOST]

    @cached_property
    def weights(self) -> list[F32]:
        """Of each genome, f32[E, tasks]."""
        return self.after(self.lesson.tasks, len(self.lanes))

    @property
    def bounded(self) -> list[float]:
        """Of each genome, the share of weights that stand at their bound and were not born there."""
        found = []
        for g, weights in enumerate(self.weights):
            innate = self.phenotypes[g].innate
            born = np.zeros(len(weights), np.float32) if innate is None else innate
            there = [np.abs(each) >= self.lesson.plan.bound for each in (weights, born[:, None])]
            found.append(float(np.mean(there[0] & ~there[1])))
        return found

    def after(self, tasks: Tasks, count: int) -> list[F32]:
        """Return what is learned in the first so many of these tasks."""
        births, plan = self.lesson.births(self.phenotypes), self.lesson.plan
        plan = replace(plan, keep_weights=True, checkpoints=np.array([plan.length], np.int32))
        found = []
        for lane in self.lanes[:count]:
            one = np.array([lane])
            lived = self.live(self.phenotypes, tasks.take(one), births.take(one), plan.take(one))
            assert lived.weights is not None
            found.append(lived.weights)
        return [np.stack([each[g] for each in found], axis=1) for g in range(len(self.genomes))]

    def scores(self, share: float) -> F64:
        """Return what each genome's weights score with noise of a share of their deviation, f64[genomes, tasks]."""
        subject, lanes, plan = self.subject, np.array(self.lanes), self.lesson.plan
        tasks = self.lesson.tasks.take(lanes)
        asked = replace(plan.take(lanes), checkpoints=np.array([0], np.int32))
        found = []
        for g, weights in enumerate(self.weights):
            noise = stream(0, 0, f"audit/learned {g}").standard_normal(weights.shape)
            shaken = (weights + share * weights.std(axis=0) * noise).astype(np.float32)
            sound = np.where(np.isfinite(shaken), shaken, np.float32(0))
            learner = batch_of([self.phenotypes[g]._replace(innate=None)])
            lived = self.live(learner, tasks, Births([np.ascontiguousarray(sound)]), asked)
            found.append(subject.sign * performance(lived, subject.measure, 0)[0])
        return np.stack(found)

    def live(self, phenotypes: Phenotypes, tasks: Tasks, births: Births, plan: Plan) -> Outcomes:
        """Live some lives."""
        self.subject.lived += len(phenotypes) * tasks.lanes
        self.subject.evaluator.lived[PURPOSE] += len(phenotypes) * tasks.lanes
        return self.subject.evaluator.backend(phenotypes, tasks, births, plan, threads=1)


def learned_by(subject: Learner) -> list[Learned]:
    """Return what champion and best stock rule have learned, set by set; nothing where that is more than weights."""
    found: list[Learned] = subject.memory.get("learned") or _learned(subject)
    subject.memory["learned"] = found
    return found


def _learned(subject: Learner) -> list[Learned]:
    config = subject.evaluator.config
    genes = isinstance(subject.genome.topology, Topology)
    back = config.network.recurrent or (genes and config.topology.recurrent) or "gru" in activations_of(config)
    more = back or "gate" in subject.genome.rule
    if more or subject.sequence or config.network.memory.slots or config.network.contexts:
        return []
    found = []
    for course, lesson in subject.drawn:
        if HEADS[course.head].comparison or not lesson.plan.length:
            return []
        names = [] if subject.best is None else [subject.best]
        rivals = [genome for genome, _ in subject.beside(subject.drawn, names)]
        found.append(Learned(subject, course, lesson, [subject.genome, *rivals]))
    return found


def shaken(subject: Learner, learned: Sequence[Learned], share: float) -> Scores:
    """Return what is scored after noise on what was learned."""
    parts = [each.scores(share) for each in learned]
    fewest = min(part.shape[1] for part in parts)
    mean = np.mean([part[:, :fewest] for part in parts], axis=0)
    return Scores(mean[:1], mean[1:] if len(mean) > 1 else None)
