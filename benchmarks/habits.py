"""Evolved habits against fixed ones, random search at equal outer budget, and a control whose answers are shuffled.

Each outer seed is a whole run of the recipe `habits`; its champion, and what random search found for as many searches,
are then judged on searches that are the same for all: unseen rules of F1, and the families F2 and F3, which no run ever
met. Intervals: mixed bootstrap over outer seeds and hidden rules. Claims hold where an interval lies above 0; misses
are printed as misses.

    python -m benchmarks.habits --seeds 20 --runs 600            # some hours of two cores
    python -m benchmarks.habits --seeds 5 --generations 12       # a short form
    python -m benchmarks.habits --seeds 3 --arms evolved shuffled depth3
    python -m benchmarks.habits --delta 10 --habits runs/habits-1  # the recipe delta by these, own, fixed ones
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import evometa
from evometa.language.habits import Habits, difference, fixed_habits
from evometa.language.signals import HABIT_SLOTS
from evometa.language.text import parse
from evometa.lifetime.searches import Searches, SearchPlan
from evometa.tasks.families.recover import FORMS, RecoverTasks
from operators.lives import live

F64 = NDArray[np.float64]
ARMS = {
    "evolved": [],
    "shuffled": ["tasks.shuffled=true"],
    "self": ["habits.self=true"],
    "depth3": ["habits.depth=3", "habits.inner_population=4", "habits.inner_generations=3", "habits.inner_tasks=4"],
}
DEEP = 52  # searches that a life of depth 3 is made of: so much fewer lives there are, at equal cost
PLAN = SearchPlan(np.array([4, 8, 12, 16], np.int64))
DRAWS = 4000  # of the bootstrap


def trees(texts: Mapping[str, str]) -> Habits:
    """Return habits of texts."""
    return {slot: parse(text, HABIT_SLOTS[slot].signals, where=slot) for slot, text in texts.items()}


def run(arm: str, seed: int, options: argparse.Namespace, folder: Path) -> tuple[Habits, Habits | None, int]:
    """Return the habits that a run of an arm finds, those of random search beside it, and how many searches it took."""
    settings = [*ARMS[arm], "tasks.other_tests={}", "sampling.test_tasks=24"]
    settings += [f"sampling.validation_tasks={options.validation}", f"evolution.offspring={options.offspring}"]
    settings += [f"champion.peers={str(arm == 'evolved').lower()}"]
    if arm == "depth3":
        settings += ["racing.rungs=[]", "evolution.population=4", f"sampling.tasks={max(1, 32 // 16)}"]
        settings += ["evolution.offspring=8", "sampling.validation_tasks=4", "champion.candidates=3"]
    generations = options.generations if arm != "depth3" else max(2, options.generations // 4)
    found = evometa.run(
        "habits", settings=settings, seed=seed, generations=generations, out=folder / f"{arm}-{seed}", progress=False
    )
    rows = {row.name: row for row in found.baselines}
    lives = found.summary()["lived"]
    spent = (lives["evolution"] + lives["choice"]) * (DEEP if arm == "depth3" else 1)
    rival = rows.get("random search")
    assert found.champion is not None
    return trees(found.champion.rule), None if rival is None else trees(rival.rule), spent


def searches(form: str, runs: int) -> Searches:
    """Return test searches of a family, the same for all."""
    family = RecoverTasks.model_validate({"family": "recover", "form": form}).open(0, ("test",), Path())
    drawn = family.sample("test", runs, np.random.default_rng(1729))
    assert isinstance(drawn, Searches)
    return drawn


def by_rule(values: F64, rules: NDArray[np.int64]) -> F64:
    """Return the mean of each hidden rule, f64[..., rules]."""
    kinds, at = np.unique(rules, return_inverse=True)
    sums = np.stack([np.bincount(at, row, len(kinds)) for row in values.reshape(-1, values.shape[-1])])
    return (sums / np.bincount(at)).reshape(*values.shape[:-1], len(kinds))


def interval(table: F64, rng: np.random.Generator) -> tuple[float, float, float]:
    """Return the mean of differences f64[seeds, rules], and its 95 % interval by a mixed bootstrap over both."""
    seeds, rules = table.shape
    means = np.empty(DRAWS)
    for draw in range(DRAWS):
        rows, columns = rng.integers(seeds, size=seeds), rng.integers(rules, size=rules)
        means[draw] = table[rows][:, columns].mean()
    low, high = np.quantile(means, [0.025, 0.975])
    return float(table.mean()), float(low), float(high)


def told(name: str, table: F64, rng: np.random.Generator, claim: bool = True) -> None:
    """Print a difference, and whether a claim holds."""
    mean, low, high = interval(table, rng)
    verdict = ("holds" if low > 0 else "MISS") if claim else ""
    print(f"  {name:<44} {mean:+.3f}  [{low:+.3f}, {high:+.3f}]  {verdict}", flush=True)


def judge(found: Mapping[str, Sequence[Habits]], runs: int) -> None:
    """Judge the habits of all arms on each family, and print differences at the end of a search and in its mean."""
    rng = np.random.default_rng(0)
    for form in FORMS:
        drawn = searches(form, runs)
        usual = live([fixed_habits(5)], drawn, PLAN)[0]
        rules = len(set(drawn.rules.tolist()))
        print(f"\n{form}, {runs} searches, {rules} rules never met: fixed habits recover", end=" ")
        print(f"{usual[-1].mean():.3f} at the end, {usual.mean():.3f} in the mean over a search", flush=True)
        curves = {arm: live(habits, drawn, PLAN) for arm, habits in found.items() if habits}
        for when, part in (("end", lambda c: c[:, -1]), ("mean", lambda c: c.mean(axis=1))):
            values = {arm: by_rule(part(each), drawn.rules) for arm, each in curves.items()}
            fixed = by_rule(part(usual[None]), drawn.rules)
            for arm, each in values.items():
                claim = arm == "evolved"
                told(f"{arm} − fixed, {when}", each - fixed, rng, claim)
                if arm == "shuffled":
                    mean, low, _ = interval(each - fixed, rng)
                    print(f"    a control: {'gains nothing' if low <= 0 else f'MISS, it gains {mean:.3f}'}")
            if "random" in values and "evolved" in values:
                told(f"evolved − random search, {when}", values["evolved"] - values["random"], rng)


def delta(seeds: int, habits: str, generations: int) -> None:
    """Print after how many generations the recipe delta reaches .9, by fixed habits, those of a run, and its own."""
    ways: dict[str, list[str]] = {"fixed": [], "own": ["habits.mode=own"]}
    ways |= {"evolved": [f"habits.from={Path(habits).resolve()}"]} if habits else {}
    small = ["evolution.population=150", "champion.baselines=[]", "champion.peers=false", "sampling.test_tasks=20"]
    times: dict[str, list[int]] = {name: [] for name in ways}
    for seed in range(seeds):
        for name, settings in ways.items():
            with tempfile.TemporaryDirectory() as folder:
                made = evometa.run(
                    "delta", settings=[*small, *settings], seed=seed, generations=generations, out=Path(folder) / "run",
                    progress=False,
                )  # fmt: skip
                best = [row.best or 0.0 for row in made.history]
            times[name].append(next((at + 1 for at, value in enumerate(best) if value >= 0.9), generations + 1))
        print(seed, {name: each[-1] for name, each in times.items()}, flush=True)
    for name in ways:
        if name != "fixed":
            less = np.array(times["fixed"]) - np.array(times[name])
            half = 1.96 * less.std(ddof=1) / np.sqrt(seeds) if seeds > 1 else float("nan")
            verdict = "holds" if less.mean() > half else "MISS"
            print(f"delta, generations to .9: {name} sooner than fixed by {less.mean():+.2f} ± {half:.2f}  {verdict}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5, help="outer seeds, each a run of habits")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--runs", type=int, default=600, help="searches on each family")
    parser.add_argument("--generations", type=int, default=20, help="of the outer search")
    parser.add_argument("--offspring", type=int, default=32, help="of the outer search")
    parser.add_argument("--validation", type=int, default=240, help="searches that a champion is chosen on")
    parser.add_argument("--arms", nargs="+", default=["evolved"], choices=list(ARMS))
    parser.add_argument("--delta", type=int, default=0, help="seeds of the recipe delta, instead of all else")
    parser.add_argument("--habits", default="", help="the run whose habits delta goes by")
    parser.add_argument("--keep", default="", help="a JSON file of what seeds found: those there are not run again")
    options = parser.parse_args(arguments)
    if options.delta:
        delta(options.delta, options.habits, 16)
        return
    kept = Path(options.keep) if options.keep else None
    texts: dict[str, dict[str, dict[str, str]]] = json.loads(kept.read_text()) if kept and kept.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(options.first, options.first + options.seeds):
            for arm in options.arms:
                if str(seed) not in texts.setdefault(arm, {}):
                    one(arm, seed, options, Path(folder), texts)
                if kept:
                    kept.write_text(json.dumps(texts))
    seeds = [str(seed) for seed in range(options.first, options.first + options.seeds)]
    arms = [*options.arms, *(["random"] if "evolved" in options.arms else [])]
    judge({arm: [trees(texts[arm][seed]) for seed in seeds] for arm in arms}, options.runs)


def one(
    arm: str, seed: int, options: argparse.Namespace, folder: Path, texts: dict[str, dict[str, dict[str, str]]]
) -> None:
    """Run one seed of an arm; take in the texts of what it found, and of what random search found beside it."""
    began = time.process_time()
    habits, rival, spent = run(arm, seed, options, folder)
    seconds = time.process_time() - began
    print(f"seed {seed}, {arm}: {spent:,} searches, {seconds:.0f} CPU s: {difference(habits, 5)}", flush=True)
    texts[arm][str(seed)] = {slot: str(tree) for slot, tree in habits.items()}
    if rival is not None:
        print(f"seed {seed}, random search: {difference(rival, 5)}", flush=True)
        texts.setdefault("random", {})[str(seed)] = {slot: str(tree) for slot, tree in rival.items()}


if __name__ == "__main__":
    main()
