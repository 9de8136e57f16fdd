"""What is read of a run is read once for all readers, and anew only when it has changed and it is time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from evometa.dashboard import snapshot as module
from evometa.dashboard.shelf import Entry, Shelf
from evometa.dashboard.snapshot import AT_LEAST, AT_MOST, TIMES, Snapshot, Snapshots
from evometa.errors import InputError
from evometa.presentation.run import Run
from evometa.store import open_writer
from tests.dashboard import odd


class Clock:
    """The time of day and the processor time, as a test wants them."""

    def __init__(self) -> None:
        self.now, self.used = 1000.0, 10.0

    def monotonic(self) -> float:
        return self.now

    def process_time(self) -> float:
        return self.used


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(module, "time", found)
    return found


@pytest.fixture
def entry(tmp_path: Path) -> Entry:
    odd.interrupted(tmp_path / "a", 1)
    return Shelf(tmp_path).entries()["a"]


def generations(calls: list[int]) -> Callable[[Run], int]:
    """What tells how many generations are done, and notes that it was asked."""

    def make(run: Run) -> int:
        calls.append(run.generation)
        return run.generation

    return make


def go_on(entry: Entry, number: int) -> None:
    with open_writer(entry.file) as writer:
        odd.add(writer, number)


def test_a_value_is_made_once_until_the_file_changes(entry: Entry, clock: Clock) -> None:
    calls: list[int] = []
    snapshot, make = Snapshot(entry), generations(calls)
    for _ in range(5):
        clock.now += 100
        assert snapshot.get("done", make) == 1
    assert calls == [1]
    go_on(entry, 1)
    clock.now += 100
    assert snapshot.get("done", make) == 2
    assert calls == [1, 2]


def test_a_file_is_not_read_again_before_a_second_is_over(entry: Entry, clock: Clock) -> None:
    snapshot, make = Snapshot(entry), generations([])
    first = snapshot.stamp()
    assert snapshot.get("done", make) == 1
    go_on(entry, 1)
    clock.now += AT_LEAST - 0.1
    assert (snapshot.get("done", make), snapshot.stamp()) == (1, first)
    clock.now += 0.2
    assert snapshot.get("done", make) == 2
    assert snapshot.stamp() != first


def test_the_more_there_is_to_do_the_more_rarely_it_is_read(entry: Entry, clock: Clock) -> None:
    snapshot, make = Snapshot(entry), generations([])
    assert snapshot.get("done", make) == 1
    go_on(entry, 1)
    clock.used += 2.0
    clock.now += TIMES * 2.0 - 0.1
    assert snapshot.get("done", make) == 1
    clock.now += 0.2
    assert snapshot.get("done", make) == 2
    go_on(entry, 2)
    clock.used += 1e6
    clock.now += AT_MOST + 0.1
    assert snapshot.get("done", make) == 3


def test_what_cannot_be_read_is_not_tried_again_for_every_reader(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "run.db").write_bytes(b"nonsense")
    calls: list[int] = []
    snapshot = Snapshot(Shelf(tmp_path).entries()["a"])
    for _ in range(3):
        with pytest.raises(InputError, match="no SQLite database"):
            snapshot.get("done", generations(calls))
    assert calls == []

    def refuse(run: Run) -> int:
        calls.append(0)
        raise InputError("a", "b", "c")

    odd.finished(tmp_path / "b")
    good = Snapshot(Shelf(tmp_path).entries()["b"])
    for _ in range(3):
        with pytest.raises(InputError, match="c: expected a"):
            good.get("refused", refuse)
    assert calls == [0]


def test_a_run_that_is_refused_is_never_opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "load", lambda file: pytest.fail(f"{file} was opened"))
    entries = Shelf(folder).entries()
    with pytest.raises(InputError, match="symbolic link"):
        Snapshot(entries["link%20out"]).get("x", generations([]))


def test_while_one_reads_others_get_what_was_there(entry: Entry, clock: Clock) -> None:
    snapshot, begun, go = Snapshot(entry), threading.Event(), threading.Event()
    assert snapshot.get("done", generations([])) == 1
    go_on(entry, 1)
    clock.now += 100

    def slow(run: Run) -> int:
        begun.set()
        assert go.wait(60)
        return run.generation

    thread = threading.Thread(target=snapshot.get, args=("slow", slow))
    thread.start()
    assert begun.wait(60)
    try:
        assert snapshot.get("done", lambda run: pytest.fail("two read at once")) == 1
        assert snapshot.stamp()
    finally:
        go.set()
        thread.join()
    assert snapshot.get("done", generations([])) == 2


def test_what_is_made_of_other_values_is_made_of_one_state(entry: Entry, clock: Clock) -> None:
    """Else something half old would be kept as if it were new, and at the end of a run for good."""
    snapshot = Snapshot(entry)

    def outer(run: Run) -> tuple[int, int]:
        before = run.generation
        go_on(entry, 1)
        clock.now += 100
        return before, snapshot.get("inner", generations([]))

    assert snapshot.get("outer", outer)[0] == 1
    assert snapshot.get("done", generations([])) == 2  # the file has changed since: it is read anew
    assert snapshot.get("outer", lambda run: (run.generation, run.generation)) == (2, 2)


def test_many_ask_and_one_reads(entry: Entry) -> None:
    calls: list[int] = []
    snapshot, make = Snapshot(entry), generations(calls)
    threads = [threading.Thread(target=snapshot.get, args=("done", make)) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert calls == [1]


def test_little_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGES", 2)
    monkeypatch.setattr(module, "VALUES", 3)
    for name in "abc":
        odd.begun(tmp_path / name)
    entries, snapshots = Shelf(tmp_path).entries(), Snapshots()
    first = snapshots.of(entries["a"])
    assert snapshots.of(entries["a"]) is first
    snapshots.of(entries["b"]), snapshots.of(entries["b"], entries["c"])
    assert snapshots.of(entries["a"]) is not first
    for number in range(10):
        first.get(number, lambda run: "x")
    assert len(first._values) == 3
