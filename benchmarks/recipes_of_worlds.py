"""Recipes of worlds: `python -m benchmarks.recipes_of_worlds [--recipe NAME] [--seeds N] [--runs FOLDER]`.

Champions of `bandit`, `reversal`, `rooms`, `curious`, `coverage`, `cartpole` and `tmaze` on lives that evolution never
met, mean and 95 % interval over search seeds, each beside classic agents tuned in all their dials on train and
validation lives, and the bar that was set: what the best known learner that is no planner came to elsewhere (for
`bandit` an upper confidence bound with its constant tuned; for `curious` Q(λ) with optimism and a count bonus, dives
until the tenth treasure; for `tmaze` 193 of 200, a hair below the optimum without foresight, 194, while rewards reach
its rivals with the next tick, after the first turn of the next trip; for `cartpole` the mean length of trials in the
last quarter of a life, and by quarter, in which ASE/ACE came to 145, 346, 417 and 433). The maze of one turn (`tmaze`,
the stock world) is the easier one, and shows one number where the recipe's shows three: its champions do not fit there,
and it is not run. Bars come from other lives than these; the tuned rivals meet the same. Seeds begin with 5: recipes
were set with tests of seed 0 in sight.

`--runs FOLDER` keeps the run of every search there (as in `benchmarks.sequences`); `--quick` is a smoke test.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.claims import Table, claim, likely, options, warm
from benchmarks.searches import Terms, search, search_all, seconds_of
from evometa.judging.intervals import F64

BARS: Mapping[str, Mapping[str, float]] = {
    "bandit": {"": 5.73, "2 arms": 2.09, "10 arms": 9.48, "500 pulls": 10.7},
    "reversal": {"": 12.5, "500 pulls": 63.5, "clearer, rarer changes": 7.2},
    "rooms": {"": 0.65, "the goal moves": 0.65, "11 by 11": 0.65, "blocks for walls": 0.65},
    "curious": {"": 86.0, "6 deep": 34.0, "14 deep": 175.0},
    "coverage": {"": 387.0},
    "cartpole": {"": 433.0},
    "tmaze": {"": 0.965},
}
"""What is wanted of the main test ("") and of further ones, by the recipe's measure."""
PARTS: Mapping[str, tuple[float, ...]] = {"cartpole": (145.0, 346.0, 417.0, 433.0)}
"""What is wanted of the windows of a life, in the main test."""
LOWER = frozenset({"bandit", "reversal", "curious"})  # whose measure is better the less there is of it
ENDLESS, FIRST = 10**12, 5
QUICK = (
    "run.generations=1", "evolution.population=4", "evolution.offspring=4", "sampling.tasks=2",
    "sampling.validation_tasks=3", "sampling.test_tasks=4", "champion.tuning_tasks=2", "racing.rungs=[]",
)  # fmt: skip


def number(value: float | None) -> float:
    """Return a mean of a report as a number."""
    return np.nan if value is None else float(value)


def better(recipe: str, found: Any, bar: float) -> Any:
    """Return whether what was found, of any shape, is better than a bar by the recipe's measure."""
    return found < bar if recipe in LOWER else found > bar


def parts_of(recipe: str, parts: Sequence[Sequence[float]]) -> list[tuple[str, float, F64]]:
    """Return of each window of a life that something is wanted of its name, the bar, and each seed's mean there."""
    bars = PARTS.get(recipe, ())
    means = np.array(parts, np.float64)[:, : len(bars)]
    assert means.shape == (len(parts), len(bars)), "as many windows as there are bars"
    return [(f"part {k + 1} of {len(bars)} of a life", bar, means[:, k]) for k, bar in enumerate(bars)]


def show(terms: Terms) -> None:
    """Print what the champions of all seeds came to, and the verdicts."""
    name = terms.recipe
    found: dict[str, list[float]] = {test: [] for test in BARS[name]}
    parts: list[list[float]] = []
    beside: dict[str, list[float]] = {}
    for seed in terms.numbers:
        run = search(terms, [], seed)
        assert run is not None
        champion = run.champion
        assert champion is not None
        report = champion.report
        assert report is not None
        others = {one.name: one.mean for one in report.other_tests}
        for test, values in found.items():
            values.append(number(report.test.mean if not test else others[test]))
        parts.append([number(point.mean) for point in report.curve])
        for row in report.baselines:
            beside.setdefault(row.name, []).append(number(row.mean))
        print(f"  seed {seed}: {champion.formula}")
    table = Table(test=-26, champion=17, bar=8, reached=8)
    for test, values in found.items():
        bar, own = BARS[name][test], np.array(values)
        met = better(name, own, bar)
        table.row(test or "the main one", likely(own), f"{bar:g}", f"{met.sum()}/{len(own)}")
    windows = parts_of(name, parts)
    for part, bar, own in windows:
        table.row(part, likely(own), f"{bar:g}", f"{better(name, own, bar).sum()}/{len(own)}")
    for rival, values in beside.items():
        table.row(f"tuned {rival}", likely(np.array(values)), "", "")
    seconds = [seconds_of(terms, [], seed) for seed in terms.numbers]
    print(f"  a run takes {np.median(seconds):.0f} s of one core, its rivals and report included")
    judged = [(test or "the main test", BARS[name][test], np.array(values)) for test, values in found.items()]
    for what, bar, own in [*judged, *windows]:
        mean, wanted = own.mean(), "below" if name in LOWER else "above"
        claim(f"{name}, {what}: {mean:.3g}, wanted {wanted} {bar:g}", bool(better(name, mean, bar)))


def main() -> None:
    """Search with every seed, then tell."""
    chosen = options(__doc__, seeds=10, runs="", recipe="")
    warm()
    seeds, settings = (2, QUICK) if chosen.quick else (chosen.seeds, ())
    with tempfile.TemporaryDirectory() as folder:
        for recipe in BARS:
            if chosen.recipe in ("", recipe):
                terms = Terms(recipe, settings, seeds, ENDLESS, Path(chosen.runs or folder).absolute(), FIRST)
                terms.folder.mkdir(parents=True, exist_ok=True)
                search_all(terms, {"champion": []})
                print(f"\nrecipe {recipe}: mean ± half its 95 % interval over {seeds} seeds")
                show(terms)


if __name__ == "__main__":
    main()
