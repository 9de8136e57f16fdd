"""Choosing a champion on meta-validation tasks, and reporting it on meta-test tasks against tuned stock learners.

No number reported here was used to choose anything: rules evolve and stock rules are tuned on meta-train tasks,
the champion is picked on meta-validation tasks, and both meet the meta-test tasks once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evometa.config.schema import Config
from evometa.courses import Course, Lessons
from evometa.evaluation import Evaluator
from evometa.genome import Genome
from evometa.individual import Individual
from evometa.language.library import RULES, ClassicRule
from evometa.lifetime import OK, Outcomes
from evometa.peers import mean_interval, peers
from evometa.witness import behaviour

F64 = NDArray[np.float64]

MEASURES = {"adapted_accuracy": "accuracy", "adapted_closeness": "closeness"}
LOST = 1e6  # the loss of a lifetime that diverged; its accuracy and closeness are 0


class Gauge(NamedTuple):
    """What learners are compared by: "loss", "accuracy" or "closeness", and how many lifetimes each task is lived."""

    measure: str
    repeats: int

    @classmethod
    def of(cls, config: Config) -> Gauge:
        """Return the recipe's own, by default that of its first objective."""
        measure: str = config.champion.measure
        if measure == "auto":
            measure = MEASURES.get(config.fitness.objectives[0], "loss")
        return cls(measure, config.sampling.repeats)


def examine(evaluator: Evaluator, candidates: Sequence[Individual]) -> dict[str, Any]:
    """Return the final report on a run as plain JSON: the champion's id, its scores and the stock learners'."""
    config = evaluator.config
    gauge = Gauge.of(config)
    chosen, validation = choose(evaluator, candidates, gauge)
    drawn = evaluator.draw("test", 0, config.sampling.test_tasks, updates=config.champion.updates)
    outcomes = evaluator.outcomes([chosen.genome], drawn)
    points = [list(lesson.plan.checkpoints) for _, lesson in drawn]
    lengths = [config.lifetime.length(course.family.support) for course, _ in drawn]
    lived = [p.index(length) for p, length in zip(points, lengths, strict=True)]
    adapted = lanes(outcomes, gauge, 0, lived)
    result = {
        "champion": chosen.id,
        "measure": gauge.measure,
        "meta_validation": validation,
        "meta_test": interval(adapted),
        "innate": interval(lanes(outcomes, gauge, 0, [0] * len(drawn))),
        "diverged": int(sum((o.status != OK).sum() for o in outcomes)),
        "lifetimes": int(sum(o.status.size for o in outcomes)),
        "curve": [
            {"updates": int(point), **interval(lanes(outcomes, gauge, 0, [c] * len(drawn)))}
            for c, point in enumerate(points[0])
            if all(p == points[0] for p in points)
        ],
        "baselines": [*stock_rules(evaluator, gauge), *stock_learners(drawn, gauge, config)],
    }
    course, lesson = evaluator.draw("validation", 0, config.sampling.validation_tasks)[0]
    result["behaviour"] = behaviour(chosen.genome, course, lesson)
    if len(drawn) > 1:
        result["sets"] = by_set(drawn, outcomes, gauge, lived)
    return result


def choose(evaluator: Evaluator, candidates: Sequence[Individual], gauge: Gauge) -> tuple[Individual, float]:
    """Return the candidate that does best on meta-validation tasks, and how well.

    Of equals (within the recipe's resolution) the smaller, then the older. With "darwin" it is judged before learning.
    """
    config = evaluator.config
    drawn = evaluator.draw("validation", 0, config.sampling.validation_tasks)
    outcomes = evaluator.outcomes([one.genome for one in candidates], drawn)
    sign = 1.0 if gauge.measure == "loss" else -1.0
    ends = [0 if config.evolution.inheritance == "darwin" else -1] * len(drawn)
    scores = [float(lanes(outcomes, gauge, g, ends).mean()) for g in range(len(candidates))]
    step = config.fitness.resolution or 1e-9
    best = min(
        range(len(candidates)), key=lambda g: (round(sign * scores[g] / step), candidates[g].size, candidates[g].id)
    )
    return candidates[best], scores[best]


