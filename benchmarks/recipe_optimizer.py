"""An evolved optimizer on data sets it never met: `python -m benchmarks.recipe_optimizer [--seeds N] [--quick]`.

Recipe `optimizer`: cross-entropy after 200 steps on wine, breast cancer and moons, one setting of the dials for all,
tuned on the data sets of evolution. Each seed evolves anew and is tested with 20 test seeds (`sampling.test_tasks`:
division of the data, first weights, order of examples), the same for all learners. They are compared by the geometric
mean over data sets of the mean loss; differences are paired by test seed, their interval is the jackknife's.
The bar: .093, what the best of 300 rules made by hand came to.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.claims import Table, claim, lived, options, report, warm
from evometa.judging.reports import Baseline, Report, Score
from evometa.judging.verdict import level_of
from evometa.presentation.format import tuned

BAR = 0.093
QUICK = [
    "run.generations=2", "evolution.population=10", "evolution.offspring=6", "sampling.test_tasks=4",
    "sampling.validation_tasks=2", "champion.rates.points=4",
]  # fmt: skip


def one(seed: int, quick: bool) -> Report:
    """Evolve once, print the table of that seed, and return the report on its test."""
    with lived("optimizer", QUICK if quick else [], seed=seed) as (run, seconds):
        told, champion = report(run), run.champion
        assert champion is not None
        print(f"seed {seed}, {seconds:.0f} s: {champion.formula}\n         {champion.recognised}")
    rows = [Baseline(name="champion", mean=told.test.mean, ci95=told.test.ci95, sets=told.sets), *told.baselines]
    # the family's name is the same for all; the recipe has them in this order
    names = [tasks["name"] for tasks in run.config["tasks"] if "test" in tasks["splits"]]
    print("cross-entropy, mean ± half its 95 % interval over test seeds")
    table = Table(learner=-10, tuned_to=-44, geometric_mean=17, **dict.fromkeys(names, 17), champion_is_lower_by=21)
    for row in rows:
        lower = "" if row.difference is None else _interval(row.difference, -1.0)
        table.row(row.name, tuned(row), *(_interval(each) for each in (row, *row.sets)), lower)
    print()
    return told


def _interval(row: Any, sign: float = 1.0) -> str:
    return f"{sign * row.mean:.4f} ± {row.ci95:.4f}"


def mean_of(row: Score | Baseline) -> float:
    """Return a mean that the exam has measured."""
    assert row.mean is not None
    return row.mean


def main() -> None:
    """Run all seeds and print tables and verdicts."""
    chosen = options(__doc__, seeds=3)
    warm()
    runs = [one(seed, chosen.quick) for seed in range(1 if chosen.quick else chosen.seeds)]
    for seed, told in enumerate(runs):
        levels = {row.name: level_of(told.test, row, "loss") for row in told.baselines}
        won = [name for name, level in levels.items() if level == "better"]
        lower = [row.name for row in told.baselines if mean_of(told.test) < mean_of(row)]
        claim(
            f"seed {seed}: lower geometric mean than every tuned stock rule: lower than {len(lower)} of {len(levels)}, "
            f"beyond doubt (95 %) than {', '.join(won) or 'none'}",
            len(won) == len(levels),
        )
        mean = mean_of(told.test)
        claim(f"seed {seed}: at most {BAR}, as the best of 300 rules made by hand: {mean:.4f}", mean <= BAR)
    for name in levels:
        means = [next(mean_of(row) for row in told.baselines if row.name == name) for told in runs]
        ratios = np.array([mean_of(told.test) / mean for told, mean in zip(runs, means, strict=True)])
        less = int((ratios < 1).sum())
        told_in_words = f"{ratios.mean():.3f} × the loss of {name}; less with {less} of {len(runs)} evolved optimizers"
        claim(told_in_words, less == len(runs))


if __name__ == "__main__":
    main()
