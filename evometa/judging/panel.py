"""How evolution stands after a generation: its best, its statistics, and who may become champion."""

from __future__ import annotations

import math
from collections import Counter
from functools import cached_property
from typing import Any

import numpy as np

from evometa.config.schema import Config, Split
from evometa.errors.text import count_of
from evometa.evolution.courses import Drawn
from evometa.evolution.evaluation import Evaluator
from evometa.evolution.loop import Evolution
from evometa.evolution.tally import Tally
from evometa.genetics.guesses import RANDOM
from evometa.genetics.individual import Individual
from evometa.genetics.topologies import Topology
from evometa.store.records import Json, Statistics
from evometa.store.schema import Report as Stored


class Panel:
    """Tasks that stay the same throughout a run and select nobody: the best is judged on them when it changes.

    The best of a generation owes its fitness to these tasks' luck, too; the panel's figure owes nothing to it.
    `name`: of the figure in statistics and of what lives are lived for; `split`, `key`: which tasks, and how many.
    """

    def __init__(
        self, evaluator: Evaluator, name: str = "panel", split: Split = "train", key: str = "panel_tasks"
    ) -> None:
        self.evaluator, self.name, self.split = evaluator, name, split
        self.count: int = getattr(evaluator.config.sampling, key)
        self._last: tuple[int, float] | None = None  # of whom, and what it came to

    def recall(self, last: Statistics) -> None:
        """Take up what the last generation's statistics say, so that a resumed run judges nobody twice."""
        if (value := getattr(last, self.name)) is not None and last.best_id is not None:
            self._last = last.best_id, value

    def judge(self, best: Individual) -> Statistics:
        """Return the best's fitness in the first objective on these tasks, and the lifetimes that this took."""
        if not self.count:
            return Statistics()
        before = self.evaluator.lived[self.name]
        if self._last is None or self._last[0] != best.id:
            self._last = best.id, float(self.evaluator.judge([best.genome], self._tasks, self.name).values[0, 0])
        lived = self.evaluator.lived[self.name] - before
        return Statistics.model_validate({self.name: self._last[1], f"{self.name}_lifetimes": lived})

    @cached_property
    def _tasks(self) -> Drawn:
        drawn = self.evaluator.draw(self.split, 0, self.count, purpose=f"{self.name} ")
        return [(course, lesson.lasting()) for course, lesson in drawn]


class Monitor:
    """Judges the best of each generation on the panel and on validation tasks, and knows when these tell of no gain.

    That a run's end depends on validation tasks chooses a generation by them, no genome: the champion is chosen on
    others.
    """

    def __init__(self, evaluator: Evaluator) -> None:
        self.panels = (Panel(evaluator), Panel(evaluator, "validation", "validation", "monitor_tasks"))
        self.patience, self.sign = evaluator.config.run.patience, evaluator.objectives[0].weight
        self._best, self._age = -math.inf, 0
        self._over = False  # whether the run has ended after this generation, and goes on now

    def recall(self, last: Statistics, report: Stored | None) -> None:
        """Take up what the last generation's statistics say; `report`: the last one, after which people want more."""
        self._over = report is not None and report.generation == last.generation - 1
        for panel in self.panels:
            panel.recall(last)
        if last.validation_best is not None:
            self._best, self._age = self.sign * last.validation_best, last.validation_age

    def judge(self, best: Individual) -> Statistics:
        """Return what the best does on the panel and on validation tasks, the best figure there, and since when."""
        panel, validation = (one.judge(best) for one in self.panels)
        if validation.validation is None:
            return panel
        worth = self.sign * validation.validation
        self._best, self._age = max(self._best, worth), 0 if worth > self._best else self._age + 1
        self._over = False
        more = {"validation_best": self.sign * self._best, "validation_age": self._age}
        return Statistics.model_validate({**panel, **validation, **more})

    @property
    def stop(self) -> str | None:
        """Why the run should stop, if it should; one that goes on all the same is as patient again."""
        if self._over or not self.patience or not self._age or self._age % self.patience:
            return None
        return f"run.patience: on validation tasks the best has been no better for {count_of(self._age, 'generation')}"


