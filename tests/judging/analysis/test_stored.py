"""The analysis of a stored run: at its end, and of anybody on demand."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

import evometa
from evometa.callbacks import Silent
from evometa.engine import Interrupted
from evometa.errors import InputError
from evometa.judging.analysis.stored import UNTUNED
from evometa.store import create
from tests.inspected import CONFIG, commit
from tests.small import DELTA, GRADIENT, recipe


class Stop(Silent):
    """Presses Ctrl-C after two generations."""

    def generation(self, stats: dict[str, Any]) -> None:
        if stats["generation"] == 2:
            raise KeyboardInterrupt


@pytest.fixture(scope="module", params=["delta", "gradient", "feedback"])
def finished(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> evometa.presentation.run.Run:
    """A finished run: with drawn weights, with inherited ones, with fixed random feedback."""
    data = {
        "delta": DELTA, "gradient": GRADIENT, "feedback": recipe(GRADIENT, network={"credit": "feedback"}),
    }[request.param]  # fmt: skip
    return evometa.run(data, generations=2, out=tmp_path_factory.mktemp("runs") / "run")


def test_a_run_ends_with_an_analysis_of_its_champion(finished: Any) -> None:
    stored, report = finished.analysis, finished.reader.report().value
    assert stored == finished.champion.analysis
    assert stored["whole"]["mean"] == pytest.approx(report["meta_test"]["mean"])
    assert [curve["name"] for curve in stored["curves"]] == ["champion", report["baselines"][0]["name"]]
    assert stored["notes"] == []


def test_on_demand_it_comes_out_the_same(finished: Any) -> None:
    assert finished.analyse() == finished.analysis
    assert finished.analyse(finished.champion.id, tasks=3)["tasks"] == 3


def test_anybody_can_be_analysed(finished: Any) -> None:
    other = 0 if finished.champion.id else 1
    found = finished.analyse(other)
    assert finished.individual(other).analysis is None
    assert found["lifetimes"] == finished.analysis["lifetimes"]


def test_while_a_run_goes_on(tmp_path: Path) -> None:
    with pytest.raises(Interrupted):
        evometa.run(DELTA, out=tmp_path / "run", watch=Stop())
    run = evometa.load(tmp_path / "run")
    assert run.analysis is None
    found = run.analyse(note=lambda text: None)
    assert found["notes"] == [UNTUNED]
    assert [curve["name"] for curve in found["curves"]] == ["champion"]
    assert run.analyse(generation=1)["tasks"] == found["tasks"]


def test_a_faulty_analysis_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = evometa.run(DELTA, generations=2, out=tmp_path / "whole")
    notes: list[str] = []

    class Listen(Silent):
        def note(self, text: str) -> None:
            notes.append(text)

    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("a rule that nobody thought of")

    monkeypatch.setattr(sys.modules["evometa.engine"], "analyse", broken)
    run = evometa.run(DELTA, generations=2, out=tmp_path / "run", watch=Listen())
    assert run.finished
    assert (run.digest, run.analysis) == (whole.digest, None)
    assert any("nobody thought of" in note and "--analyse" in note for note in notes)
    ours, theirs = run.summary()["champion"], whole.summary()["champion"]
    assert (ours.pop("origin")["gains"], theirs.pop("origin")["steps"] > 0) == ([], True)
    assert ours == theirs
    assert run.analyse() == whole.analysis


def test_there_must_be_somebody(tmp_path: Path) -> None:
    with create(tmp_path, CONFIG, {}) as writer:
        run = evometa.load(tmp_path)
        for look in (run.analyse, run.latex):
            with pytest.raises(InputError, match="a finished generation"):
                look()
        commit(writer, 0, keep=False)
        for look in (run.analyse, run.latex):
            with pytest.raises(InputError, match="genome the run has kept"):
                look()
        with pytest.raises(InputError, match="an individual of this run"):
            run.analyse(17)


def test_tasks_that_are_gone_are_said_to_be(tmp_path: Path) -> None:
    with create(tmp_path, CONFIG, {}) as writer:
        commit(writer, 0)
    with pytest.raises(InputError):
        evometa.load(tmp_path).analyse()
