"""A hundred readers neither slow nor block nor kill a run; and a reader that did would be noticed here."""

from __future__ import annotations

import json
import sqlite3
import statistics
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import product
from pathlib import Path

import pytest

from evometa.dashboard import shelf as shelf_module
from evometa.dashboard import snapshot as snapshot_module
from evometa.dashboard.content import Content
from evometa.dashboard.shelf import Shelf
from evometa.store import open_reader, verify
from tests.dashboard.crowd import PATIENCE
from tests.dashboard.test_server import start
from tests.store.samples import ROOT, python
from tests.waiting import until

pytestmark = pytest.mark.clocks
READERS = 100
COMMITS = 40
GENERATIONS = 200  # of a run of the engine

# Commits a generation into every run that it is given, whenever it reads a line, and tells how long each took;
# "journal": as on a network file system; "impatient": a commit that meets a lock fails, and says so.
WRITE = """
import sys, time
from contextlib import ExitStack
import evometa.store.files
from evometa.errors import RunFailed
from evometa.store import create
from tests.dashboard import odd
way, patience, count, *folders = sys.argv[1:]
if way == "journal":
    evometa.store.files.has_shared_memory = lambda folder: False
with ExitStack() as stack:
    settings = {**odd.CONFIG, "run": {"generations": int(count)}}
    writers = [stack.enter_context(create(folder, settings, {})) for folder in folders]
    for writer in writers:
        writer._connection.execute("PRAGMA busy_timeout = 0" if patience == "impatient" else "SELECT 1")
    print("begun", flush=True)
    for number in range(int(count)):
        sys.stdin.readline()
        took = []
        for writer in writers:
            started = time.perf_counter()
            try:
                odd.add(writer, number)
            except RunFailed as error:
                sys.exit(str(error))
            took.append(time.perf_counter() - started)
        print(*took, flush=True)
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


def commits(
    folders: Sequence[Path], mode: str, before: Callable[[int], None], impatient: bool = False
) -> tuple[list[str], str]:
    """Let another process write runs, and do something before each commit; return what it says, and its errors."""
    said = list[str]()
    with python(WRITE, mode, "impatient" if impatient else "patient", COMMITS, *folders) as writer:
        assert writer.stdin is not None
        assert writer.stdout is not None
        for number in range(COMMITS):
            if not (line := writer.stdout.readline()):
                break
            said.append(line)
            before(number)
            writer.stdin.write("\n")
            writer.stdin.flush()
        output, errors = writer.communicate()
    return [*said, *output.splitlines()][1:], errors


@contextmanager
def reading(read: Callable[[], bool], count: int) -> Iterator[list[int]]:
    """Let so many threads read as fast as they can; yields how often they have."""
    stop, done = threading.Event(), [0]

    def again() -> None:
        while not stop.is_set():
            done[0] += read()

    threads, often = [threading.Thread(target=again) for _ in range(count)], sys.getswitchinterval()
    sys.setswitchinterval(often / 20)  # whoever counts them has a turn, too
    for thread in threads:
        thread.start()
    try:
        yield done
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        sys.setswitchinterval(often)


@pytest.fixture(params=["log", "journal"])
def mode(request: pytest.FixtureRequest) -> str:
    """Both ways of SQLite: the write-ahead log, and the rollback journal of network file systems."""
    return str(request.param)


@pytest.fixture
def content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Content:
    """A dashboard over a folder whose readers never rest: nothing is throttled."""
    for one, name in product((shelf_module, snapshot_module), ("MAX_AGE", "AT_LEAST", "TIMES")):
        monkeypatch.setattr(one, name, 0.0, raising=False)
    (tmp_path / "read").mkdir()
    return Content(Shelf(tmp_path / "read"))


def read(content: Content) -> bool:
    """Read the page of a run; return whether it is there."""
    _, shown = content.show("/run/a", "")
    content.fill("text", shown, None, [{"name": name} for name in ("head", "best", "numbers", "settings")])
    return bool(shown["title"] != "Not found")


def test_commits_do_not_wait_for_a_hundred_readers(tmp_path: Path, mode: str, content: Content) -> None:
    """They read as fast as they can; a run beside it that nobody reads has the same machine."""
    folders = tmp_path / "read" / "a", tmp_path / "alone" / "a"
    with reading(lambda: read(content), READERS) as done:

        def more(_: int) -> None:
            enough = done[0] + 1
            until(lambda: done[0] >= enough, "readers read")

        output, errors = commits(folders, mode, more)
    assert errors == ""
    beside, alone = zip(*(map(float, line.split()) for line in output), strict=True)
    assert len(beside) == COMMITS
    assert statistics.median(beside) < 5 * statistics.median(alone) + 0.05
    assert verify(folders[0]).problem is None
    assert open_reader(folders[0]).digest() == open_reader(folders[1]).digest()
    (tmp_path / "copy.db").write_bytes((folders[0] / "run.db").read_bytes())
    assert verify(tmp_path / "copy.db").problem is None  # whole by itself, though readers were there when it was closed


def test_whoever_has_read_holds_no_lock(tmp_path: Path, mode: str, content: Content) -> None:
    with ThreadPoolExecutor(8) as readers:

        def before(_: int) -> None:
            assert all(readers.map(read, [content] * 8))

        output, errors = commits([tmp_path / "read" / "a"], mode, before, impatient=True)
    assert (len(output), errors) == (COMMITS, "")


def test_a_reader_that_locks_would_be_noticed(tmp_path: Path, mode: str) -> None:
    """What dashboards of others have done: keep a transaction open while they draw."""
    held = list[sqlite3.Connection]()

    def lock(number: int) -> None:
        if number == 1:
            held.append(sqlite3.connect(tmp_path / "a" / "run.db", isolation_level=None))
            held[0].execute("BEGIN" if mode == "journal" else "BEGIN IMMEDIATE")
            held[0].execute("SELECT count(*) FROM generations").fetchone()

    try:
        _, errors = commits([tmp_path / "a"], mode, lock, impatient=True)
        assert "database is locked" in errors
    finally:
        for one in held:
            one.close()


@contextmanager
def begun(*folders: Path) -> Iterator[list[subprocess.Popen[str]]]:
    """Let other processes evolve, each a run; within the block, all of them have begun."""
    with ExitStack() as stack:
        processes = [stack.enter_context(python(RUN, folder, GENERATIONS)) for folder in folders]
        for process in processes:
            stack.callback(process.kill)
            assert process.stdout is not None
            assert process.stdout.readline() == "begun\n"
        yield processes


def gone_on(processes: list[subprocess.Popen[str]]) -> list[tuple[str, float]]:
    """Let runs go on at the same time; return their digests, and the seconds of all generations behind the first."""
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    found = []
    for process in processes:
        output, errors = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, errors
        digest, seconds = json.loads(output)
        assert len(seconds) == GENERATIONS
        found.append((digest, sum(seconds[1:])))
    return found


@pytest.mark.slow
def test_a_hundred_readers_of_the_dashboard_leave_a_run_as_it_is(tmp_path: Path) -> None:
    """A real run, a real server, a hundred pages that follow it: the bytes and the pace of a run beside it.

    Processors are shared with whatever goes on here, so a bad moment has two more chances: who slows, slows every time.
    """
    (tmp_path / "runs").mkdir()
    processes: list[subprocess.Popen[str]] = []
    try:
        # one that steps back has a hundredth of a processor where other tests want them
        _, port = start(processes, tmp_path / "runs", before="import evometa.dashboard.server as s; s.NICE = 0")
        for attempt in range(3):
            command = [sys.executable, "-m", "tests.dashboard.crowd", str(port), f"run-{attempt}", str(READERS)]
            with begun(tmp_path / "runs" / f"run-{attempt}", tmp_path / f"alone {attempt}") as runs:
                crowd = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
                processes.append(crowd)
                assert crowd.stdout is not None
                assert crowd.stdout.readline() == "here\n"
                (same, watched), (digest, alone) = gone_on(runs)
                seen = json.loads(crowd.communicate("", timeout=PATIENCE)[0])
            assert same == digest
            assert seen["errors"] == 0, seen["first"]
            assert seen["readers"] == READERS
            assert min(seen["texts"], seen["figures"]) >= READERS
            if watched < 1.5 * alone + 1:
                break
        else:
            pytest.fail(f"alone {alone:.2f} s, watched {watched:.2f} s")
        assert verify(tmp_path / "runs" / f"run-{attempt}").problem is None
    finally:
        for process in processes:
            process.kill()
            process.communicate()
