"""What each part of the search is worth: `python -m benchmarks.search [--seeds N] [--lives N] [--recipe R] [--quick]`.

A recipe as it is, and with one mechanism switched at a time, on the same number of lives: evolution, what it spends on
references and on tuning numbers, and the choice of the champion all count; a run ends with the generation that is
nearest to its budget. Champions of all rows and seeds meet one common set of fresh lives (see `contest`); differences
to the recipe as it is are paired over seeds, and their interval is Student's. Where switching a mechanism off costs
nothing, it does not pay. `--only A,B` takes some rows, in that order; `--row "NAME: KEY=VALUE; …"` adds one. Then how
many lives a search from random trees takes until its best is as good as Nesterov's momentum, tuned in all dials: both
meet the same fresh lives; `--part ablation` and `--part random` do one of the two.

`--keep FOLDER` keeps the run of every search there, known by its configuration and its lives. What is there already is
not searched again, so the benchmark goes on after an interruption; and several processes may share the work: each
takes the next search that nobody is at, and prints the tables when all are done.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np

from benchmarks.claims import Table, claim, likely, options, warm
from benchmarks.contest import Contest
from benchmarks.searches import Terms, found_by, search_all
from evometa.config.load import load
from evometa.judging.tuning import tune

SHIPPED, RANDOM = "as shipped", "start: random trees"
ROWS: Mapping[str, Sequence[str]] = MappingProxyType({
    SHIPPED: (),
    "start: as the recipe's rule": ("evolution.start=[init]",),
    RANDOM: ("evolution.start=[random]",),
    "start: library": ("evolution.start=[library]",),
    "start: library and random": ("evolution.start=[library, random]",),
    "no immigrants": ("evolution.immigrants=0",),
    "choice in one round": ("champion.share=0",),
    "choice by halving": ("champion.share=0.15",),
    "no racing": ("racing.rungs=[]",),
    "racing": ("racing.rungs=[8, 32]", "sampling.tasks=128"),
    "no tuning of numbers": ("tuning.every=0",),
    "tuning of numbers": ("tuning.every=5",),
    "states come alone": ("variation.mutate_state=0",),
    "states come with readers": ("variation.mutate_state=0.1",),
    "no blocks": ("variation.mutate_block=0",),
    "blocks of classic rules": ("variation.mutate_block=0.1",),
    "no simplification": ("variation.mutate_simplify=0",),
    "simplification": ("variation.mutate_simplify=0.05",),
    "all three of structure": (
        "variation.mutate_state=0.1", "variation.mutate_block=0.1", "variation.mutate_simplify=0.05"
    ),
    "one island": ("evolution.islands=1",),
    "four islands": ("evolution.islands=4",),
    "islands that begin again": ("evolution.islands=4", "evolution.reset_every=5"),
    "parents by tournament": ("evolution.parents=tournament",),
    "parents by lexicase": ("evolution.parents=lexicase",),
    "survivors: the best": ("evolution.survivors=best",),
    "survivors: best of each size": ("evolution.survivors=front",),
})  # fmt: skip
"""Settings of each row, beside those of all; a row that is the recipe as it is says so, and is not run again."""
COMMON = (
    "champion.baselines=[]", "champion.peers=false", "sampling.panel_tasks=0", "sampling.test_tasks=16",
    "run.generations=1000000",
)  # fmt: skip
QUICK_ROWS = (RANDOM, "start: library", "choice in one round", "racing")
QUICK = ("evolution.population=16", "evolution.offspring=16", "sampling.validation_tasks=128", "sampling.test_tasks=8")


def ablation(fresh: Contest, rows: Mapping[str, Sequence[str]], terms: Terms) -> None:
    """Print a row for each switch."""
    print(
        f"{fresh.measure} on {fresh.lives:,} fresh lives, {terms.seeds} seeds: mean ± half its 95 % interval over them;"
    )
    print(f"difference to the recipe {SHIPPED}, paired over seeds, positive is better\n")
    table = Table(search=-28, score=17, is_better_by=19, in_seeds=8, lives=11, settings=-1)
    sign, base = (-1.0 if fresh.measure == "loss" else 1.0), np.zeros(0)
    shipped = load(terms.recipe).config
    for name, settings in rows.items():
        if name != SHIPPED and load(terms.recipe, settings).config == shipped:
            table.row(name, "", SHIPPED, "", "", " ".join(settings))
            continue
        found = [found_by(terms, settings, seed) for seed in range(terms.seeds)]
        scores = fresh.scores([one.genome for one in found])
        base = scores if name == SHIPPED else base
        gains = sign * (scores - base)
        told = ("", "") if name == SHIPPED else (likely(gains), str((gains > 0).sum()))
        spent = round(np.mean([one.lives for one in found]))
        table.row(name, likely(scores), *told, f"{spent:,}", " ".join(settings))


def from_random(fresh: Contest, terms: Terms) -> None:
    """Print after how many lives a search from random trees is as good as tuned Nesterov's momentum."""
    level = float(fresh.scores([fresh.stock("nesterov", nesterov(terms))])[0])
    sign = -1.0 if fresh.measure == "loss" else 1.0
    print(f"\nfrom random trees: lives until the best is at Nesterov's level ({level:.4f}, tuned on train tasks)")
    table = Table(seed=4, lives=11, champion=9)
    reached = []
    for seed in range(terms.seeds):
        found = found_by(terms, ROWS[RANDOM], seed, points=40)
        scores = fresh.scores([genome for _, genome in found.course] + [found.genome])
        there = [spent for (spent, _), score in zip(found.course, scores, strict=False) if sign * (score - level) >= 0]
        reached += there[:1]
        table.row(seed, f"{there[0]:,}" if there else "not reached", float(scores[-1]))
    typical = f", in a median of {np.median(reached):,.0f} lives" if reached else ""
    claim(
        f"Nesterov's level from random trees in {len(reached)} of {terms.seeds} seeds{typical}",
        len(reached) == terms.seeds,
    )


