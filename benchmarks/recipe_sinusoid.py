"""Baldwin, Lamarck, Darwin: `python -m benchmarks.recipe_sinusoid [--seeds N] [--generations N] [--quick]`.

Recipe `sinusoid_evolution` (Finn 2017, ten points, 1-40-40-1): innate weights and rates evolve on one budget, 2 million
lives as shipped, with each kind of inheritance; the champion's mean squared error on 1 000 fresh tasks after 0 to 10
steps, though it was judged after one (`darwin`: before any). The same seeds for all three, so every seed gives one
ordering. With gradients: `benchmarks.recipe_sinusoid_gradient`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from benchmarks.claims import Table, claim, likely, lived, options, report, spread, warm
from evometa.judging.intervals import mean_interval

KINDS = ("baldwin", "lamarck", "darwin")
STEPS = (0, 1, 2, 3, 5, 10)
LARGE = 1e3  # a mean error above this has diverged
REFERENCE = {
    "Baldwin, 19.2 M task evaluations, elsewhere": {0: 3.06, 1: 0.511, 10: 0.181},
    "Lamarck, same": {0: 3.22, 1: 2.13, 10: 2.22},
    "Darwin, same": {0: 3.05},
    "MAML, rate .01": {0: 3.01, 1: 0.346, 2: 0.202, 3: 0.197, 5: 0.33, 10: 0.150},
}
"""Measured elsewhere on the same protocol: a genetic algorithm with one seed for each kind, and gradient descent."""
AIM, BUDGET = 1.9, 2e6  # error after one step, within so many lifetimes
BALDWIN, MAML = 0.511, 0.346
QUICK = [
    "sampling.test_tasks=100", "sampling.validation_tasks=10", "evolution.offspring=32", "champion.rates.points=2",
]  # fmt: skip


def one(kind: str, seed: int, generations: int | None, quick: bool) -> dict[str, Any]:
    """Evolve once; return the error after each step, lifetimes, seconds, and lifetimes that diverged in the test."""
    settings = [f"evolution.inheritance={kind}", *(QUICK if quick else [])]
    with lived("sinusoid_evolution", settings, seed=seed, generations=generations) as (run, seconds):
        told = report(run)
        return {
            "curve": {point["updates"]: float(point["mean"]) for point in told["curve"]}, "diverged": told["diverged"],
            "lifetimes": run.summary()["lived"]["evolution"], "seconds": seconds,
        }  # fmt: skip


def sound(row: dict[str, Any]) -> bool:
    """Tell whether no step's error is out of all bounds, and no lifetime was lost."""
    return not row["diverged"] and all(math.isfinite(e) and e <= LARGE for e in row["curve"].values())


def collect(seeds: int, generations: int | None, quick: bool) -> dict[str, list[dict[str, Any]]]:
    """Run every seed with every kind of inheritance, and print the steps as they come."""
    table = Table(seed=4, inheritance=-11, **{f"step {step}": 8 for step in STEPS}, lifetimes=10, seconds=7)
    rows: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    for seed in range(seeds):
        for kind in KINDS:
            rows[kind].append(row := one(kind, seed, generations, quick))
            steps = [row["curve"][step] for step in STEPS]
            table.row(seed, kind, *steps, f"{row['lifetimes'] / 1e6:.2f} M", round(row["seconds"], 1))
    return rows


def summary(rows: dict[str, list[dict[str, Any]]]) -> None:
    """Print mean ± standard deviation over seeds of every step, beside what was measured elsewhere."""
    print("\nmean squared error, mean ± standard deviation over seeds")
    table = Table(learner=-44, **{f"step {step}": 17 for step in STEPS}, lifetimes=10)
    for kind, found in rows.items():
        steps = [spread([row["curve"][step] for row in found]) for step in STEPS]
        table.row(kind, *steps, f"{np.mean([row['lifetimes'] for row in found]) / 1e6:.2f} M")
    for name, curve in REFERENCE.items():
        table.row(name, *(curve.get(step, "") for step in STEPS), "")
    print()


def judge(rows: dict[str, list[dict[str, Any]]]) -> None:
    """Print the verdicts."""
    first = {kind: np.array([row["curve"][1] for row in found]) for kind, found in rows.items()}
    ordered = int(((first["baldwin"] < first["lamarck"]) & (first["lamarck"] < first["darwin"])).sum())
    count = len(first["baldwin"])
    claim(f"Baldwin < Lamarck < Darwin after one step in {ordered} of {count} seeds (all)", ordered == count)
    for kind, found in rows.items():
        bad = sum(not sound(row) for row in found)
        lost = sum(row["diverged"] for row in found)
        claim(f"{kind}: steps 0 to 10 without divergence; {bad} seeds with some, {lost} lifetimes lost", bad == 0)
    spent = np.mean([row["lifetimes"] for row in rows["baldwin"]])
    mean, half = mean_interval(first["baldwin"])
    told = f"{likely(first['baldwin'])} after one step, {spent / 1e6:.2f} M lifetimes"
    claim(
        f"Baldwin at {AIM} or below within {BUDGET / 1e6:.0f} M lifetimes, by its mean: {told}",
        mean <= AIM and spent <= BUDGET,
    )
    claim(f"the same by an interval: below {AIM}", half is not None and mean + half <= AIM)
    for name, value in (("elsewhere with 19.2 M", BALDWIN), ("MAML", MAML)):
        better = int((first["baldwin"] < value).sum())
        print(f"{'no claim':13}  {value} after one step ({name}) is beaten in {better} of {count} seeds")
    minutes = float(np.median([row["seconds"] for row in rows["baldwin"]])) / 60
    claim(f"a Baldwin run takes a quarter of an hour or less: median {minutes:.1f} min", minutes <= 15)


def main() -> None:
    """Run everything and print tables and verdicts."""
    chosen = options(__doc__, seeds=10, generations=None)
    seeds, generations = (1, 3) if chosen.quick else (chosen.seeds, chosen.generations)
    warm()
    rows = collect(seeds, generations, chosen.quick)
    summary(rows)
    judge(rows)


if __name__ == "__main__":
    main()
