"""Gradients under evolution: `python -m benchmarks.recipe_sinusoid_gradient [--seeds N] [--runs FOLDER] [--quick]`.

Recipe `sinusoid` (Finn 2017; ten points, 1-40-40-1 and what evolution adds): the champion's mean squared error after 1
to 50 updates on 2 000 fresh tasks, and on as many with 5 and with 20 points, beside MAML, Meta-SGD and CAVIA on the
same protocol; and how many of these tasks run off when learning goes on. Each seed evolves anew and has test tasks of
its own; intervals are Student's, over seeds. Then the same recipe without new forms (no contexts) on the same gradient
steps: what evolution's choice of a form is worth, paired over seeds. `--part recipe` leaves that out.

`--runs FOLDER` keeps the run of every search there, known by its configuration: the benchmark goes on after an
interruption, and several processes may share the work (as in `benchmarks.search`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np

from benchmarks.claims import Table, claim, likely, options, warm
from benchmarks.networks import F64, open_evaluator
from benchmarks.searches import Terms, search, search_all
from evometa.judging.intervals import mean_interval

STEPS = (0, 1, 2, 3, 5, 10, 50)
EVOLVED, PLAIN = "as shipped", "no new forms"
ROWS: Mapping[str, Sequence[str]] = MappingProxyType({EVOLVED: (), PLAIN: ("topology.add_context=0",)})
RIVALS: Mapping[int, Mapping[str, Mapping[int, float]]] = MappingProxyType({
    10: {
        "MAML, rate .01": {0: 3.01, 1: 0.346, 2: 0.202, 3: 0.197, 5: 0.33, 10: 0.150},
        "MAML, rate .001": {0: 3.02, 1: 0.335, 2: 0.182, 3: 0.140, 5: 0.110, 10: 0.089},
        "Meta-SGD": {0: 3.01, 1: 0.239, 2: 0.178, 3: 189.0},
        "CAVIA, 5 contexts": {0: 3.02, 1: 0.182, 2: 0.067, 3: 0.048, 5: 0.038, 10: 0.034},
    },
    5: {
        "MAML, rate .01": {0: 3.02, 1: 0.590, 2: 0.424, 3: 0.488, 5: 2.5},
        "Meta-SGD": {0: 3.02, 1: 0.408, 2: 0.293, 3: 99.0},
        "CAVIA, 5 contexts": {0: 3.02, 1: 0.364, 2: 0.153, 3: 0.116, 5: 0.089, 10: 0.074},
    },
    20: {},
})  # fmt: skip
"""Errors after so many steps, by number of points: rerun elsewhere, 50 000 iterations of 25 tasks, 1 000 tasks."""
TASKS, MINUTES, ENDLESS = 2000, 15.0, 10**12
QUICK = (
    "run.generations=3", "gradient.steps=5", "gradient.later={2 = {updates = 10, steps = 3}}",
    "sampling.validation_tasks=50", "sampling.test_tasks=50", "sampling.tasks=20",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Errors:
    """What the champions of all seeds came to: `mean` and `median f64[seeds, STEPS]`, over tasks.

    Of all tasks after the last of STEPS: `off f64[seeds]`, the share that has run off since the step before (to more
    than twice its error, and to more than 1), and the `largest f64[seeds]`.
    """

    mean: F64
    median: F64
    off: F64
    largest: F64

    @classmethod
    def of(cls, losses: Sequence[F64]) -> Errors:
        """Return it of the losses of each seed, f64[STEPS, tasks]."""
        all_losses = np.array(losses)
        before, last = all_losses[:, -2], all_losses[:, -1]
        off = ~(last <= np.maximum(2.0 * before, 1.0))  # those that are not a number, too
        return cls(all_losses.mean(axis=2), np.median(all_losses, axis=2), off.mean(axis=1), last.max(axis=1))


def errors(terms: Terms, row: str, tasks: int) -> dict[int, Errors]:
    """Return the errors of the champions by number of points."""
    found: dict[int, list[F64]] = {points: [] for points in RIVALS}
    for seed in range(terms.seeds):
        run = search(terms, ROWS[row], seed)
        assert run is not None
        champion = run.champion
        assert champion is not None
        for points, rows in found.items():
            evaluator = open_evaluator(terms.recipe, [f"tasks.shots={points}"], seed)
            drawn = evaluator.draw("test", 0, tasks, updates=max(STEPS), purpose="benchmark ")
            outcomes = evaluator.outcomes([champion.kept_genome()], drawn, "benchmark")[0]
            places = np.searchsorted(drawn[0][1].plan.checkpoints, STEPS)
            rows.append(outcomes.loss[0, places].astype(np.float64))
    return {points: Errors.of(rows) for points, rows in found.items()}


def show(found: Mapping[str, Mapping[int, Errors]]) -> None:
    """Print mean ± half the 95 % interval over seeds of every step, beside what was measured elsewhere; then tails."""
    for points, rivals in RIVALS.items():
        print(f"\n{points} points: mean squared error, mean ± half its 95 % interval over seeds")
        table = Table(learner=-20, **{f"step {step}": 17 for step in STEPS})
        for row, curves in found.items():
            table.row(row, *(likely(curves[points].mean[:, k]) for k in range(len(STEPS))))
        for name, known in rivals.items():
            table.row(name, *(known.get(step, "") for step in STEPS))
    print(f"\nafter {STEPS[-1]} updates; run off: to more than twice the error after {STEPS[-2]}, and to more than 1")
    table = Table(learner=-20, points=6, mean=17, median=17, run_off=17, largest=9)
    for row, curves in found.items():
        for points, own in curves.items():
            last = (likely(values[:, -1]) for values in (own.mean, own.median))
            table.row(row, points, *last, likely(own.off), f"{own.largest.max():.3g}")
    print()


def judge(found: Mapping[int, Errors]) -> None:
    """Print the verdicts on the recipe."""
    for points, rivals in RIVALS.items():
        for k, step in enumerate(STEPS[1:], start=1):
            known = [errors[step] for errors in rivals.values() if step in errors]
            if known and (points == 10 or step in (1, 10)):
                bar, values = min(known), found[points].mean[:, k]
                mean, half = mean_interval(values)
                surely = "" if half is None else f", by its interval, too: {mean + half < bar}"
                text = f"{points} points, step {step}: below {bar}, the best of the rivals: {likely(values)}"
                claim(f"{text}, in {(values < bar).sum()} of {len(values)} seeds{surely}", mean < bar)
        before, last, off = *found[points].mean[:, -2:].T, found[points].off
        text = f"{points} points: learning goes on safely: no task runs off, in {(off == 0).sum()} of {len(off)} seeds"
        claim(
            f"{text}, and after {STEPS[-1]} updates {likely(last)}, no more than after {STEPS[-2]}, in "
            f"{(last <= before).sum()}",
            bool((last <= before).all() and not off.any()),
        )


def forms(found: Mapping[str, Mapping[int, Errors]]) -> None:
    """Print what new forms are worth."""
    for k, step in enumerate(STEPS[1:], start=1):
        gains = found[PLAIN][10].mean[:, k] - found[EVOLVED][10].mean[:, k]
        mean, half = mean_interval(gains)
        claim(f"10 points, step {step}: new forms take {likely(gains)} off the error", half is not None and mean > half)


def told(terms: Terms, row: str) -> None:
    """Print what each seed came to, and what the runs took."""
    print(f"\n{row}: champions; their first network has 80 hidden nodes and 1,761 synapses")
    table = Table(seed=4, minutes=8, lifetimes=10, hidden_nodes=13, synapses=9, formula=-1)
    minutes = []
    for seed in range(terms.seeds):
        run = search(terms, ROWS[row], seed)
        assert run is not None
        champion, summary = run.champion, run.summary()
        assert champion is not None
        genome, lives = champion.kept_genome(), sum(summary["lived"].values())
        minutes.append(summary["total_seconds"] / 60)
        table.row(seed, f"{minutes[-1]:.1f}", f"{lives / 1e6:.2f} M", genome.nodes, genome.synapses, champion.formula)
    typical = float(np.median(minutes))
    if row == EVOLVED:
        claim(f"a run takes a quarter of an hour or less: median {typical:.1f} min", typical <= MINUTES)


def main() -> None:
    """Search with every seed, then let all champions meet fresh tasks."""
    chosen = options(__doc__, seeds=5, runs="", part="")
    warm()
    seeds, settings = (2, QUICK) if chosen.quick else (chosen.seeds, ())
    rows = (EVOLVED,) if chosen.part == "recipe" else (EVOLVED, PLAIN)
    with tempfile.TemporaryDirectory() as folder:
        terms = Terms("sinusoid", settings, seeds, ENDLESS, Path(chosen.runs or folder).absolute())
        terms.folder.mkdir(parents=True, exist_ok=True)
        search_all(terms, {row: ROWS[row] for row in rows})
        for row in rows:
            told(terms, row)
        found = {row: errors(terms, row, 50 if chosen.quick else TASKS) for row in rows}
    show(found)
    judge(found[EVOLVED])
    if PLAIN in found:
        forms(found)


if __name__ == "__main__":
    main()
