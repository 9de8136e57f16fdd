"""What an evaluation cost, and whom it let fall."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isnan

from evometa.genetics.individual import Individual


@dataclass
class Tally:
    """What an evaluation cost: lifetimes lived, those that diverged, learners known already, seconds since it began.

    `lived`: lifetimes of each individual (by id) that was lived itself, not known from one that behaves alike; `twins`:
    how many of those `born` lived none themselves; `solved`: ids of those among the living that are as good as
    `run.until` says; `errors`: of the best of those judged, by id, the standard error of their fitness (see
    `Judgements`); `dropouts`: of those newborn that have not met all tasks, as they failed on some; `units`: see
    `Units`, and the `unit_lifetimes` that it took to measure them now; `fault`: which equation of a world was not
    finite in the first life that was its world's fault.
    """

    lifetimes: int = 0
    diverged: int = 0
    known: int = 0
    born: int = 0
    twins: int = 0
    seconds: float = 0.0
    began: float = field(default_factory=time.perf_counter)
    reasons: dict[str, int] = field(default_factory=dict)
    lived: dict[int, int] = field(default_factory=dict)
    solved: list[int] = field(default_factory=list)
    errors: dict[int, float] = field(default_factory=dict)
    dropouts: set[int] = field(default_factory=set)
    units: list[float | None] = field(default_factory=list)
    unit_lifetimes: int = 0
    fault: str = ""

    def sure(self, individuals: Sequence[Individual], errors: Sequence[float]) -> None:
        """Take in the standard errors of the fitness of some; NaN: not known."""
        self.errors |= {one.id: error for one, error in zip(individuals, errors, strict=True) if not isnan(error)}

    def end(self, individuals: Sequence[Individual], generation: int) -> None:
        """Take in that the evaluation is over: how long it took, who of the generation's newborn were twins."""
        newborn = [one.id for one in individuals if one.born == generation]
        self.born, self.twins = len(newborn), sum(id not in self.lived for id in newborn)
        self.seconds = time.perf_counter() - self.began

    def add(self, other: Tally) -> None:
        """Count the lives of another evaluation, too."""
        self.lifetimes += other.lifetimes
        self.diverged += other.diverged
        self.reasons = dict(Counter(self.reasons) + Counter(other.reasons))
        self.fault = self.fault or other.fault
        self.lived = dict(Counter(self.lived) + Counter(other.lived))
