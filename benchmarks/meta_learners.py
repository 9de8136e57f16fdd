"""MAML, Meta-SGD, CAVIA and their like as recipes: `python -m benchmarks.meta_learners [--seeds N] [--runs FOLDER]`.

Sinusoids (Finn 2017), net 1-40-40-1 ReLU, 50 000 steps of Adam on 25 tasks each; mean squared error on 1 000 fresh
tasks × 100 grid points after 0 to 10 updates. A row has our recipe's mean over seeds ± its interval (95 %: over seeds,
Student's; of a single one over tasks), and below it the row that it should reproduce: measured elsewhere with other
code (RERUN, one seed, its interval over tasks), or here with JAX (benchmarks/meta_learners_in_jax.py, the same seeds;
needs the extra `bench`). A row is reproduced where its interval and ours after the update that it trains for meet.

`--runs FOLDER` keeps each run there: one that is there is gone on with where it was interrupted, or only read.
`--only NAMES` (with ; between them) makes some rows.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from benchmarks.claims import Table, claim, lived, options, warm
from evometa.judging.intervals import mean_interval

UPDATES = (0, 1, 2, 3, 5, 10)
LARGE = 100.0  # a mean error above this has diverged
Curve = dict[int, tuple[float, float]]
"""Mean error and half its interval after each of UPDATES."""


class Row(NamedTuple):
    """A recipe with settings, and what it should reproduce: errors by updates, ± after `trained` of them.

    No `errors`: JAX does the same work here.
    """

    recipe: str
    settings: tuple[str, ...] = ()
    trained: int = 1
    errors: Mapping[int, float] = MappingProxyType({})
    half: float = 0.0


FIVE = ("tasks.shots=5", "tasks.queries=5")
SLOW = ("coefficients.values=[0.001]",)
ROWS = {
    "MAML .01, K 10": Row("maml", (), 1, {0: 3.01, 1: 0.346, 2: 0.202, 3: 0.197, 5: 0.33, 10: 0.150}, 0.026),
    "MAML .001, K 10": Row("maml", SLOW, 1, {0: 3.02, 1: 0.335, 2: 0.182, 3: 0.140, 5: 0.110, 10: 0.089}, 0.025),
    "Meta-SGD, K 10": Row("meta_sgd", (), 1, {0: 3.01, 1: 0.239, 2: 0.178, 3: 189.0}, 0.021),
    "CAVIA, K 10": Row("cavia", (), 1, {0: 3.02, 1: 0.182, 2: 0.067, 3: 0.048, 5: 0.038, 10: 0.034}, 0.016),
    "MAML .01, K 5": Row("maml", FIVE, 1, {0: 3.02, 1: 0.590, 2: 0.424, 3: 0.488, 5: 2.5}, 0.043),
    "MAML .001, K 5": Row("maml", (*FIVE, *SLOW), 1, {0: 3.0, 1: 0.577, 5: 0.286, 10: 0.257}, 0.043),
    "Meta-SGD, K 5": Row("meta_sgd", FIVE, 1, {0: 3.02, 1: 0.408, 2: 0.293, 3: 99.0}, 0.035),
    "CAVIA, K 5": Row("cavia", FIVE, 1, {0: 3.02, 1: 0.364, 2: 0.153, 3: 0.116, 5: 0.089, 10: 0.074}, 0.033),
    "FOMAML, K 10": Row("fomaml"),
    "ANIL, K 10": Row("anil"),
    "Reptile, K 10": Row("reptile", (), 10),
}
"""Figures: a rerun elsewhere, 50 000 iterations of 25 tasks. That of MAML .001 with K 5 came without an interval: it
has that of its neighbour."""


def ours(name: str, seed: int, runs: Path, quick: bool) -> tuple[Curve, float]:
    """Run a recipe, or read its run; return its curve, and the seconds that it took (NaN: some of it was there)."""
    row = ROWS[name]
    few = ("gradient.steps=20", "run.generations=2", "sampling.test_tasks=100") if quick else ()
    folder = runs / f"{name.replace(', ', '-').replace(' ', '-')}-{seed}"
    with lived(row.recipe, (*row.settings, *few), keep=folder, seed=seed, progress=False) as (run, seconds):
        found = run.summary()["champion"]["by_update"]
        return {update: tuple(found[str(update)]) for update in UPDATES}, seconds


def theirs(name: str, seed: int, runs: Path, quick: bool) -> Curve:
    """Let JAX do the work of a row without figures, or read what it came to."""
    from benchmarks.meta_learners_in_jax import train

    file = runs / f"jax-{ROWS[name].recipe}-{seed}.json"
    if not file.exists():
        file.write_text(json.dumps(train(ROWS[name].recipe, seed, 20 if quick else 50_000, UPDATES)))
    return {int(update): tuple(point) for update, point in json.loads(file.read_text()).items()}


def over_seeds(curves: Sequence[Curve]) -> Curve:
    """Return the means over seeds with half their intervals; of one seed its own."""
    if len(curves) == 1:
        return curves[0]
    found = {}
    for update in UPDATES:
        mean, half = mean_interval([curve[update][0] for curve in curves])
        found[update] = mean, 0.0 if half is None else half
    return found


def told(point: tuple[float, float]) -> str:
    """Write an error ± half its interval."""
    mean, half = point
    if not np.isfinite(mean) or mean > LARGE:
        return "diverges"
    return f"{mean:.3f}" + (f" ± {half:.3f}" if half else "")


def main() -> None:
    """Run every row over the seeds; print tables and verdicts."""
    chosen = options(__doc__, seeds=3, runs="", only="")
    with tempfile.TemporaryDirectory() as folder:
        runs = Path(chosen.runs or folder)
        runs.mkdir(parents=True, exist_ok=True)
        names = [name for name in ROWS if not chosen.only or name in chosen.only.split(";")]
        warm()
        table = Table(row=-16, of=-9, **{f"{update} updates": 15 for update in UPDATES}, seconds=8)
        verdicts = []
        for name in names:
            row, seeds = ROWS[name], range(1 if chosen.quick else chosen.seeds)
            curves, seconds = zip(*(ours(name, seed, runs, chosen.quick) for seed in seeds), strict=True)
            curve = over_seeds(curves)
            table.row(name, "recipe", *(told(curve[update]) for update in UPDATES), f"{np.mean(seconds):.0f}")
            if row.errors:
                other = {u: (e, row.half if u == row.trained else 0.0) for u, e in row.errors.items()}
            else:
                other = over_seeds([theirs(name, seed, runs, chosen.quick) for seed in seeds])
            cells = (told(other[update]) if update in other else "" for update in UPDATES)
            table.row("", "rerun" if row.errors else "JAX", *cells, "")
            (mean, half), (wanted, room) = curve[row.trained], other[row.trained]
            verdicts.append((f"{name} is reproduced after {row.trained}: {told(curve[row.trained])} beside "
                             f"{told(other[row.trained])}", abs(mean - wanted) <= half + room))  # fmt: skip
        print()
        for text, holds in verdicts:
            claim(text, holds)


if __name__ == "__main__":
    main()
