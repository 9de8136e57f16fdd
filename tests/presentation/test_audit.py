"""The audit of a run: made by a command, kept in the run file, shown in words and in JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import evometa
from evometa.cli import app
from evometa.errors import InputError
from evometa.judging.audit import learned, subject
from evometa.judging.audits import Audit, Cell, Check
from evometa.presentation.audit import audit, kept_audit, plain_audit, said, summary
from evometa.presentation.run import load
from tests.small import DELTA, GRADIENT, recipe

TESTED = recipe(DELTA, tasks={"test_tasks": 12}, sampling={"test_tasks": 12})


@pytest.fixture(autouse=True)
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few orders and lives: what an audit finds is shown elsewhere."""
    monkeypatch.setattr(subject, "ORDERS", 2)
    monkeypatch.setattr(subject, "FEW_ORDERS", 2)
    monkeypatch.setattr(learned, "MOST", 4)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(evometa.run(TESTED, out=tmp_path_factory.mktemp("audited") / "run").folder)


def test_a_command_audits_prints_and_keeps(folder: Path) -> None:
    before = load(folder).digest
    found = CliRunner().invoke(app, ["audit", str(folder), "--tasks", "12"])
    assert found.exit_code == 0, found.output
    assert "tests pass" in found.stdout
    assert all(name in found.stdout for name in ("labels shuffled", "peaks", "champion"))
    run = load(folder)
    kept = kept_audit(run)
    assert kept is not None
    assert run.digest == before
    assert f"audit {summary(kept)}" in " ".join(CliRunner().invoke(app, ["inspect", str(folder)]).stdout.split())
    inspected = json.loads(CliRunner().invoke(app, ["inspect", str(folder), "--json"]).stdout)
    assert inspected["audit"] == json.loads(json.dumps(plain_audit(kept)))
    other = json.loads(CliRunner().invoke(app, ["inspect", str(folder), "--json", "--individual", "0"]).stdout)
    assert other["audit"] is None or other["champion"]["id"] == kept.individual
    told = json.loads(CliRunner().invoke(app, ["audit", str(folder), "--tasks", "12", "--json"]).stdout)
    assert told == json.loads(json.dumps(plain_audit(kept)))  # the same arguments, the same audit
    assert {"name", "verdict", "champion", "stock", "interval"} <= told["tests"][0].keys()


def test_runs_of_one_recipe_are_audited_together_and_others_are_not(folder: Path, tmp_path: Path) -> None:
    second = evometa.run(TESTED, out=tmp_path / "second", seed=1).folder
    other = evometa.run(TESTED, out=tmp_path / "other", generations=1).folder
    told = CliRunner().invoke(app, ["audit", str(folder), str(second), "--tasks", "10"])
    assert told.exit_code == 0, told.output
    assert "the champions of 2 runs together" in " ".join(told.stdout.split())
    kept = kept_audit(load(second))
    assert kept is not None
    assert kept.tasks == 10
    told = CliRunner().invoke(app, ["audit", str(folder), str(other), "--tasks", "10", "--json"])
    both = json.loads(told.stdout)
    assert set(both["runs"]) == {str(folder), str(other)}
    assert both["together"] is None


def test_an_older_audit_is_not_that_of_a_run_that_went_on(folder: Path) -> None:
    assert kept_audit(load(folder)) is not None
    run = evometa.resume(folder, generations=7)
    assert kept_audit(run) is None


def test_innate_weights_and_regression_are_audited_too(tmp_path: Path) -> None:
    run = evometa.run(GRADIENT, out=tmp_path / "run", generations=2)
    found = audit(run, tasks=10)
    assert found.lower_is_better
    births = next(one for one in found.tests if one.name == "births")
    assert [cell.name for cell in births.cells] == ["noise of 1% on innate weights", "noise of 3% on innate weights"]


def test_a_run_without_a_champion_has_no_audit(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        audit(load(tmp_path / "none"))


def test_words() -> None:
    cell = Cell(name="inputs × 2", verdict="flagged", fault=0.2)
    bad = Check(name="shifts", question="Does it?", verdict="flagged", words="it does not: inputs × 2", cells=[cell])
    good = Check(name="noise", question="Does it?", verdict="passes", words="as it should be")
    found = Audit(tests=[bad, good, Check(name="births", verdict="undecided")])
    assert summary(found) == "1 of 3 tests pass, 1 flagged (shifts), 1 undecided"
    assert [said(check) for check in found.tests[:2]] == ["it does not: inputs × 2", "Does it?"]
