"""Units of loss: what a reference comes to on each set of tasks, so that sets whose losses differ weigh alike.

The references are two classic rules with usual dials; the better of them on a set is its unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from evometa.config.schema import Split
from evometa.evolution.courses import Course, lessons
from evometa.evolution.lessons import Lessons
from evometa.evolution.measures import SMALL, Lives
from evometa.genetics.genome import Genome
from evometa.language.library import RULES
from evometa.store.records import Statistics

if TYPE_CHECKING:
    from evometa.evolution.evaluation import Evaluator

REFERENCES = {"sgd": {"rate": 0.1}, "momentum": {"rate": 0.1, "β": 0.8}}
TASKS = 64  # of each set that the references meet
DIGITS = 4  # of a unit: those that the run file states are those that are reckoned with


class Units:
    """The loss of each of a recipe's sets that objectives take for 1, measured once in a run, where one asks for it."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    @cached_property
    def values(self) -> list[float | None]:
        """The unit of each set, None for one of tests alone; nothing where no objective asks.

        The lives that this takes are counted as lived for "units".
        """
        asked = any(one.relative for one in self.evaluator.objectives)
        return [self._measured(course) for course in self.evaluator.courses] if asked else []

    def recall(self, last: Statistics) -> None:
        """Take up what the last generation's statistics say, so that a resumed run measures nothing twice."""
        if last.units:
            self.values = last.units

    def of(self, drawn: Sequence[tuple[Course, Lessons]]) -> list[float]:
        """Return the units of some sets; 1 where nothing is judged by them."""
        return [(self.values[course.number] if self.values else None) or 1.0 for course, _ in drawn]

    def _measured(self, course: Course) -> float | None:
        """Return the mean loss of the better reference; where neither learns anything, the loss at birth."""
        split: Split = "train" if course.serves("train") else "validation"
        if not course.serves(split):
            return None
        config = self.evaluator.config
        lesson = lessons(course, config, split, 0, TASKS, fresh=True, purpose="unit ")
        stock = [RULES[name].tuned(dials, len(lesson.plan.order)) for name, dials in REFERENCES.items()]
        genomes = [Genome(dict(slots), coefficients=np.array(values, np.float32)) for slots, values in stock]
        lives = Lives(self.evaluator.outcomes(genomes, [(course, lesson)], "units")[0])
        least = min(lives.innate("loss").min(), lives.adapted("loss").min())
        return float(f"{max(least, SMALL):.{DIGITS}g}")
