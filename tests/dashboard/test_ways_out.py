"""No address and no message leads out of the folder: what it does not list is not there, whatever is typed or sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from evometa.dashboard import snapshot as snapshot_module
from evometa.dashboard.content import Content
from evometa.dashboard.routes import key_of
from evometa.dashboard.shelf import Shelf
from tests.dashboard.visitor import Visitor, whole


@pytest.mark.parametrize(
    "way",
    [
        *(
            "../place/secret",
            "..",
            ".",
            "%2e%2e",
            "..%2fsecret",
            "%2e%2e%2fsecret",
            "%2fetc%2fpasswd",
            "no run",
            "no such run",
        ),
        *(
            "finished%2frun.db",
            "finished%00",
            "finished/..",
            "Finished",
            "run.db",
            "%",
            "%zz",
            "a" * 8000,
            "\udcff",
            "${7*7}",
        ),
    ],
)
@pytest.mark.parametrize("page", ["", "/lineage", "/individual/1", "/individual/1/beside/0"])
def test_what_the_folder_does_not_list_is_not_found(visitor: Visitor, way: str, page: str) -> None:
    for address in (f"/run/{way}{page}", f"/run/{quote(way, safe='', errors='replace')}{page}"):
        text = whole(visitor, address)
        assert "Not found" in text
        assert "SECRET" not in text
        assert "root:" not in text
    for search in (f"?run={way}&run=finished", f"?run={quote(way, safe='', errors='replace')}&run=finished"):
        assert "Not found" in whole(visitor, "/compare", search) or "Choose two" in whole(visitor, "/compare", search)


@pytest.mark.parametrize("name", ["link out", "file out"])
def test_runs_outside_the_folder_are_refused(visitor: Visitor, name: str) -> None:
    for page in ("", "/lineage", "/individual/1", "/individual/1/beside/0"):
        text = whole(visitor, f"/run/{key_of(name)}{page}")
        assert "symbolic link" in text
        assert "SECRET" not in text
    assert "symbolic link" in whole(visitor, "/compare", f"?run=finished&run={quote(key_of(name))}")


def test_no_path_is_ever_made_of_an_address(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = set()
    load = snapshot_module.load
    monkeypatch.setattr(snapshot_module, "load", lambda file: opened.add(file) or load(file))  # type: ignore[func-returns-value]
    content = Content(Shelf(folder))
    for way in ("..", "../secret", "%2e%2e%2fsecret", "finished", str(folder / "finished"), "link%20out", "file%20out"):
        content.show(f"/run/{way}", "")
        content.show("/compare", f"?run={way}&run=interrupted")
    assert opened == {folder.resolve() / "finished" / "run.db", folder.resolve() / "interrupted" / "run.db"}


ANYTHING: list[Any] = [
    None,
    5,
    -1.5,
    True,
    "x",
    "../..",
    [],
    [None],
    {},
    {"a": {}},
    [["a"]],
    {"pathname": {"a": 1}},
    "\0",
    "{{7*7}}",
]


@pytest.mark.parametrize("value", ANYTHING, ids=repr)
def test_whatever_a_browser_sends_is_looked_at_with_doubt(folder: Path, value: Any) -> None:
    content = Content(Shelf(folder))
    body, shown = content.show(value, value)
    assert body
    slots = [value, {"name": value}, {"name": "head"}, {"name": "__class__"}]
    for kind in ("text", "figure"):
        for page in (shown, value, {"pathname": "/run/finished", "search": value}):
            contents, _ = content.fill(kind, page, value, slots, value)
            assert len(contents) == len(slots)
    lists, rows, _ = content.list_runs(value, value, value, value, [{"name": "rows"}, value], slots)
    assert (len(lists), len(rows)) == (2, 4)
