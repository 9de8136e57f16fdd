"""Whole runs on the workers of a Dask scheduler on this machine have the digests of runs without: whatever dies."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import evometa
from evometa.callbacks import Callback
from evometa.cluster import dask_pool, executor, worker
from evometa.cluster.dispatch import Dispatch
from evometa.errors import InputError, RunFailed
from tests.small import DELTA, GRADIENT, recipe
from tests.waiting import until

distributed = pytest.importorskip("distributed", reason="the extra dask is not installed")
pytestmark = [
    pytest.mark.clocks,
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kills workers"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

LONG = recipe(DELTA, run={"generations": 8}, sampling={"tasks": 40}, evolution={"population": 60})
GROWING = recipe(
    DELTA, topology={"mode": "evolved"}, weights={"mode": "evolved", "init": "uniform"}, run={"generations": 3}
)


@pytest.fixture(autouse=True)
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the workers even what this machine would live sooner itself."""
    monkeypatch.setattr(executor, "LEAST", 0.0)
    monkeypatch.setattr(executor, "PATIENCE", 600.0)  # where nothing is compiled yet, a slow machine needs minutes


@pytest.fixture(scope="module")
def machines() -> Iterator[Any]:
    """A scheduler with two workers, which are started again when they are lost."""
    import dask

    # else it gives a worker up that is killed again soon after it was started again
    dask.config.set({"distributed.deploy.lost-worker-timeout": "1 hour"})
    own = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", silence_logs=50,
    )  # fmt: skip
    try:
        yield own
    finally:
        own.close(timeout=120)


@pytest.fixture
def client(machines: Any) -> Iterator[Any]:
    """A client of that scheduler; all workers are there, those that another test has killed again."""
    with distributed.Client(machines, set_as_default=False) as own:
        until(lambda: set(own.nthreads()) == set(machines.sync(numbers, machines)), "all workers are there")
        yield own


async def numbers(machines: Any) -> dict[str, int | None]:
    """Return the process numbers of workers by their addresses; runs in the cluster's own thread."""
    return {one.worker_address: one.pid for one in machines.workers.values()}


def on(machines: Any) -> str:
    return f"dask:{machines.scheduler_address.removeprefix('tcp:')}"


