"""Learners for life: `python -m benchmarks.streams [--recipe NAME] [--path FILE] [--seeds N] [--runs FOLDER]`.

Classes one after another (`stream`, on the package's characters; with `--path`, the file of family `omniglot`,
`stream_omniglot` on Omniglot, too), two hundred tasks in a row (`trend`; with `--path` `trend_omniglot`, the recipe
on Omniglot), ten worlds in a row (`rooms_in_a_row`: of the
moves that are made for a goal, the share that the shortest way needs). Five evolution seeds, each champion on ten
streams (twenty lives; two hundred of worlds); an interval is over both: seeds are resampled, and to the mean of each
comes normal noise as wide as its report says that it is uncertain over its own streams (scores of single ones are not
kept). Plain learners meet the streams of the first seed; those that take long meet three of them. Skill counts as not
lost where the interval of its change lies above −1 point. `--runs FOLDER` keeps what each seed came to there. Bars of
`stream_omniglot` are those of plain learners on 14×14 pixels, measured elsewhere, at 200 classes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.claims import Table, claim, lived, options, report, warm
from evometa.judging.reports import OtherTest, Report, StreamCourse
from evometa.judging.scores import Score

REPLAY, PROTOTYPES, RIDGE = 0.33, 0.35, 0.40  # SGD with replay of 1 000, streaming prototypes, random-feature ridge
QUICK = (
    *("run.generations=1", "tasks.size=7", "sampling.tasks=2", "sampling.validation_tasks=2", "sampling.test_tasks=2"),
    *("evolution.population=24", "evolution.offspring=24"),
    *(
        "network.hidden=[8]",
        "lifetime.test_tasks=4",
        "lifetime.tasks=2",
        "lifetime.validation_tasks=4",
        "lifetime.test_again=1",
    ),
)
SHORT = (
    *("run.generations=1", "tasks.size=7", "tasks.ways=6", "tasks.shots=2", "tasks.validation_ways=4"),
    *("tasks.other_tests=[]", "sampling.tasks=2", "sampling.validation_tasks=2", "sampling.test_tasks=2"),
    *("network.hidden=[12]", "network.embedding=4", "gradient.steps=1", "topology.side=3", "tasks.train_ways=4"),
)
WORLDS = (
    *("run.generations=1", "tasks.numbers={ size = 3, length = 40 }", "lifetime.tasks=4", "evolution.population=4"),
    *("sampling.tasks=2", "sampling.validation_tasks=3", "sampling.test_tasks=4", "champion.tuning_tasks=2"),
)
ANEW = ('rule.init.update="select(novel, w0 - w, c0*m*s1)"', 'rule.init.s2="0"', 'rule.fixed=["s2"]')  # no memory
DRAWS = 2000
LOST = -0.01  # a change of accuracy above which skill counts as not lost


def both(scores: Sequence[Score]) -> tuple[float, float]:
    """Return the mean over seeds, and half its 95 % interval: seeds resampled, the mean of each as sure as it says."""
    means = np.array([one.mean for one in scores], np.float64)
    within = np.array([(one.ci95 or 0.0) / 1.96 for one in scores])
    rng = np.random.default_rng(0)
    chosen = rng.integers(0, len(means), (DRAWS, len(means)))
    drawn = (means[chosen] + within[chosen] * rng.standard_normal(chosen.shape)).mean(axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(means.mean()), float(high - low) / 2


def told(scores: Sequence[Score]) -> str:
    """Write a mean and its interval."""
    mean, half = both(scores)
    return f"{mean:.3f} ± {half:.3f}"


def reports(recipe: str, settings: Sequence[str], seeds: int, folder: Path) -> list[Report]:
    """Return the reports of several evolution seeds."""
    found = []
    for seed in range(seeds):
        with lived(recipe, settings, folder / f"{recipe}-{seed}", seed=seed) as (run, _):
            found.append(report(run))
    return found


def streams(recipe: str, settings: Sequence[str], seeds: int, folder: Path) -> None:
    """Print what is known of streams at the end, when learned, and what changed since, and the verdicts."""
    found = reports(recipe, settings, seeds, folder)
    tests: list[tuple[str, list[Report] | list[OtherTest]]] = [("the main test", found)]
    tests += [(one.name, [each.other_tests[k] for each in found]) for k, one in enumerate(found[0].other_tests)]
    for name, each in tests:
        print(f"\n{recipe}, {name}")
        table = Table(learner=-38, at_the_end=15, when_learned=15, change_since=16, memory=12)
        own = [one.stream or StreamCourse() for one in each]
        rows = [("champion", own), *((row.name, [row.stream or StreamCourse()]) for row in each[0].baselines)]
        for learner, courses in rows:
            parts = (told([getattr(one, part) for one in courses]) for part in ("end", "learned", "backward"))
            table.row(learner, *parts, f"{courses[0].memory:,}")
    print()
    mean, half = both([(one.stream or StreamCourse()).end for one in found])
    bars = ((REPLAY, "SGD with replay of 1 000"), (PROTOTYPES, "prototypes"), (RIDGE, "random features"))
    for bar, what in bars if recipe == "stream_omniglot" else ():
        claim(f"{recipe}: above {bar}, {what} elsewhere, at 200 classes: {mean:.3f} ± {half:.3f}", mean - half > bar)
    for row in found[0].baselines:
        claim(f"{recipe}: above {row.name}, {row.mean or 0.0:.3f}", mean - half > (row.mean or 0.0))


def trend(name: str, settings: Sequence[str], seeds: int, folder: Path) -> None:
    """Print what is carried from task to task, and the verdicts."""
    found = reports("trend", settings, seeds, folder)
    rows = [("champion", [one.row for one in found if one.row])]
    rows += [(row.name, [row.row]) for row in found[0].baselines if row.row]
    print(f"\n{name}")
    table = Table(learner=-34, first=15, later_half=15, against_anew=16, met_again=16, memory=10)
    for learner, each in rows:
        again = told([one.backward for one in each if one.backward]) if each[0].backward else "–"
        parts = (told([getattr(one, part) for one in each]) for part in ("first", "later", "forward"))
        table.row(learner, *parts, again, f"{each[0].memory:,}")
    own = rows[0][1]
    print(f"with permuted labels before: {told([one.permuted for one in own if one.permuted])}\n")
    kept = next(row for row in found[0].baselines if row.name == "SGD that keeps its first layer")
    later, forward = both([one.later for one in own]), both([one.forward for one in own])
    claim(f"{name}: forward transfer above 0", forward[0] - forward[1] > 0)
    claim(
        f"{name}: above plain SGD that keeps its first layer, {kept.mean or 0.0:.3f}",
        later[0] - later[1] > (kept.mean or 0),
    )
    lost = both([one.backward for one in own if one.backward])
    change = f"{lost[0]:+.3f} ± {lost[1]:.3f}, wanted above {LOST:g}"
    claim(f"{name}: skill on the first tasks is not lost: {change}", lost[0] - lost[1] > LOST)
    control = both([one.permuted for one in own if one.permuted])
    claim(f"{name}: experience with permuted labels is worth nothing", control[0] - control[1] <= 0)


def worlds(settings: Sequence[str], seeds: int, folder: Path) -> None:
    """Print what is carried from world to world, and the verdicts."""
    name = "rooms_in_a_row"
    found = reports(name, settings, seeds, folder)
    rows = [("champion", [one.row for one in found if one.row])]
    rows += [(f"tuned {row.name}", [row.row]) for row in found[0].baselines if row.row]
    anew = reports(name, [*settings, *ANEW], seeds, folder / "anew")
    rows.append(("evolved to begin anew", [one.row for one in anew if one.row]))
    print(f"\n{name}")
    table = Table(learner=-22, first=15, tenth=15, tenth_less_first=18, later_half=15, against_anew=16, memory=9)
    for learner, each in rows:
        parts = (told([part or Score() for part in parts]) for parts in (
            [one.first for one in each], [one.last for one in each], [one.gain for one in each],
            [one.later for one in each], [one.forward for one in each],
        ))  # fmt: skip
        table.row(learner, *parts, f"{each[0].memory:,}")
    own = rows[0][1]
    gain, forward = both([one.gain for one in own if one.gain]), both([one.forward for one in own])
    print()
    claim(f"{name}: the tenth needs fewer moves than the first", gain[0] - gain[1] > 0)
    claim(f"{name}: and fewer than a learner that is reset", forward[0] - forward[1] > 0)
    later = both([one.later for one in own])
    other = both([one.later for one in rows[-1][1]])
    claim(f"{name}: and fewer than one evolved to begin anew, {other[0]:.3f}", later[0] - later[1] > other[0])
    for row in found[0].baselines:
        if row.row:
            best = row.row.later.mean or 0.0
            claim(f"{name}: above tuned {row.name}, {best:.3f}", later[0] - later[1] > best)


def main() -> None:
    """Print all tables, and the verdicts."""
    chosen = options(__doc__, seeds=5, path="", runs="", recipe="")
    warm()
    seeds = 1 if chosen.quick else chosen.seeds
    with TemporaryDirectory() as temporary:
        folder = Path(chosen.runs or temporary)
        if chosen.recipe in ("", "stream"):
            streams("stream", SHORT if chosen.quick else (), seeds, folder)
        if chosen.path and chosen.recipe in ("", "stream_omniglot"):
            settings = [f"tasks.path={json.dumps(chosen.path)}", *(SHORT if chosen.quick else ())]
            streams("stream_omniglot", settings, seeds, folder)
        if chosen.recipe in ("", "trend"):
            trend("trend", QUICK if chosen.quick else (), seeds, folder)
        if chosen.path and chosen.recipe in ("", "trend_omniglot"):
            settings = ['tasks.family="omniglot"', f"tasks.path={json.dumps(chosen.path)}"]
            settings += QUICK if chosen.quick else ()
            trend("trend_omniglot", settings, seeds, folder / "omniglot")
        if chosen.recipe in ("", "rooms_in_a_row"):
            worlds(WORLDS if chosen.quick else (), seeds, folder)


if __name__ == "__main__":
    main()
