"""A hundred readers neither slow nor block nor kill a run; and a reader that did would be noticed here."""

from __future__ import annotations

import json
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from evometa.dashboard import snapshot as snapshot_module
from evometa.dashboard.content import Content
from evometa.dashboard.shelf import Shelf
from evometa.store import open_reader, verify
from tests.dashboard.test_server import start
from tests.store.samples import ROOT, python

READERS = 100
WAIT = 1.5  # seconds that no commit may take; the lock of the control is held for twice as long
COMMITS = 60
GENERATIONS = 200  # of a run of the engine

# Commits generation after generation, and tells how long each took; "journal": as on a network file system.
WRITE = """
import sys, time
import evometa.store.files
from evometa.store import create
from tests.dashboard import odd
if sys.argv[2] == "journal":
    evometa.store.files.has_shared_memory = lambda folder: False
with create(sys.argv[1], {**odd.CONFIG, "run": {"generations": int(sys.argv[3])}}, {}) as writer:
    for number in range(int(sys.argv[3])):
        started = time.perf_counter()
        odd.add(writer, number)
        print(time.perf_counter() - started, flush=True)
        time.sleep(0.02)
"""

# One run of the engine: after its first generation it waits for a line, then it goes on; tells its digest and the
# seconds of every generation.
RUN = """
import json, sys
import evometa
from tests.small import DELTA, recipe
evometa.run(recipe(DELTA, evolution={"population": 120}), generations=1, out=sys.argv[1], progress=False)
print("begun", flush=True)
sys.stdin.readline()
found = evometa.resume(sys.argv[1], generations=int(sys.argv[2]), progress=False)
print(json.dumps([found.digest, [row["total_seconds"] for row in found.history]]))
"""


def commits(folder: Path, mode: str) -> list[float]:
    """Let another process write a run; return how long each of its commits took."""
    with python(WRITE, folder, mode, COMMITS) as writer:
        output, errors = writer.communicate(timeout=120)
    assert errors == ""
    assert verify(folder).problem is None
    return [float(line) for line in output.split()]


@contextmanager
def reading(read: Callable[[], Any], count: int) -> Iterator[list[int]]:
    """Let so many threads read as fast as they can; yields how often they have."""
    stop, done = threading.Event(), [0]

    def again() -> None:
        while not stop.is_set():
            read()
            done[0] += 1

    threads = [threading.Thread(target=again) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield done
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@pytest.fixture(params=["log", "journal"])
def mode(request: pytest.FixtureRequest) -> str:
    """Both ways of SQLite: the write-ahead log, and the rollback journal of network file systems."""
    return str(request.param)


def test_commits_do_not_wait_for_a_hundred_readers(tmp_path: Path, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """They read without any rest: what is throttled in the dashboard is not so here."""
    monkeypatch.setattr(snapshot_module, "AT_LEAST", 0.0)
    monkeypatch.setattr(snapshot_module, "TIMES", 0.0)
    alone = commits(tmp_path / "alone" / "a", mode)
    (tmp_path / "read").mkdir()
    content = Content(Shelf(tmp_path / "read"))
    slots = [{"name": name} for name in ("head", "best", "numbers", "settings")]

    def read() -> None:
        _, shown = content.show("/run/a", "")
        if shown["title"] == "Not found":
            time.sleep(0.05)
        else:
            content.fill("text", shown, None, slots)

    with reading(read, READERS) as done:
        beside = commits(tmp_path / "read" / "a", mode)
    assert done[0] > READERS
    assert len(beside) == COMMITS
    assert max(beside) < WAIT
    assert statistics.median(beside) < 5 * statistics.median(alone) + 0.05
    assert open_reader(tmp_path / "read" / "a").digest() == open_reader(tmp_path / "alone" / "a").digest()
    (tmp_path / "copy.db").write_bytes((tmp_path / "read" / "a" / "run.db").read_bytes())
    assert verify(tmp_path / "copy.db").problem is None  # whole by itself, though readers were there when it was closed


def test_a_reader_that_locks_would_be_noticed(tmp_path: Path, mode: str) -> None:
    """What dashboards of others have done: keep a transaction open while they draw."""
    file = tmp_path / "a" / "run.db"
    held: list[bool] = []

    def lock() -> None:
        if held or not file.exists():
            time.sleep(0.02)
            return
        connection = sqlite3.connect(file, isolation_level=None, timeout=0)
        try:
            if connection.execute("SELECT count(*) FROM generations").fetchone()[0]:
                connection.execute("BEGIN" if mode == "journal" else "BEGIN IMMEDIATE")
                held.extend(connection.execute("SELECT count(*) > 0 FROM generations").fetchone())
                time.sleep(2 * WAIT)
        except sqlite3.OperationalError:
            time.sleep(0.01)
        finally:
            connection.close()

    with reading(lock, 1):
        found = commits(tmp_path / "a", mode)
    assert max(found) > WAIT


def run(folder: Path, come: Callable[[], None] = lambda: None) -> tuple[str, list[float]]:
    """Let another process evolve; return the digest and the seconds of the generations behind the first one.

    `come`: what is waited for once there is a run, before it goes on.
    """
    with python(RUN, folder, GENERATIONS) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        come()
        output, errors = process.communicate("\n", timeout=300)
    assert process.returncode == 0, errors
    digest, seconds = json.loads(output)
    return digest, seconds[1:]


@pytest.mark.slow
def test_a_hundred_readers_of_the_dashboard_leave_a_run_as_it_is(tmp_path: Path) -> None:
    """A real run, a real server, a hundred pages that follow it: the same bytes, in the same time.

    Processors are shared with whatever else goes on here, so a bad moment is given two more chances; readers that
    slow a run slow it every time.
    """
    (tmp_path / "runs").mkdir()
    processes: list[subprocess.Popen[str]] = []
    try:
        _, port = start(processes, tmp_path / "runs")
        for attempt in range(3):
            digest, alone = run(tmp_path / f"alone {attempt}")
            command = [sys.executable, "-m", "tests.dashboard.crowd", str(port), f"run-{attempt}", str(READERS)]
            crowd = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            processes.append(crowd)
            assert crowd.stdout is not None
            come = partial(told, crowd.stdout.readline, "here\n")
            same, watched = run(tmp_path / "runs" / f"run-{attempt}", come)
            seen = json.loads(crowd.communicate("", timeout=120)[0])
            assert same == digest
            assert len(watched) == GENERATIONS - 1
            assert seen["errors"] == 0, seen["first"]
            assert seen["readers"] == READERS
            assert min(seen["texts"], seen["figures"]) >= READERS
            if sum(watched) < 1.5 * sum(alone) and max(watched) < max(alone) + WAIT:
                break
        else:
            pytest.fail(f"alone {sum(alone):.2f} s, watched {sum(watched):.2f} s; slowest {max(alone)}, {max(watched)}")
        assert verify(tmp_path / "runs" / f"run-{attempt}").problem is None
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def told(says: Callable[[], str], line: str) -> None:
    """Wait until a process says a line."""
    assert says() == line