def lanes(outcomes: Sequence[Outcomes], gauge: Gauge, g: int, checkpoints: Sequence[int]) -> F64:
    """Return one genome's performance on each task, f64[tasks] (the mean over its lifetimes there).

    Of several task sets, the accuracies of their i-th tasks are averaged; the losses give the geometric mean of the
    sets' means, as optimisers are compared across data sets, as jackknife pseudo-values (Tukey 1958), whose mean and
    scatter are those of that figure.
    """
    measure, rows = gauge.measure, []
    for each, c in zip(outcomes, checkpoints, strict=True):
        source = each.mae if measure == "closeness" else getattr(each, measure)
        values = source[g, c].astype(np.float64)
        values = 1.0 - values if measure == "closeness" else values
        # what came of a lifetime after this checkpoint does not count here
        last = c in (-1, source.shape[1] - 1)
        sound = np.isfinite(values) & ((each.status[g] == OK) if last else True)
        values = np.where(sound, values, LOST if measure == "loss" else 0.0)
        rows.append(values.reshape(-1, gauge.repeats).mean(axis=1))
    if len(rows) == 1:
        return rows[0]
    count = min(map(len, rows))
    together = np.stack([row[:count] for row in rows])
    if measure != "loss" or count < 2:
        return together.mean(axis=0)
    sums = together.sum(axis=1, keepdims=True)
    whole = np.exp(np.log(np.maximum(sums / count, 1e-12)).mean())
    without = np.exp(np.log(np.maximum((sums - together) / (count - 1), 1e-12)).mean(axis=0))
    return count * whole - (count - 1) * without


def interval(values: F64) -> dict[str, Any]:
    """Return mean, half width of the 95 % interval, and the number of tasks."""
    mean, half = mean_interval(values)
    return {"mean": mean, "ci95": half, "n": len(values)}


def by_set(
    drawn: Sequence[tuple[Course, Lessons]], outcomes: Sequence[Outcomes], gauge: Gauge, ends: Sequence[int]
) -> list[dict[str, Any]]:
    """Return one genome's performance on each set of tasks."""
    return [
        {"set": course.family.name, **interval(lanes([each], gauge, 0, [end]))}
        for (course, _), each, end in zip(drawn, outcomes, ends, strict=True)
    ]


def rate_grid(config: Config) -> F64:
    """Return the learning rates that stock rules are tuned over."""
    rates = config.champion.rates
    spaced = np.geomspace if rates.scale == "log" else np.linspace
    return spaced(rates.low, rates.high, rates.points)


def stock_rules(evaluator: Evaluator, gauge: Gauge) -> list[dict[str, Any]]:
    """Tune each classic rule's learning rate on meta-train tasks, and report it on meta-test tasks.

    They live in the same networks, for as many updates; their first weights are drawn, since they inherit none.
    """
    config = evaluator.config
    rates = rate_grid(config)
    rules = [RULES[name] for name in config.champion.baselines]
    if not rules:
        return []
    count = max(config.sampling.tasks, config.sampling.validation_tasks)
    tuning = evaluator.draw("train", 0, count, fresh=True)
    updates = [len(lesson.plan.order) for _, lesson in tuning]
    genomes = [stock_genome(rule, rate, updates[0]) for rule in rules for rate in rates]
    outcomes = evaluator.outcomes(genomes, tuning)
    sign = 1.0 if gauge.measure == "loss" else -1.0
    ends = [-1] * len(tuning)
    means = np.array([sign * lanes(outcomes, gauge, g, ends).mean() for g in range(len(genomes))])
    best = means.reshape(len(rules), len(rates)).argmin(axis=1)
    tuned = [genomes[row * len(rates) + column] for row, column in enumerate(best)]
    drawn = evaluator.draw("test", 0, config.sampling.test_tasks, fresh=True)
    tested = evaluator.outcomes(tuned, drawn)
    rows = []
    for g, rule in enumerate(rules):
        one = [_row(o, g) for o in tested]
        row = {"name": rule.name, **interval(lanes(tested, gauge, g, [-1] * len(drawn))), "rate": float(rates[best[g]])}
        if len(drawn) > 1:
            row["sets"] = by_set(drawn, one, gauge, [-1] * len(drawn))
        rows.append(row)
    return rows


def _row(outcomes: Outcomes, g: int) -> Outcomes:
    """Return the outcomes of one genome alone."""
    cut = slice(g, g + 1)
    return Outcomes(outcomes.loss[cut], outcomes.accuracy[cut], outcomes.mae[cut], outcomes.status[cut])


def stock_genome(rule: ClassicRule, rate: float, updates: int) -> Genome:
    """Return the genome of a classic rule with that learning rate and its usual other coefficients."""
    values = {**rule.values(updates), "c0": rate}
    coefficients = np.array([values.get(f"c{i}", 0.0) for i in range(len(values))], np.float32)
    return Genome(dict(rule.slots), coefficients=coefficients)


def stock_learners(drawn: Sequence[tuple[Course, Lessons]], gauge: Gauge, config: Config) -> list[dict[str, Any]]:
    """Report plain learners (prototypes, neighbours, linear models) on the same meta-test tasks, where they apply."""
    if not config.champion.peers or len(drawn) > 1 or gauge.measure == "closeness":
        return []
    course, lesson = drawn[0]
    if (gauge.measure == "loss") != (course.head == "linear"):
        return []
    tasks = lesson.tasks
    found = peers(tasks.take(np.arange(0, tasks.lanes, lesson.repeats)), course.head)
    return [{"name": name, **interval(values.astype(np.float64))} for name, values in found.items()]
