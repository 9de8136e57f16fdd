"""What lives are measured by: a row for each measure, and the lives of a population with every number finite.

Not a number never wins: every value of `Lives` is finite. A lifetime that diverged, or whose measure is not finite,
counts as the worst value of that measure. Sums run in float64, lane after lane, one genome at a time, so that no bit
depends on threads, on the order of genomes, or on how many there are.

Axis letters: G genomes, L lanes, C checkpoints.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evometa.lifetime import OK, Outcomes
from evometa.spec.acting import FAULTY

F64 = NDArray[np.float64]

LARGE = 1e6  # the worst loss; a larger one counts as this
SMALL = 1e-6  # a smaller loss counts as this where it is divided by, or its logarithm taken


class Measure(NamedTuple):
    """How well a life goes: a score, or with `complement` 1 − score, held within `low` and `high`.

    `lower`: less is better; `acts`: it is one of lives that act, `taught`: of students; `searches`: of lives that are
    searches; `median`: of many lives it is told by its median.
    """

    name: str
    score: str
    complement: bool
    low: float
    high: float
    worst: float
    meaning: str
    lower: bool = False
    acts: bool = False
    searches: bool = False
    taught: bool = False
    median: bool = False


def _table(*rows: Measure) -> dict[str, Measure]:
    return {row.name: row for row in rows}


MEASURES = _table(
    Measure("loss", "loss", False, -LARGE, LARGE, LARGE, "the standard loss on the queries", lower=True),
    Measure("accuracy", "accuracy", False, 0.0, 1.0, 0.0, "the share of queries answered rightly"),
    Measure("closeness", "mae", True, 0.0, 1.0, 0.0, "1 − the mean of |target − output|"),
    *(
        Measure(name, name, False, low, high, low if worst is None else worst, meaning, worst == LARGE, acts=True)
        for name, low, high, worst, meaning in (
            ("reward", -LARGE, LARGE, None, "the rewards of the world, added up"),
            ("regret", -LARGE, LARGE, LARGE, "what the best actions would have been worth more"),
            ("share", -1.0, 2.0, None, "what the actions were worth, as a share of the best ones' worth"),
            ("trial_length", 0.0, LARGE, None, "ticks of a trial, in the mean"),
            ("tally", -LARGE, LARGE, LARGE, "the number that the world keeps, such as trials until it is solved"),
            ("visited", 0.0, LARGE, None, "different states that were met"),
        )
    ),
    *(
        Measure(name, name, False, low, 1.0, low, meaning, searches=True)
        for name, low, meaning in (
            (
                "advantage",
                -1.0,
                "what is recovered more than by fixed habits, at the end and in the mean over the search, half each",
            ),
            ("advantage_at_end", -1.0, "what is recovered more than by fixed habits when the search ends"),
            (
                "recovered",
                0.0,
                "how much of what is hidden is recovered when the search ends: digits of closeness; on recipes how far "
                "it has come, ½ where searches by fixed habits end",
            ),
        )
    ),
    *(
        Measure(name, name, False, low, high, worst, meaning, worst == LARGE, True, False, True, name == "lessons")
        for name, low, high, worst, meaning in (
            ("lessons", 0.0, LARGE, LARGE, "lessons until nobody can beat the student, or as many as there were"),
            ("effort", 0.0, LARGE, LARGE, "the same, each counted as 1 and what was still wrong then, from 0 to 1"),
            ("unbeatable", 0.0, 1.0, 0.0, "the share of students whom nobody can beat, by trying everything"),
            ("blunders", 0.0, LARGE, LARGE, "positions that games can come to, and where the student's move loses"),
            ("gap", 0.0, LARGE, LARGE, "by how much losing moves look better to the student than sound ones, added up"),
        )
    ),
)


def lower_is_better(measure: str | None) -> bool:
    """Tell whether less of a measure is better; of one that is not known it is more."""
    return measure in MEASURES and MEASURES[measure].lower


class Lives:
    """What G genomes made of one task set, every number finite; `bad bool[G, L]`: lifetimes lost, `lost i64[G]` many.

    `checkpoints`: how many count, the first of them before learning; with `darwin` that one alone; `unit`: the loss
    that a reference comes to on these tasks.
    """

    def __init__(self, outcomes: Outcomes, darwin: bool = False, unit: float = 1.0) -> None:
        self.outcomes, self.unit = outcomes, unit
        self.checkpoints = 1 if darwin else outcomes.scores.shape[2]
        none = np.zeros_like(outcomes.status, bool)
        self.faulty = none if darwin else outcomes.status == FAULTY
        self.diverged = none if darwin else (outcomes.status != OK) & ~self.faulty
        sound = ~self.diverged & ~self.faulty
        self.infinite = sound & ~np.isfinite(outcomes.scores[0, :, self.checkpoints - 1])
        self.bad = ~sound | self.infinite
        self.lost = self.bad.sum(axis=1) if self.bad.any() else np.zeros(len(self.bad), np.int64)
        self._known: dict[tuple[str, int, bool], tuple[F64, F64]] = {}

    def before(self, name: str, checkpoint: int = 0) -> F64:
        """Return a measure at a checkpoint, whatever came of the lifetime later."""
        return self._measured(name, checkpoint, lost=False)[0]

    def after(self, name: str, checkpoint: int | None = None) -> F64:
        """Return the same, the worst value for lifetimes lost; by default at the checkpoint judged."""
        return self._measured(name, self.checkpoints - 1 if checkpoint is None else checkpoint, lost=True)[0]

    def opened(self, checkpoint: int | None = None) -> F64:
        """Return how many synapses are open at a checkpoint, f64[G, L]; by default at the one judged."""
        assert self.outcomes.opened is not None
        return self.outcomes.opened[:, self.checkpoints - 1 if checkpoint is None else checkpoint].astype(np.float64)

    def innate(self, name: str) -> F64:
        """Return a measure before learning, the mean of each genome's lifetimes, f64[G]."""
        return self._measured(name, 0, lost=False)[1]

    def adapted(self, name: str) -> F64:
        """Return a measure after learning, the mean of each genome's lifetimes, f64[G]."""
        return self._measured(name, -1, lost=True)[1]

    def _measured(self, name: str, checkpoint: int, *, lost: bool) -> tuple[F64, F64]:
        """Return a measure at a checkpoint, and its mean over lanes: the same arrays each time."""
        from evometa.evolution.means import bounded  # Numba is imported where lives are judged, and not before

        checkpoint %= self.outcomes.scores.shape[2]
        key = name, checkpoint, lost
        if key not in self._known:
            row, values, means = MEASURES[name], np.empty(self.bad.shape), np.empty(len(self.bad))
            scores = np.ascontiguousarray(self.outcomes.score(row.score), np.float32)
            bad = self.bad if lost else np.zeros_like(self.bad)
            bounded(scores, checkpoint, row.complement, bad, (row.low, row.high), row.worst, values, means)
            values.flags.writeable = means.flags.writeable = False
            self._known[key] = values, means
        return self._known[key]


def mean(values: F64) -> F64:
    """Return the mean over the last axis, added from first to last (a running sum has only one order)."""
    return np.add.accumulate(values, axis=-1)[..., -1] / values.shape[-1]
