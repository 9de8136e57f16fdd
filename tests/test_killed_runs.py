"""Killed at random instants, twenty times, and resumed each time: the digest of a run that was never killed.

`python -m benchmarks.kill_everywhere` kills at every single write, sync, rename and open instead.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import evometa
from evometa.config.load import load as load_config
from evometa.config.template import render
from tests.small import DELTA, GRADIENT, recipe
from tests.waiting import until

pytestmark = pytest.mark.clocks
KILLS = 20
FORKS = multiprocessing.get_context(
    "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
)
FORKS.set_forkserver_preload(["__main__", "tests.warm"])  # else every process would import and load for four seconds


def command(arguments: list[str], said: Path) -> None:
    """Be the command, in a process of its own, which writes into a file what it says."""
    from evometa.cli import main

    file = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(file, stream)
    sys.argv = ["evometa", *arguments]
    main()


def done(folder: Path) -> int:
    """Return how many generations a run has, which may not have begun."""
    return evometa.load(folder).generation if (folder / "run.db").exists() else 0


def killed(base: dict[str, Any], folder: Path, kills: int, pause: float) -> tuple[set[int], evometa.Run]:
    """Kill a run without end so many times, up to `pause` seconds after a sign of life, and let it go on a little.

    Return after which generations it was killed, and the run.
    """
    base = recipe(base, run={"generations": 1_000_000})
    (folder / "small.toml").write_text(render(load_config(base).config))
    place, stages, rng = folder / "killed", set[int](), random.Random(7)
    for _ in range(kills):
        stages.add(killed_once(place, folder, rng.uniform(0, pause)))
    return stages, evometa.resume(place, generations=max(stages) + 2)


def killed_once(place: Path, folder: Path, pause: float) -> int:
    """Begin a run, or go on with it, and kill it so long after its next generation; return how many it has then."""
    before, said, known = done(place), folder / "said", (place / "run.db").exists()
    arguments = ["resume", str(place)] if known else ["run", str(folder / "small.toml"), "--out", str(place)]
    process = FORKS.Process(target=command, args=(arguments, said))
    process.start()
    try:  # wait for a sign of life, so that kills fall into the work and not before it
        until(lambda: done(place) > before or not process.is_alive(), "a generation")
        time.sleep(pause)
        assert process.is_alive(), f"ended by itself: {said.read_text()}"
    finally:
        process.kill()
        process.join()
    return done(place)


def test_killed_twenty_times_is_the_same_run(tmp_path: Path) -> None:
    base = recipe(DELTA, evolution={"population": 40})
    stages, run = killed(base, tmp_path, KILLS, 0.05)
    assert len(stages) == KILLS, "the kills fell into different generations"
    assert run.digest == evometa.run(base, out=tmp_path / "whole", generations=run.generation).digest


def test_killed_while_numbers_are_tuned_it_is_the_same_run(tmp_path: Path) -> None:
    """Moments, running means and tasks of a descent are those of the run that was never killed."""
    base = recipe(
        GRADIENT, network={"hidden": [3]}, gradient={"steps": 3, "tasks": 4},
        evolution={"population": 4, "offspring": 4}, champion={"baselines": [], "updates": 2},
    )  # fmt: skip
    stages, run = killed(base, tmp_path, 3, 0.1)
    assert len(stages) == 3
    assert run.digest == evometa.run(base, out=tmp_path / "whole", generations=run.generation).digest
