"""How learning can guide evolution: `python -m benchmarks.recipe_hinton_nowlan [--seeds N] [--keep DIR] [--quick]`.

Recipe `hinton_nowlan` (Hinton & Nowlan 1987): shares of alleles that are right, undecided (plastic) and wrong after
some generations, mean ± standard deviation over seeds; then against what 200 seeds of the model itself come to, in
which each organism has guesses of its own. `--keep DIR` keeps the runs there: what is there is not evolved again.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from benchmarks.claims import Table, claim, likely, options, spread, warm
from benchmarks.networks import F64
from benchmarks.searches import Terms, search, search_all, seconds_of
from evometa.presentation.run import Run
from evometa.store.individuals import Genomes

RECIPE, SWITCHES = "hinton_nowlan", 20
GENERATIONS = (1, 10, 15, 20, 30, 40, 50)
KEPT = ("run.keep_genomes=survivors",)
QUICK = ("evolution.population=100", "sampling.tasks=50", "sampling.validation_tasks=50", "sampling.test_tasks=50")
MODEL, DEVIATION = 0.768, 0.026
"""Share of right alleles in generation 50 and its standard deviation over seeds, of a program of the model alone."""


def alleles(run: Run) -> F64:
    """Return shares of alleles that are right, undecided and wrong in GENERATIONS, f64[generations, 3]."""
    found = []
    for generation in GENERATIONS:
        genomes = run.reader.genomes(generation - 1)
        assert isinstance(genomes, Genomes)
        learn, on = (genomes.columns[name][:, :SWITCHES] > 0 for name in ("plastic", "weights"))
        found.append([(~learn & on).mean(), learn.mean(), (~learn & ~on).mean()])
    return np.array(found)


def main() -> None:
    """Evolve, and print shares and verdicts."""
    chosen = options(__doc__, seeds=200, keep="")
    warm()
    with tempfile.TemporaryDirectory() as folder:
        seeds, settings = (2, (*KEPT, *QUICK)) if chosen.quick else (chosen.seeds, KEPT)
        terms = Terms(RECIPE, settings, seeds, 10**12, Path(chosen.keep or folder).absolute())
        terms.folder.mkdir(parents=True, exist_ok=True)
        search_all(terms, {RECIPE: ()})
        runs = [search(terms, (), seed) for seed in range(seeds)]
        shares = np.array([alleles(run) for run in runs if run is not None])
        seconds = [seconds_of(terms, (), seed) for seed in range(seeds)]
    print(f"shares of alleles, mean ± standard deviation over {seeds} seeds; {likely(seconds)} processor seconds a run")
    table = Table(generation=10, right=16, undecided=16, wrong=16)
    for place, generation in enumerate(GENERATIONS):
        table.row(generation, *(spread(shares[:, place, kind]) for kind in range(3)))
    right = shares[:, -1, 0]
    error = float(np.hypot(right.std(ddof=1), DEVIATION) / np.sqrt(seeds))
    print()
    same = abs(right.mean() - MODEL) <= 1.96 * error
    claim(f"right in generation 50, {spread(right)}, as in the model, {MODEL} ± {DEVIATION}", same)
    gone = int((shares[:, GENERATIONS.index(20), 2] == 0).sum())
    claim(f"no allele is wrong from generation 20 on in {gone} of {seeds} seeds (all)", gone == seeds)


if __name__ == "__main__":
    main()
