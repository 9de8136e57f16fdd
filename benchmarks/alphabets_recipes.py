"""Recipes of the alphabets: `python -m benchmarks.alphabets_recipes [--seeds N] [--part P] [--runs FOLDER] [--quick]`.

Part `recipes`: `alphabets`, `alphabets_large` and `protonet`, each with its own test (1 000 episodes of each kind, of
scripts never met); mean ± 95 % interval over seeds (Student's), and processor seconds of a whole run, its own test
included, without plain learners, which the other benchmark has.
The larger Prototypical net has one seed here, for its processor time in this same run; what nets come to over five
seeds prints `python -m benchmarks.alphabets`. Part `ablation`: recipe `alphabets` with one thing off at a time, or one
more on; differences to the whole are paired over seeds. `--only NAMES` (with ; between them) makes some of the rows,
`--generations N` shorter runs of the ablation, the whole among them.

`--runs FOLDER` keeps what each seed came to there, in a file of its own; what is there already is not made again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np

from benchmarks.alphabets import NETS, TESTS, accuracy, trained
from benchmarks.claims import Table, above_zero, claim, lived, options, report, warm
from evometa.judging.intervals import mean_interval

RECIPES = ("alphabets", "alphabets_large", "protonet")
LARGE = "prototypical 196-256-256-64"
BARS = {"alphabets": (81.8, 93.4), "alphabets_large": (90.7, 96.6)}  # 5-way 1-shot and 5-shot
TIMES = 3.0  # the net's processor time that `alphabets_large` may take
WHOLE = "recipe alphabets"
QUICK = [
    "run.generations=2", "gradient.steps=5", "sampling.tasks=16", "sampling.validation_tasks=20",
    "sampling.test_tasks=20",
]  # fmt: skip


ABLATION: dict[str, list[str]] = {
    WHOLE: [],
    "wiring stays as it begins": ["topology.rewire=0"],
    "layers instead, as many synapses": [
        "topology.start=layered", "topology.rewire=0", "network.hidden=[110, 72]",
    ],
    "classes are not turned": ["tasks.train_symmetries=none"],
    "5-way episodes": ["tasks.train_ways=5", "tasks.train_queries=8"],
    "the metric stays as it is": [
        "network.metric.scale=1.0", "network.metric.norm=0.0", "coefficients.count=0", "coefficients.values=[]",
    ],
    "ridge in place of prototypes": [
        "network.head=ridge", "network.metric.norm=0.0", "network.metric.log_ridge=c1",
        "coefficients.values=[10.0, 0.01]", "coefficients.high=100",
    ],
    "a rule adapts the embedding": [
        "lifetime.updates=1", "rule.init.update=-c2*grad", "coefficients.count=3",
        "coefficients.values=[1.0, 0.01, 1e-3]", "coefficients.low=1e-5",
    ],
    "no gradient, a population": [
        "gradient.steps=0", "evolution.population=16", "evolution.offspring=16", "variation.mutate_weights=1",
        "variation.mutate_coefficients=0.2", "run.generations=120",
    ],
}  # fmt: skip
"""Settings by name: one thing off at a time, or one more on, as no rule learns in the recipe."""


ALONE = ["champion.peers=false"]


class Found(NamedTuple):
    """What a run came to: accuracy in percent in each of TESTS, synapses, processor seconds."""

    scores: tuple[float, ...]
    synapses: int
    seconds: float


def found(recipe: str, settings: Sequence[str], seed: int, keep: Path) -> Found:
    """Return what a run comes to, or came to when it was made."""
    if not keep.exists():
        begin = time.process_time()
        with lived(recipe, [*settings, *ALONE], seed=seed) as (run, _):
            told, champion = report(run), run.champion
            tests = {test.name: test.mean for test in told.other_tests} | {"5-way 1-shot": told.test.mean}
            scores = [100.0 * (tests[f"{ways}-way {shots}-shot"] or 0.0) for ways, shots in TESTS]
            synapses = champion.connectome.graph.synapses if champion and champion.connectome else 0
        seconds = time.process_time() - begin
        keep.parent.mkdir(parents=True, exist_ok=True)
        keep.write_text(json.dumps(Found(tuple(scores), synapses, seconds)._asdict()), encoding="utf-8")
    one = json.loads(keep.read_text(encoding="utf-8"))
    return Found(tuple(one["scores"]), one["synapses"], one["seconds"])


def rows(recipes: Mapping[str, tuple[str, list[str]]], seeds: int, folder: Path) -> dict[str, list[Found]]:
    """Print a table of recipes with settings, by name, and return what each seed came to."""
    table = Table(learner=-34, **{f"{ways}-way_{shots}-shot": 13 for ways, shots in TESTS}, synapses=8, CPU_s=6)
    every = {}
    for name, (recipe, settings) in recipes.items():
        place = folder / name.replace(" ", "-").replace(",", "")
        every[name] = [found(recipe, settings, seed, place / f"{seed}.json") for seed in range(seeds)]
        cells = [interval(scores) for scores in zip(*(one.scores for one in every[name]), strict=True)]
        synapses, seconds = (np.mean([one[place] for one in every[name]]) for place in (1, 2))
        table.row(name, *cells, f"{synapses:.0f}", f"{seconds:.1f}")
    return every


def interval(values: Sequence[float]) -> str:
    """Write a mean with its 95 % interval, in percent."""
    mean, half = mean_interval(values)
    return f"{mean:.1f} ± {'?' if half is None else f'{half:.1f}'}"


def net_seconds(name: str, quick: bool) -> float:
    """Train one of the Prototypical nets, print what it comes to, and return its processor seconds, test included."""
    begin, net = time.process_time(), NETS[name]
    model = trained("", net, 0, 20 if quick else net.steps)
    scores = [accuracy("", model, ways, shots, 20 if quick else 600) for ways, shots in TESTS]
    seconds = time.process_time() - begin
    print(f"{name}, one seed: {' '.join(f'{score:.1f}' for score in scores)}, {seconds:.1f} CPU s", flush=True)
    return seconds


def recipes(names: Sequence[str], seeds: int, folder: Path, quick: bool) -> None:
    """Print what the recipes come to, and the verdicts on them."""
    chosen = [name for name in RECIPES if not names or name in names]
    quickly = QUICK if quick else []
    every = rows({f"recipe {name}": (name, quickly) for name in chosen}, seeds, folder)
    print()
    for name in chosen:
        for bar, test, place in zip(BARS.get(name, ()), TESTS, range(2), strict=False):
            values = [one.scores[place] - bar for one in every[f"recipe {name}"]]
            claim(f"{name} is above {bar} in {test[0]}-way {test[1]}-shot", above_zero(values))
    if "alphabets_large" in chosen:
        seconds = float(np.mean([one.seconds for one in every["recipe alphabets_large"]]))
        times = seconds / net_seconds(LARGE, quick)
        claim(f"alphabets_large takes {times:.2f} times the net's processor time, at most {TIMES:g}", times <= TIMES)


def ablation(names: Sequence[str], seeds: int, folder: Path, quick: bool, generations: int | None) -> None:
    """Print what recipe `alphabets` comes to with one thing off, and how much less that is, seed by seed."""
    shorter = [] if generations is None else [f"run.generations={generations}", f"gradient.decay={generations}"]
    own = {name: [*shorter, *settings, *(QUICK if quick else [])] for name, settings in ABLATION.items()}
    off = {name: ("alphabets", settings) for name, settings in own.items()}
    every = rows({name: row for name, row in off.items() if not names or name in names or name == WHOLE}, seeds, folder)
    print("\nless than the whole recipe, 5-way 1-shot, points, paired over seeds")
    for name, ones in every.items():
        if name != WHOLE:
            lost = [whole.scores[0] - one.scores[0] for whole, one in zip(every[WHOLE], ones, strict=True)]
            claim(f"{name}: {interval(lost)}", above_zero(lost))


def main() -> None:
    """Print the tables and what holds."""
    chosen = options(__doc__, seeds=5, part="recipes", only="", runs="", generations=None)
    names = [one.strip() for one in chosen.only.split(";") if one.strip()]
    seeds = 1 if chosen.quick else chosen.seeds
    warm()
    with TemporaryDirectory() as temporary:
        folder = Path(chosen.runs or temporary)
        if chosen.part == "ablation":
            ablation(names, seeds, folder, chosen.quick, chosen.generations)
        else:
            recipes(names, seeds, folder, chosen.quick)


if __name__ == "__main__":
    main()
