"""Searches of a benchmark, each of a given number of lives: kept in a folder, and shared by processes.

A run is known by its configuration and its lives (not by the version of evometa: give another one another folder).
What is in the folder is not searched again, so a benchmark goes on after an interruption; and as a search is locked
while somebody is at it, several processes may share the work.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2s
from itertools import product
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

import evometa
from evometa.callbacks import Callback
from evometa.config.load import load
from evometa.config.schema import Config
from evometa.genetics.genome import Genome
from evometa.presentation.run import Run
from evometa.store.records import Json

SPENT = ("lifetimes", "unit_lifetimes", "tuning_lifetimes")  # of a generation, that count
OTHERWISE = frozenset({"panel", "validation", "tuning", "test", "analysis"})  # purposes of lives that do not count


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
    """What all searches have in common: the recipe, settings beside those of a row, how many seeds, lives, where runs
    lie; `first`: the lowest seed, those below it having had a part in choosing settings."""

    recipe: str
    settings: Sequence[str]
    seeds: int
    lives: int
    folder: Path
    first: int = 0

    @property
    def numbers(self) -> range:
        """The seeds."""
        return range(self.first, self.first + self.seeds)


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
    place = _place(terms, config)
    with suppress(Timeout), FileLock(f"{place}.lock", timeout=-1 if wait else 0):
        if not place.exists():
            unfinished, begin = place.with_suffix(".unfinished"), time.process_time()
            shutil.rmtree(unfinished, ignore_errors=True)
            budget = Budget(_for_evolution(config, terms.lives))
            evometa.run(terms.recipe, settings=settings, seed=seed, out=unfinished, callbacks=[budget])
            place.with_suffix(".seconds").write_text(str(time.process_time() - begin), encoding="utf-8")
            unfinished.rename(place)
        return evometa.load(place)
    return None


def seconds_of(terms: Terms, settings: Sequence[str], seed: int) -> float:
    """Return the processor seconds that a search took which is over, its champion's test included."""
    config = load(terms.recipe, [*terms.settings, *settings], seed=seed).config
    return float(_place(terms, config).with_suffix(".seconds").read_text(encoding="utf-8"))


def search_all(terms: Terms, rows: Mapping[str, Sequence[str]]) -> None:
    """Do what searches nobody has done or is at, and say of each that it is over."""
    for seed, (name, settings) in product(terms.numbers, rows.items()):
        if search(terms, settings, seed, wait=False):
            print(f"{name}, seed {seed}: done", file=sys.stderr, flush=True)


def found_by(terms: Terms, settings: Sequence[str], seed: int, points: int = 0) -> Found:
    """Return what came of a search; `points`: at how many of its generations to look, evenly by lives."""
    run = search(terms, settings, seed)
    assert run is not None
    champion = run.champion
    assert champion is not None
    spent = sum(count for what, count in run.summary()["lived"].items() if what not in OTHERWISE)
    return Found(champion.kept_genome(), spent, _course(run, points))


def _place(terms: Terms, config: Config) -> Path:
    """Return where the run of a search lies."""
    text = f"{terms.lives} {json.dumps(config.model_dump(mode='json'))}"
    return terms.folder / blake2s(text.encode(), digest_size=6).hexdigest()


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