class Standing:
    """What can be said of an evolution as it is now; rules are put in words only when one asks."""

    def __init__(self, config: Config, evolution: Evolution) -> None:
        self.config, self.evolution = config, evolution
        self._formula: tuple[int, str] = (-1, "")  # of whom, and how it reads
        self._error: tuple[bytes | None, float | None] = (None, None)  # of which behaviour, and what it is

    def statistics(self, tally: Tally) -> Statistics:
        """Return what a generation came to, the same whenever the run is repeated."""
        population = self.evolution.population
        worth = sorted([one.fitness.wvalues[0] for one in population], reverse=True)
        best, sizes = self.best(), self.evolution.species
        more: dict[str, Any] = {"solved_after": self.evolution.born} if tally.solved else {}
        more |= {"species": sizes} if sizes else {}
        switched = [one.genome.plastic for one in population if one.genome.plastic is not None]
        more |= {"plastic": float(np.mean(switched))} if switched else {}
        more |= {} if (error := self._error_of(best, tally)) is None else {"best_error": error}
        more |= {"units": tally.units, "unit_lifetimes": tally.unit_lifetimes} if tally.units else {}
        families = Counter(one.family for one in population if one.family)
        more |= {"fault": tally.fault} if tally.fault else {}
        more |= {"families": dict(families)} if families.keys() - {RANDOM} else {}
        return Statistics(
            best=best.fitness.values[0], best_id=best.id, best_size=best.size,
            median=worth[len(worth) // 2] / best.fitness.weights[0], innate=best.innate, adapted=best.adapted,
            behaviours=len({one.signature for one in population}),
            diverged=tally.diverged, lifetimes=tally.lifetimes, known=tally.known, reasons=tally.reasons,
            born=tally.born, twins=tally.twins,
            **more,
        )  # fmt: skip

    def _error_of(self, best: Individual, tally: Tally) -> float | None:
        """Return the standard error of the best's fitness: as races know it, or as it was when it lived."""
        if self.evolution.race is not None:
            return self.evolution.race.error(best)
        before = self._error[1] if self._error[0] == best.signature else None
        self._error = best.signature, tally.errors.get(best.id, before)
        return self._error[1]

    def recall(self, last: Statistics) -> Individual:
        """Return the best, having taken up what the last generation's statistics say of it: it is told again."""
        best = self.best()
        self._error = best.signature, last.best_error
        return best

    def best(self) -> Individual:
        """Return the best ever, or, where tasks are drawn anew and old scores mean little, of the population."""
        if not self.evolution.reevaluate:
            return self.evolution.hall[0]
        return max(self.evolution.population, key=lambda one: (one.fitness.wvalues, -one.size, -one.id))

    def formula(self) -> str:
        """Return the best rule so far, simplified; computed anew only when the best has changed."""
        best = self.best()
        if self._formula[0] != best.id:
            from evometa.language.algebra import formula
            from evometa.language.habits import difference
            from evometa.language.liveness import living

            coefficients = {f"c{i}": float(value) for i, value in enumerate(best.genome.coefficients)}
            rule = living(best.genome.rule, self.config.acts)
            size = getattr(self.config.tasks[0].settings, "tournament", 2)
            text = difference(rule, size) if self.config.searches else formula(rule, coefficients)
            self._formula = best.id, text
        return self._formula[1]

    def shown(self, words: bool) -> Json:
        """Return how far evolution is, and the best in words where these are wanted."""
        done = {"generation": self.evolution.generation, "generations": self.config.run.generations}
        return {**done, **(self.words() if words else {})}

    def words(self) -> Json:
        """Return the best in words: its rule, and the size of its network, where that evolves."""
        genome, network = self.best().genome, ""
        if isinstance(genome.topology, Topology):
            network = f"{count_of(genome.nodes, 'hidden node')}, {count_of(genome.synapses, 'synapse')}"
        return {"formula": self.formula(), "network": network}

    def summary(self) -> Json:
        """Return the best so far in plain JSON types, as callbacks are told of it."""
        best = self.best()
        return {
            "generation": self.evolution.generation, "formula": self.formula(),
            "rule": {slot: str(tree) for slot, tree in best.genome.rule.items()},
            "coefficients": best.genome.coefficients.tolist(), "fitness": list(best.fitness.values),
            **{name: getattr(best, name) for name in ("id", "size", "innate", "adapted", "operator")},
            "parents": list(best.parents),
        }  # fmt: skip

    def candidates(self) -> list[Individual]:
        """Return whom to choose the champion from: the best ever and the best of the last population."""
        limit = self.config.champion.candidates
        ranked = sorted(self.evolution.population, key=lambda one: one.fitness, reverse=True)
        found = {one.signature: one for one in [*ranked[:limit][::-1], *self.evolution.hall[:limit][::-1]]}
        return list(found.values())[::-1]
