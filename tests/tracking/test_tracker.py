"""What all trackers share: what is logged, going on, filling in, endings, missing libraries."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

import evometa
from evometa.callbacks import Callback
from evometa.engine import Interrupted
from evometa.errors import InputError
from evometa.store.records import Statistics
from evometa.tracking import TRACKERS, trackers
from evometa.tracking.metrics import SCALARS, flat, scalars
from evometa.tracking.resumption import FILE, keep, recall
from tests.listening import Diary, Notes, Raises
from tests.small import DELTA, MONITORED, SCHEMES, recipe
from tests.tracking.memory import Memory


@pytest.fixture(autouse=True)
def figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures have tests of their own."""
    from evometa.report import figures as module

    monkeypatch.setattr(module, "figures_of", lambda run: {"history": run.generation})


def test_every_generation_is_logged_once_with_its_numbers(tmp_path: Path) -> None:
    memory, diary = Memory(), Diary()
    run = evometa.run(MONITORED, out=tmp_path / "a", callbacks=[memory, diary])
    assert memory.steps == [1, 2, 3, 4, 5, 6]
    for entry, row in zip(memory.entries, diary.heard("on_generation"), strict=True):
        assert entry.numbers["lifetimes/per_second"] == row["lifetimes"] / row["total_seconds"]
        assert {name: entry.numbers[name] for name in SCALARS} == {name: row[key] for name, key in SCALARS.items()}
    assert memory.formulas == {best["generation"]: best["formula"] for best in diary.heard("on_best")}
    assert run.champion is not None
    ((numbers, formula),) = memory.champions
    assert numbers["champion/meta_test"] == run.champion.meta_test
    assert formula == run.champion.formula
    assert memory.figures == {"history": 6}
    assert memory.endings == ["finished"]


@pytest.mark.parametrize("name", ["plus", "redrawn"])
def test_a_resumed_run_goes_on(name: str, tmp_path: Path) -> None:
    whole, first, second = Memory(), Memory(), Memory()
    evometa.run(SCHEMES[name], out=tmp_path / "whole", callbacks=[whole])
    evometa.run(SCHEMES[name], out=tmp_path / "a", generations=3, callbacks=[first])
    evometa.resume(tmp_path / "a", generations=6, callbacks=[second])
    assert second.opened == [{"id": "first", "logged": 3}]
    assert first.steps + second.steps == whole.steps
    assert first.formulas | second.formulas == whole.formulas


def test_what_was_missed_is_filled_in(tmp_path: Path) -> None:
    whole, late, over = Memory(), Memory(), Memory()
    evometa.run(MONITORED, out=tmp_path / "whole", callbacks=[whole])
    evometa.run(MONITORED, out=tmp_path / "a", generations=4)
    evometa.resume(tmp_path / "a", generations=6, callbacks=[late])
    evometa.resume(tmp_path / "whole", callbacks=[over])
    assert over.steps == [], "all of it had been logged"
    assert over.champions == whole.champions
    (tmp_path / "whole" / FILE).unlink()
    evometa.resume(tmp_path / "whole", callbacks=[over])
    for one in (late, over):
        assert one.steps == whole.steps
        assert one.formulas == whole.formulas
        for ours, theirs in zip(one.entries, whole.entries, strict=True):
            assert {name: ours.numbers[name] for name in SCALARS} == {name: theirs.numbers[name] for name in SCALARS}


def test_what_a_kill_left_unlogged_is_logged_later(tmp_path: Path) -> None:
    evometa.run(DELTA, out=tmp_path / "a", generations=5, callbacks=[Memory()])
    keep(tmp_path / "a", "memory", {"id": "first", "logged": 2})  # as it was a second before the kill
    memory, view = Memory(), Notes()
    evometa.resume(tmp_path / "a", generations=6, callbacks=[memory], watch=view)
    assert memory.steps == [3, 4, 5, 6]
    assert "memory: fills in generations 3 to 5" in view.notes


def test_what_may_not_outlive_a_kill_does_not_count_before_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[int] = []

    class Look(Callback):
        def on_generation(self, statistics: dict[str, Any], run: Any) -> None:
            kept.append(recall(run.folder, "memory")["logged"])

    monkeypatch.setattr("evometa.tracking.tracker.EVERY", 0.0)
    for lag, seen in ((0.0, [1, 2, 3, 4, 5, 6]), (1e9, [0] * 6)):
        kept.clear()
        monkeypatch.setattr(Memory, "lag", lag)
        evometa.run(DELTA, out=tmp_path / str(lag), callbacks=[Memory(), Look()])
        assert kept == seen
        assert recall(tmp_path / str(lag), "memory")["logged"] == 6


def test_generations_that_a_damaged_file_has_lost_are_not_logged_twice(tmp_path: Path) -> None:
    evometa.run(DELTA, out=tmp_path / "a", generations=3, callbacks=[Memory()])
    keep(tmp_path / "a", "memory", {"id": "first", "logged": 5})
    memory = Memory()
    evometa.resume(tmp_path / "a", generations=6, callbacks=[memory])
    assert memory.steps == [6]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"memory": 3}', '{"other": {"id": "x"}}'])
