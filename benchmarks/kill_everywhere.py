"""Kill a short run at every system call that touches its files, resume it, compare digests: needs strace.

`python -m benchmarks.kill_everywhere [--random N]`: with `--random N` it kills at N random instants instead.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import evometa
from evometa.config.load import load as load_config
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


def main() -> None:
    """Run and print how many kills were survived."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        many = int(sys.argv[sys.argv.index("--random") + 1]) if "--random" in sys.argv else 0
        base = recipe(DELTA, run={"generations": 60 if many else 3}, evolution={"population": 40 if many else 16})
        (work / "small.toml").write_text(render(load_config(base).config))
        expected = evometa.run(base, out=work / "whole").digest
        kills = (
            at_random(work / "small.toml", work, expected, many)
            if many
            else everywhere(work / "small.toml", work, expected)
        )
        print(f"{kills} kills, {kills} times the digest of the run that was never killed: {expected}")


if __name__ == "__main__":
    main()
