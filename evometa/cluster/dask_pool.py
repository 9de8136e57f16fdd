"""Workers of a Dask scheduler (extra `dask`).

Whatever tasks share is the result of a task, not scattered data: Dask makes the first again where all who have it are
lost, the other is lost for good (dask/distributed issue 3149). Time-outs are shorter than Dask's own, which are meant
for clusters where a pause of minutes is usual. It travels as bytes, opened where a task needs them: any worker
may come to hold it, one that is refused as well, whatever evometa that has.
"""

from __future__ import annotations

import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from itertools import count
from pathlib import Path
from queue import Empty, Queue
from typing import TYPE_CHECKING, Any

from evometa.cluster.pool import Done, Lost
from evometa.errors import InputError, RunFailed

if TYPE_CHECKING:
    from distributed import Client, Future, Scheduler

TIMEOUTS = {
    "distributed.comm.timeouts.connect": "15s", "distributed.comm.timeouts.tcp": "20s",
    "distributed.comm.retry.count": 2,
}  # fmt: skip
TTL = 20.0  # seconds without a sign of life after which a worker is taken for lost
PATIENCE = 15  # seconds that a scheduler has to answer when a run begins
HOME = "evometa-home"  # name of a worker of this machine
RECRUITING = 60.0  # seconds that such a worker may take to show up
ENDING = 5.0  # seconds that it may take to end


class DaskPool:
    """The workers of the scheduler at an address, or of the one that a scheduler file names."""

    def __init__(self, address: str) -> None:
        self.client, self.address = connect(address), address
        self._numbers, self._ended = count(), Queue[int]()
        self._futures: dict[int, Future] = {}
        self._home: dict[str, subprocess.Popen[bytes]] = {}
        with suppress(Exception):  # a scheduler without evometa keeps its own patience
            self.client.run_on_scheduler(impatient, TTL)

    def workers(self) -> frozenset[str]:
        """Return the addresses of the workers that are there now."""
        with self._answered():
            return frozenset(self.client.nthreads())

    def share(self, value: Any) -> Any:
        """Return a reference to a value that tasks may have as an argument; it is sent once."""
        # bound to some workers, even loosely, it is never made again where all of them were killed
        with self._answered(), large():
            return self.client.submit(bytes, sealed(value), pure=False, retries=100, priority=1)

    def submit(self, worker: str, function: Callable[..., Any], *arguments: Any) -> int:
        """Give a worker a task."""
        number = next(self._numbers)
        from distributed import Future

        shared = any(isinstance(one, Future) for one in arguments)
        with self._answered(), large():
            own = (unsealed, function, *arguments) if shared else (function, *arguments)
            future = self.client.submit(*own, workers=[worker], pure=False)
        self._futures[number] = future
        future.add_done_callback(lambda _: self._ended.put(number))
        return number

    def done(self, seconds: float) -> Iterator[Done]:
        """Yield the tasks that have ended since this was asked, and wait for the first of them at most so long."""
        with suppress(Empty):
            number = self._ended.get(timeout=seconds)
            while True:
                if number in self._futures:
                    yield self._result(number)
                number = self._ended.get_nowait()

    def drop(self, task: int) -> None:
        """Forget a task: nobody wants to know any more what comes of it."""
        future = self._futures.pop(task, None)
        if future is not None:
            with suppress(Exception):  # of a client that has lost its scheduler
                future.release()

    def recruit(self) -> str:
        """Start one more worker, a process of this machine that may be lost, and return its address."""
        before, began = self.workers(), time.monotonic()
        address = str(self.client.scheduler_info()["address"])
        options = ["--nworkers", "1", "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        name = f"{HOME}-{next(self._numbers)}"
        command = [sys.executable, "-m", "distributed.cli.dask_worker", address, *options, "--name", name]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while time.monotonic() - began < RECRUITING and process.poll() is None:
            named = self.client.scheduler_info()["workers"]
            for worker in self.workers() - before:
                if named.get(worker, {}).get("name") == name:
                    self._home[worker] = process
                    return worker
            time.sleep(0.2)
        process.kill()
        raise RunFailed("a process of this machine that was to live genomes did not start.")

    def dismiss(self, worker: str) -> None:
        """End a worker that was recruited."""
        process = self._home.pop(worker, None)
        if process is not None:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(ENDING)
            process.kill()
            process.wait()

    def close(self) -> None:
        """Leave the workers to others."""
        for worker in list(self._home):
            self.dismiss(worker)
        with suppress(Exception):
            self.client.close(timeout=5)

    def _result(self, number: int) -> Done:
        """Return what has come of a task that has ended."""
        from distributed import KilledWorker
        from distributed.client import FutureCancelledError

        future = self._futures[number]
        try:
            return Done(number, future.result(timeout=TTL))
        except (KilledWorker, FutureCancelledError, TimeoutError) as error:
            self._alive()
            return Done(number, error=Lost(str(error)))
        except Exception as error:
            self._alive()
            return Done(number, error=error)

    def _alive(self) -> None:
        """Raise RunFailed where the scheduler is gone."""
        if self.client.status != "running":
            raise RunFailed(f"the scheduler at {self.address} is gone.")

    @contextmanager
    def _answered(self) -> Iterator[None]:
        """Within the block, errors of a client that has lost its scheduler are RunFailed."""
        self._alive()
        try:
            yield
        except Exception as error:
            cause = f"{type(error).__name__}: {error}"
            raise RunFailed(f"the scheduler at {self.address} does not answer ({cause}).") from error


def connect(address: str) -> Client:
    """Return a client of the scheduler at `tcp://host:port`, `tls://host:port`, or in a scheduler file."""
    try:
        import dask
        from distributed import Client
    except ImportError:
        raise InputError(
            "the extra dask", "a Python without it", "run.on", "Install it: pip install 'evometa[dask]'."
        ) from None
    file = "://" not in address
    if file and not Path(address).is_file():
        raise InputError("a scheduler's file", f"no file {address}", "run.on", "Start one: dask scheduler "
                         f"--scheduler-file {address}.")  # fmt: skip
    dask.config.set(TIMEOUTS)
    try:
        return Client(**{"scheduler_file" if file else "address": address}, timeout=PATIENCE, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        text = str(error) or type(error).__name__
        raise InputError(
            "a Dask scheduler that answers", text, f"run.on, {address}", "Start one: dask scheduler."
        ) from error


def sealed(value: Any) -> bytes:
    """Return a value as the bytes that Dask itself would send."""
    from distributed.protocol.pickle import dumps

    found: bytes = dumps(value)
    return found


@lru_cache(maxsize=2)
def opened(value: bytes) -> Any:
    """Return a value that was sealed, the same object to all tasks of a worker that have it."""
    from distributed.protocol.pickle import loads

    return loads(value)


def unsealed(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a function comes to, given arguments some of which are sealed."""
    return function(*(opened(one) if isinstance(one, bytes) else one for one in arguments))


def impatient(seconds: float, dask_scheduler: Scheduler) -> None:
    """Let a scheduler take workers for lost after so many seconds, unless it does so sooner; runs on the scheduler."""
    if not dask_scheduler.worker_ttl or dask_scheduler.worker_ttl > seconds:
        dask_scheduler.worker_ttl = seconds
        watch = dask_scheduler.periodic_callbacks.get("worker-ttl")
        if watch is not None:
            watch.stop()
            watch.callback_time = 1000 * seconds / 2
            watch.start()


@contextmanager
def large() -> Iterator[None]:
    """Within the block nothing is said of large arguments: they are meant to be sent."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Sending large graph")
        yield
