"""Killed or starved of disk at any instant: what was committed is there, and the run goes on the same."""

from __future__ import annotations

import itertools
import os
import random
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from evometa.store import create, open_reader, open_writer, verify
from tests.properties import ALL
from tests.store.samples import CONFIG, ENVIRONMENT, expected_digest, go_on, place_of, python, write

pytestmark = pytest.mark.clocks
KILLS = 20  # at random instants
LAST = 2  # generations that the short command commits

COMMIT = """
import sys
from pathlib import Path
from evometa.errors import EvometaError
from evometa.store import create, open_writer
from tests.properties import ALL
from tests.store.samples import CONFIG, ENVIRONMENT, commit, rows
folder, last = Path(sys.argv[1]), int(sys.argv[2])
try:
    there = (folder / "run.db").exists()
    with open_writer(folder) if there else create(folder, CONFIG, ENVIRONMENT) as writer:
        print("open", *writer.notes, flush=True)
        for generation in range(writer.last_generation + 1, last):
            commit(writer, **rows(generation))
            print(generation, flush=True)
        writer.report({"champion": 1})
        print("report", flush=True)
except EvometaError as error:
    sys.exit(f"{type(error).__name__}: {error}")
"""

FILES = ("run.db", "run.db-wal", "run.db-shm", "run.db-journal", "run.db.new", "run.lock", "run.owner")
FILES += ("run.committed", "run.committed.new")
RESCUE = (
    "rescue",
    "rescue/0.db",
    "rescue/1.db",
    "rescue/blank.db",
    "rescue/damaged-0.db",
    "rescue/damaged-1.db",
    "run.db.damaged-1",
)


def needs_strace() -> None:
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed: kills are tested at random instants only")
    if subprocess.run(["strace", "-qq", "-o", os.devnull, "true"], capture_output=True).returncode:
        pytest.skip("strace may not trace here: kills are tested at random instants only")


def survives(folder: Path, output: str, last: int, digest: str) -> None:
    """Check that all that was announced is there, and that going on gives the undisturbed run."""
    announced = max((int(line) for line in output.splitlines() if line.isdigit()), default=-1)
    if not (folder / "run.db").exists():
        assert "open" not in output
    else:
        assert verify(folder).problem is None
        assert announced <= open_reader(folder).last_generation <= announced + 1
    with open_writer(folder) if (folder / "run.db").exists() else create(folder, CONFIG, ENVIRONMENT) as writer:
        assert writer.notes == []
        go_on(writer, last)
        assert writer.reader.digest() == digest
    assert verify(folder).problem is None


def test_kills_at_random_instants(memory: Path) -> None:
    draw = random.Random(3)
    folder = memory / "run"
    last = -1
    for _ in range(KILLS):
        with python(COMMIT, folder, 10**6) as process:
            assert process.stdout is not None
            output = "".join(process.stdout.readline() for _ in range(draw.randint(2, 6)))  # "open", and generations
            time.sleep(draw.uniform(0, 0.002))
            process.kill()
            output += process.communicate()[0]
        assert process.returncode == -signal.SIGKILL
        announced = [int(line) for line in output.splitlines() if line.isdigit()]
        assert verify(folder).problem is None
        assert open_reader(folder).last_generation >= max(announced, default=last)
        last = open_reader(folder).last_generation
    assert last > KILLS
    assert open_reader(folder).digest() == expected_digest(last + 1, memory / "whole")


def traced(
    folder: Path, watched: tuple[str, ...], call: str, fault: str, last: int = LAST
) -> tuple[str, str, int, bool]:
    """Run the short command with a fault; return its stdout, stderr, status, and whether it came to it."""
    log = folder.with_name(f"{folder.name}.strace")
    paths = [part for name in watched for part in ("-P", str(folder / name))]
    command = ("strace", "-f", "-qq", "-o", str(log), "-e", f"trace={call}", "-P", str(folder), *paths)
    process = python(COMMIT, folder, last, before=(*command, "-e", f"inject={call}:{fault}"))
    output, errors = process.communicate(timeout=300)
    happened = process.returncode == -signal.SIGKILL or "(INJECTED)" in log.read_text()
    return output, errors, process.returncode, happened


