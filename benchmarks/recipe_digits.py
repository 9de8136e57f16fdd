"""Does an evolved rule beat tuned optimizers? `python -m benchmarks.recipe_digits [--seeds N] [--quick]`.

Recipe `digits`: 5-way 5-shot accuracy on digits never seen in evolution, of the champion, the stock rules in the same
network (all their dials tuned on the digits of evolution, the rate's decay among them, as the champion may read `age`),
and plain learners on raw pixels. Each seed evolves anew; champion and rivals meet the same thousand test tasks, so
differences are paired over seeds, and their interval is Student's. The bar: Nesterov's momentum, .891 to .895 when
tuned by hand; a tuned end of the decay and quasi-hyperbolic momentum add .0015 to .002.
"""

from __future__ import annotations

import numpy as np

from benchmarks.claims import Table, above_zero, claim, likely, lived, options, spread, warm
from evometa.presentation.format import learner, tuned

TO_BEAT = ("sgd", "momentum", "nesterov", "qhm", "adam")
PIXELS = {
    "nearest prototype": 0.889, "1-nearest neighbour": 0.897, "ridge classification": 0.886,
    "support vector machine": 0.908, "nesterov": 0.893,
}  # fmt: skip
"""Measured elsewhere on a thousand episodes of digits 5 to 9 (Nesterov's momentum: middle of its range)."""
SECONDS = 120.0  # what the default run may take, about
QUICK = [
    "run.generations=3", "evolution.population=20", "evolution.offspring=20", "sampling.validation_tasks=40",
    "sampling.test_tasks=100",
]  # fmt: skip


def collect(seeds: int, quick: bool) -> tuple[dict[str, list[float]], list[float]]:
    """Return the accuracy of every learner, seed by seed, the champion's first; and the seconds of every run."""
    print("accuracy ± half its 95 % interval over the five digits of the test")
    table = Table(seed=4, champion=16, generation=10, seconds=7, formula=-1)
    scores: dict[str, list[float]] = {}
    times = []
    for seed in range(seeds):
        with lived("digits", QUICK if quick else [], seed=seed) as (run, seconds):
            champion = run.champion
            assert champion is not None
            own = f"{champion.meta_test:.4f} ± {champion.meta_test_ci95:.4f}"
            table.row(seed, own, run.generation, round(seconds, 1), champion.formula)
            scores.setdefault("champion", []).append(float(champion.meta_test or 0.0))
            for row in run.baselines:
                mean = float("nan") if row.mean is None else row.mean
                scores.setdefault(row.name, []).append(mean)
                if tuned(row):
                    print(f"      {learner(row)}: {mean:.4f}")
            times.append(seconds)
    return scores, times


def main() -> None:
    """Run all seeds and print the table and the verdicts."""
    chosen = options(__doc__, seeds=5)
    warm()
    scores, times = collect(2 if chosen.quick else chosen.seeds, chosen.quick)
    champion = np.array(scores["champion"])
    print(
        "\nover seeds: mean ± half its 95 % interval; mean ± standard deviation; champion − learner ± half its interval"
    )
    table = Table(learner=-22, mean_and_interval=17, mean_and_sd=17, champion_is_better_by=21, seeds_won=9, elsewhere=9)
    for name, values in scores.items():
        ahead = champion - values
        told = ("", "") if name == "champion" else (likely(ahead), f"{(ahead > 0).sum()} of {len(ahead)}")
        table.row(name, likely(values), spread(values), *told, PIXELS.get(name, ""))
    print()
    for name in TO_BEAT:
        ahead = champion - scores[name]
        claim(f"the champion beats tuned {name}: by {likely(ahead)}, paired over seeds", above_zero(ahead))
    typical = float(np.median(times))
    claim(f"a default run takes about two minutes: median {typical:.0f} s (up to 150 s)", typical <= 1.25 * SECONDS)


if __name__ == "__main__":
    main()
