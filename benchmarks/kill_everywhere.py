"""Kill a short run at every system call that touches its files, resume it, compare digests: needs strace.

`python -m benchmarks.kill_everywhere [RECIPE] [--random N] [--set KEY=VALUE ...]`: RECIPE is a name or a file (else a
small one of its own), made short by the keys; with `--random N` it kills at N random instants instead.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import evometa
from evometa.config.load import load as load_config
from evometa.config.schema import Config
from evometa.config.template import render
from evometa.errors import EvometaError
from tests.small import DELTA, recipe

CALLS = ("openat", "pwrite64", "write", "fdatasync", "fsync", "rename", "ftruncate", "unlink")
FILES = (
    "run.db",
    "run.db-wal",
    "run.db-shm",
    "run.db-journal",
    "run.db.new",
    "run.db.new-journal",
    "run.lock",
    "run.owner",
)


def command(recipe_file: Path, folder: Path) -> list[str]:
    """Return the command line of a run."""
    start = "from evometa.cli import main; main()"
    return [sys.executable, "-c", start, "run", str(recipe_file), "--out", str(folder)]


def digest_after(folder: Path, recipe_file: Path) -> str:
    """Go on from whatever a kill has left, and return the digest at the end."""
    try:
        return evometa.resume(folder).digest
    except EvometaError:
        shutil.rmtree(folder, ignore_errors=True)  # killed before the run file existed: begin anew
        return evometa.run(recipe_file, out=folder).digest


def everywhere(recipe_file: Path, work: Path, expected: str) -> int:
    """Kill at call 1, 2, 3 … of each kind until the command ends by itself; return the number of kills."""
    kills = 0
    for call in CALLS:
        number = 1
        while True:
            folder = work / f"{call}-{number}"
            paths = [argument for name in FILES for argument in ("-P", str(folder / name))]
            inject = f"inject={call}:signal=SIGKILL:when={number}"
            traced = ["strace", "-f", "-o", "/dev/null", *paths, "-e", inject, *command(recipe_file, folder)]
            ended = subprocess.run(traced, capture_output=True, check=False).returncode == 0
            if ended:
                break
            kills += 1
            digest = digest_after(folder, recipe_file)
            assert digest == expected, f"{call} {number}: {digest}"
            shutil.rmtree(folder, ignore_errors=True)
            number += 1
        print(f"{call}: killed at each of {number - 1} calls, resumed to the same digest", flush=True)
    return kills


def at_random(recipe_file: Path, work: Path, expected: str, count: int) -> int:
    """Kill at random instants; return the number of kills that fell into the run."""
    rng, kills = random.Random(0), 0
    while kills < count:
        folder = work / str(kills)
        process = subprocess.Popen(command(recipe_file, folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and not (folder / "run.db").exists():
            time.sleep(0.005)
        time.sleep(rng.uniform(0, 1.0))
        if process.poll() is None:
            process.kill()
            kills += 1
        process.wait()
        digest = digest_after(folder, recipe_file)
        assert digest == expected, f"kill {kills}: {digest}"
        shutil.rmtree(folder, ignore_errors=True)
    return kills


def short(many: int, name: str | None, keys: list[str]) -> Config:
    """Return the recipe that is killed, with few generations for every call, more for random instants."""
    generations, population = (60, 40) if many else (3, 16)
    if name is None:
        return load_config(recipe(DELTA, run={"generations": generations}, evolution={"population": population})).config
    return load_config(name, [f"run.generations={generations}", f"evolution.population={population}", *keys]).config


def main() -> None:
    """Run and print how many kills were survived."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recipe", nargs="?")
    parser.add_argument("--random", type=int, default=0)
    parser.add_argument("--set", action="append", default=[])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        base = short(given.random, given.recipe, given.set)
        (work / "small.toml").write_text(render(base))
        expected = evometa.run(base, out=work / "whole").digest
        kills = (
            at_random(work / "small.toml", work, expected, given.random)
            if given.random
            else everywhere(work / "small.toml", work, expected)
        )
        print(f"{kills} kills, {kills} times the digest of the run that was never killed: {expected}")


if __name__ == "__main__":
    main()