class Killer:
    """Kills workers in the midst of batches: in each so many as the next number of `groups` says, until all are done.

    They are stopped before they are given slices, so none of these is lived before they are killed, however slow this
    process is. Process numbers come from the cluster: a worker that has just died answers nothing.
    """

    def __init__(self, machines: Any, groups: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
        self.machines, self.groups, self.killed = machines, groups, list[int]()
        self.assign, self.batch = Dispatch.assign, None
        monkeypatch.setattr(Dispatch, "assign", lambda batch: self.kill(batch))

    def kill(self, batch: Dispatch) -> None:
        """Let a batch hand out slices, and kill some who get their first, once there are enough of them."""
        chosen = self.choose(batch) if self.groups and self.batch is not batch else []
        for one in chosen:
            os.kill(one, signal.SIGSTOP)
        self.assign(batch)
        for one in chosen:
            os.kill(one, signal.SIGKILL)
        if chosen:
            self.killed, self.batch = [*self.killed, *chosen], batch
            del self.groups[0]

    def choose(self, batch: Dispatch) -> list[int]:
        """Return the process numbers of as many as are wanted who will get a slice; of none, if there are too few."""
        trusted, busy = batch.staff.trusted, {task.worker for task in batch.tasks.values()}
        known = self.machines.sync(numbers, self.machines)
        alive = [pid for one in trusted if one not in busy and (pid := known.get(one)) and pid not in self.killed]
        enough = len(alive) >= self.groups[0] and len(batch.waiting) >= len(trusted)
        return alive[: self.groups[0]] if enough else []


class Listener(Callback):
    """Keeps what a run says."""

    def __init__(self) -> None:
        super().__init__()
        self.notes, self.standing = list[str](), list[str]()

    def on_note(self, text: str) -> None:
        self.notes.append(text)

    def on_generation(self, statistics: Any, run: Any) -> None:
        self.standing.append(statistics["cluster"])


@pytest.mark.parametrize("base", [DELTA, GRADIENT, GROWING], ids=["delta", "gradient", "topology"])
def test_a_run_on_workers_has_the_digest_of_one_without(machines: Any, base: Any, tmp_path: Path) -> None:
    here = evometa.run(base, out=tmp_path / "here", generations=3)
    there = evometa.run(base, out=tmp_path / "there", generations=3, on=on(machines))
    assert there.digest == here.digest
    assert there.summary()["champion"] == here.summary()["champion"]


@pytest.mark.parametrize("one_by_one", [True, False], ids=["one by one", "all at once"])
def test_workers_may_be_killed(
    machines: Any, client: Any, one_by_one: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups = [1, 1, 1] if one_by_one else [len(machines.workers)]
    here, many = evometa.run(LONG, out=tmp_path / "here"), sum(groups)
    killer, heard = Killer(machines, groups, monkeypatch), Listener()
    there = evometa.run(LONG, out=tmp_path / "there", on=on(machines), callbacks=[heard])
    assert there.digest == here.digest
    assert len(set(killer.killed)) == many
    misfortunes = re.findall(r"(\d+) (?:lost|sent again)", heard.standing[-1])
    assert sum(map(int, misfortunes)) >= many, "each had a slice in hand, which somebody else has lived"


def test_a_worker_that_comes_late_works_and_one_that_is_forged_does_not(
    machines: Any, client: Any, tmp_path: Path
) -> None:
    forged, *others = client.nthreads()

    class Late(Listener):
        """Bids one more worker come, and has the run stopped when it may work."""

        def on_generation(self, statistics: Any, run: Any) -> None:
            super().on_generation(statistics, run)
            machines.scale(len(others) + 2)
            if len(others) + 1 == workers(self.standing[-1]):
                self.request_stop()
            time.sleep(0.2)  # it takes seconds to start: let generations not be too many until then

    heard = Late()
    client.run(forge, "0.0.0", workers=[forged])
    try:
        there = evometa.run(LONG, out=tmp_path / "there", generations=1000, on=on(machines), callbacks=[heard])
    finally:
        client.run(forge, evometa.__version__, workers=[forged])
    assert any(f"worker {forged} is refused: it has evometa 0.0.0" in note for note in heard.notes)
    assert workers(heard.standing[0]) == len(others)
    assert workers(heard.standing[-1]) == len(others) + 1
    assert there.digest == evometa.run(LONG, out=tmp_path / "here", generations=there.generation).digest


def workers(standing: str) -> int:
    """Return how many are at work."""
    return int(standing.split(" worker")[0])


def forge(version: str) -> None:
    """Let a worker say that it has another evometa."""
    worker.__version__ = version


def test_what_is_shared_is_bytes_until_a_task_needs_it() -> None:
    value = {"tasks": np.arange(3)}
    one = dask_pool.sealed(value)
    assert isinstance(one, bytes)
    found = dask_pool.unsealed(lambda shared, number: (shared, number), one, 7)
    assert found[1] == 7
    assert found[0]["tasks"].tolist() == [0, 1, 2]
    assert dask_pool.opened(one) is found[0]


def test_a_run_goes_on_elsewhere(machines: Any, tmp_path: Path) -> None:
    whole = evometa.run(DELTA, out=tmp_path / "whole")
    evometa.run(DELTA, out=tmp_path / "there", generations=2, on=on(machines))
    assert evometa.resume(tmp_path / "there", generations=6, on="local").digest == whole.digest


def test_a_scheduler_that_dies_ends_the_run_which_goes_on_elsewhere(tmp_path: Path) -> None:
    whole = evometa.run(LONG, out=tmp_path / "whole")
    own = distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, dashboard_address=":0", silence_logs=50,
    )  # fmt: skip

    class Closer(Callback):
        def on_generation(self, statistics: Any, run: Any) -> None:
            if statistics["generation"] == 2:
                own.close(timeout=120)

    with pytest.raises(RunFailed, match=r"the scheduler at .* generations are kept; go on with: evometa resume"):
        evometa.run(LONG, out=tmp_path / "there", on=on(own), callbacks=[Closer()])
    assert evometa.resume(tmp_path / "there", on="local").digest == whole.digest


@pytest.mark.parametrize(
    "where, expected",
    [("dask://127.0.0.1:1", "a Dask scheduler that answers"), ("dask:no.json", "a scheduler's file"),
     ("ray://here", "local, dask://HOST:PORT or dask:FILE"), ("dask:", "dask:FILE")],
)  # fmt: skip
def test_where_nobody_answers_nothing_begins(
    where: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_pool, "PATIENCE", 1)
    with pytest.raises(InputError, match=expected):
        evometa.run(DELTA, out=tmp_path / "run", on=where)
    assert not (tmp_path / "run").exists()
