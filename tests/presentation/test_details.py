"""Commands that show, as a process would see them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import evometa
from evometa.cli import app
from evometa.store import create
from tests.engine import Engine
from tests.inspected import CONFIG, folder
from tests.small import DELTA
from tests.test_cli import call, outside

__all__ = ["folder"]  # a fixture


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small run that is over."""
    path = tmp_path_factory.mktemp("runs") / "run"
    evometa.run(DELTA, generations=2, out=path)
    return path


def test_an_analysis_is_made_when_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = Engine()
    monkeypatch.setattr("evometa.presentation.run.load", engine.load)
    assert call(monkeypatch, "inspect", "runs/x", "--analyse", "--individual", "3") == 0
    assert engine.finished.asked == {"individual": 3, "analysis": {"analysed": {"individual": 3}}}
    out, err = capsys.readouterr()
    assert (out, err) == ("all about it\n", "compiling\n")
    assert call(monkeypatch, "inspect", "runs/x", "--analyse", "--json") == 0
    assert engine.finished.asked == {"analysis": {"analysed": {}}}
    assert call(monkeypatch, "inspect", "runs/x", "--latex", "--generation", "2") == 0
    assert engine.finished.asked == {"generation": 2}
    assert capsys.readouterr().out.endswith("\\Delta w\n")


def test_a_stored_analysis_is_read(
    finished: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "inspect", str(finished)) == 0
    text = capsys.readouterr().out
    assert "what it is made of: closeness on 5 held-out tasks" in text
    assert "within a life" in text
    assert "descent, itself first" in text or "no ancestors" in text
    assert call(monkeypatch, "inspect", str(finished), "--json") == 0
    stored = json.loads(capsys.readouterr().out)
    assert call(monkeypatch, "inspect", str(finished), "--json", "--analyse") == 0
    assert json.loads(capsys.readouterr().out) == stored
    assert {"ablation", "sensitivity", "biography", "curves"} <= stored["analysis"].keys()


def test_latex_is_alone_on_stdout(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "inspect", str(folder), "--latex") == 0
    wanted = "\\Delta w = 0.5 \\, \\mathrm{pre} \\, \\left(\\mathrm{target} - \\mathrm{post}\\right)\n"
    assert capsys.readouterr() == (wanted, "")


def test_runs_are_compared(
    folder: Path, finished: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "compare", str(folder), str(finished / "run.db")) == 0
    assert "0.9500 ± 0.0100" in capsys.readouterr().out
    assert call(monkeypatch, "compare", str(folder), str(finished), "--json") == 0
    out, err = capsys.readouterr()
    assert [one["recipe"] for one in json.loads(out)["runs"]] == ["delta", "small"]
    assert (out.count("\n"), err) == (1, "")


@pytest.mark.parametrize("command", [["inspect"], ["compare"], ["inspect", "--latex"], ["inspect", "--analyse"]])
def test_what_is_no_run_is_refused(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, command[0], str(tmp_path / "none"), *command[1:]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "none" in err


def test_nothing_to_analyse_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with create(tmp_path, CONFIG, {}):
        for option in ("--latex", "--analyse"):
            assert call(monkeypatch, "inspect", str(tmp_path), option) == 2
            assert "a finished generation" in capsys.readouterr().err
        assert call(monkeypatch, "compare", str(tmp_path), str(tmp_path)) == 0
        assert "not tested yet" in capsys.readouterr().out


def test_compare_needs_a_run() -> None:
    assert outside("compare").returncode == 2
    assert "compare" in {command.callback.__name__ for command in app.registered_commands if command.callback}
