"""Killed at random instants, twenty times, and resumed each time: the digest of a run that was never killed.

`python -m benchmarks.kill_everywhere` kills at every single write, sync, rename and open instead.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import evometa
from evometa.config.load import load as load_config
from evometa.config.template import render
from tests.small import DELTA, recipe

KILLS = 20
COMMAND = [sys.executable, "-c", "from evometa.cli import main; main()"]


def call(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def done(folder: Path) -> int:
    """Return how many generations a run has, which may not have begun."""
    return evometa.load(folder).generation if (folder / "run.db").exists() else 0


def test_killed_twenty_times_is_the_same_run(tmp_path: Path) -> None:
    base = recipe(DELTA, run={"generations": 400}, evolution={"population": 40})
    whole = evometa.run(base, out=tmp_path / "whole")
    (tmp_path / "small.toml").write_text(render(load_config(base).config))
    folder, kills, stages = tmp_path / "killed", 0, set()
    rng = random.Random(7)
    while kills < KILLS:
        known = (folder / "run.db").exists()
        arguments = ["resume", str(folder)] if known else ["run", str(tmp_path / "small.toml"), "--out", str(folder)]
        # wait for a sign of life, so that kills fall into the work and not into the imports
        before, deadline = done(folder), time.monotonic() + 60
        process = call(*arguments)
        while done(folder) == before and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(rng.uniform(0, 0.05))  # some generations, so that all kills together leave some to be done
        finished = process.poll() is not None
        process.kill()
        out, err = process.communicate()
        assert not finished, f"ended by itself: {out}{err}"
        kills += 1
        stages.add(done(folder))
    assert len(stages) > KILLS // 2, "the kills fell into different generations"
    process = call("resume", str(folder), "--json")
    out, err = process.communicate()
    assert process.returncode == 0, err
    assert json.loads(out)["digest"] == whole.digest
