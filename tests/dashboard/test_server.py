"""`evometa dashboard` as a process: where it says it is, whom it warns, what it refuses, how it ends."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import evometa.dashboard
from evometa.dashboard.server import NICE, THREADS, bind
from evometa.errors import InputError
from tests.dashboard import odd
from tests.dashboard.visitor import Visitor
from tests.test_architecture import python
from tests.waiting import until

pytestmark = pytest.mark.clocks
CODE = "from evometa.cli import main; main()"
COMMAND = [sys.executable, "-c", CODE, "dashboard"]
HEAVY = ["dash", "flask", "plotly", "waitress", "sympy", "numpy", "numba"]


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that are stopped in the end."""
    found: list[subprocess.Popen[str]] = []
    yield found
    for process in found:
        process.kill()
        process.communicate()


def start(
    started: list[subprocess.Popen[str]], *arguments: object, cwd: Path | None = None, before: str = "pass"
) -> tuple[subprocess.Popen[str], int]:
    """Start a dashboard on a free port, some code before; return the process and the port that it tells."""
    command = [sys.executable, "-c", f"{before}; {CODE}", "dashboard", *map(str, arguments), "--port", "0"]
    env = {**os.environ, "PYTHONUTF8": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=cwd, env=env)
    started.append(process)
    assert process.stdout
    line = process.stdout.readline()
    told = re.search(r"http://(\S+):(\d+)", line)
    assert told, line + (process.stderr.read() if process.stderr else "")
    return process, int(told[2])


def test_it_tells_where_it_is_serves_and_ends_with_ctrl_c(tmp_path: Path, started: list[subprocess.Popen[str]]) -> None:
    odd.finished(tmp_path / "runs" / "a")
    process, port = start(started, cwd=tmp_path)  # the folder "runs", unless told otherwise
    visitor = Visitor(port)
    visitor.open("/")
    until(lambda: visitor.list_runs().get("count") == ["1 run"], "the run is listed")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out, err) == (0, "", "")


def test_it_is_bound_to_this_machine(tmp_path: Path, started: list[subprocess.Popen[str]]) -> None:
    _, port = start(started, tmp_path)
    own = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in {*own, "127.0.0.2"} - {"127.0.0.1"}:
        with socket.socket() as other:
            other.settimeout(5)
            assert other.connect_ex((address, port)) != 0, address


def test_told_otherwise_it_warns(tmp_path: Path, started: list[subprocess.Popen[str]]) -> None:
    process, port = start(started, tmp_path, "--host", "0.0.0.0")
    assert Visitor(port, Host=f"192.168.0.7:{port}").get("/")[0] == 200
    assert Visitor(port, Host="evil.example").get("/")[0] == 421
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert "not only this machine" in err
    assert "no password" in err


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="no /proc to look into")
def test_it_stands_back(tmp_path: Path, started: list[subprocess.Popen[str]]) -> None:
    process, port = start(started, tmp_path)
    Visitor(port).open("/")
    nice = {}
    for task in Path(f"/proc/{process.pid}/task").iterdir():
        with suppress(OSError):  # of a thread that has ended since
            nice[int(task.name)] = int((task / "stat").read_text().rpartition(")")[2].split()[16])
    assert nice[process.pid] == NICE
    assert sum(value == NICE for value in nice.values()) > THREADS  # others are of numerical libraries, and sleep


def refused(*arguments: object) -> str:
    found = subprocess.run([*COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False)
    assert found.returncode == 2, found.stderr
    assert found.stdout == ""
    assert "Traceback" not in found.stderr
    return found.stderr


def test_what_cannot_be_served_is_refused(tmp_path: Path) -> None:
    assert "a folder of runs" in refused(tmp_path / "nowhere")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        message = refused(tmp_path, "--port", port)
    assert "a free port" in message
    assert f"--port {port + 1}" in message
    assert "an address of this machine" in refused(tmp_path, "--host", "192.0.2.1")
    for host in ("no-such-host.invalid", "a" * 100):
        with pytest.raises(InputError, match="an address of this machine"):
            bind(None, host, 0)
    assert "--port" in refused(tmp_path, "--port", 70000)


@pytest.mark.parametrize("name", ["dash", "waitress"])
def test_a_library_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    for module in [module for module in sys.modules if module.startswith("evometa.dashboard.")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(InputError, match=r"evometa\[dashboard\]"):
        evometa.dashboard.serve(tmp_path)


def test_the_command_is_light_until_it_serves(tmp_path: Path) -> None:
    code = f"import sys, evometa.cli, evometa.dashboard; sys.exit(repr([m for m in {HEAVY} if m in sys.modules] or 0))"
    found = python(code, tmp_path)
    assert found.returncode in (0, 1)
    assert found.stderr.strip() in ("", "0")
