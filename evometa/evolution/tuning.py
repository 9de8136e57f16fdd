"""Numbers of good genomes are tuned between two generations, by an evolution strategy on tasks of its own."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import islice
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from evometa.evolution.covariance import Strategy
from evometa.evolution.evaluation import Evaluator
from evometa.evolution.loop import merit
from evometa.evolution.memory import at_a_time
from evometa.genetics.genome import Genome
from evometa.genetics.individual import Individual
from evometa.genetics.numbers import Numbers
from evometa.seeding import Draws, stream
from evometa.store.records import Statistics

PURPOSE = "numbers"  # of streams, tasks and lives


class Grow(Protocol):
    """A function that adds so many factors to a genome's rule, each of them 1."""

    def __call__(self, genome: Genome, count: int, rng: Draws) -> Genome: ...


class NumberTuner:
    """Tunes numbers by CMA-ES (Hansen & Ostermeier 2001, Evolutionary Computation 9; DEAP's) as section `tuning` says.

    All that are tuned at a time meet the same tasks, new ones in each round. What comes of one depends on its genome,
    its id, the generation and the seed alone. `grow` adds so many factors to a genome, as `tuning.factors` asks for.
    """

    def __init__(self, evaluator: Evaluator, grow: Grow | None = None) -> None:
        self.evaluator, self.settings, self.grow = evaluator, evaluator.config.tuning, grow
        self._lived, self._seconds = 0, 0.0  # lifetimes that `spent` has told of, and time that it has not

    def tune(self, individuals: Sequence[Individual], generation: int) -> list[tuple[Individual, Genome]]:
        """Return the best individuals that have numbers to tune, each with what its genome comes to."""
        own, config, started = self.settings, self.evaluator.config, time.perf_counter()
        if not own.every or (generation + 1) % own.every:
            return []
        ranked = sorted(individuals, key=merit, reverse=True)
        numbered = ((one, Numbers.of(self._grown(one, generation), config)) for one in ranked)
        some = list(islice(((one, numbers) for one, numbers in numbered if numbers.places), own.individuals))
        searches = [
            Search(numbers, own.step, own.samples, stream(config.seed, generation, f"{PURPOSE} of {one.id}"))
            for one, numbers in some
        ]
        for number in range(own.rounds if searches else 0):
            drawn = self.evaluator.draw("train", generation, own.tasks, purpose=f"{PURPOSE} {number} ")
            genomes = [genome for search in searches for genome in search.ask()]
            slab = at_a_time(genomes, drawn)
            parts = [genomes[first : first + slab] for first in range(0, len(genomes), slab)]
            judged = [self.evaluator.judge(part, drawn, PURPOSE, rounded=False) for part in parts]
            worth = np.concatenate([each.values[:, 0] for each in judged])
            worth *= self.evaluator.objectives[0].weight
            for search, values in zip(searches, worth.reshape(len(searches), -1), strict=True):
                search.tell(values)
        self._seconds += time.perf_counter() - started
        return [(one, search.best()) for (one, _), search in zip(some, searches, strict=True)]

    def _grown(self, one: Individual, generation: int) -> Genome:
        """Return an individual's genome, with new factors where the recipe asks for them."""
        if self.grow is None or not self.settings.factors:
            return one.genome
        rng = Draws(stream(self.evaluator.config.seed, generation, f"factors of {one.id}"))
        return self.grow(one.genome, self.settings.factors, rng)

    def refine(self, newborn: Sequence[Individual], generation: int) -> None:
        """Leave newborn as they are: numbers are tuned between generations."""

    def spent(self) -> tuple[Statistics, float]:
        """Return the lifetimes (nothing where the recipe tunes nothing) and seconds of tuning since this was asked."""
        lived, seconds = self.evaluator.lived[PURPOSE] - self._lived, self._seconds
        self._lived, self._seconds = self._lived + lived, 0.0
        return Statistics(tuning_lifetimes=lived) if self.settings.every else Statistics(), seconds


class Search:
    """The search around the numbers of one genome, in logarithms of what each is multiplied by."""

    def __init__(self, numbers: Numbers, step: float, samples: int, rng: np.random.Generator) -> None:
        self.numbers = numbers
        self._strategy = Strategy(np.zeros(len(numbers.places)), step, rng, lambda_=samples)
        self._points: list[Point] = []

    def ask(self) -> list[Genome]:
        """Return the genomes to be judged next."""
        self._points = self._strategy.generate(Point)
        return [self.numbers.scaled(np.array(point)) for point in self._points]

    def tell(self, worth: NDArray[np.float64]) -> None:
        """Take up what these are worth; more is better."""
        for point, value in zip(self._points, worth.tolist(), strict=True):
            point.fitness = value
        self._strategy.update(self._points)

    def best(self) -> Genome:
        """Return the genome at the centre: less lucky than any that was judged."""
        return self.numbers.scaled(self._strategy.centroid)


class Point(list[float]):
    """A point with what it is worth, as DEAP wants it."""

    fitness = 0.0
