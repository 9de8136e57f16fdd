"""What an evaluation cost, and whom it let fall."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Tally:
    """What an evaluation cost: lifetimes lived, those that diverged, learners known already, seconds.

    `lived`: lifetimes of each individual (by id) that was lived itself, not known from one that behaves alike;
    `solved`: ids of those among them that are as good as `run.until` says; `dropouts`: of those newborn that have not
    met all tasks, as they failed on some; `units`: see `Units`, and the
    `unit_lifetimes` that it took to measure them now.
    """

    lifetimes: int = 0
    diverged: int = 0
    known: int = 0
    seconds: float = 0.0
    reasons: dict[str, int] = field(default_factory=dict)
    lived: dict[int, int] = field(default_factory=dict)
    solved: list[int] = field(default_factory=list)
    dropouts: set[int] = field(default_factory=set)
    units: list[float | None] = field(default_factory=list)
    unit_lifetimes: int = 0

    def add(self, other: Tally) -> None:
        """Count the lives of another evaluation, too."""
        self.lifetimes += other.lifetimes
        self.diverged += other.diverged
        self.reasons = dict(Counter(self.reasons) + Counter(other.reasons))
        self.lived = dict(Counter(self.lived) + Counter(other.lived))
