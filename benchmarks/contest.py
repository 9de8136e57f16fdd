"""A contest on fresh lives: learners of all seeds meet the same tasks, orders of examples and births; and what each
seed's search brings to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.claims import lived
from benchmarks.networks import F64, open_evaluator
from evometa.config.schema import Split
from evometa.evolution.fitness import performance
from evometa.evolution.memory import at_a_time
from evometa.genetics.genome import Genome
from evometa.judging.exam import main_measure
from evometa.judging.intervals import together
from evometa.judging.tuning import stock_genome
from evometa.language.library import RULES
from evometa.presentation.format import tuned
from evometa.presentation.learner import Learner
from evometa.presentation.run import Run

SEED = 987_654  # no search's
CHAMPION = "champion"


class Rival(NamedTuple):
    """A classic rule as one seed has tuned it."""

    name: str
    dials: dict[str, float]


@dataclass(frozen=True)
class Search:
    """What came of one seed: its champion, the rivals that it tuned, the seconds of the whole run.

    `others`: further learners that meet them, of the same names in each search.
    """

    genome: Genome
    rivals: list[Rival]
    seconds: float
    others: Mapping[str, Genome] = field(default_factory=dict)


def search(
    recipe: Any, settings: Sequence[str], seed: int, show: Callable[[Run, Learner, float], None], runs: str = ""
) -> Search:
    """Evolve once; `show` prints the row of its champion, after so many seconds, and its rivals follow.

    `runs`: a folder whose `seed-N` is gone on with if there is such a run, and else is where it is kept.
    """
    with lived(recipe, settings, Path(runs, f"seed-{seed}") if runs else None, seed=seed) as (run, seconds):
        champion = run.champion
        assert champion is not None
        show(run, champion, seconds)
        rows = [row for row in run.baselines if row.dials]
        for row in rows:
            print(f"      {row.name}: {tuned(row)}")
        return Search(champion.kept_genome(), [Rival(row.name, dict(row.dials)) for row in rows], seconds)


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

    def of_searches(self, searches: Sequence[Search]) -> tuple[list[str], F64]:
        """Return the learners' names, the champion's first, and their means, f64[sets, seeds, learners]."""
        names = [CHAMPION, *(rival.name for rival in searches[0].rivals), *searches[0].others]
        genomes = []
        for one in searches:
            genomes += [one.genome, *(self.stock(*rival) for rival in one.rivals), *one.others.values()]
        print(f"\n{self.lives:,} fresh lives of each learner, the same for all of {len(searches)} seeds")
        return names, self.by_set(genomes).reshape(-1, len(searches), len(names))

    def stock(self, name: str, dials: Mapping[str, float]) -> Genome:
        """Return a classic rule with those values of its dials."""
        return stock_genome(RULES[name], dials, self.updates)
