"""The course of a life: the champion from within, and how fast it learns beside tuned stock rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.genetics.genome import Genome
from evometa.judging.analysis.measurement import Trial, short
from evometa.judging.analysis.observation import Watched, spaced
from evometa.judging.exam import set_name
from evometa.judging.tuning import stock_genome
from evometa.language.library import RULES
from evometa.lifetime import Outcomes

F64 = NDArray[np.float64]


def curves(
    trial: Trial, genome: Genome, rivals: Mapping[str, Mapping[str, float]], watched: Watched
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the learning curves of the champion and of stock rules with their tuned dials; and its biography."""
    length = min(trial.lengths)
    end = min(len(lesson.plan.order) for _, lesson in trial.drawn)
    points = sorted({*spaced(end), *spaced(length), length})
    same = [points] * len(trial.drawn)
    names = [name for name in rivals if name in RULES]
    stock = [stock_genome(RULES[name], rivals[name], end) for name in names]
    if trial.config.weights.mode == "drawn":
        together = trial.live([genome, *stock], same)
        rows = [(together, g) for g in range(len(stock) + 1)]
    else:  # stock rules inherit no weights
        others = trial.live(stock, same, fresh=True) if stock else []
        together = trial.live([genome], same)
        rows = [(together, 0), *((others, g) for g in range(len(stock)))]
    found = [
        {"name": name, "updates": points, **_curve(trial, outcomes, g, len(points))}
        for name, (outcomes, g) in zip(["champion", *names], rows, strict=True)
    ]
    return found, biography(trial, together[0], points, watched)


def _curve(trial: Trial, outcomes: Sequence[Outcomes], g: int, count: int) -> dict[str, list[float | None]]:
    told = [trial.told(trial.scores(outcomes, g, checkpoint)) for checkpoint in range(count)]
    return {name: [short(one[name]) for one in told] for name in ("mean", "ci95")}


def biography(trial: Trial, outcomes: Outcomes, points: Sequence[int], watched: Watched) -> dict[str, Any]:
    """Return what happens within lifetimes of the first task set, update by update.

    `loss`, and `error` where the recipe measures accuracy or closeness, on the queries; `weights` (|w|) and `change`
    (|Δw|) over synapses and lifetimes; each with mean, tenth and ninetieth percentile.
    """
    length = trial.lengths[0]
    kept = [c for c, point in enumerate(points) if point <= length]

    def whole(rows: Any) -> Any:  # of lifetimes whose queries were taken apart, the mean over the parts
        return rows.reshape(trial.exam.parts[0], -1).mean(axis=0)

    updates = [points[c] for c in kept]
    told: dict[str, Any] = {"set": set_name(trial.drawn[0][0]), "updates": updates}
    measures = {
        "accuracy": lambda c: 1.0 - whole(outcomes.accuracy[0, c]),
        "closeness": lambda c: whole(outcomes.mae[0, c]),
    }
    if trial.measure in measures:
        told["error"] = _bands([_band(measures[trial.measure](c)) for c in kept])
    told["loss"] = _bands([_band(whole(outcomes.loss[0, c])) for c in kept])
    if watched.updates:
        told["lifetimes"] = watched.lifetimes
        for name, rows in (("weights", watched.weights), ("change", watched.changes)):
            known = dict(zip(watched.updates, rows, strict=True))
            told[name] = _bands([known.get(update) for update in updates])
    return told


def _band(values: Any) -> tuple[float, float, float] | None:
    finite = values[np.isfinite(values)].astype(np.float64)
    if not len(finite):
        return None
    low, high = np.quantile(finite, (0.1, 0.9))
    return float(finite.mean()), float(low), float(high)


def _bands(rows: Sequence[tuple[float, float, float] | None]) -> dict[str, list[float | None]]:
    return {
        name: [None if row is None else short(row[place]) for row in rows]
        for place, name in enumerate(("mean", "low", "high"))
    }
