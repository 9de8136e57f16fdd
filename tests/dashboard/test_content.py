"""What a browser is given: pages for addresses, whatever the runs are, and afterwards only what has changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from dash.exceptions import PreventUpdate

from evometa.dashboard import content as module
from evometa.dashboard import snapshot as snapshot_module
from evometa.dashboard.content import Content
from evometa.dashboard.routes import key_of
from evometa.dashboard.shelf import Shelf
from evometa.report import figures
from evometa.store import open_writer
from tests.dashboard import odd
from tests.dashboard.conftest import served
from tests.dashboard.visitor import Visitor, whole

KINDS = ["finished", "begun", "interrupted", "nothing_but_nan", "long_rule", "link within", odd.FILE_HTML, odd.UNICODE]
FAULT = ("fault of evometa", "evometa's own fault", "card trouble")


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_run_has_its_page(visitor: Visitor, name: str) -> None:
    text = whole(visitor, f"/run/{key_of(name)}")
    assert not any(word in text for word in FAULT)
    assert set(visitor.seen["digests"]) == set(visitor.slots["text"])
    assert set(visitor.drawn["digests"]) == set(visitor.slots["figure"]) == {one.name for one in figures.CATALOGUE}
    assert all(visitor.drawn["digests"].values())
    assert len(text) < 1_000_000


@pytest.mark.parametrize("name", [name for name in KINDS if name != "begun"])
@pytest.mark.parametrize(
    "page", ["lineage", "lineage/1", "individual/1", "individual/1/beside/0", "individual/0/beside/1"]
)
def test_every_kind_of_run_has_its_family(visitor: Visitor, name: str, page: str) -> None:
    text = whole(visitor, f"/run/{key_of(name)}/{page}")
    assert not any(word in text for word in FAULT)
    assert "Not found" not in text
    assert all(visitor.drawn["digests"].values())


def test_a_run_without_a_generation_says_so(visitor: Visitor) -> None:
    assert "No generation is finished yet" in whole(visitor, "/run/begun")
    assert "No generation is finished yet" in whole(visitor, "/run/begun/lineage")
    assert "Not found" in whole(visitor, "/run/begun/individual/0")


def test_a_page_tells_what_the_run_found(visitor: Visitor) -> None:
    text = whole(visitor, "/run/finished")
    for words in (
        "0.9500 ± 0.0100",
        "finished",
        "Champion",
        "#2, born in generation 3",
        "mutate node",
        "delta · seed 7",
    ):
        assert words in text
    assert "/run/finished/individual/2" in text
    assert "/run/finished/lineage/2" in text
    assert "Best so far" in whole(visitor, "/run/interrupted")


def test_a_damaged_run_says_how_far_it_is_good(tmp_path: Path) -> None:
    import sqlite3

    odd.finished(tmp_path / "a")
    with sqlite3.connect(tmp_path / "a" / "run.db") as connection:
        connection.execute("UPDATE contents SET born = 2 WHERE generation = 1")
    connection.close()
    text = whole(Visitor(served(tmp_path)), "/run/a")
    assert "good up to generation 1" in text
    assert "evometa resume" in text


def test_a_file_that_is_too_large_to_check_for_a_page_is_said_not_to_be_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd.finished(tmp_path / "a")
    assert "Not checked" not in whole(Visitor(served(tmp_path)), "/run/a")
    monkeypatch.setattr("evometa.dashboard.pages.run.CHECKED", 1000)
    assert "Not checked for damage" in whole(Visitor(served(tmp_path)), "/run/a")


def test_only_what_has_changed_is_sent_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot_module, "AT_LEAST", 0.0)
    monkeypatch.setattr(snapshot_module, "TIMES", 0.0)
    odd.interrupted(tmp_path / "a")
    visitor = Visitor(served(tmp_path))
    whole(visitor, "/run/a")
    assert visitor.tick() == ({}, {})
    with open_writer(tmp_path / "a") as writer:
        odd.add(writer, 2)
        texts, drawn = visitor.tick()
        assert "3 of 3" in json.dumps(texts["head"])
        assert "running" in json.dumps(texts["head"])
        assert "#2" in json.dumps(texts["best"])
        assert "settings" not in texts
        assert {"history", "lineage"} <= set(drawn)
        assert not {"islands", "biography", "verdict"} & set(drawn)
    texts, drawn = visitor.tick()
    assert "interrupted" in json.dumps(texts["head"])


def test_where_nothing_has_changed_nothing_is_said(folder: Path) -> None:
    content = Content(Shelf(folder))
    _, shown = content.show("/run/finished", "")
    slots = [{"name": "head"}, {"name": "numbers"}]
    _, seen = content.fill("text", shown, None, slots)
    for _ in range(3):
        with pytest.raises(PreventUpdate):
            content.fill("text", shown, seen, slots)


def test_a_theme_is_a_change_of_the_figures_alone(visitor: Visitor) -> None:
    whole(visitor, "/run/finished")
    assert visitor.draw("light") == {}
    dark: dict[str, Any] = {}
    while not dark or visitor.drawn["partial"]:
        dark |= visitor.draw("dark")
    assert set(dark) == set(visitor.slots["figure"])
    text = json.dumps(dark)
    assert figures.PALETTES["dark"]["ink"] in text
    assert figures.PALETTES["light"]["ink"] not in text
    assert visitor.tick("dark") == ({}, {})


def test_another_page_of_the_same_kind_is_filled_anew(visitor: Visitor) -> None:
    whole(visitor, "/run/finished")
    visitor.open(f"/run/{quote(odd.UNICODE)}")
    texts = visitor.write()
    assert set(texts) == set(visitor.slots["text"])
    visitor.open("/")
    assert visitor.write() == {}
    visitor.open("/run/finished")
    assert set(visitor.write()) == set(visitor.slots["text"])


def test_figures_come_as_they_are_ready(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BUDGET", 0.0)
    visitor.open("/run/finished")
    visitor.seen = visitor.drawn = None
    found: dict[str, Any] = {}
    rounds = 0
    while rounds == 0 or visitor.drawn["partial"]:
        found |= visitor.draw()
        rounds += 1
        assert rounds < 100
    assert set(found) == set(visitor.slots["figure"])
    assert rounds > 2


def test_runs_are_compared(visitor: Visitor) -> None:
    keys = [key_of(name) for name in KINDS]
    text = whole(visitor, "/compare", "?" + "&".join(f"run={quote(key)}" for key in keys))
    assert not any(word in text for word in FAULT)
    assert f"{len(KINDS)} runs compared" in text
    assert "seed" in text
    assert "None, but for name, seed" in whole(visitor, "/compare", "?run=finished&run=interrupted")
    assert "Choose two or more" in whole(visitor, "/compare", "?run=finished")
    assert "Choose two or more" in whole(visitor, "/compare")


def test_names_are_text_and_never_markup(visitor: Visitor) -> None:
    for address in ("/", f"/run/{key_of(odd.FILE_HTML)}", f"/run/{quote(odd.UNICODE)}"):
        text = whole(visitor, address)
        for kind in ("dangerously_allow_html", "DangerouslySetInnerHTML", "Markdown", "Iframe", "srcDoc"):
            assert kind not in text
    text = whole(visitor, "/compare", f"?run={quote(key_of(odd.FILE_HTML))}&run=finished")
    drawn = text.rsplit("\n", 1)[1]
    assert "<img" not in drawn
    assert "&lt;img" in drawn
