"""From outcomes of lifetimes to fitness: the objectives, and the only place that decides what "diverged"
costs.

Not a number never wins: every value that leaves this file is finite. A lifetime that diverged, or whose
measure is not finite, counts as the worst value of that measure; a genome all of whose lifetimes are lost is
worse in every objective than any other. Sums run in float64, lane after lane, one genome at a time, so that
no bit depends on threads, on the order of genomes, or on how many there are.

Axis letters: G genomes, L lanes, C checkpoints.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evometa.errors import InputError
from evometa.genetics.individual import Judgement
from evometa.lifetime import F32, OK, Outcomes

F64 = NDArray[np.float64]

LARGE = 1e6  # the worst loss; a larger one counts as this
SMALL = 1e-6  # a smaller loss counts as this in a geometric mean
LOST = 2e6  # the loss and the size of a genome all of whose lifetimes are lost


class Objective(NamedTuple):
    """One thing to judge by: `weight` as in DEAP (+1: more is better), values of what is lost."""

    name: str
    weight: float
    worst: float
    lost: float
    meaning: str


OBJECTIVES: dict[str, Objective] = {
    row.name: row
    for row in (
        Objective("adapted_loss", -1.0, LARGE, LOST, "loss after learning"),
        Objective("adapted_accuracy", 1.0, 0.0, -1.0, "share of queries answered rightly after learning"),
        Objective("adapted_closeness", 1.0, 0.0, -1.0, "1 - mean |target - output| after learning, 0 at least"),
        Objective("gain", 1.0, -LARGE, -LOST, "loss before learning - loss after it"),
        Objective("auc", -1.0, LARGE, LOST, "loss, mean over the checkpoints"),
        Objective("worst_decile", -1.0, LARGE, LOST, "loss after learning on the worst tenth of the lifetimes"),
        Objective("size", -1.0, LARGE, LOST, "nodes of the rule"),
        Objective(
            "geometric_loss",
            -1.0,
            float(np.log(LARGE)),
            LOST,
            "logarithm of the loss after learning; over several task sets, of their geometric mean",
        ),
        Objective("innate_loss", -1.0, LARGE, LOST, "loss before learning"),
    )
}


def fitness_weights(objectives: Sequence[str]) -> tuple[float, ...]:
    """Return DEAP's weights of the objectives."""
    return tuple(OBJECTIVES[name].weight for name in objectives)


@dataclass(frozen=True)
class Judgements:
    """What was found of G genomes, all of it finite.

    `values f64[G, objectives]`; `cases f32[G, lanes]`: error in the first objective, lane by lane, less is
    better (several task sets side by side); `innate`, `adapted` f64[G]: performance before and after
    learning, in the first objective's measure (loss, accuracy or closeness); `diverged i64[G]`: lifetimes
    lost; `reasons`: how many lifetimes were lost of each cause.
    """

    values: F64
    cases: F32
    innate: F64
    adapted: F64
    diverged: NDArray[np.int64]
    reasons: dict[str, int]

    def of(self, g: int) -> Judgement:
        """Return what was found of one genome."""
        innate, adapted = float(self.innate[g]), float(self.adapted[g])
        return Judgement(tuple(self.values[g].tolist()), innate, adapted, int(self.diverged[g]), self.cases[g])


def judge(
    outcomes: Outcomes | Sequence[Outcomes],
    sizes: Sequence[int],
    objectives: Sequence[str],
    inheritance: str = "baldwin",
    shares: Sequence[float] | None = None,
    resolution: float = 0.0,
) -> Judgements:
    """Judge G genomes by the outcomes of one task set, or of several, averaged with weights `shares`.

    The first checkpoint is before learning and the last after it; with `inheritance` "darwin" all objectives
    are taken before learning, and what learning would do counts for nothing. Performance is rounded to
    multiples of `resolution` (0: not at all). InputError for an unknown objective.
    """
    for name in objectives:
        if name not in OBJECTIVES:
            raise InputError(f"one of {', '.join(OBJECTIVES)}", name, "fitness.objectives")
    sets = [outcomes] if isinstance(outcomes, Outcomes) else list(outcomes)
    parts = [_Lanes(each, inheritance == "darwin") for each in sets]
    raw = np.ones(len(parts)) if shares is None else np.asarray(shares, np.float64)
    weights = raw / raw.sum()
    measure = measure_of(objectives[0])
    lost = np.logical_and.reduce([part.bad.all(axis=1) for part in parts])
    columns = []
    for name in objectives:
        if name == "size":
            column = np.asarray(sizes, np.float64)
        else:
            column = _mixed([part.summary(name) for part in parts], weights)
        if resolution and name != "size":
            column = np.round(column / resolution) * resolution
        columns.append(np.where(lost, OBJECTIVES[name].lost, column))
    first = "adapted_loss" if objectives[0] == "size" else objectives[0]
    cases = np.concatenate([part.lanes(first) * -OBJECTIVES[first].weight for part in parts], axis=1)
    return Judgements(
        values=np.stack(columns, axis=1),
        cases=cases.astype(np.float32),
        innate=_mixed([_mean(part.before(measure)) for part in parts], weights),
        adapted=_mixed([_mean(part.after(measure, -1)) for part in parts], weights),
        diverged=np.sum([part.bad.sum(axis=1) for part in parts], axis=0),
        reasons=_reasons(parts),
    )


