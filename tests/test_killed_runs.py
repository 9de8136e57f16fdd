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

import evometa
from evometa.config.load import load as load_config
from evometa.config.template import render
from tests.small import DELTA, GRADIENT, recipe

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


def killed(base: dict[str, Any], folder: Path, kills: int, pause: float) -> tuple[set[int], str]:
    """Kill a run so many times, up to `pause` seconds after a sign of life, and let it end.

    Return after which generations it was killed, and its digest.
    """
    (folder / "small.toml").write_text(render(load_config(base).config))
    place, said, stages, rng = folder / "killed", folder / "said", set(), random.Random(7)
    for _ in range(kills):
        known = (place / "run.db").exists()
        arguments = ["resume", str(place)] if known else ["run", str(folder / "small.toml"), "--out", str(place)]
        # wait for a sign of life, so that kills fall into the work and not before it
        before, deadline = done(place), time.monotonic() + 60
        process = FORKS.Process(target=command, args=(arguments, said))
        process.start()
        while done(place) == before and process.is_alive() and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(rng.uniform(0, pause))  # some generations, so that all kills together leave some to be done
        finished = not process.is_alive()
        process.kill()
        process.join()
        assert not finished, f"ended by itself: {said.read_text()}"
        stages.add(done(place))
    return stages, evometa.resume(place).digest


def test_killed_twenty_times_is_the_same_run(tmp_path: Path) -> None:
    base = recipe(DELTA, run={"generations": 400}, evolution={"population": 40})
    whole = evometa.run(base, out=tmp_path / "whole")
    stages, digest = killed(base, tmp_path, KILLS, 0.05)
    assert len(stages) > KILLS // 2, "the kills fell into different generations"
    assert digest == whole.digest


def test_killed_while_numbers_are_tuned_it_is_the_same_run(tmp_path: Path) -> None:
    """Moments, running means and tasks of a descent are those of the run that was never killed."""
    base = recipe(
        GRADIENT, run={"generations": 50}, network={"hidden": [3]}, gradient={"steps": 3, "tasks": 4},
        evolution={"population": 4, "offspring": 4}, champion={"baselines": [], "updates": 2},
    )  # fmt: skip
    whole = evometa.run(base, out=tmp_path / "whole")
    stages, digest = killed(base, tmp_path, 3, 0.1)
    assert any(0 < stage < 50 for stage in stages)
    assert digest == whole.digest
