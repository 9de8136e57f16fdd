"""An evolved optimizer on data sets it never met: `python -m benchmarks.recipe_optimizer [--seeds N] [--quick]`.

Recipe `optimizer`: cross-entropy after 200 steps on wine, breast cancer and moons, one learning rate for all, tuned on
the data sets of evolution. Each seed evolves anew and is tested with 20 test seeds (`sampling.test_tasks`: division of
the data, first weights, order of examples), the same for all learners. They are compared by the geometric mean over
data sets of the mean loss, and paired by test seed: the interval is that of the jackknife of the difference.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.claims import Table, above_zero, claim, likely, lived, options, report, warm
from evometa.champion import Gauge, lanes, stock_genome
from evometa.config.load import restore
from evometa.courses import open_courses
from evometa.evaluation import Evaluator
from evometa.inspect import Run
from evometa.language.library import RULES
from evometa.lifetime import cpu

QUICK = [
    "run.generations=2", "evolution.population=10", "evolution.offspring=6", "sampling.test_tasks=4",
    "sampling.validation_tasks=2", "champion.rates.points=4",
]  # fmt: skip


def by_test_seed(run: Run) -> dict[str, np.ndarray]:
    """Live the champion and the tuned stock rules again: for each, a jackknife value of its loss by test seed."""
    config = restore(run.config, "benchmark")
    evaluator, gauge = Evaluator(config, open_courses(config), cpu.live), Gauge.of(config)
    drawn = evaluator.draw("test", 0, config.sampling.test_tasks, fresh=True)
    updates = len(drawn[0][1].plan.order)
    assert run.champion is not None
    genomes = {"champion": run.champion.genome}
    genomes |= {row["name"]: stock_genome(RULES[row["name"]], row["rate"], updates) for row in run.baselines}
    outcomes = evaluator.outcomes([genome for genome in genomes.values() if genome is not None], drawn)
    found = {name: lanes(outcomes, gauge, g, [-1] * len(drawn)) for g, name in enumerate(genomes)}
    told = {"champion": run.champion.meta_test} | {row["name"]: row["mean"] for row in run.baselines}
    for name, values in found.items():
        assert np.isclose(values.mean(), told[name]), f"{name}: {values.mean()} here, {told[name]} in the report"
    return found


def one(seed: int, quick: bool) -> dict[str, np.ndarray]:
    """Evolve once and print the table of that seed; return the loss of every learner for each test seed."""
    with lived("optimizer", QUICK if quick else [], seed=seed) as (run, seconds):
        told, found = report(run), by_test_seed(run)
        champion = run.champion
        assert champion is not None
        print(f"seed {seed}, {seconds:.0f} s: {champion.formula}\n         {champion.recognised}")
    rows: list[dict[str, Any]] = [{"name": "champion", **told["meta_test"], "sets": told["sets"]}, *told["baselines"]]
    # the family's name is the same for all; the recipe has them in this order
    names = [tasks["name"] for tasks in run.config["tasks"] if "test" in tasks["splits"]]
    table = Table(learner=-10, rate=8, geometric_mean=17, **dict.fromkeys(names, 17), champion_is_lower_by=21)
    for row in rows:
        lower = "" if row["name"] == "champion" else likely(found[row["name"]] - found["champion"])
        cells = [f"{each['mean']:.4f} ± {each['ci95']:.4f}" for each in (row, *row["sets"])]
        table.row(row["name"], row.get("rate", ""), *cells, lower)
    print()
    return found


def main() -> None:
    """Run all seeds and print tables and verdicts."""
    chosen = options(__doc__, seeds=3)
    warm()
    runs = [one(seed, chosen.quick) for seed in range(1 if chosen.quick else chosen.seeds)]
    rivals = [name for name in runs[0] if name != "champion"]
    for seed, found in enumerate(runs):
        won = [name for name in rivals if above_zero(found[name] - found["champion"])]
        lower = [name for name in rivals if found["champion"].mean() < found[name].mean()]
        claim(
            f"seed {seed}: lower geometric mean than every tuned stock rule: lower than {len(lower)} of {len(rivals)}, "
            f"beyond doubt (95 %) than {', '.join(won) or 'none'}",
            len(won) == len(rivals),
        )
    for name in rivals:
        ratios = np.array([found["champion"].mean() / found[name].mean() for found in runs])
        less = int((ratios < 1).sum())
        told = f"{ratios.mean():.3f} × the loss of {name}; less with {less} of {len(runs)} evolved optimizers"
        claim(told, less == len(runs))


if __name__ == "__main__":
    main()
