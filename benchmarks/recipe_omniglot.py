"""Recipe `omniglot`: `python -m benchmarks.recipe_omniglot --path FILE [--seeds N] [--runs FOLDER] [--quick]`.

`--path`: the file of family `omniglot`; left out, the original archives are fetched. Official split: evolution and
validation by the background alphabets, tests by the evaluation alphabets, 1 000 episodes of each kind, 5 queries a
class. First the heads that compare on raw pixels, 7×7 and 14×14: a network whose outputs are its inputs, mean ± 95 %
interval over episodes. Then the recipe, mean ± 95 % interval over seeds (Student's). Its bars: a Prototypical net of
layers (196-256-256-64, PyTorch, 4 000 steps) on this split, and on a random one (Vinyals 2016), whose test characters
are of alphabets that the net knows. What nets come to over seeds: `python -m benchmarks.alphabets --omniglot FILE`.
`--runs FOLDER` keeps what each seed came to there; what is there already is not made again.
"""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.alphabets import QUERIES, TESTS
from benchmarks.alphabets_recipes import QUICK, interval, rows
from benchmarks.claims import Table, above_zero, claim, options, warm
from benchmarks.workloads import people
from evometa.genetics.topology import layered
from evometa.language.program import compile_rule
from evometa.lifetime import F32, Births, Plan, Tasks
from evometa.lifetime.numba import cpu
from evometa.tasks import open_family
from evometa.tasks.families.omniglot import OmniglotTasks

NAMES = [f"{ways}-way {shots}-shot" for ways, shots in TESTS]
BARS = {
    "the net's on this split": (88.1, 95.8, 70.8, 87.7),
    "the net's on a random split": (93.4, 98.25, 82.5, 94.4),
}
RAW = (58.2, 77.1)  # nearest prototype on 7×7 pixels, 5-way 1-shot and 5-shot, measured elsewhere
NEAR = 1.0  # points: half the interval of that figure, and more
HEADS, SIZES = ("prototype", "matching", "ridge"), (7, 14)


def on_pixels(head: str, tasks: Tasks) -> F32:
    """Return the accuracy of a head on each task, in percent, where an embedding is the image itself."""
    pixels, lanes = tasks.support_x.shape[1:]
    graph = layered(pixels, (), pixels, "linear")
    weights = (graph.src == graph.dst - pixels - 1).astype(np.float32)  # the constant lies between inputs and outputs
    phenotypes = people(graph, [compile_rule({})], weights[None])
    plan = Plan(np.zeros((0, len(tasks.support_x), lanes), np.int32), np.zeros(1, np.int32), head, "backprop")
    found: F32 = 100.0 * cpu.live(phenotypes, tasks, Births(), plan, threads=1).accuracy[0, 0]
    return found


def pixels(path: str | None, count: int) -> None:
    """Print what the heads come to on raw pixels, and whether the first is what it was elsewhere."""
    table = Table(head_on_pixels=-34, **{name.replace(" ", "_"): 13 for name in NAMES})
    first: list[float] = []
    for size in SIZES:
        drawn = []
        for ways, shots in TESTS:
            keys = {"path": path, "size": size, "ways": ways, "shots": shots, "queries": QUERIES}
            settings = OmniglotTasks.model_validate(keys)
            family = open_family(settings, 0, ("test",))
            drawn.append(family.sample("test", count, np.random.default_rng([0, ways, shots])))
        for head in HEADS:
            scores = [on_pixels(head, tasks) for tasks in drawn]
            table.row(f"{head}, {size}×{size}", *(interval(one.tolist()) for one in scores))
            first = first or [float(one.mean()) for one in scores]
    print()
    for name, mean, bar in zip(NAMES, first, RAW, strict=False):
        claim(f"prototypes on 7×7 pixels, {name}: {mean:.1f}, elsewhere {bar}", abs(mean - bar) <= NEAR)
    print()


def main() -> None:
    """Print both tables, and the verdicts."""
    chosen = options(__doc__, seeds=5, path="", runs="")
    warm()
    pixels(chosen.path or None, 20 if chosen.quick else 1000)
    settings = [*([f"tasks.path={json.dumps(chosen.path)}"] if chosen.path else []), *(QUICK if chosen.quick else [])]
    with TemporaryDirectory() as folder:
        seeds = 1 if chosen.quick else chosen.seeds
        (own,) = rows({"recipe omniglot": ("omniglot", settings)}, seeds, Path(chosen.runs or folder)).values()
    print()
    for what, bars in BARS.items():
        for name, bar, place in zip(NAMES, bars, range(len(NAMES)), strict=True):
            claim(f"above {what}, {bar}, {name}", above_zero([one.scores[place] - bar for one in own]))


if __name__ == "__main__":
    main()