def performance(outcomes: Outcomes, measure: str, checkpoint: int = -1) -> F64:
    """Return "loss", "accuracy" or "closeness" of each lifetime at a checkpoint, f64[G, L], all of it finite.

    A lifetime lost by then counts as the worst value; what came of it later does not count.
    """
    lanes, last = _Lanes(outcomes, darwin=False), outcomes.loss.shape[1] - 1
    return lanes.after(measure, last) if checkpoint in (-1, last) else lanes.before(measure, checkpoint)


class _Lanes:
    """Measures of one task set, f64[G, L], every one finite; `bad bool[G, L]`: lifetimes lost."""

    def __init__(self, outcomes: Outcomes, darwin: bool) -> None:
        self.outcomes = outcomes
        self.checkpoints = 1 if darwin else outcomes.loss.shape[1]
        self.diverged = np.zeros_like(outcomes.status, bool) if darwin else outcomes.status != OK
        self.infinite = ~self.diverged & ~np.isfinite(outcomes.loss[:, self.checkpoints - 1])
        self.bad = self.diverged | self.infinite

    def before(self, name: str, checkpoint: int = 0) -> F64:
        """Return "loss", "accuracy" or "closeness" at a checkpoint, whatever came of the lifetime later."""
        found = self.outcomes.score("mae" if name == "closeness" else name)[:, checkpoint].astype(np.float64)
        if name == "loss":
            return np.where(np.isfinite(found), np.clip(found, -LARGE, LARGE), LARGE)
        found = 1.0 - found if name == "closeness" else found
        return np.where(np.isfinite(found), np.clip(found, 0.0, 1.0), 0.0)

    def after(self, name: str, checkpoint: int | None = None) -> F64:
        """Return the same, the worst value for lifetimes lost; by default at the checkpoint judged."""
        found = self.before(name, self.checkpoints - 1 if checkpoint is None else checkpoint)
        return np.where(self.bad, LARGE if name == "loss" else 0.0, found)

    def lanes(self, name: str) -> F64:
        """Return an objective of each lifetime."""
        if name == "innate_loss":
            return self.before("loss")
        if name == "gain":
            born = np.isfinite(self.outcomes.loss[:, 0])
            gain = self.before("loss") - self.after("loss")
            return np.where(self.bad | ~born, OBJECTIVES["gain"].worst, gain)
        if name == "auc":
            return _mean(np.stack([self.after("loss", c) for c in range(self.checkpoints)], axis=2))
        return self.after(measure_of(name))

    def summary(self, name: str) -> F64:
        """Return an objective of each genome, f64[G]."""
        lanes = self.lanes(name)
        if name == "geometric_loss":
            return np.log(np.maximum(_mean(lanes), SMALL))
        if name == "worst_decile":
            worst = -(-lanes.shape[1] // 10)
            lanes = np.sort(lanes, axis=1)[:, lanes.shape[1] - worst :]
        return _mean(lanes)


def measure_of(objective: str) -> str:
    """Return the measure that an objective is about: "loss", "accuracy" or "closeness"."""
    return {"adapted_accuracy": "accuracy", "adapted_closeness": "closeness"}.get(objective, "loss")


def _mean(values: F64) -> F64:
    """Return the mean over the last axis, added from first to last (a running sum has only one order)."""
    return np.add.accumulate(values, axis=-1)[..., -1] / values.shape[-1]


def _mixed(parts: Sequence[F64], weights: F64) -> F64:
    """Return the weighted mean over task sets."""
    total = parts[0] * weights[0]
    for part, weight in zip(parts[1:], weights[1:], strict=True):
        total = total + part * weight
    return total


def _reasons(parts: Sequence[_Lanes]) -> dict[str, int]:
    """Count the lifetimes lost, by cause; causes that did not occur are left out."""
    counts = {
        "diverged: weights or answers were not finite": sum(int(part.diverged.sum()) for part in parts),
        "loss was not finite": sum(int(part.infinite.sum()) for part in parts),
    }
    return {cause: count for cause, count in counts.items() if count}
