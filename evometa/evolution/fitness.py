"""From outcomes of lifetimes to fitness: the only place that decides what "diverged" costs.

Not a number never wins: every value that leaves this file is finite, and a genome all of whose lifetimes are lost is
worse in every objective than any other. Axis letters: G genomes, L lanes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.evolution.extents import Extents
from evometa.evolution.measures import F64, Lives, lower_is_better, mean
from evometa.evolution.objectives import Objective
from evometa.genetics.individual import Judgement
from evometa.lifetime import F32, Outcomes
from evometa.spec.acting import FAULT

BLOCK = 1 << 16  # numbers of lives judged at a time: memory fresh from the system took two thirds of judging thousands


@dataclass(frozen=True)
class Judgements:
    """What was found of G genomes, all of it finite.

    `values f64[G, objectives]`; `cases f32[G, lanes]`: error in the first objective, lane by lane, less is
    better (several task sets side by side; None: not kept); `innate`, `adapted` f64[G]: performance before and after
    learning, in the first objective's measure (loss, accuracy or closeness); `diverged i64[G]`: lifetimes
    lost; `reasons`: how many lifetimes were lost of each cause; `errors f64[G]`: the standard error over the tasks of
    the first objective, where that is a mean, of those who are best in it, NaN of others.
    """

    values: F64
    cases: F32 | None
    innate: F64
    adapted: F64
    diverged: NDArray[np.int64]
    reasons: dict[str, int]
    errors: F64

    def each(self) -> Iterator[Judgement]:
        """Return what was found of one genome after the other."""
        columns = [one.tolist() for one in (self.innate, self.adapted, self.diverged)]
        cases = repeat(None) if self.cases is None else self.cases
        parts = zip(map(tuple, self.values.tolist()), *columns, cases, repeat(None), strict=False)
        return map(Judgement._make, parts)


def judge(
    outcomes: Outcomes | Sequence[Outcomes],
    extents: Extents,
    objectives: Sequence[Objective],
    inheritance: str = "baldwin",
    shares: Sequence[float] | None = None,
    resolution: float = 0.0,
    synapse_cost: float = 0.0,
    gated: bool = False,
    cases: bool = True,
    units: Sequence[float] | None = None,
    repeats: int = 1,
) -> Judgements:
    """Judge G genomes by the outcomes of one task set, or of several, averaged with weights `shares`.

    The first checkpoint is before learning and the last after it; with `inheritance` "darwin" all objectives
    are taken before learning, and what learning would do counts for nothing. Performance is rounded to
    multiples of `resolution` (0: not at all); then each synapse costs `synapse_cost` in the first objective; with
    `gated` each that is open in life, in the mean over the checkpoints and over the lifetimes that were not lost.
    `cases`: whether the errors lane by lane are kept; `units`: a reference's loss on each set; `repeats`: how many
    lanes in a row meet the same task.
    """
    sets = [outcomes] if isinstance(outcomes, Outcomes) else list(outcomes)
    raw = np.ones(len(sets)) if shares is None else np.asarray(shares, np.float64)
    step = max(1, BLOCK // max(each.status.shape[1] for each in sets))
    parts = []
    for first in range(0, len(extents.size), step):
        some = slice(first, first + step)
        lives = [
            Lives(_of_genomes(each, some), inheritance == "darwin", unit)
            for each, unit in zip(sets, units or [1.0] * len(sets), strict=True)
        ]
        own, weights = extents.take(some), raw / raw.sum()
        synapses = _mixed([_open(each) for each in lives], weights) if synapse_cost and gated else own.synapses
        parts.append(_judged(lives, own, objectives, weights, resolution, synapse_cost * synapses, cases, repeats))
    return _joined(parts)


def solvers(
    outcomes: Sequence[Outcomes], until: Mapping[Any, float], inheritance: str = "baldwin"
) -> NDArray[np.bool_]:
    """Tell of each genome whether it is as good as `until` says, by each of its measures, in every lifetime."""
    solved = np.full(len(outcomes[0].status), bool(until))
    for each in outcomes if until else ():
        lives = Lives(each, inheritance == "darwin")
        for name, wanted in until.items():
            values = lives.after(name)
            solved &= ((values <= wanted) if lower_is_better(name) else (values >= wanted)).all(axis=1)
    return solved


def _judged(
    parts: Sequence[Lives],
    extents: Extents,
    objectives: Sequence[Objective],
    weights: F64,
    resolution: float,
    cost: F64,
    cases: bool,
    repeats: int,
) -> Judgements:
    """Judge genomes by what they made of each task set; `cost f64[G]` of their synapses."""
    first, lost = objectives[0], np.logical_and.reduce([part.lost == part.bad.shape[1] for part in parts])
    columns: list[F64] = []
    lanes = [[one.lanes(part) for part in parts] if not one.extent or one is first else [] for one in objectives]
    last = [part.after(first.measure, -1) for part in parts]
    adapted = _mixed([part.adapted(first.measure) for part in parts], weights)
    for one, values in zip(objectives, lanes, strict=True):
        if one.extent:
            column = getattr(extents, one.extent)
        elif one.summary is mean and all(own is known for own, known in zip(values, last, strict=True)):
            column = adapted  # as is usual
        else:
            column = _mixed([one.summary(v) for v in values], weights)
        if resolution and not one.cost:
            column = np.round(column / resolution) * resolution
        if not columns:
            column = column - one.weight * cost
        columns.append(np.where(lost, one.lost, column))
    return Judgements(
        values=np.stack(columns, axis=1),
        cases=(np.concatenate(lanes[0], axis=1) * -first.weight).astype(np.float32) if cases else None,
        innate=_mixed([part.innate(first.measure) for part in parts], weights),
        adapted=adapted,
        diverged=np.sum([part.lost for part in parts], axis=0),
        reasons=_reasons(parts),
        errors=_errors(lanes[0], columns[0] * first.weight, weights, repeats)
        if first.summary is mean and not first.extent
        else np.full(len(lost), np.nan),
    )


def _errors(lanes: Sequence[F64], worth: F64, weights: F64, repeats: int) -> F64:
    """Return the standard error of the weighted mean over task sets of those whose worth is the highest, else NaN.

    `lanes f64[G, L]` of each set. Tasks are the sample; a single one in a set tells nothing of it.
    """
    errors, best = np.full(len(worth), np.nan), np.flatnonzero(worth == worth.max(initial=-np.inf))
    variances = np.zeros(len(best))
    for each, weight in zip(lanes, weights.tolist(), strict=True):
        tasks = mean(each[best].reshape(len(best), -1, repeats))
        count = tasks.shape[1]
        squares = (tasks - mean(tasks)[:, None]) ** 2
        variances += weight**2 * mean(squares) / (count - 1) if count > 1 else np.nan
    errors[best] = np.sqrt(variances)
    return errors


def _open(lives: Lives) -> F64:
    """Return how many synapses are open, f64[G], in the mean over checkpoints and over lifetimes that are not lost."""
    counts = mean(np.stack([lives.opened(c) for c in range(lives.checkpoints)], axis=2))
    total, lived = (np.add.accumulate(np.where(lives.bad, 0.0, one), axis=1)[:, -1] for one in (counts, 1.0))
    return total / np.maximum(lived, 1.0)


def _of_genomes(outcomes: Outcomes, some: slice) -> Outcomes:
    opened = None if outcomes.opened is None else outcomes.opened[some]
    return replace(outcomes, scores=outcomes.scores[:, some], status=outcomes.status[some], weights=None, opened=opened)


def _joined(parts: Sequence[Judgements]) -> Judgements:
    """Return judgements of some genomes and of those after them as one."""
    reasons: Counter[str] = Counter()
    for part in parts:
        reasons.update(part.reasons)
    names = ("values", "innate", "adapted", "diverged", "errors")
    arrays = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    cases = [part.cases for part in parts if part.cases is not None]
    return Judgements(**arrays, cases=np.concatenate(cases) if cases else None, reasons=dict(sorted(reasons.items())))


def performance(outcomes: Outcomes, measure: str, checkpoint: int = -1) -> F64:
    """Return a measure (MEASURES) of each lifetime at a checkpoint, f64[G, L], all of it finite.

    A lifetime lost by then counts as the worst value; what came of it later does not count.
    """
    lives, last = Lives(outcomes), outcomes.scores.shape[2] - 1
    return lives.after(measure, last) if checkpoint in (-1, last) else lives.before(measure, checkpoint)


def _mixed(parts: Sequence[F64], weights: F64) -> F64:
    """Return the weighted mean over task sets."""
    total = parts[0] * weights[0]
    for part, weight in zip(parts[1:], weights[1:], strict=True):
        total = total + part * weight
    return total


def _reasons(parts: Sequence[Lives]) -> dict[str, int]:
    """Count the lifetimes lost, by cause; causes that did not occur are left out."""
    counts = {
        "diverged: weights or answers were not finite": sum(int(part.diverged.sum()) for part in parts),
        FAULT: sum(int(part.faulty.sum()) for part in parts),
        "loss was not finite": sum(int(part.infinite.sum()) for part in parts),
    }
    return {cause: count for cause, count in counts.items() if count}
