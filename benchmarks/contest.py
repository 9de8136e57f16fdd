"""A contest on fresh lives: learners of all seeds meet the same tasks, orders of examples and births."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.networks import F64, open_evaluator
from evometa.config.schema import Split
from evometa.evolution.fitness import performance
from evometa.evolution.memory import at_a_time
from evometa.genetics.genome import Genome
from evometa.judging.exam import main_measure
from evometa.judging.intervals import together
from evometa.judging.tuning import stock_genome
from evometa.language.library import RULES

SEED = 987_654  # no search's


class Contest:
    """Lives of a recipe's split in blocks, drawn from a seed that no search has; nothing is chosen or tuned on them."""

    def __init__(
        self, recipe: Any, settings: Sequence[str] = (), *, blocks: int = 16, tasks: int = 256, split: Split = "test"
    ) -> None:
        self.evaluator = open_evaluator(recipe, settings, SEED)
        draw = self.evaluator.draw
        self.blocks = [draw(split, block, tasks, fresh=True, purpose="benchmark ") for block in range(blocks)]
        self.measure = main_measure(self.evaluator.config)
        self.updates = len(self.blocks[0][0][1].plan.order)

    @property
    def lives(self) -> int:
        """Lives of each learner."""
        return sum(lesson.tasks.lanes for block in self.blocks for _, lesson in block)

    def by_set(self, genomes: Sequence[Genome]) -> F64:
        """Return each genome's mean performance after learning on each set, f64[sets, G]."""
        found = []
        for block in self.blocks:
            step = at_a_time(genomes, block)
            parts = [
                self.evaluator.outcomes(genomes[first : first + step], block, "benchmark")
                for first in range(0, len(genomes), step)
            ]
            sets = zip(*parts, strict=True)
            found.append([np.concatenate([performance(o, self.measure).mean(axis=1) for o in own]) for own in sets])
        means: F64 = np.mean(found, axis=0)
        return means

    def scores(self, genomes: Sequence[Genome]) -> F64:
        """Return each genome's figure as reports have it, f64[G]."""
        means = self.by_set(genomes)
        return together(means, geometric=self.measure == "loss" and len(means) > 1)

    def stock(self, name: str, dials: Mapping[str, float]) -> Genome:
        """Return a classic rule with those values of its dials."""
        return stock_genome(RULES[name], dials, self.updates)
