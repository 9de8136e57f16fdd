"""`evometa run --log` and `evometa resume --log`, in processes of their own and in this one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import evometa
from evometa import cli
from evometa.config.load import load as load_config
from evometa.config.template import render
from evometa.tracking import TensorBoard
from evometa.tracking.resumption import FILE
from tests.engine import Engine
from tests.small import DELTA

COMMAND = [
    sys.executable,
    "-c",
    "import evometa.cli, evometa.report.figures as f; f.figures_of = lambda run: {}; evometa.cli.main()",
]


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command line in this process; return its exit code."""
    monkeypatch.setattr(sys, "argv", ["evometa", *arguments])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    return int(stop.value.code or 0)


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    """A small recipe as a file."""
    path = tmp_path / "small.toml"
    path.write_text(render(load_config(DELTA).config), encoding="utf-8")
    return path


def test_each_tracker_asked_for_reaches_the_run_once(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("tensorboard")
    engine = Engine()
    monkeypatch.setitem(sys.modules, "evometa.engine", engine)
    twice = ["--log", "tensorboard", "--log", "tensorboard"]
    assert call(monkeypatch, "run", "digits", *twice) == 0
    assert call(monkeypatch, "resume", "runs/x", *twice) == 0
    for _, options in engine.calls:
        (tracker,) = options["callbacks"]
        assert isinstance(tracker, TensorBoard)


@pytest.mark.parametrize("command", ["run", "resume"])
def test_unknown_trackers_are_refused_before_anything_runs(
    command: str, recipe: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(recipe.parent)
    assert call(monkeypatch, command, str(recipe), "--log", "tensorbord") == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", "evometa: --log: expected one of tensorboard, mlflow, wandb; found tensorbord.\n")
    assert list(recipe.parent.iterdir()) == [recipe]


@pytest.mark.parametrize("name", ["tensorboard", "mlflow", "wandb"])
def test_a_missing_library_is_named_with_its_extra_before_anything_runs(
    name: str, recipe: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(recipe.parent)
    for module in [one for one in sys.modules if one.partition(".")[0] == name]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, name, None)
    assert call(monkeypatch, "run", str(recipe), "--log", name) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert f'pip install "evometa[{name}]"' in err
    assert err.count("\n") == 1
    assert list(recipe.parent.iterdir()) == [recipe]


@pytest.mark.slow
def test_all_together_in_a_process_of_its_own(recipe: Path, tmp_path: Path) -> None:
    for name in ("tensorboard", "mlflow", "sqlalchemy", "wandb"):
        pytest.importorskip(name)
    env = {**os.environ, "WANDB_MODE": "offline", "MLFLOW_TRACKING_URI": f"sqlite:///{tmp_path}/mlflow.db"}
    env |= {"WANDB_CONFIG_DIR": str(tmp_path / "settings"), "WANDB_CACHE_DIR": str(tmp_path / "cache")}
    logs = ["--log", "tensorboard", "--log", "mlflow", "--log", "wandb"]
    without = evometa.run(recipe, out=tmp_path / "without")
    for arguments in (
        ["run", str(recipe), "--generations", "3", "--out", str(tmp_path / "ü & 日本")],
        ["resume", str(tmp_path / "ü & 日本"), "--generations", "6"],
    ):
        done = subprocess.run(
            [*COMMAND, *arguments, *logs, "--json"], capture_output=True, encoding="utf-8", env=env, cwd=tmp_path
        )
        assert done.returncode == 0, done.stderr
        assert "callback" not in done.stderr, done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        told = json.loads(done.stdout)
    assert told["digest"] == without.digest
    kept = json.loads((tmp_path / "ü & 日本" / FILE).read_text(encoding="utf-8"))
    assert {name: entry["logged"] for name, entry in kept.items()} == {"tensorboard": 6, "mlflow": 6, "wandb": 6}
