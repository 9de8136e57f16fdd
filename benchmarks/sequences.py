"""External memories: `python -m benchmarks.sequences [--part copy|recall] [--only ROWS] [--seeds N] [--runs FOLDER]`.

Recipes `copy` and `recall`: the share of bits that champions have right in sequences of twice the length that
evolution met, and of sequences in which all are right. Beside it, without memory, on the same gradient steps (recipe
`recall` ends when it is solved: there rivals have 15 generations): the same genome, a recurrent network with more
synapses, one of gated recurrent units, and one whose synapses change at every tick, each at a rate of its own
(differentiable plasticity: Miconi 2018). Each seed evolves anew and has test tasks of its own; seeds begin with 5, as
settings were chosen with results of those below in sight.

`--only ROWS` (with ; between them) makes some of the rows, say rivals on fewer seeds; `--quick` is a smoke test.
`--runs FOLDER` keeps the run of every search there, known by its configuration: the benchmark goes on after an
interruption, and several processes may share the work (as in `benchmarks.search`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from benchmarks.claims import Table, claim, likely, options, warm
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


def main() -> None:
    """Search with every seed, then let all champions meet fresh tasks."""
    chosen = options(__doc__, seeds=10, runs="", part="", only="")
    only = [one.strip() for one in chosen.only.split(";") if one.strip()]
    rows = [row for row in ROWS if not only or row in only]
    warm()
    seeds, settings = (2, QUICK) if chosen.quick else (chosen.seeds, ())
    with tempfile.TemporaryDirectory() as folder:
        for recipe in RECIPES:
            if chosen.part in ("", recipe):
                terms = Terms(recipe, settings, seeds, ENDLESS, Path(chosen.runs or folder).absolute(), FIRST)
                terms.folder.mkdir(parents=True, exist_ok=True)
                search_all(terms, {row: settings_of(recipe, row) for row in rows})
                found = {row: answers(terms, row, 20 if chosen.quick else TASKS) for row in rows}
                show(terms, found)
                judge(terms, found)


if __name__ == "__main__":
    main()
