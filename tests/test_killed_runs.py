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

import evometa
from evometa.config.load import load as load_config
from evometa.config.template import render
from tests.small import DELTA, recipe

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


def test_killed_twenty_times_is_the_same_run(tmp_path: Path) -> None:
    base = recipe(DELTA, run={"generations": 400}, evolution={"population": 40})
    whole = evometa.run(base, out=tmp_path / "whole")
    (tmp_path / "small.toml").write_text(render(load_config(base).config))
    folder, said, kills, stages = tmp_path / "killed", tmp_path / "said", 0, set()
    rng = random.Random(7)
    while kills < KILLS:
        known = (folder / "run.db").exists()
        arguments = ["resume", str(folder)] if known else ["run", str(tmp_path / "small.toml"), "--out", str(folder)]
        # wait for a sign of life, so that kills fall into the work and not before it
        before, deadline = done(folder), time.monotonic() + 60
        process = FORKS.Process(target=command, args=(arguments, said))
        process.start()
        while done(folder) == before and process.is_alive() and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(rng.uniform(0, 0.05))  # some generations, so that all kills together leave some to be done
        finished = not process.is_alive()
        process.kill()
        process.join()
        assert not finished, f"ended by itself: {said.read_text()}"
        kills += 1
        stages.add(done(folder))
    assert len(stages) > KILLS // 2, "the kills fell into different generations"
    assert evometa.resume(folder).digest == whole.digest
