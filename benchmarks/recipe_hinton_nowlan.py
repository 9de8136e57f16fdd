"""How learning can guide evolution: `python -m benchmarks.recipe_hinton_nowlan [--seeds N] [--keep DIR] [--quick]`.

Recipe `hinton_nowlan` (Hinton & Nowlan 1987): shares of alleles that are right, undecided (plastic) and wrong after
some generations, mean ± standard deviation over seeds; then against a plain program of the model itself, in which each
organism has guesses of its own: with its 20 loci, and with a 21st that nothing depends on, as the constant's synapse is
in the recipe, so that one crossover in 20 crosses nothing. `--keep DIR` keeps the runs there: what is there is not
evolved again.
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
ORGANISMS, TRIALS, SEEDS = 1000, 1000, 400  # of the model
WRONG, RIGHT, UNDECIDED = range(3)


def alleles(run: Run) -> F64:
    """Return shares of alleles that are right, undecided and wrong in GENERATIONS, f64[generations, 3]."""
    found = []
    for generation in GENERATIONS:
        genomes = run.reader.genomes(generation - 1)
        assert isinstance(genomes, Genomes)
        learn, on = (genomes.columns[name][:, :SWITCHES] > 0 for name in ("plastic", "weights"))
        found.append([(~learn & on).mean(), learn.mean(), (~learn & ~on).mean()])
    return np.array(found)


def model(seed: int, loci: int) -> tuple[float, float]:
    """Return the shares of alleles that are right and undecided in the last of GENERATIONS, of the first SWITCHES."""
    rng = np.random.default_rng(seed)
    genomes = rng.choice([WRONG, RIGHT, UNDECIDED], (ORGANISMS, loci), p=[0.25, 0.25, 0.5])
    for _ in range(1, GENERATIONS[-1]):
        own = genomes[:, :SWITCHES]
        trial = rng.geometric(0.5 ** (own == UNDECIDED).sum(axis=1))  # the first whose guess is right
        found = (own != WRONG).all(axis=1) & (trial <= TRIALS)
        fitness = np.where(found, 1 + 19 * (TRIALS - trial) / TRIALS, 1.0)
        parents = rng.choice(ORGANISMS, (ORGANISMS, 2), p=fitness / fitness.sum())
        before = np.arange(loci) < rng.integers(1, loci, ORGANISMS)[:, None]
        genomes = np.where(before, genomes[parents[:, 0]], genomes[parents[:, 1]])
    own = genomes[:, :SWITCHES]
    return float((own == RIGHT).mean()), float((own == UNDECIDED).mean())


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
    right, last = shares[:, -1, 0], GENERATIONS[-1]
    print()
    for loci in (SWITCHES, SWITCHES + 1):
        known = np.array([model(seed, loci) for seed in range(20 if chosen.quick else SEEDS)])
        print(f"the model alone, {loci} loci, {len(known)} seeds, generation {last}: right {spread(known[:, 0])}, "
              f"undecided {spread(known[:, 1])}")  # fmt: skip
        apart = right.mean() - known[:, 0].mean()
        error = float(np.hypot(right.std(ddof=1) / np.sqrt(seeds), known[:, 0].std(ddof=1) / np.sqrt(len(known))))
        text = f"right in generation {last}, {spread(right)}, as in the model of {loci} loci: {apart:+.4f}"
        claim(f"{text} ({abs(apart) / error:.1f} standard errors)", abs(apart) <= 1.96 * error)
    gone = int((shares[:, GENERATIONS.index(20), 2] == 0).sum())
    claim(f"no allele is wrong from generation 20 on in {gone} of {seeds} seeds (all)", gone == seeds)


if __name__ == "__main__":
    main()
