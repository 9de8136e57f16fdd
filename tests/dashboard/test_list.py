"""The list of runs in a browser: rows appear, change one by one, are filtered and sorted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evometa.dashboard import shelf as shelf_module
from evometa.dashboard import summaries as summaries_module
from evometa.dashboard.pages import runs as module
from evometa.store import open_writer
from tests.dashboard import odd
from tests.dashboard.conftest import served
from tests.dashboard.visitor import Visitor


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing waits."""
    monkeypatch.setattr(shelf_module, "MAX_AGE", 0.0)
    monkeypatch.setattr(shelf_module, "TIMES", 0.0)
    monkeypatch.setattr(summaries_module, "AT_LEAST", 0.0)
    monkeypatch.setattr(summaries_module, "TIMES", 0.0)


def test_the_list_follows_the_folder(tmp_path: Path) -> None:
    visitor = Visitor(served(tmp_path))
    visitor.open("/")
    assert "No runs here yet" in json.dumps(visitor.list_runs()["count"])
    assert visitor.list_runs() == {}
    odd.begun(tmp_path / "a")
    assert visitor.list_runs()["count"] == ["1 run"]
    assert visitor.slots["row"] == ["a"]
    with open_writer(tmp_path / "a") as writer:
        odd.add(writer, 0)
        changed = visitor.list_runs()
    assert set(changed) == {"count", "a"}  # the row that has changed, and no other; no new list
    assert "1 of 3" in json.dumps(changed["a"])
    assert "running" in json.dumps(changed["a"])
    odd.finished(tmp_path / "b")
    changed = visitor.list_runs()
    assert {"rows", "count"} <= set(changed)
    assert visitor.slots["row"] == ["b", "a"]


def test_the_list_is_filtered_and_sorted(visitor: Visitor) -> None:
    visitor.open("/")
    visitor.list_runs()
    assert visitor.list_runs(state="unreadable", order="name")["count"] == ["3 of 11 runs"]
    assert visitor.slots["row"] == ["broken", "file%20out", "link%20out"]
    assert visitor.list_runs(words="no run has this")["count"] == ["0 of 11 runs"]
    assert visitor.slots["row"] == []
    assert visitor.list_runs()["count"] == ["11 runs"]


def test_opened_anew_the_list_is_filled_anew(visitor: Visitor) -> None:
    visitor.open("/")
    assert "rows" in visitor.list_runs()
    assert visitor.list_runs() == {}
    visitor.open("/")
    assert "rows" in visitor.list_runs()


def test_a_long_list_is_cut_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    monkeypatch.setattr("evometa.dashboard.content.MOST", 2)
    for name in "abcd":
        odd.begun(tmp_path / name)
    visitor = Visitor(served(tmp_path))
    visitor.open("/")
    assert visitor.list_runs()["count"] == ["2 of 4 runs; 2 more fit the filter"]
    assert len(visitor.slots["row"]) == 2
