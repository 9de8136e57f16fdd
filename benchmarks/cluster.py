"""Several machines: `python -m benchmarks.cluster [--workers N] [--recipes all [--path FILE]] [--quick]` (extra dask).

With `--recipes` (all, or names with commas between), short runs of these recipes (two generations, small populations,
few tasks and gradient steps, no rivals) have the same digest and the same champion's test on workers as on this machine
alone: that is the claim then, and all that is done. Those that are refused on other machines or whose data is not here
are named; `--path`: the file of family `omniglot`.

Without it, two things are measured on workers of this machine. What it costs to hand out a batch in which nothing is to
be done (the floor of a generation), by the number of slices; and how much faster N workers are than one where work is
waiting: a slice sleeps for as long as its genomes' cost says, so that two cores can stand for N machines. The claim:
from eight seconds of work a generation on, four workers are at least 3.6 times as fast as one would be.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.claims import Table, claim, lived, options, report
from evometa.cluster import dispatch, executor
from evometa.cluster.dask_pool import DaskPool
from evometa.cluster.executor import Cluster
from evometa.cluster.slices import Lives, Shared, Slice, cuts, split
from evometa.cluster.worker import Lived, process
from evometa.config.load import load
from evometa.config.recipes import recipes as known
from evometa.errors import InputError, RunFailed
from evometa.lifetime import Outcomes
from evometa.lifetime.sample import sample

WANTED, FROM = 3.6, 8.0
GENOMES, SPREAD = 400, 0.3  # of the logarithm of a genome's cost
WORK = (0.5, 2.0, 8.0)
MOST = 6  # genomes, tasks and steps of short runs
LESSONS = 20  # that a student is given there at most


def asleep(shared: Shared, part: Slice, backend: str, threads: int) -> Lived:
    """Sleep as long as the weights of a slice say, in place of living it."""
    assert part.weights is not None
    seconds = float(part.weights.sum())
    time.sleep(seconds)
    size = len(part)
    none = np.zeros((3, size, 1, 1), np.float32)
    return Lived(Outcomes(none, np.zeros((size, 1), np.uint8)), seconds, process())


def lives_of(seconds: float) -> tuple[Lives, Any]:
    """Return a batch whose genomes take so many seconds in all, and the cost of each."""
    one = sample()
    cost = np.exp(SPREAD * np.random.default_rng(0).standard_normal(GENOMES))
    cost *= seconds / cost.sum()
    many = one.phenotypes.take(np.zeros(GENOMES, np.int64).tolist())
    weights = cost.astype(np.float32)[:, None]
    return Lives(many, one.tasks, one.births, one.plan, weights=weights), cost


def lasted(own: Cluster, seconds: float, slices: int, repeats: int) -> float:
    """Return how long a batch of so much sleep takes, cut into so many slices: the median."""
    lives, cost = lives_of(seconds)
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        shared, parts = split(lives, cuts(cost, slices))
        dispatch.Dispatch(own.pool, own.staff, shared, parts, own.tally).work()
        times.append(time.perf_counter() - began)
    return float(np.median(times))


def small(recipe: str, path: str) -> list[str]:
    """Return settings that make a run of a recipe short; `path`: where Omniglot is, if anywhere."""
    config = load(recipe).config
    evolution, sampling = config.evolution, config.sampling
    more = ["champion.baselines=[]", "champion.peers=false"]
    more += [f"tasks.lessons={LESSONS}"] if config.teaches else []
    more += ["racing.rungs=[]"] if config.racing.rungs else []
    more += [f"evolution.islands={MOST // 2}"] if evolution.islands > MOST // 2 else []
    more += [f"tasks.path={json.dumps(path)}"] if path and config.tasks[0].settings.family == "omniglot" else []
    counts = {
        "evolution.population": evolution.population, "evolution.offspring": evolution.offspring,
        "sampling.tasks": sampling.tasks, "sampling.validation_tasks": sampling.validation_tasks,
        "sampling.test_tasks": sampling.test_tasks, "champion.candidates": config.champion.candidates,
        "gradient.steps": config.gradient.steps, "tuning.rounds": config.tuning.every and config.tuning.rounds,
    }  # fmt: skip
    return ["run.generations=2", *more, *(f"{key}={min(value, MOST)}" for key, value in counts.items() if value)]


def digests(recipes: Sequence[str], address: str, path: str) -> None:
    """Run recipes here and on workers, and compare."""
    executor.LEAST = 0.0  # nothing is too short to be sent
    table, wrong, absent = Table(recipe=-18, here=12, workers=12, cpu_s=7), [], []
    for name in recipes:
        before, settings = time.process_time(), small(name, path)
        try:
            with lived(name, settings, progress=False, on=address) as (there, _):
                found = there.digest, report(there).test
        except (InputError, RunFailed) as error:  # of data that is not here
            absent.append(f"{name}: {str(error).splitlines()[0]}")
            continue
        with lived(name, settings, progress=False) as (here, _):
            same = (here.digest, report(here).test) == found
            table.row(name, here.digest[:10], found[0][:10], round(time.process_time() - before))
        wrong += [] if same else [name]
    for text in absent:
        print(f"not compared: {text}")
    count = len(recipes) - len(absent)
    claim(f"{count} recipes have on workers the digest that they have here (others: {wrong})", not wrong)


def main() -> None:
    """Compare digests, or measure the floor, and the gain by the length of a generation."""
    from distributed import LocalCluster

    chosen = options(__doc__, workers=4, recipes="", path="")
    workers = 2 if chosen.quick or chosen.recipes else chosen.workers
    with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=":0", silence_logs=50) as machines:
        if chosen.recipes:
            names = [*known()] if chosen.recipes == "all" else chosen.recipes.split(",")
            digests(names, f"dask:{machines.scheduler_address.removeprefix('tcp:')}", chosen.path)
            return
        pool = DaskPool(machines.scheduler_address)
        own = Cluster(pool, "this machine", "numba", 1, print)
        print(own.executor().line, "\n")
        dispatch.live = asleep  # type: ignore[assignment]
        table = Table(slices=7, floor_ms=9)
        for slices in (workers, 4 * workers, 8 * workers):
            table.row(slices, round(1000 * lasted(own, 0.0, slices, 3 if chosen.quick else 9)))
        print()
        table = Table(work_s=7, slices=7, seconds=8, times_one=10)
        for work in WORK[:1] if chosen.quick else WORK:
            slices = int(min(max(work / 0.25, workers), 8 * workers))
            seconds = lasted(own, work, slices, 1 if chosen.quick else 3)
            table.row(work, slices, round(seconds, 2), round(work / seconds, 2))
        gain = work / seconds
        claim(
            f"{work:g} s of work on {workers} workers: {gain:.2f} × one ({WANTED} from {FROM:g} s on)", gain >= WANTED
        )
        pool.close()


if __name__ == "__main__":
    main()
