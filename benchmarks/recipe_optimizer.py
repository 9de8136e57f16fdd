"""An evolved optimizer on data sets it never met: `python -m benchmarks.recipe_optimizer [--seeds N] [--runs FOLDER]`.

Recipe `optimizer`: cross-entropy after 200 steps on wine, breast cancer and moons, one setting of the dials for all.
Each seed evolves anew and tunes its rivals in all their dials (the rate's decay and weight decay among them) on the
sets of evolution. Then the champions and rivals of all seeds meet one common set of fresh lives: divisions of the
data, first weights and orders of examples. The figure of a learner is the geometric mean over data sets of its mean
loss; ratios are paired over seeds, and their interval is Student's, of their logarithm. The bar: .093, what the best
of 300 rules made by hand came to.

`--runs FOLDER` keeps each seed's run there; one that is there already is not made again.
"""

from __future__ import annotations

import numpy as np

from benchmarks.claims import Table, above_zero, claim, likely, options, warm
from benchmarks.contest import CHAMPION, Contest, Search, search
from benchmarks.networks import F64
from evometa.judging.intervals import mean_interval, together
from evometa.presentation.learner import Learner
from evometa.presentation.run import Run

BAR = 0.093
SECONDS = 300.0  # what a default run may take, its rivals included
QUICK = [
    "run.generations=2", "evolution.population=10", "evolution.offspring=8", "sampling.test_tasks=4",
    "sampling.validation_tasks=2", "champion.rates.points=3", "champion.tuning_tasks=2",
]  # fmt: skip


def contest(searches: list[Search], quick: bool) -> tuple[list[str], list[str], F64]:
    """Return names of learners and of data sets, and mean losses on common fresh lives, f64[sets, seeds, learners]."""
    fresh = Contest("optimizer", blocks=1 if quick else 8, tasks=8 if quick else 64)
    sets = [str(getattr(course.settings.settings, "name", "")) for course, _ in fresh.blocks[0]]
    names, losses = fresh.of_searches(searches)
    return names, sets, losses


def main() -> None:
    """Run all seeds, let all meet, and print the table and the verdicts."""
    chosen = options(__doc__, seeds=10, runs="")
    warm()
    table = Table(seed=4, seconds=7, formula=-60, recognised=-1)

    def show(run: Run, champion: Learner, seconds: float) -> None:
        table.row(run.settings.seed, round(seconds), champion.formula, champion.recognised)

    seeds = range(2 if chosen.quick else chosen.seeds)
    searches = [search("optimizer", QUICK if chosen.quick else (), seed, show, chosen.runs) for seed in seeds]
    names, sets, losses = contest(searches, chosen.quick)
    figures = together(losses, geometric=True)
    print("\ncross-entropy: geometric mean ± half its 95 % interval over seeds; of each set, the mean over seeds")
    print("champion ÷ learner: geometric mean over seeds, and the interval's ends")
    table = Table(learner=-10, geometric_mean=17, **dict.fromkeys(sets, 13), champion_to_learner=24, less_in=9)
    lower = {name: np.log(figures[:, k] / figures[:, 0]) for k, name in enumerate(names)}
    for k, name in enumerate(names):
        told = ("", "") if name == CHAMPION else (_ratio(lower[name]), f"{(lower[name] > 0).sum()} of {len(searches)}")
        table.row(name, likely(figures[:, k]), *losses[:, :, k].mean(axis=1).round(4).tolist(), *told)
    print()
    beaten = [name for name in names[1:] if above_zero(lower[name])]
    text = f"below every rival tuned in all dials, by an interval: below {', '.join(beaten) or 'none'}"
    claim(text, len(beaten) == len(names) - 1)
    mean, half = mean_interval(BAR - figures[:, 0])
    claim(f"below {BAR}, as the best of 300 rules made by hand: {likely(figures[:, 0])}", mean - (half or np.inf) > 0)
    typical = float(np.median([one.seconds for one in searches]))
    claim(f"a default run takes at most {SECONDS:.0f} s: median {typical:.0f} s", typical <= SECONDS)


def _ratio(logarithms: F64) -> str:
    """Write the champion's loss in parts of another's, with its interval."""
    mean, half = mean_interval(-logarithms)
    ends = "" if half is None else f" ({np.exp(mean - half):.3f} to {np.exp(mean + half):.3f})"
    return f"{np.exp(mean):.3f}{ends}"


if __name__ == "__main__":
    main()