def test_what_was_kept_may_be_damaged(text: str, tmp_path: Path) -> None:
    evometa.run(DELTA, out=tmp_path / "a", generations=2, callbacks=[Memory()])
    (tmp_path / "a" / FILE).write_text(text)
    memory = Memory()
    evometa.resume(tmp_path / "a", generations=3, callbacks=[memory])
    assert memory.opened == [{}]
    assert memory.steps == [1, 2, 3]
    assert recall(tmp_path / "a", "memory") == {"id": "first", "logged": 3}


def test_a_new_run_begins_anew_whatever_lies_in_its_folder(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    keep(tmp_path / "a", "memory", {"id": "old", "logged": 4})
    keep(tmp_path / "a", "other", {"id": "theirs"})
    memory = Memory()
    evometa.run(DELTA, out=tmp_path / "a", callbacks=[memory])
    assert (memory.opened, memory.steps) == ([{}], [1, 2, 3, 4, 5, 6])
    assert recall(tmp_path / "a", "other") == {"id": "theirs"}


def test_endings_reach_the_tracker_with_all_that_was_committed(tmp_path: Path) -> None:
    class Cut(Callback):
        def on_generation(self, statistics: dict[str, Any], run: Any) -> None:
            if statistics["generation"] == 3:
                raise KeyboardInterrupt

    cut, failed = Memory(), Memory()
    with pytest.raises(Interrupted):
        evometa.run(DELTA, out=tmp_path / "a", callbacks=[cut, Cut()])
    assert (cut.steps, cut.endings) == ([1, 2, 3], ["interrupted"])
    failed.on_begin({"out": str(tmp_path / "a"), "resumed_from": 2})
    failed.on_failure("no room")
    assert failed.endings == ["failed"]


def test_writing_waits_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = Memory()
    monkeypatch.setattr("evometa.tracking.tracker.EVERY", 1e9)
    evometa.run(DELTA, out=tmp_path / "a", callbacks=[memory])
    assert memory.writings == 1
    monkeypatch.setattr("evometa.tracking.tracker.EVERY", 0.0)
    evometa.run(DELTA, out=tmp_path / "b", callbacks=[memory])
    assert memory.writings == 1 + 6


def test_long_histories_are_filled_in_bit_by_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    evometa.run(DELTA, out=tmp_path / "a")
    monkeypatch.setattr("evometa.tracking.tracker.MANY", 2)
    monkeypatch.setattr("evometa.tracking.metrics.TEXTS", 1)
    memory = Memory()
    evometa.resume(tmp_path / "a", callbacks=[memory])
    assert (memory.writings, memory.steps) == (3, [1, 2, 3, 4, 5, 6])
    assert len(memory.formulas) == 1, "only the newest are put in words"


def test_without_figures_all_else_is_logged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(run: Any) -> Any:
        raise InputError("plotly", "nothing", "figures", 'pip install "evometa[report]"')

    monkeypatch.setattr("evometa.report.figures.figures_of", missing)
    memory, view = Memory(), Notes()
    evometa.run(DELTA, out=tmp_path / "a", callbacks=[memory], watch=view)
    assert (memory.endings, len(memory.champions)) == (["finished"], 1)
    assert any("the figures are left out" in note and "evometa[report]" in note for note in view.notes)


def test_trackers_change_nothing(tmp_path: Path) -> None:
    without = evometa.run(DELTA, out=tmp_path / "without")
    broken = Memory()
    broken.write = Raises("x", OSError("no server")).x  # type: ignore[attr-defined]
    run = evometa.run(DELTA, out=tmp_path / "a", callbacks=[Memory(), broken])
    assert run.digest == without.digest


def test_numbers_that_are_none_or_not_finite_are_left_out() -> None:
    row = Statistics(best=1, median=float("nan"), innate=None, adapted=float("inf"), best_size=3)
    assert scalars(row) == {"fitness/best": 1.0, "best/size": 3.0}
    assert scalars(Statistics(total_seconds=0.0, lifetimes=5)) == {"lifetimes/lived": 5.0}


def test_a_configuration_is_flattened_without_loss(tmp_path: Path) -> None:
    found = flat({"a": {"b": 1, "c": {}}, "tasks": [{"f": "x"}, {"f": "ü<b>"}], "l": [1, 2], "n": None, "e": []})
    wanted = {"a.b": 1, "a.c": "{}", "tasks.0.f": "x", "tasks.1.f": "ü<b>", "l": "[1, 2]", "n": "null", "e": "[]"}
    assert found == wanted
    config = evometa.run(recipe(DELTA, run={"generations": 1}), out=tmp_path / "a").config
    assert flat(config)["evolution.population"] == 16
    json.dumps(flat(config), allow_nan=False)


# Libraries and names


@pytest.mark.parametrize("name", TRACKERS)
def test_a_missing_library_names_the_extra(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [one for one in sys.modules if one.partition(".")[0] == name]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(InputError, match=rf'the library {name}; found ModuleNotFoundError.*"evometa\[{name}\]"'):
        trackers([name])


def test_a_database_needs_what_opens_it(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("mlflow")
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(InputError, match=r'sqlalchemy.*"evometa\[mlflow\]"'):
        TRACKERS["mlflow"]("sqlite:///a.db")  # type: ignore[call-arg]
    TRACKERS["mlflow"]("http://localhost:1")  # type: ignore[call-arg]


def test_unknown_trackers_are_refused_with_those_there_are() -> None:
    with pytest.raises(InputError, match="one of tensorboard, mlflow, wandb; found tensorbord"):
        trackers(["tensorbord"])
    assert trackers([]) == []
