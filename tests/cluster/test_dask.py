"""Whole runs on the workers of a Dask scheduler on this machine have the digests of runs without: whatever dies."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import evometa
from evometa.callbacks import Callback
from evometa.cluster import dask_pool, executor, worker
from evometa.errors import InputError, RunFailed
from tests.small import DELTA, GRADIENT, recipe

distributed = pytest.importorskip("distributed", reason="the extra dask is not installed")
pytestmark = [
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
        own.close(timeout=10)


@pytest.fixture
def client(machines: Any) -> Iterator[Any]:
    with distributed.Client(machines, set_as_default=False) as own:
        own.wait_for_workers(2, timeout=30)
        yield own


def on(machines: Any) -> str:
    return f"dask:{machines.scheduler_address.removeprefix('tcp:')}"


def pids(client: Any) -> list[int]:
    return list(client.run(os.getpid).values())


class Killer(Callback):
    """Kills workers while generations are under way: `times` so many, each time as `whom` says."""

    def __init__(self, client: Any, times: int, whom: Callable[[list[int]], list[int]]) -> None:
        super().__init__()
        self.client, self.times, self.whom, self.killed = client, times, whom, 0
        self.threads: list[threading.Thread] = []

    def on_generation(self, statistics: Any, run: Any) -> None:
        if len(self.threads) < self.times:
            self.threads.append(threading.Thread(target=self.kill))
            self.threads[-1].start()

    def kill(self) -> None:
        time.sleep(0.05)
        for one in self.whom(pids(self.client)):
            os.kill(one, signal.SIGKILL)
            self.killed += 1

    def on_end(self, run: Any) -> None:
        for one in self.threads:
            one.join()


@pytest.mark.parametrize("base", [DELTA, GRADIENT, GROWING], ids=["delta", "gradient", "topology"])
def test_a_run_on_workers_has_the_digest_of_one_without(machines: Any, base: Any, tmp_path: Path) -> None:
    here = evometa.run(base, out=tmp_path / "here", generations=3)
    there = evometa.run(base, out=tmp_path / "there", generations=3, on=on(machines))
    assert there.digest == here.digest
    assert there.summary()["champion"] == here.summary()["champion"]


def test_workers_may_be_killed_one_by_one_and_all_at_once(machines: Any, client: Any, tmp_path: Path) -> None:
    here = evometa.run(LONG, out=tmp_path / "here")
    for name, times, whom in (("one", 3, lambda found: found[:1]), ("all", 1, lambda found: found)):
        killer = Killer(client, times, whom)
        there = evometa.run(LONG, out=tmp_path / name, on=on(machines), callbacks=[killer])
        assert there.digest == here.digest
        assert killer.killed >= times


def test_a_worker_that_comes_late_works_and_one_that_is_forged_does_not(
    machines: Any, client: Any, tmp_path: Path
) -> None:
    here = evometa.run(LONG, out=tmp_path / "here")
    forged, *_ = client.scheduler_info()["workers"]
    client.run(forge, "0.0.0", workers=[forged])
    notes, standing = list[str](), list[str]()

    class Late(Callback):
        def on_generation(self, statistics: Any, run: Any) -> None:
            standing.append(statistics["cluster"])
            machines.scale(3)
            client.wait_for_workers(3, timeout=30)
            if "1 worker ·" in standing[-1]:
                time.sleep(1.0)  # the newcomer gives its account meanwhile

        def on_note(self, text: str) -> None:
            notes.append(text)

    there = evometa.run(LONG, out=tmp_path / "there", on=on(machines), callbacks=[Late()])
    assert there.digest == here.digest
    assert any(f"worker {forged} is refused: it has evometa 0.0.0" in note for note in notes)
    assert standing[0].startswith("1 worker ·")
    assert standing[-1].startswith("2 workers ·")
    client.run(forge, evometa.__version__, workers=[forged])


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
                own.close(timeout=10)

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
