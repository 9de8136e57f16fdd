"""Whatever a sealed run holds: it is shown, or refused in a sentence that names the run; never a traceback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evometa.dashboard.content import Content
from evometa.dashboard.shelf import Shelf
from evometa.dashboard.summaries import FINISHED, INTERRUPTED, UNREADABLE, WAITING
from tests.properties import some
from tests.reporting import ANALYSIS
from tests.sealed import PARTS, shown, write

ODD = [None, 10**400, "x", {"x": [1]}]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all values in nested data; of a list's items the first."""
    items = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    return [path, *(place for key, item in items for place in places(item, (*path, key)))]


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """Return nested data with another value at a path."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = put(value[path[0]], path[1:], new)
    return copy


ALL = [(part, path) for part, value in PARTS.items() for path in places(value)]


@pytest.mark.parametrize(("part", "path"), some(ALL, 3), ids=lambda value: ".".join(map(str, value)) or "all")
def test_whatever_a_sealed_run_holds_is_shown_or_named(
    part: str,
    path: tuple[Any, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    good = write(tmp_path / "runs" / "good")
    for number, odd in enumerate(ODD):
        bad = write(tmp_path / "runs" / f"bad-{number}", **{part: put(PARTS[part], path, odd)})
        code, out, err = shown(monkeypatch, capsys, "inspect", str(bad))
        assert (code, bool(out)) == ((0, True) if not err else (2, False))
        code, out, err = shown(monkeypatch, capsys, "compare", str(good), str(bad), "--json")
        told = [one["run"] for one in json.loads(out)["runs"]]
        assert told == [str(good), str(bad)] if code == 0 else (told == [str(good)] and bad.name in err)
    _, out, _ = shown(monkeypatch, capsys, "list", "runs", str(tmp_path / "runs"))
    assert len(out.splitlines()) == len(ODD) + 2
    content = Content(Shelf(tmp_path / "runs"))
    found = content.summaries.of(content.shelf.entries())
    while any(one.state == WAITING for one in found):  # each look has a budget of time
        found = content.summaries.of(content.shelf.entries())
    assert len(found) == len(ODD) + 1
    assert {one.state for one in found if one.entry.name == "good"} == {FINISHED}
    assert {one.state for one in found} <= {FINISHED, INTERRUPTED, UNREADABLE}


def test_runs_of_older_versions_lack_fields(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    least = {"name": "old", "seed": 1, "run": {"generations": 1}}
    old = write(tmp_path / "old", config=least, environment={}, statistics={}, timing={}, report={"champion": 0})
    for words in (["inspect"], ["inspect", "--json"], ["compare"], ["compare", "--json"], ["report"]):
        assert shown(monkeypatch, capsys, words[0], str(old), *words[1:])[0] == 0
    for left_out in ANALYSIS:
        told = {name: value for name, value in ANALYSIS.items() if name != left_out}
        old = write(tmp_path / left_out, report={"champion": 0, "analysis": told})
        assert shown(monkeypatch, capsys, "inspect", str(old))[0] == 0
