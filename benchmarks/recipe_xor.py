"""XOR by evolved networks: `python -m benchmarks.recipe_xor [--seeds N] [--plastic-seeds N] [--quick]`.

Recipe `xor` (NEAT; Stanley & Miikkulainen 2002): evaluations until a network computes XOR, with the paper's settings
and with a chance of new synapses of our own; what the paper leaves open is chosen in the recipe. Recipe `xor_plastic`:
rule and network evolve together, weights are random in every life, and the examples tell whether XOR or its opposite
is asked; how often the champion answers rightly after learning, in lives that it was not chosen by.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.claims import Table, claim, lived, options, spread, warm
from evometa.presentation.summary import summary_of

PAPER = (4755, 2553, 2.35)  # evaluations, their standard deviation, hidden nodes; 100 runs, no failure
OWN = ["topology.add_synapse=0.3"]  # the paper's for its larger populations
LEARNED = 0.95  # of the answers are right
ENOUGH = 0.95  # of the seeds


def solve(name: str, settings: Sequence[str], seeds: int) -> list[int | None]:
    """Evolve networks that compute XOR; print what it took, and return the evaluations (None: it failed)."""
    found, hidden, synapses = [], [], []
    seconds = 0.0
    for seed in range(seeds):
        with lived("xor", settings, seed=seed, progress=False) as (run, took):
            seconds += took
            found.append(summary_of(run).solved_after)
            if found[-1] is not None:
                solver = run.individual(run.reader.state(run.generation - 1)["hall"][0]).genome
                assert solver is not None
                hidden.append(solver.nodes)
                synapses.append(solver.synapses)
    solved = [evaluations for evaluations in found if evaluations is not None]
    print(f"{name}: {len(solved)} of {seeds} solved, {seconds / seeds:.1f} s a seed", flush=True)
    if solved:
        print(f"    evaluations {spread(solved)}, most {max(solved)}; hidden nodes {spread(hidden)}, synapses "
              f"{spread(synapses)}", flush=True)  # fmt: skip
    return found


def innate(seeds: int, settings: Sequence[str]) -> None:
    """Print the evaluations that NEAT takes, and whether they are the paper's."""
    print(f"the paper, 100 runs: no failure, evaluations {PAPER[0]} ± {PAPER[1]}, hidden nodes {PAPER[2]}")
    first = solve("its settings", settings, seeds)
    second = solve(", ".join(OWN), [*settings, *OWN], seeds)
    for name, found in (("the paper's settings", first), ("a chance of .3 of new synapses", second)):
        solved = np.array([evaluations for evaluations in found if evaluations is not None], float)
        near = len(solved) > 1 and abs(solved.mean() - PAPER[0]) <= 2 * np.hypot(solved.std(), PAPER[1]) / 10
        claim(f"with {name} no seed fails", len(solved) == seeds)
        claim(f"with {name} it takes as many evaluations as in the paper, or fewer, within two deviations of the mean",
              near or bool(len(solved) and solved.mean() < PAPER[0]))  # fmt: skip


def plastic(seeds: int, settings: Sequence[str]) -> None:
    """Print how well champions learn XOR within life."""
    table = Table(seed=4, right=7, stock=7, innate=7, hidden=6, synapses=8, seconds=7, rule=-1)
    rows = []
    for seed in range(seeds):
        with lived("xor_plastic", settings, seed=seed, progress=False) as (run, seconds):
            champion = run.champion
            assert champion is not None
            assert champion.genome is not None
            right, birth = float(champion.meta_test or 0.0), champion.report.birth.mean if champion.report else None
            rows.append(right)
            stock = run.baselines[0]["mean"]
            numbers = champion.genome.nodes, champion.genome.synapses, round(seconds, 1)
            table.row(seed, right, stock, birth, *numbers, champion.formula)
    good = sum(right >= LEARNED for right in rows)
    print(f"\nright answers over seeds: {spread(rows)}; stock: SGD on a fixed net of four hidden nodes, rate tuned")
    claim(f"{good} of {seeds} seeds learn it: {LEARNED:.0%} of the answers right after learning (19 of 20)",
          good >= ENOUGH * seeds)  # fmt: skip


def main() -> None:
    """Run all seeds of both recipes."""
    chosen = options(__doc__, seeds=100, plastic_seeds=20)
    seeds, plastic_seeds = (2, 1) if chosen.quick else (chosen.seeds, chosen.plastic_seeds)
    warm()
    settings = ["run.generations=5"] if chosen.quick else []
    if seeds:
        innate(seeds, settings)
        print()
    if plastic_seeds:
        plastic(plastic_seeds, settings)


if __name__ == "__main__":
    main()
