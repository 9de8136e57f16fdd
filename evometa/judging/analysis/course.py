"""The course of a life: the champion from within, and how fast it learns beside tuned stock rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.genetics.genome import Genome
from evometa.judging.analyses import Biography, Course, Curve
from evometa.judging.analysis.measurement import Trial, short
from evometa.judging.analysis.observation import Watched, band, spaced
from evometa.judging.exam import set_name
from evometa.judging.tuning import stock_genome
from evometa.language.library import RULES
from evometa.lifetime import Outcomes

F64 = NDArray[np.float64]


def curves(
    trial: Trial, genome: Genome, rivals: Mapping[str, Mapping[str, float]], watched: Watched
) -> tuple[list[Curve], Biography]:
    """Return the learning curves of the champion and of stock rules with their tuned dials; and its biography."""
    length = min(trial.lengths)
    points = points_of(trial, length)
    same = [points] * len(trial.drawn)
    names = [name for name in rivals if name in RULES]
    stock = [stock_genome(RULES[name], rivals[name], length) for name in names]
    outcomes = trial.live([genome, *stock], same, fresh=True)  # stock rules inherit neither weights nor networks
    found = [_curve(trial, outcomes, g, name, points) for g, name in enumerate(["champion", *names])]
    return found, biography(trial, outcomes[0], points, watched)


def points_of(trial: Trial, length: int) -> list[int]:
    """Return after how many updates curves have points; those of sequences are their own, if all sets have the same."""
    plans = [lesson.plan for _, lesson in trial.drawn]
    if all(plan.asked is None for plan in plans):
        return sorted({*spaced(min(len(plan.order) for plan in plans)), *spaced(length), length})
    points: list[int] = plans[0].checkpoints.tolist()
    return points if all(plan.checkpoints.tolist() == points for plan in plans) else points[:1]


def _curve(trial: Trial, outcomes: Sequence[Outcomes], g: int, name: str, points: list[int]) -> Curve:
    scores = [trial.score(trial.scores(outcomes, g, checkpoint)) for checkpoint in range(len(points))]
    means, halves = [short(one.mean) for one in scores], [short(one.ci95) for one in scores]
    return Curve(name=name, updates=points, mean=means, ci95=halves)


def biography(trial: Trial, outcomes: Outcomes, points: Sequence[int], watched: Watched) -> Biography:
    """Return what happens within lifetimes of the first task set, update by update."""
    length = trial.lengths[0]
    kept = [c for c, point in enumerate(points) if point <= length]

    def whole(rows: Any) -> Any:  # of lifetimes whose queries were taken apart, the mean over the parts
        return rows.reshape(trial.exam.parts[0], -1).mean(axis=0)

    updates = [points[c] for c in kept]
    measures = {
        "accuracy": lambda c: 1.0 - whole(outcomes.accuracy[0, c]),
        "closeness": lambda c: whole(outcomes.mae[0, c]),
    }
    loss = _course([band(whole(outcomes.loss[0, c])) for c in kept])
    found: dict[str, Course | int] = {}
    if trial.measure in measures:
        found["error"] = _course([band(measures[trial.measure](c)) for c in kept])
    if watched.updates:
        found["lifetimes"] = watched.lifetimes
        for name, rows in (("weights", watched.weights), ("change", watched.changes)):
            known = dict(zip(watched.updates, rows, strict=True))
            found[name] = _course([known.get(update) for update in updates])
    return Biography(set=set_name(trial.drawn[0][0]), updates=updates, loss=loss).model_copy(update=found)


def _course(rows: Sequence[tuple[float, float, float] | None]) -> Course:
    mean, low, high = ([None if row is None else short(row[place]) for row in rows] for place in range(3))
    return Course(mean=mean, low=low, high=high)
