"""Genomes and tasks → fitness: draws lessons, lives lifetimes once for each different learner, and judges them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Protocol

import numpy as np

from evometa.config.schema import Config, Split
from evometa.courses import Course, Lessons, lessons
from evometa.fitness import Judgements, judge
from evometa.genome import Genome, Individual
from evometa.language.program import Program
from evometa.lifetime import Births, Outcomes, Phenotypes, Plan, Tasks
from evometa.phenotype import express

SLAB = 64 << 20  # bytes of outcomes in hand at a time; larger populations are lived slab by slab


class Backend(Protocol):
    """A function that lives a batch of lifetimes (contract: evometa.lifetime)."""

    def __call__(
        self, phenotypes: Phenotypes, tasks: Tasks, births: Births, plan: Plan, *,
        threads: int = 0, progress: Callable[[int, int], None] | None = None,
    ) -> Outcomes: ...  # fmt: skip


@dataclass
class Tally:
    """What an evaluation cost: lifetimes lived, those that diverged, learners found to be known already, seconds."""

    lifetimes: int = 0
    diverged: int = 0
    known: int = 0
    seconds: float = 0.0
    reasons: dict[str, int] = field(default_factory=dict)


class Evaluator:
    """Judges genomes on the tasks of a recipe."""

    def __init__(
        self, config: Config, courses: list[Course], backend: Backend, progress: Callable[[int, int], None] | None = None
    ) -> None:
        self.config, self.courses, self.backend, self.progress = config, courses, backend, progress

    def evaluate(self, individuals: Sequence[Individual], generation: int, known: Sequence[Individual] = ()) -> Tally:
        """Set fitness, cases, innate and adapted performance of every individual.

        Learners that behave alike (equal signature) are lived once; `known` have been judged on these same tasks.
        """
        started = time.perf_counter()
        tally = Tally()
        for individual, signature in zip(individuals, self.signatures([i.genome for i in individuals]), strict=True):
            individual.signature = signature
        judged = {i.signature: i for i in known if i.fitness.valid}
        fresh = list({i.signature: i for i in reversed(individuals) if i.signature not in judged}.values())[::-1]
        if fresh:
            self._live_and_judge(fresh, self.draw("train", self._epoch(generation), self.config.sampling.tasks), generation, tally)
        judged |= {i.signature: i for i in fresh}
        for individual in individuals:
            twin = judged[individual.signature]
            if twin is not individual:
                individual.take_judgement(twin)
                tally.known += 1
        tally.seconds = time.perf_counter() - started
        return tally

    def draw(self, split: Split, generation: int, count: int, checkpoints: tuple[int, ...] = ()) -> list[tuple[Course, Lessons]]:
        """Draw the lessons of every course that serves a split."""
        return [
            (course, lessons(course, self.config, split, generation, count, checkpoints))
            for course in self.courses
            if course.serves(split)
        ]

    def outcomes(self, genomes: Sequence[Genome], drawn: list[tuple[Course, Lessons]]) -> Outcomes:
        """Live every genome through all the lessons; lanes of the courses side by side."""
        parts = []
        for course, lesson in drawn:
            phenotypes = express(genomes, course.network, course.weights, course.feedback)
            parts.append(self.backend(
                phenotypes, lesson.tasks, lesson.births, lesson.plan,
                threads=self.config.run.threads, progress=self.progress,
            ))  # fmt: skip
        if len(parts) == 1:
            return parts[0]
        joined = [np.concatenate([getattr(p, name) for p in parts], axis=-1) for name in ("loss", "accuracy", "mae", "status")]
        return Outcomes(joined[0], joined[1], joined[2], joined[3], parts[0].weights)

    def signatures(self, genomes: Sequence[Genome]) -> list[bytes]:
        """Return 16 bytes for each genome, equal where rules answer probes alike and all else is equal."""
        from evometa.lifetime.probe import answers

        phenotypes = express(genomes, self.courses[0].network, self.courses[0].weights, self.courses[0].feedback)
        return [
            _signature(rows.tobytes(), genome, loss)
            for rows, genome, loss in zip(answers(phenotypes), genomes, phenotypes.losses, strict=True)
        ]

    def _epoch(self, generation: int) -> int:
        """Return the generation whose tasks are met."""
        return generation if self.config.sampling.resample == "generation" else 0

    def _live_and_judge(
        self, individuals: list[Individual], drawn: list[tuple[Course, Lessons]], generation: int, tally: Tally
    ) -> None:
        objectives, inheritance = self.config.fitness.objectives, self.config.evolution.inheritance
        lanes = sum(lesson.tasks.lanes for _, lesson in drawn)
        slab = max(1, SLAB // (16 * lanes * max(len(lesson.plan.checkpoints) for _, lesson in drawn)))
        for first in range(0, len(individuals), slab):
            batch = individuals[first : first + slab]
            outcomes = self.outcomes([i.genome for i in batch], drawn)
            sizes = [i.genome.size for i in batch]
            judgements: Judgements = judge(outcomes, sizes, objectives, inheritance)
            for row, individual in enumerate(batch):
                individual.accept(judgements, row)
                if outcomes.weights is not None and individual.born == generation:
                    individual.genome = individual.genome.with_weights(outcomes.weights[row])
            tally.lifetimes += outcomes.status.size
            tally.diverged += int(judgements.diverged.sum())


def _signature(answers: bytes, genome: Genome, loss: Program | None) -> bytes:
    digest = blake2b(answers, digest_size=16)
    if loss is not None:
        digest.update(loss.key)
        digest.update(genome.coefficients.tobytes())
    for part in (genome.weights, genome.plasticity):
        if part is not None:
            digest.update(part.tobytes())
    return digest.digest()
