"""An evolved optimizer on data sets it never met: `python -m benchmarks.recipe_optimizer [--seeds N] [--quick]`.

Recipe `optimizer`: cross-entropy after 200 steps on wine, breast cancer and moons, one setting of the dials for all.
Each seed evolves anew and tunes its rivals in all their dials on the sets of evolution. Then the champions and rivals
of all seeds meet one common set of fresh lives: divisions of the data, first weights and orders of examples. The figure
of a learner is the geometric mean over data sets of its mean loss; ratios are paired over seeds, and their interval is
Student's, of their logarithm. The bar: .093, what the best of 300 rules made by hand came to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from benchmarks.claims import Table, above_zero, claim, likely, lived, options, warm
from benchmarks.contest import Contest
from benchmarks.networks import F64
from evometa.genetics.genome import Genome
from evometa.judging.intervals import mean_interval, together
from evometa.presentation.format import tuned

CHAMPION, BAR = "champion", 0.093
SECONDS = 300.0  # what a default run may take, its rivals included
QUICK = [
    "run.generations=2", "evolution.population=10", "evolution.offspring=8", "sampling.test_tasks=4",
    "sampling.validation_tasks=2", "champion.rates.points=3", "champion.tuning_tasks=2",
]  # fmt: skip


class Rival(NamedTuple):
    """A classic rule as one seed has tuned it."""

    name: str
    dials: dict[str, float]


@dataclass
class Search:
    """What came of one seed: its champion, the rivals that it tuned, the seconds of the whole run."""

    genome: Genome
    rivals: list[Rival]
    seconds: float


def search(seed: int, quick: bool, table: Table) -> Search:
    """Evolve once, and print how the champion looks."""
    with lived("optimizer", QUICK if quick else [], seed=seed) as (run, seconds):
        champion = run.champion
        assert champion is not None
        table.row(seed, round(seconds), champion.formula, champion.recognised)
        rows = [row for row in run.baselines if row.dials]
        for row in rows:
            print(f"      {row.name}: {tuned(row)}")
        return Search(champion.kept_genome(), [Rival(row.name, dict(row.dials)) for row in rows], seconds)


def contest(searches: list[Search], quick: bool) -> tuple[list[str], list[str], F64]:
    """Return names of learners and of data sets, and mean losses on common fresh lives, f64[sets, seeds, learners]."""
    fresh = Contest("optimizer", blocks=1 if quick else 8, tasks=8 if quick else 64)
    genomes = [g for one in searches for g in (one.genome, *(fresh.stock(*rival) for rival in one.rivals))]
    names = [CHAMPION, *(rival.name for rival in searches[0].rivals)]
    sets = [str(getattr(course.settings.settings, "name", "")) for course, _ in fresh.blocks[0]]
    print(f"\n{fresh.lives:,} fresh lives of each learner, the same for all of {len(searches)} seeds")
    return names, sets, fresh.by_set(genomes).reshape(len(sets), len(searches), len(names))


def main() -> None:
    """Run all seeds, let all meet, and print the table and the verdicts."""
    chosen = options(__doc__, seeds=10)
    warm()
    table = Table(seed=4, seconds=7, formula=-60, recognised=-1)
    searches = [search(seed, chosen.quick, table) for seed in range(2 if chosen.quick else chosen.seeds)]
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