def nesterov(terms: Terms) -> dict[str, float]:
    """Return the dials of Nesterov's momentum, tuned on train tasks."""
    fresh = Contest(terms.recipe, [*terms.settings, "champion.baselines=[nesterov]"], blocks=1, tasks=1)
    return tune(fresh.evaluator, fresh.measure)[0].dials


def chosen_rows(asked: argparse.Namespace) -> dict[str, Sequence[str]]:
    """Return the rows to go through, the recipe as it is always the first."""
    rows = dict(ROWS)
    only = QUICK_ROWS if asked.quick and not asked.only else tuple(filter(None, asked.only.split(",")))
    if asked.row:
        name, _, settings = asked.row.partition(":")
        rows[name] = tuple(one.strip() for one in settings.split(";"))
        only += (name,) if only else ()
    if unknown := [name for name in only if name not in rows]:
        raise SystemExit(f"no row {', '.join(unknown)}; there are {', '.join(rows)}")
    return {name: rows[name] for name in (dict.fromkeys((SHIPPED, *only)) if only else rows)}


def main() -> None:
    """Go through the rows, then search from random trees."""
    chosen = options(__doc__, seeds=10, lives=240_000, recipe="digits", only="", row="", keep="", part="")
    warm()
    seeds, lives = (2, 8_000) if chosen.quick else (chosen.seeds, chosen.lives)
    settings = (*COMMON, *(QUICK if chosen.quick else ()))
    fresh = Contest(chosen.recipe, blocks=2 if chosen.quick else 16, tasks=64 if chosen.quick else 256)
    with tempfile.TemporaryDirectory() as folder:
        terms = Terms(chosen.recipe, settings, seeds, lives, Path(chosen.keep or folder).absolute())
        terms.folder.mkdir(parents=True, exist_ok=True)
        rows = chosen_rows(chosen) if chosen.part != "random" else {}
        search_all(terms, rows | ({} if chosen.part == "ablation" else {RANDOM: ROWS[RANDOM]}))
        if rows:
            ablation(fresh, rows, terms)
        if chosen.part != "ablation":
            from_random(fresh, terms)


if __name__ == "__main__":
    main()
