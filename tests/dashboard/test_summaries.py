"""The list's facts: read once until a run changes, within a budget, and never wrong about who is running."""

from __future__ import annotations

import math
from math import inf
from pathlib import Path
from typing import Any

import pytest

from evometa.dashboard import summaries as module
from evometa.dashboard.pages.runs import chosen
from evometa.dashboard.shelf import Entry, Shelf
from evometa.dashboard.summaries import FINISHED, INTERRUPTED, RUNNING, UNREADABLE, WAITING, Summaries, Summary
from evometa.store import open_writer
from tests.dashboard import odd


@pytest.fixture
def found(folder: Path) -> dict[str, Summary]:
    return {one.entry.name: one for one in Summaries().of(Shelf(folder).entries())}


def test_every_kind_of_run_has_a_summary(found: dict[str, Summary]) -> None:
    states = {name: one.state for name, one in found.items()}
    assert states == {
        "finished": FINISHED, "link within": FINISHED, odd.FILE_HTML: FINISHED, odd.UNICODE: FINISHED,
        "nothing_but_nan": FINISHED, "begun": INTERRUPTED, "interrupted": INTERRUPTED, "long_rule": INTERRUPTED,
        "broken": UNREADABLE, "link out": UNREADABLE, "file out": UNREADABLE,
    }  # fmt: skip
    done = found["finished"]
    assert (done.recipe, done.seed, done.done, done.asked, done.measure) == ("delta", "7", 3, 3, "closeness")
    assert (done.score, done.half, done.best) == (0.95, 0.01, 0.7)
    assert done.created > 1.7e9
    assert done.formula.startswith("Δw = ")
    assert (found["begun"].done, found["begun"].best, found["begun"].formula) == (0, None, "")
    assert math.isnan(found["nothing_but_nan"].best or 0)


def test_nothing_of_a_run_outside_is_told(found: dict[str, Summary]) -> None:
    assert "SECRET" not in repr([found["link out"], found["file out"]])
    assert "symbolic link" in found["link out"].problem


def test_a_run_is_running_while_somebody_writes_to_it(tmp_path: Path) -> None:
    odd.begun(tmp_path / "a")
    entries, summaries = Shelf(tmp_path).entries(), Summaries()
    assert [one.state for one in summaries.of(entries)] == [INTERRUPTED]
    with open_writer(tmp_path / "a"):
        assert [one.state for one in summaries.of(entries)] == [RUNNING]  # though no file that is read has changed
    assert [one.state for one in summaries.of(entries)] == [INTERRUPTED]


def test_only_what_has_changed_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "abc":
        odd.begun(tmp_path / name)
    monkeypatch.setattr(module, "AT_LEAST", 0.0)
    monkeypatch.setattr(module, "TIMES", 0.0)
    calls: list[str] = []
    read = module.read

    def counted(entry: Entry) -> dict[str, Any]:
        calls.append(entry.name)
        return read(entry)

    monkeypatch.setattr(module, "read", counted)
    entries, summaries = Shelf(tmp_path).entries(), Summaries()
    summaries.of(entries), summaries.of(entries)
    assert sorted(calls) == ["a", "b", "c"]
    with open_writer(tmp_path / "b") as writer:
        odd.add(writer, 0)
    assert [one.done for one in summaries.of(entries)] == [0, 1, 0]
    assert calls[3:] == ["b"]
    gone = {key: entry for key, entry in entries.items() if key != "a"}
    assert [one.entry.name for one in summaries.of(gone)] == ["b", "c"]


def test_what_the_budget_does_not_reach_comes_next_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "abc":
        odd.begun(tmp_path / name)
    monkeypatch.setattr(module, "AT_LEAST", 0.0)
    monkeypatch.setattr(module, "BUDGET", 0.0)
    entries, summaries = Shelf(tmp_path).entries(), Summaries()
    monkeypatch.setattr(module, "BUDGET", -1.0)
    assert [one.state for one in summaries.of(entries)] == [WAITING] * 3
    monkeypatch.setattr(module, "BUDGET", inf)
    assert [one.state for one in summaries.of(entries)] == [INTERRUPTED] * 3


def test_filter_and_order(found: dict[str, Summary]) -> None:
    every = list(found.values())

    def names(*asked: object) -> list[str]:
        return [one.entry.name for one in chosen(every, *asked)]

    assert names("", "all", "name") == [one.entry.name for one in every]
    assert names("WITHIN link", "all", "name") == ["link within"]
    assert names("", UNREADABLE, "name") == ["broken", "file out", "link out"]
    assert set(names("delta 7 finished", "all", "newest")) == {
        "finished",
        "link within",
        odd.FILE_HTML,
        "nothing_but_nan",
    }
    assert set(names("<b onmouse", "all", "name")) == {odd.FILE_HTML, odd.UNICODE}  # by its name, by its recipe's
    assert names("猫", FINISHED, "name") == [odd.UNICODE]
    assert names("nothing fits this", "all", "name") == []
    newest = [found[name].created for name in names("", "all", "newest")]
    assert newest == sorted(newest, reverse=True)
    for odd_one in (None, 5, ["x"], {"a": 1}):
        assert set(names(odd_one, odd_one, odd_one)) == set(found)


def test_the_best_held_out_score_comes_first_whatever_the_measure(found: dict[str, Summary]) -> None:
    from dataclasses import replace

    base = found["finished"]
    rows = [("loss", 0.3), ("loss", 0.1), ("accuracy", 0.5), ("accuracy", 0.9), ("accuracy", math.nan), ("", None)]
    every = [replace(base, measure=measure, score=score) for measure, score in rows]
    ranked = [(one.measure, one.score) for one in chosen(every, "", "all", "held-out score")]
    assert ranked[:2] == [("accuracy", 0.9), ("accuracy", 0.5)]
    assert ranked[3:] == [("loss", 0.1), ("loss", 0.3), ("", None)]
