"""Choosing the champion among the best: all meet the validation tasks, then the better half goes on to more of them.

That is successive halving (Karnin et al. 2013, ICML): most lives are spent on those between whom it is hard to tell.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evometa.evolution.evaluation import Evaluator
from evometa.evolution.fitness import performance
from evometa.evolution.measures import lower_is_better
from evometa.evolution.memory import at_a_time
from evometa.genetics.individual import Individual
from evometa.judging.exam import main_measure
from evometa.judging.intervals import F64, together


def choose(evaluator: Evaluator, candidates: Sequence[Individual], lives: int = 0) -> tuple[Individual, float]:
    """Return the candidate that does best on meta-validation tasks, and how well.

    All meet the recipe's validation tasks; at most `lives` more are spent by halving. Of equals (within the recipe's
    resolution) the smaller, then the older. With "darwin" candidates are judged before learning.
    """
    trial, some = _Trial(evaluator, candidates), list(range(len(candidates)))
    trial.meet(some)
    if len(some) > 1:
        rounds = max(1, (len(some) - 1).bit_length() - 1)  # halvings until two are left
        for _ in range(rounds):
            some = trial.ranked(some)[: max(2, (len(some) + 1) // 2)]
            trial.spend(some, lives // rounds)
        some = trial.ranked(some)
    return candidates[some[0]], float(trial.scores()[some[0]])


class _Trial:
    """Candidates on validation tasks, each on all that any better one met before."""

    def __init__(self, evaluator: Evaluator, candidates: Sequence[Individual]) -> None:
        self.evaluator, self.candidates = evaluator, candidates
        self.measure = main_measure(evaluator.config)
        self._rounds = 0
        self._sums: F64 = np.zeros((0, len(candidates)))  # of performance, [sets, G]
        self._met = np.zeros(len(candidates))
        self._lives = 0  # of a candidate in a round

    def spend(self, some: Sequence[int], lives: int) -> None:
        """Let some meet as many new tasks as so many lives allow."""
        for _ in range(lives // (len(some) * self._lives)):
            self.meet(some)

    def meet(self, some: Sequence[int]) -> None:
        """Let some meet as many validation tasks as the recipe says, others where the family has more."""
        config = self.evaluator.config
        drawn = self.evaluator.draw("validation", self._rounds, config.sampling.validation_tasks)
        checkpoint = 0 if config.evolution.inheritance == "darwin" else -1
        if not self._rounds:
            self._sums = np.zeros((len(drawn), len(self.candidates)))
            self._lives = sum(lesson.tasks.lanes for _, lesson in drawn)
        genomes = [one.genome for one in self.candidates]
        slab = at_a_time(genomes, drawn)
        for first in range(0, len(some), slab):
            few = list(some[first : first + slab])
            for at, each in enumerate(self.evaluator.outcomes([genomes[g] for g in few], drawn, "choice")):
                self._sums[at, few] += performance(each, self.measure, checkpoint).mean(axis=1)
        self._met[list(some)] += 1
        self._rounds += 1

    def scores(self) -> F64:
        """Return each candidate's mean performance on what it met, f64[G]."""
        return together(self._sums / self._met, geometric=self.measure == "loss" and len(self._sums) > 1)

    def ranked(self, some: Sequence[int]) -> list[int]:
        """Return some, best first."""
        scores = self.scores() * (1.0 if lower_is_better(self.measure) else -1.0)
        step = self.evaluator.config.fitness.resolution or 1e-9

        def key(g: int) -> tuple[float, int, int]:
            return round(float(scores[g]) / step), self.candidates[g].size, self.candidates[g].id

        return sorted(some, key=key)
