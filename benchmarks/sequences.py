"""Sequences: `python -m benchmarks.sequences [--part copy|recall|sequence] [--only ROWS] [--seeds N] [--runs FOLDER]`.

Recipes `copy` and `recall`: the share of bits that champions have right in sequences of twice the length that
evolution met, and of sequences in which all are right. Beside it, without memory, on the same gradient steps (recipe
`recall` ends when it is solved: there rivals have 15 generations): the same genome, a recurrent network with more
synapses, one of gated recurrent units, and one whose synapses change at every tick, each at a rate of its own
(differentiable plasticity: Miconi 2018). Each seed evolves anew and has test tasks of its own; seeds begin with 5, as
settings were chosen with results of those below in sight.

Recipe `sequence`: how many images of classes never met its champions name rightly, 1 000 test tasks a seed: the first
image of each class, the second, and so on. Beside it, on as many gradient steps, a network of gated recurrent units,
which reads the labels told late and whose synapses do not learn in life, and the same genome whose outputs learn by the
delta rule alone. Bars: memory-augmented networks (Santoro 2016). `--path FILE`: that of family `omniglot`; left out,
the original archives are fetched.

`--only ROWS` (with ; between them) makes some of the rows, say rivals on fewer seeds; `--quick` is a smoke test.
`--runs FOLDER` keeps the run of every search there, known by its configuration: the benchmark goes on after an
interruption, and several processes may share the work (as in `benchmarks.search`).
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from benchmarks.alphabets_recipes import interval
from benchmarks.claims import Table, above_zero, claim, likely, options, report, warm
from benchmarks.networks import F64, grown, open_evaluator
from benchmarks.searches import Terms, search, search_all, seconds_of
from evometa.evolution.sequences import end_of

RECIPES = ("copy", "recall")
BARE = ("network.memory.slots=0",)
MEMORY, WITHOUT, RECURRENT, GATED, PLASTIC = "memory", "without memory", "recurrent", "gated recurrent", "plastic"
LOOP = (*BARE, "network.recurrent=true", "network.hidden=[40]")
ROWS: Mapping[str, Sequence[str]] = MappingProxyType({
    MEMORY: (), WITHOUT: BARE, RECURRENT: LOOP,
    GATED: (*LOOP[:-1], "network.hidden=[28]", "network.activation=gru"),
    PLASTIC: (
        *LOOP, "rule.init.update=p0*pre*post", 'rule.signals=["pre", "post", "p0"]', 'plasticity.mode="evolved"',
        "plasticity.count=1", 'plasticity.tie="synapse"', "plasticity.low=-0.1", "plasticity.high=0.1",
    ),
})  # fmt: skip
SHORTER: Mapping[str, Sequence[str]] = {"recall": ("run.generations=15", "gradient.decay=15")}
"""For the rivals of a recipe that is over when it is solved: more than any of ten seeds with memory needs."""
FEW_SHOT, DELTA = "recipe sequence", "delta rule alone"
SETS = ("tasks.0.path", "tasks.1.path")
LATE = "family = 'sequence', of = 'omniglot', ways = 5, train_instances = 4, train_symmetries = 'turns'"
"""Short sequences alone: a network that remembers nothing by its weights has no use for episodes, and reads labels."""


def few_shot_rows(path: str) -> dict[str, list[str]]:
    """Return the settings of each learner of recipe `sequence`, with the file that images are from."""
    given = json.dumps(path)
    own = [f"{key}={given}" for key in SETS] if path else []
    return {
        FEW_SHOT: own,
        DELTA: [
            *own, "rule.slots=[update]", "rule.init={update = '-c1*err*pre'}", "rule.fixed=[update]",
            "coefficients.values=[0.3, 1.0]",
        ],
        GATED: [
            f"tasks=[{{{LATE}{f', path = {given}' if path else ''}}}]", "rule.slots=[update]",
            "rule.init={update = '0'}", "rule.fixed=[update]", "coefficients.count=0", "coefficients.values=[]",
            "topology.mode=fixed", "network.recurrent=true", "network.hidden=[40]", "network.activation=gru",
            "weights.init=glorot", "gradient.weight_rate=5e-3", "gradient.clip=1.0",
        ],
    }  # fmt: skip


SHOWN = (1, 2, 3, 5, 10)  # images of a class
PUBLISHED = {2: 82.8, 5: 94.9}  # % right (Santoro 2016, table 1)
FIRST = 5  # seed: recipes were set with the test scores of seeds 0 to 4 in sight
SOLVED, SEEDS, MINUTES, TASKS, ENDLESS = 0.99, 0.9, 10.0, 1000, 10**12
QUICK = ("run.generations=2", "gradient.steps=3", "sampling.validation_tasks=20", "sampling.test_tasks=20")


class Answers(NamedTuple):
    """What the champions of all seeds came to, f64[seeds]: share of bits, and of whole sequences; synapses of one."""

    bits: F64
    whole: F64
    synapses: int


def settings_of(recipe: str, row: str) -> list[str]:
    """Return the settings of a row, beside those of the recipe."""
    return [*ROWS[row], *(() if row == MEMORY else SHORTER.get(recipe, ()))]


def answers(terms: Terms, row: str, tasks: int) -> Answers:
    """Return how the champions of a row answer fresh test tasks."""
    bits, whole, synapses = [], [], 0
    for seed in terms.numbers:
        run = search(terms, settings_of(terms.recipe, row), seed)
        assert run is not None
        champion = run.champion
        assert champion is not None
        evaluator = open_evaluator(terms.recipe, [*terms.settings, *settings_of(terms.recipe, row)], seed)
        drawn = evaluator.draw("test", 0, tasks, purpose="benchmark ")
        genome = champion.kept_genome()
        right = evaluator.outcomes([genome], drawn, "benchmark")[0].accuracy[0, end_of(drawn[0][1].plan)]
        bits.append(right.mean(dtype=np.float64))
        whole.append((right > 1.0 - 1e-6).mean())
        synapses = grown(evaluator, genome).synapses
    return Answers(np.array(bits), np.array(whole), synapses)


def show(terms: Terms, found: Mapping[str, Answers]) -> None:
    """Print a table of all rows."""
    print(f"\nrecipe {terms.recipe}, tested at twice the length: mean ± half its 95 % interval over seeds")
    table = Table(network=-16, synapses=8, bits_right=17, all_of_a_sequence=17, solved=8, worst=7, seconds=8)
    for row, own in found.items():
        seconds = np.median([seconds_of(terms, settings_of(terms.recipe, row), seed) for seed in terms.numbers])
        solved = f"{(own.bits >= SOLVED).sum()}/{len(own.bits)}"
        worst = f"{own.bits.min():.3f}"
        table.row(row, own.synapses, likely(own.bits), likely(own.whole), solved, worst, f"{seconds:.0f}")


def judge(terms: Terms, found: Mapping[str, Answers]) -> None:
    """Print the verdicts."""
    name = terms.recipe
    for row in (one for one in found if one != MEMORY):
        other = found[row].bits
        claim(f"{name}: {row} is never that good: {other.max():.3f} at most", bool((other < SOLVED).all()))
    if MEMORY not in found:
        return
    own = found[MEMORY].bits
    count = (own >= SOLVED).sum()
    claim(f"{name}: {SOLVED:.0%} of bits right or more in {count} of {len(own)} seeds", count >= SEEDS * len(own))
    minutes = max(seconds_of(terms, ROWS[MEMORY], seed) for seed in terms.numbers) / 60
    claim(f"{name}: no run takes more than {MINUTES:.0f} minutes of one core: {minutes:.1f}", minutes <= MINUTES)


def few_shot(terms: Terms, rows: Mapping[str, Sequence[str]]) -> None:
    """Print how learners name images of new classes, by how many of a class they have seen, and the verdicts."""
    print("\nrecipe sequence: % right on the n-th image of a class, mean ± half its 95 % interval over seeds")
    table = Table(learner=-16, **{f"n_=_{n}": 12 for n in SHOWN}, seconds=8)
    for row, settings in rows.items():
        runs = [search(terms, settings, seed) for seed in terms.numbers]
        scores = [[100.0 * (one.mean or 0.0) for one in report(run).instances] for run in runs if run is not None]
        seconds = max(seconds_of(terms, settings, seed) for seed in terms.numbers)
        table.row(row, *(interval([one[n - 1] for one in scores]) for n in SHOWN), f"{seconds:.0f}")
        for n, bar in PUBLISHED.items():
            ahead = [one[n - 1] - bar for one in scores]
            claim(f"{row}: above {bar} on image {n} in {sum(one > 0 for one in ahead)} of {len(ahead)} seeds, and on "
                  f"the mean beyond its interval", above_zero(ahead))  # fmt: skip
        if row == FEW_SHOT:
            claim(
                f"no run takes more than {MINUTES:.0f} minutes of one core: {seconds / 60:.1f}", seconds <= 60 * MINUTES
            )


def main() -> None:
    """Search with every seed, then let all champions meet fresh tasks."""
    chosen = options(__doc__, seeds=10, runs="", part="", only="", path="")
    only = [one.strip() for one in chosen.only.split(";") if one.strip()]
    warm()
    seeds, settings = (2, QUICK) if chosen.quick else (chosen.seeds, ())
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(chosen.runs or folder).absolute()
        kept.mkdir(parents=True, exist_ok=True)
        if chosen.part in ("", "sequence"):
            learners = {row: given for row, given in few_shot_rows(chosen.path).items() if not only or row in only}
            terms = Terms("sequence", settings, seeds, ENDLESS, kept, FIRST)
            search_all(terms, learners)
            few_shot(terms, learners)
        rows = [row for row in ROWS if not only or row in only]
        for recipe in RECIPES:
            if rows and chosen.part in ("", recipe):
                terms = Terms(recipe, settings, seeds, ENDLESS, kept, FIRST)
                search_all(terms, {row: settings_of(recipe, row) for row in rows})
                found = {row: answers(terms, row, 20 if chosen.quick else TASKS) for row in rows}
                show(terms, found)
                judge(terms, found)


if __name__ == "__main__":
    main()
