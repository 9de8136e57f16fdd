"""A run's search, read from its file a generation at a time, all of one as arrays."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evometa.evolution.objectives import known_objective
from evometa.genetics.guesses import family_of
from evometa.judging.scores import finite
from evometa.judging.verdict import lived_for
from evometa.presentation.origin import GUESS, VARIED
from evometa.presentation.search import Course, Family, Offspring, Search
from evometa.store.evaluations import F64, Evaluations
from evometa.store.individuals import Individuals
from evometa.store.population import survivors
from evometa.store.records import Statistics

if TYPE_CHECKING:
    from evometa.presentation.run import Run


def search_of(run: Run, generation: int | None = None) -> Search:
    """Return how a run searched, up to a generation (the last one). Raises InputError for what cannot be read."""
    done = run.generation if generation is None else generation
    rows, scan = run.history[:done], _Scan(run, done)
    with run.reader.reading():
        courses = tuple(scan.generation(row) for row in rows)
    return Search(
        tuple(one.offspring(name) for name, one in sorted(scan.tallies.items(), key=lambda item: -item[1].born)),
        scan.families(courses[-1].families if courses else {}),
        courses,
        lived_for(rows, run.report(done)),
    )


class _Tally:
    """What is counted of one operator's children."""

    def __init__(self) -> None:
        self.born = self.twins = self.survived = 0
        self.gains: list[F64] = []

    def offspring(self, operator: str) -> Offspring:
        gains = np.concatenate(self.gains) if self.gains else np.zeros(0)
        middle, best = (float(np.median(gains)), float(gains.max())) if len(gains) else (None, None)
        better = int((gains > 0).sum())
        return Offspring(operator, self.born, self.twins, self.survived, len(gains), better, middle, best)


class _Scan:
    """Goes through a run's generations, first to last; of each individual: its `founder`, its family's place in
    `names`, its `fitness` (more is better; NaN: not known on the tasks of the generation), whether it is `alive`."""

    def __init__(self, run: Run, done: int) -> None:
        self.reader = run.reader
        last = self.reader.individuals(done - 1) if done else None
        count = 0 if last is None else last.first + len(last)
        self.founder, self.family = np.full(count, -1), np.zeros(count, np.int64)
        self.fitness, self.alive = np.full(count, np.nan), np.zeros(count, bool)
        self.names: dict[str, int] = {}
        self.tallies: defaultdict[str, _Tally] = defaultdict(_Tally)
        objective = known_objective(run.settings.fitness.objectives[0])
        self.sign = objective.weight if objective else 1.0
        self.anew = run.settings.sampling.resample == "generation"

    def generation(self, row: Statistics) -> Course:
        """Take the next generation in; `row`: what it came to."""
        number = row.generation - 1
        born, found = self.reader.individuals(number), self.reader.evaluations(number)
        self._descend(born)
        self.fitness[found.ids] = self.sign * found.fitness[:, 0]
        alive = np.unique(np.fromiter((id for one in survivors(self.reader, number) for id in one), np.int64))
        self.alive[alive] = True
        twins = self._count(born, found)
        self.alive[alive] = False
        if self.anew:  # fitness on other tasks is no comparison
            self.fitness[found.ids] = np.nan
        sizes, names = np.bincount(self.family[alive], minlength=len(self.names)), list(self.names)
        families = row.families or {name: int(size) for name, size in zip(names, sizes, strict=True) if size}
        best, panel = finite(row.best), finite(row.panel)
        return Course(
            row.generation, len(born), twins, families, len(np.unique(self.founder[alive])), best,
            finite(row.best_error), panel, finite(row.validation), finite(row.validation_best), row.validation_age,
            None if best is None or panel is None else self.sign * (best - panel),
            *map(finite, (row.gradient_norm, row.gradient_before, row.gradient_after, row.plastic)),
        )  # fmt: skip

    def families(self, alive: dict[str, int]) -> tuple[Family, ...]:
        """Return what came of each family, the one with most members first; `alive`: how many members live."""
        founders = np.bincount(self.family[self.founder == np.arange(len(self.founder))], minlength=len(self.names))
        born = np.bincount(self.family, minlength=len(self.names))
        found = [
            Family(name, int(founders[place]), int(born[place]), alive.get(name, 0))
            for name, place in self.names.items()
        ]
        return tuple(sorted(found, key=lambda one: (-one.alive, -one.born)))

    def _descend(self, born: Individuals) -> None:
        """Note of those born whom they descend from."""
        ids, alone = born.first + np.arange(len(born)), np.diff(born.begins) == 0
        first = born.parents[born.begins[:-1][~alone]]
        names = [family_of(name) for name in born.operators]
        codes = np.array(
            [
                self.names.setdefault(name, len(self.names)) if own else 0
                for name, own in zip(names, _present(born.operator[alone], len(names)), strict=True)
            ],
            np.int64,
        )
        self.founder[ids[alone]], self.founder[ids[~alone]] = ids[alone], self.founder[first]
        self.family[ids[alone]], self.family[ids[~alone]] = codes[born.operator[alone]], self.family[first]

    def _count(self, born: Individuals, found: Evaluations) -> int:
        """Count those born by what made them; return how many of them are twins."""
        ids, counts = born.first + np.arange(len(born)), np.diff(born.begins)
        gain = np.full(len(born), np.nan)
        if len(born.parents):
            better = np.fmax.reduceat(self.fitness[born.parents], born.begins[:-1][counts > 0])
            gain[counts > 0] = self.fitness[ids[counts > 0]] - better
        rows = np.minimum(np.searchsorted(found.ids, ids), len(found.ids) - 1)
        twin = (found.ids[rows] == ids) & (found.lifetimes[rows] == 0) if len(found.ids) else np.zeros(len(ids), bool)
        survived = self.alive[ids]
        places: dict[str, int] = {}
        codes = np.array([places.setdefault(kind_of(name), len(places)) for name in born.operators], np.int64)
        made_by = codes[born.operator]
        for kind, place in places.items():
            own = made_by == place
            tally, gains = self.tallies[kind], gain[own]
            tally.born += int(own.sum())
            tally.twins += int(twin[own].sum())
            tally.survived += int(survived[own].sum())
            tally.gains.append(gains[np.isfinite(gains)])
        return int(twin.sum())


def kind_of(operator: str) -> str:
    """Return the operator, all guesses being one, and those that were varied another."""
    if not operator.startswith(GUESS):
        return operator
    return "guess, varied" if operator.endswith(VARIED) else "guess"


def _present(codes: NDArray[np.uint16], count: int) -> list[bool]:
    """Tell of each code whether it is among some."""
    return [bool(n) for n in np.bincount(codes, minlength=count)]
