"""A dashboard that is served from a thread of the test, over a folder of runs of every kind."""

from __future__ import annotations

import threading
from math import inf
from pathlib import Path

import pytest

from evometa.dashboard import content, summaries
from evometa.dashboard.app import make_app
from evometa.dashboard.server import bind, port_of
from tests.dashboard import odd
from tests.dashboard.visitor import Visitor


def served(folder: Path) -> int:
    """Serve a folder from a thread until the tests end; return the port.

    Closed before that, the server's threads would go on writing to descriptors that are others' by then.
    """
    server = bind(make_app(folder).server, "127.0.0.1", 0)
    threading.Thread(target=server.run, daemon=True).start()
    return port_of(server)


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is asked for comes at once, on a busy machine, too; tests of what a budget leaves out have their own."""
    monkeypatch.setattr(content, "BUDGET", inf)
    monkeypatch.setattr(summaries, "BUDGET", inf)


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with runs of every kind, one of them reached by a link that leads out."""
    place = tmp_path_factory.mktemp("place")
    runs = place / "runs"
    for make in (odd.finished, odd.begun, odd.interrupted, odd.nothing_but_nan, odd.long_rule):
        make(runs / make.__name__)
    odd.finished(runs / odd.FILE_HTML)
    odd.finished(runs / odd.UNICODE, **odd.HOSTILE)
    (runs / "broken").mkdir()
    (runs / "broken" / "run.db").write_bytes(b"nonsense")
    (runs / "no run").mkdir()
    odd.finished(place / "secret", name="TOP-SECRET")
    (runs / "link out").symlink_to(place / "secret")
    (runs / "file out").mkdir()
    (runs / "file out" / "run.db").symlink_to(place / "secret" / "run.db")
    (runs / "link within").symlink_to(runs / "finished")
    return runs


@pytest.fixture(scope="package")
def port(folder: Path) -> int:
    """The port of a dashboard over that folder."""
    return served(folder)


@pytest.fixture
def visitor(port: int) -> Visitor:
    """Somebody who reads there."""
    return Visitor(port)
