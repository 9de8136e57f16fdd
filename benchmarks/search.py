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
import json
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2s
from itertools import product
from pathlib import Path
from types import MappingProxyType

import numpy as np
from filelock import FileLock, Timeout

import evometa
from benchmarks.claims import Table, claim, likely, options, warm
from benchmarks.contest import Contest
from evometa.callbacks import Callback
from evometa.config.load import load
from evometa.config.schema import Config
from evometa.genetics.genome import Genome
from evometa.judging.tuning import tune
from evometa.presentation.run import Run
from evometa.store.records import Json

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
    "islands that begin again": ("evolution.islands=4", "evolution.reset_every=20"),
    "parents by tournament": ("evolution.parents=tournament",),
    "parents by lexicase": ("evolution.parents=lexicase",),
    "survivors: the best": ("evolution.survivors=best",),
    "survivors: best of each size": ("evolution.survivors=front",),
})  # fmt: skip
"""Settings of each row, beside those of all; a row that is the recipe as it is says so, and is not run again."""
SPENT = ("lifetimes", "unit_lifetimes", "tuning_lifetimes")  # of a generation, that count
COMMON = (
    "champion.baselines=[]", "champion.peers=false", "sampling.panel_tasks=0", "sampling.test_tasks=16",
    "run.generations=1000000",
)  # fmt: skip
OTHERWISE = frozenset({"panel", "validation", "tuning", "test", "analysis"})  # purposes of lives that do not count
QUICK_ROWS = (RANDOM, "start: library", "choice in one round", "racing")
QUICK = ("evolution.population=16", "evolution.offspring=16", "sampling.validation_tasks=128", "sampling.test_tasks=8")


class Budget(Callback):
    """Stops a run once it is nearest to what evolution may spend; the rest is for the choice of the champion."""

    def __init__(self, lives: float) -> None:
        super().__init__()
        self.left = lives

    def on_generation(self, statistics: Json, run: Run) -> None:
        spent = sum(statistics.get(name, 0) for name in SPENT)
        self.left -= spent
        if self.left < spent / 2:
            self.request_stop("the budget of lives")


@dataclass(frozen=True)
class Terms:
    """What all searches have in common: the recipe, settings beside those of a row, seeds, lives, where runs lie."""

    recipe: str
    settings: Sequence[str]
    seeds: int
    lives: int
    folder: Path


@dataclass(frozen=True)
class Found:
    """What a search came to: its champion, the lives that it took, its best at some of its generations."""

    genome: Genome
    lives: int
    course: list[tuple[int, Genome]]


def search(terms: Terms, settings: Sequence[str], seed: int, *, wait: bool = True) -> Run | None:
    """Return the run of a search, done now unless it is there; None: another process is at it, and need not `wait`."""
    settings = [*terms.settings, *settings]
    config = load(terms.recipe, settings, seed=seed).config
    text = f"{terms.lives} {json.dumps(config.model_dump(mode='json'))}"
    place = terms.folder / blake2s(text.encode(), digest_size=6).hexdigest()
    with suppress(Timeout), FileLock(f"{place}.lock", timeout=-1 if wait else 0):
        if not place.exists():
            unfinished = place.with_suffix(".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            budget = Budget(_for_evolution(config, terms.lives))
            evometa.run(terms.recipe, settings=settings, seed=seed, out=unfinished, callbacks=[budget])
            unfinished.rename(place)
        return evometa.load(place)
    return None


def search_all(terms: Terms, rows: Mapping[str, Sequence[str]]) -> None:
    """Do what searches nobody has done or is at, and say of each that it is over."""
    for (name, settings), seed in product(rows.items(), range(terms.seeds)):
        if search(terms, settings, seed, wait=False):
            print(f"{name}, seed {seed}: searched", file=sys.stderr, flush=True)


def found_by(terms: Terms, settings: Sequence[str], seed: int, points: int = 0) -> Found:
    """Return what came of a search; `points`: at how many of its generations to look, evenly by lives."""
    run = search(terms, settings, seed)
    assert run is not None
    champion = run.champion
    assert champion is not None
    spent = sum(count for what, count in run.summary()["lived"].items() if what not in OTHERWISE)
    return Found(champion.kept_genome(), spent, _course(run, points))


def _for_evolution(config: Config, lives: int) -> float:
    """Return how many of a search's lives are not for the choice of its champion."""
    sets = sum("validation" in tasks.splits for tasks in config.tasks)
    first = config.champion.candidates * config.sampling.validation_tasks * config.sampling.repeats * sets
    return (lives - first) * (1.0 - config.champion.share)


def _course(run: Run, points: int) -> list[tuple[int, Genome]]:
    """Return the best of some generations, with the lives spent by then, each best once."""
    rows = run.history
    spent = np.cumsum([sum(getattr(row, name) for name in SPENT) for row in rows])
    wanted = np.searchsorted(spent, np.linspace(0, spent[-1], points + 1)[1:])
    best = {rows[at].best_id: int(spent[at]) for at in reversed(wanted.tolist())}  # the first that had it
    return [(lives, run.individual(id).kept_genome()) for id, lives in reversed(best.items()) if id is not None]


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
