"""Machines of a network of their own: one is cut off in the middle of a run, comes back, and the digest is the same.

Three network namespaces on one bridge: one has the scheduler and the run, two have a worker each. Needs root.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import evometa
from tests.cluster.test_dask import LONG
from tests.pages import ROOT
from tests.small import recipe

pytest.importorskip("distributed", reason="the extra dask is not installed")
IP = shutil.which("ip")
pytestmark = [
    pytest.mark.clocks,
    pytest.mark.slow,
    pytest.mark.skipif(IP is None or os.geteuid() != 0, reason="network namespaces need root, and ip"),
]

NET, PORT = "10.77.0", 8786
RUN = recipe(LONG, run={"generations": 30}, sampling={"tasks": 60}, evolution={"population": 100})
DRIVER = """
import sys, time
import evometa
from distributed import Client
from evometa.callbacks import Callback
from evometa.cluster import executor
from tests.cluster.test_links import RUN

class Tell(Callback):
    def on_generation(self, statistics, run):
        print("generation", statistics["generation"], statistics["cluster"], flush=True)
        time.sleep(0.2)

executor.LEAST, executor.PATIENCE = 0.0, 600.0
address, out, generations = sys.argv[1:]
with Client(f"tcp://{address}", timeout=300) as client:
    client.wait_for_workers(2, timeout=300)
found = evometa.run(RUN, on=f"dask://{address}", out=out, generations=int(generations), callbacks=[Tell()])
print("digest", found.digest, flush=True)
"""


class Network:
    """Namespaces a, b, c of this process, each with an address on one bridge, and what runs in them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.processes = folder, dict[str, subprocess.Popen[str]]()
        self.names = {place: f"evometa-{os.getpid()}-{place}" for place in "abc"}
        for name in self.names.values():
            self.ip("netns", "add", name)
            self.ip("-n", name, "link", "set", "lo", "up")
        a = self.names["a"]
        self.ip("-n", a, "link", "add", "bridge", "type", "bridge")
        self.ip("-n", a, "addr", "add", f"{NET}.1/24", "dev", "bridge")
        self.ip("-n", a, "link", "set", "bridge", "up")
        for number, place in enumerate("bc", start=2):
            own = self.names[place]
            self.ip("link", "add", f"to-{place}", "netns", a, "type", "veth", "peer", "name", "eth0", "netns", own)
            self.ip("-n", a, "link", "set", f"to-{place}", "master", "bridge", "up")
            self.ip("-n", own, "addr", "add", f"{NET}.{number}/24", "dev", "eth0")
            self.ip("-n", own, "link", "set", "eth0", "up")

    @staticmethod
    def ip(*words: str) -> None:
        subprocess.run([str(IP), *words], check=True, capture_output=True)

    def start(self, place: str, name: str, *words: str) -> subprocess.Popen[str]:
        """Start Python in a namespace."""
        command = [str(IP), "netns", "exec", self.names[place], sys.executable, *words]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        with open(self.folder / f"{name}.log", "w") as log:
            self.processes[name] = subprocess.Popen(
                command, cwd=self.folder, env=env, stdout=subprocess.PIPE, stderr=log, text=True
            )
        return self.processes[name]

    def link(self, place: str, state: str) -> None:
        self.ip("-n", self.names["a"], "link", "set", f"to-{place}", state)

    def close(self) -> None:
        for process in self.processes.values():
            process.kill()
            process.communicate()
        for name in self.names.values():
            found = subprocess.run([str(IP), "netns", "pids", name], capture_output=True, text=True, check=False)
            for pid in found.stdout.split():
                os.kill(int(pid), signal.SIGKILL)
            self.ip("netns", "del", name)


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Network]:
    try:
        own = Network(tmp_path)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no network namespaces here: {error.stderr.decode().strip()}")
    try:
        address = f"tcp://{NET}.1:{PORT}"
        own.start("a", "scheduler", "-m", "distributed.cli.dask_scheduler", "--host", f"{NET}.1", "--port", str(PORT),
                  "--no-dashboard")  # fmt: skip
        for place in "bc":
            own.start(place, f"worker-{place}", "-m", "distributed.cli.dask_worker", address, "--nworkers", "1",
                      "--nthreads", "1", "--no-dashboard")  # fmt: skip
        yield own
    finally:
        own.close()


def until(process: subprocess.Popen[str], pattern: str) -> str:
    """Read lines up to one that begins like a pattern; return what its group stands for."""
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.match(pattern, line):
            return found[1]
    raise AssertionError(f"it ended before it said: {pattern}")


def begun(network: Network, folder: Path, generations: int) -> tuple[subprocess.Popen[str], int]:
    """Start the run, and wait for it to be under way with two workers; return it, and how far it is."""
    driver = network.start("a", "driver", "-c", DRIVER, f"{NET}.1:{PORT}", str(folder), str(generations))
    return driver, int(until(driver, r"generation (\d+) 2 workers"))


def test_a_machine_that_is_cut_off_and_comes_back_changes_nothing(network: Network, tmp_path: Path) -> None:
    whole = evometa.run(RUN, out=tmp_path / "whole")
    driver, number = begun(network, tmp_path / "run", 30)
    network.link("b", "down")
    until(driver, f"generation ({min(number + 6, 30)}) ")
    network.link("b", "up")
    assert until(driver, r"digest (\w+)") == whole.digest
    assert driver.wait(300) == 0


def test_a_run_whose_scheduler_is_killed_goes_on_elsewhere(network: Network, tmp_path: Path) -> None:
    driver, _ = begun(network, tmp_path / "run", 1_000_000)
    network.processes["scheduler"].kill()
    assert driver.wait(300) != 0
    assert "evometa resume" in (tmp_path / "driver.log").read_text()
    more = evometa.load(tmp_path / "run").generation + 2
    whole = evometa.run(RUN, out=tmp_path / "whole", generations=more)
    assert evometa.resume(tmp_path / "run", generations=more, on="local").digest == whole.digest