def enumerated(calls: tuple[str, ...], attempt: Callable[[str, int], bool]) -> int:
    """Try a fault at the first, second, … call of each kind until none comes; return how many there are.

    Without EVOMETA_ALL, at every other one, of the even or the odd.
    """
    step = 1 if ALL else 2
    first = random.randint(1, step)

    def all_of(call: str) -> int:
        for number in itertools.count(first, step):
            if not attempt(call, number):
                return number - 1
        raise AssertionError

    with ThreadPoolExecutor(2) as pool:
        return sum(pool.map(all_of, calls))


CALLS = (
    "?openat",
    "?write",
    "?pwrite64",
    "?fsync,?fdatasync",
    "?rename,?renameat,?renameat2",
    "?ftruncate,?mkdir",
)


@pytest.mark.slow
def test_a_kill_at_every_system_call(memory: Path) -> None:
    needs_strace()
    digest = expected_digest(LAST, memory / "whole")

    def attempt(call: str, number: int) -> bool:
        folder = memory / f"{re.sub('[^a-z]', '', call)}-{number}"
        output, errors, _, happened = traced(folder, FILES, call, f"signal=SIGKILL:when={number}")
        assert errors == ""
        survives(folder, output, LAST, digest)
        shutil.rmtree(folder)
        return happened

    assert enumerated((*CALLS, "?unlink,?unlinkat"), attempt) > 50


@pytest.mark.slow
def test_a_fault_of_the_disk_at_every_system_call(memory: Path) -> None:
    """From the n-th call on, the disk is full, or broken."""
    needs_strace()
    digest = expected_digest(LAST, memory / "whole")
    failures = []

    def attempt(call: str, number: int) -> bool:
        folder = memory / f"{re.sub('[^a-z]', '', call)}-{number}"
        kind = "EIO" if "sync" in call else "ENOSPC"
        output, errors, status, happened = traced(folder, FILES, call, f"error={kind}:when={number}+", 1)
        assert status in (0, 1), errors
        if status:
            assert re.fullmatch(r"(RunFailed|InputError): .*\n", errors), errors
            failures.append(errors)
        survives(folder, output, LAST, digest)
        shutil.rmtree(folder)
        return happened

    assert enumerated(CALLS[1:5], attempt) > 40
    assert sum("Every generation committed so far is intact" in text for text in failures) > 10
    assert sum("Nothing was run" in text for text in failures) > 5


@pytest.mark.slow
def test_a_kill_at_every_step_of_a_rescue(memory: Path) -> None:
    needs_strace()
    digest = expected_digest(LAST, memory / "whole")
    path = write(memory / "damaged", LAST)
    whole, position = path.read_bytes(), place_of(path, 1)
    damaged = whole[:position] + b"!" + whole[position + 1 :]

    def attempt(call: str, number: int) -> bool:
        folder = memory / f"{re.sub('[^a-z]', '', call)}-{number}"
        folder.mkdir()
        (folder / "run.db").write_bytes(damaged)
        output, errors, _, happened = traced(folder, FILES + RESCUE, call, f"signal=SIGKILL:when={number}")
        assert errors == ""
        assert happened or "The run goes on after generation 1" in output
        with open_writer(folder) as writer:
            assert writer.last_generation >= ("0" in output.split() or "1" in output.split())
            go_on(writer, LAST)
            assert writer.reader.digest() == digest
        assert (folder / "run.db.damaged-1").read_bytes() == damaged
        assert verify(folder).problem is None
        shutil.rmtree(folder)
        return happened

    calls = (
        "?rename,?renameat,?renameat2",
        "?link,?linkat",
        "?unlink,?unlinkat,?rmdir",
        "?fsync",
        "?mkdir",
        "?openat",
    )
    assert enumerated(calls, attempt) > 20
