"""Callbacks: what they are told and when, that they change nothing, and how they stop a run."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

import evometa
from evometa.callbacks import Callback, Listeners
from evometa.errors import InputError
from tests.listening import Diary, Notes
from tests.small import DELTA, GRADIENT, SCHEMES


class StopAt(Callback):
    """Asks for a stop after a generation."""

    def __init__(self, generation: int) -> None:
        self.generation = generation

    def on_generation(self, statistics: dict[str, Any], run: Any) -> None:
        if statistics["generation"] == self.generation:
            self.request_stop("seen enough")


# What is told


def test_moments_come_in_order_with_plain_data(tmp_path: Path) -> None:
    diary = Diary()
    run = evometa.run(GRADIENT, out=tmp_path / "a", callbacks=[diary])
    json.dumps(diary.told, allow_nan=False)
    assert diary.moments[0] == "on_begin"
    assert diary.moments[1:3] == ["on_best", "on_generation"]
    assert diary.moments[-1] == "on_end"
    (info,) = diary.heard("on_begin")
    assert (info["recipe"], info["generations"], info["resumed_from"]) == ("gradient", 4, None)
    assert Path(info["out"]) == tmp_path / "a"
    assert info["config"] == run.config
    rows = diary.heard("on_generation")
    assert [row["generation"] for row in rows] == [1, 2, 3, 4]
    kept = [{name: row[name] for name in stored} for row, stored in zip(rows, run.history, strict=True)]
    assert kept == run.history
    for number, row in enumerate(rows):
        alive = [id for island in run.reader.state(number)["islands"] for id in island]
        assert row["behaviours"] == len({run.reader.individual(id).signature for id in alive})
    assert diary.heard("on_end") == [run.summary()]
    assert any("testing the champion" in note for note in diary.heard("on_note"))


def test_on_best_comes_with_each_new_best_and_no_other(tmp_path: Path) -> None:
    diary = Diary()
    run = evometa.run(DELTA, out=tmp_path / "a", callbacks=[diary])
    ids = [row["best_id"] for row in run.history]
    changed = [n for n, id in enumerate(ids, 1) if n == 1 or id != ids[n - 2]]
    bests = diary.heard("on_best")
    assert [best["generation"] for best in bests] == changed
    assert 1 < len(bests) < 6, "a run in which the best changes, but not always"
    learner = run.individual(bests[-1]["id"])
    for name in ("formula", "rule", "innate", "adapted", "operator"):
        assert bests[-1][name] == getattr(learner, name), name
    assert (bests[-1]["fitness"], bests[-1]["parents"]) == (list(learner.fitness), list(learner.parents))
    assert bests[-1]["formula"] == diary.heard("on_generation")[-1]["formula"]


@pytest.mark.parametrize("name", ["plus", "redrawn"])
def test_a_resumed_run_tells_on(name: str, tmp_path: Path) -> None:
    whole, parts = Diary(), Diary()
    evometa.run(SCHEMES[name], out=tmp_path / "whole", callbacks=[whole])
    evometa.run(SCHEMES[name], out=tmp_path / "parts", generations=2, callbacks=[parts])
    evometa.resume(tmp_path / "parts", generations=6, callbacks=[parts])
    assert [info["resumed_from"] for info in parts.heard("on_begin")] == [None, 2]
    assert parts.heard("on_best") == whole.heard("on_best")
    assert [row["generation"] for row in parts.heard("on_generation")] == [1, 2, 3, 4, 5, 6]


def test_a_run_that_is_over_tells_of_its_beginning_and_its_end(tmp_path: Path) -> None:
    diary = Diary()
    run = evometa.run(DELTA, out=tmp_path / "a")
    evometa.resume(tmp_path / "a", callbacks=[diary])
    assert diary.moments == ["on_begin", "on_end"]
    assert diary.heard("on_begin")[0]["resumed_from"] == 6
    assert diary.heard("on_end")[0]["digest"] == run.digest


def test_what_was_recovered_is_told(tmp_path: Path) -> None:
    evometa.run(DELTA, out=tmp_path / "a")
    data = bytearray((tmp_path / "a" / "run.db").read_bytes())
    at = data.rindex(b'"best_id"')
    data[at + 2] ^= 1
    (tmp_path / "a" / "run.db").write_bytes(data)
    diary = Diary()
    evometa.resume(tmp_path / "a", callbacks=[diary])
    assert diary.told[0][0] == "on_note"
    assert diary.heard("on_end")[0]["finished"]


# Nothing they do changes the run


class Vandal(Callback):
    """Spoils all it is given, and whatever else it can reach."""

    def on_begin(self, info: dict[str, Any]) -> None:
        info["config"]["seed"] = 99
        info["config"]["evolution"].clear()
        info.clear()

    def on_best(self, best: dict[str, Any]) -> None:
        best["rule"].clear()
        best.clear()

    def on_generation(self, statistics: dict[str, Any], run: Any) -> None:
        import random

        import numpy as np

        random.seed(3)
        np.random.seed(3)
        run.history.clear()
        run.config.clear()
        statistics["reasons"]["none"] = 1
        statistics.clear()


def test_what_they_are_given_is_their_own(tmp_path: Path) -> None:
    before, after = Diary(), Diary()
    without = evometa.run(GRADIENT, out=tmp_path / "without")
    run = evometa.run(GRADIENT, out=tmp_path / "with", callbacks=[before, Vandal(), after])
    assert run.digest == without.digest
    assert run.config == without.config
    assert before.told == after.told
    statistics = [list(one.reader.statistics()) for one in (run, without)]
    assert statistics[0] == statistics[1]


# Stopping


def test_a_stop_ends_the_run_after_the_commit_and_can_be_resumed(tmp_path: Path) -> None:
    whole = evometa.run(DELTA, out=tmp_path / "whole")
    view, diary = Notes(), Diary()
    run = evometa.run(DELTA, out=tmp_path / "a", watch=view, callbacks=[StopAt(3), diary])
    assert (run.generation, run.finished) == (3, False)
    assert run.champion is not None
    assert run.champion.meta_test is not None, "the champion is tested"
    assert [row["generation"] for row in diary.heard("on_generation")] == [1, 2, 3]
    assert diary.moments[-1] == "on_end"
    assert any(note.startswith("stopped by StopAt: seen enough; go on with") for note in view.notes)
    again = evometa.resume(tmp_path / "a")
    assert (again.digest, again.finished) == (whole.digest, True)
    ours, theirs = again.summary(), whole.summary()
    assert ours["champion"] == theirs["champion"]


@pytest.mark.parametrize("moment", ["on_begin", "on_best"])
def test_a_stop_asked_for_before_the_first_generation_leaves_it_one(moment: str, tmp_path: Path) -> None:
    stop = Callback()
    setattr(stop, moment, lambda _: stop.request_stop())
    assert evometa.run(DELTA, out=tmp_path / "a", callbacks=[stop]).generation == 1
    assert evometa.resume(tmp_path / "a", callbacks=[stop]).generation > 1


def test_a_stop_at_the_last_generation_is_a_finished_run(tmp_path: Path) -> None:
    view = Notes()
    assert evometa.run(DELTA, out=tmp_path / "a", watch=view, callbacks=[StopAt(6)]).finished
    assert not any("stopped" in note for note in view.notes)


def test_a_wish_of_another_run_is_forgotten(tmp_path: Path) -> None:
    stop = Callback()
    stop.request_stop("long ago")
    stop.note("long ago")
    assert evometa.run(DELTA, out=tmp_path / "a", callbacks=[stop]).finished


def test_any_thread_may_ask_for_a_stop(tmp_path: Path) -> None:
    stop = Callback()
    thread = threading.Thread(target=stop.request_stop)

    def begin(info: dict[str, Any]) -> None:
        thread.start()
        thread.join()

    stop.on_begin = begin  # type: ignore[method-assign]
    assert evometa.run(DELTA, out=tmp_path / "a", callbacks=[stop]).generation == 1


def test_what_one_says_is_shown(tmp_path: Path) -> None:
    view, says = Notes(), Callback()
    says.on_begin = lambda info: says.note("at your service")  # type: ignore[method-assign]
    evometa.run(DELTA, out=tmp_path / "a", watch=view, callbacks=[says])
    assert view.notes.count("at your service") == 1


# What is no callback


@pytest.mark.parametrize(
    ("given", "remedy"),
    [([Diary], r"Diary\(\)"), (Diary(), "brackets"), ([print], "derived from"), ([None], "derived from"), (3, "list")],
)
def test_what_is_no_callback_is_refused_before_anything_is_made(given: Any, remedy: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=remedy):
        evometa.run(DELTA, out=tmp_path / "a", callbacks=given)
    assert not (tmp_path / "a").exists()


def test_nobody_listening_costs_nothing() -> None:
    assert not Listeners().anyone
    assert Listeners(callbacks=[Callback()]).anyone
    assert Listeners(Notes()).anyone is False, "a silent view needs no formula"
