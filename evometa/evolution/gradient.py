"""Numbers of newborn genomes are tuned along the gradient of what they lose after learning, before they are judged.

    ask → refine → evaluate → tell

Each step goes down M = Σ_c γ_c · (mean loss at checkpoint c), on new tasks, which all newborn of a generation meet;
with `order = 0` towards what lives make of weights (displacement.py).
What comes of one depends on its genome, the generation and the seed alone.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.config.gradient import Gradient
from evometa.evolution.adam import schedule
from evometa.evolution.courses import Drawn
from evometa.evolution.descent import PURPOSE, Descent, checkpoints
from evometa.evolution.displacement import displacement
from evometa.evolution.evaluation import Evaluator
from evometa.evolution.loop import merit
from evometa.evolution.memory import at_a_time
from evometa.evolution.tuning import Grow, NumberTuner
from evometa.genetics.genome import Genome
from evometa.genetics.genomes import Genomes
from evometa.genetics.individual import Individual
from evometa.lifetime.backends import Prepare
from evometa.store.records import Statistics

TOGETHER = 1 << 18  # floats of tasks that are drawn at a time, if a step needs less


class GradientTuner:
    """Tunes numbers by Adam, as section `gradient` says.

    `tune` names those who have a copy among the next offspring, so that lines of descent go on; `refine` does the work,
    on all newborn.
    """

    def __init__(self, evaluator: Evaluator, prepare: Prepare) -> None:
        self.evaluator, self.prepare, self.settings = evaluator, prepare, evaluator.config.gradient
        self._lived, self._seconds = 0, 0.0  # lifetimes that `spent` has told of, and time that it has not
        self._found: list[Descent] = []  # of this generation

    def tune(self, individuals: Sequence[Individual], generation: int) -> list[tuple[Individual, Genome]]:
        """Return the best of the individuals, as many as are copied, each with its genome."""
        ranked = sorted(individuals, key=merit, reverse=True)
        return [(one, one.genome) for one in islice(ranked, self.settings.individuals)]

    def refine(self, newborn: Sequence[Individual], generation: int) -> None:
        """Give newborn individuals genomes whose numbers are tuned."""
        started, share = time.perf_counter(), schedule(self.settings, generation)
        genomes = Genomes.of([one.genome for one in newborn])
        compared = self._lessons(generation, "gain")
        slab = at_a_time(genomes, compared)
        self._found = []
        for first in range(0, len(newborn), slab):
            descent = Descent(self.evaluator, self.prepare, genomes[first : first + slab], generation)
            for drawn in self._steps(generation):
                descent.step(drawn, share)
            descent.compare(compared)
            for one, genome in zip(newborn[first : first + slab], descent.genomes(), strict=True):
                one.genome = genome
            self._found.append(descent)
        self._seconds += time.perf_counter() - started

    def spent(self) -> tuple[Statistics, float]:
        """Return lifetimes of tuning since this was asked and what they came to in the generation; and seconds."""
        lived, seconds = self.evaluator.lived[PURPOSE] - self._lived, self._seconds
        self._lived, self._seconds = self._lived + lived, 0.0
        norms = np.concatenate([np.mean(each.norms, axis=0) for each in self._found])
        before, after = np.concatenate([each.gained for each in self._found]).T
        plastic = np.concatenate([each.plastic for each in self._found])
        return Statistics(
            tuning_lifetimes=lived, gradient_norm=_median(norms), gradient_before=_median(before),
            gradient_after=_median(after), plastic=float(plastic.mean()),
        ), seconds  # fmt: skip

    def _steps(self, generation: int) -> Iterator[Drawn]:
        """Yield the tasks of each step; those of many small ones are drawn together, which takes far less time."""
        own = self.settings.at(generation)
        together = self._together(own)
        for first in range(0, own.steps, together):
            count = min(together, own.steps - first)
            drawn = self._lessons(generation, str(first), count)
            for step in range(count):
                yield [(course, lesson.part(step * own.tasks, (step + 1) * own.tasks)) for course, lesson in drawn]

    def _together(self, own: Gradient) -> int:
        """Return the tasks of how many steps are drawn at a time: one, where tasks are few, weights are drawn, or
        sequences have a length of each draw."""
        config, floats = self.evaluator.config, 0
        families = [course.family for course in self.evaluator.courses if course.serves("train")]
        if config.weights.mode == "drawn" or any(
            family.limit("train") or family.sequence or family.whole for family in families
        ):
            return 1
        for family in families:
            examples = family.support["train"] + family.queries["train"]
            floats += own.tasks * config.sampling.repeats * examples * (family.inputs + family.outputs)
        return max(1, TOGETHER // floats)

    def _lessons(self, generation: int, what: str, steps: int = 1) -> Drawn:
        """Draw the tasks of some steps, or of what is to be compared."""
        config, own = self.evaluator.config, self.settings.at(generation)
        drawn = self.evaluator.draw("train", generation, own.tasks * steps, purpose=f"gradient {what} ")
        found = []
        for course, lesson in drawn:
            if lesson.plan.asked is not None:
                found.append((course, replace(lesson, plan=replace(lesson.plan, keep_weights=False))))
                continue
            points = np.array(checkpoints(config, own, course.family.support["train"]), np.int32)
            order = lesson.plan.order[: own.updates or None]
            plan = replace(lesson.plan, order=order, checkpoints=points, keep_weights=False)
            found.append((course, replace(lesson, plan=plan)))
        return found


def _median(values: NDArray[Any]) -> float | None:
    """Return a median as JSON has it."""
    found = float(np.median(values))
    return found if np.isfinite(found) else None


def tuner_of(evaluator: Evaluator, prepare: Prepare, grow: Grow | None = None) -> NumberTuner | GradientTuner:
    """Return what tunes numbers as a recipe says; `prepare` gives slopes, `grow`: see `NumberTuner`."""
    run, own = evaluator.config.run, evaluator.config.gradient
    if not own.steps:
        return NumberTuner(evaluator, grow)
    if own.order:
        return GradientTuner(evaluator, prepare)
    return GradientTuner(evaluator, lambda adjoints, loss_adjoints, order: partial(displacement, threads=run.threads))
