"""The showcase runs: what a visitor sees of evometa before installing it, and data that every version must read."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import typer
from rich.console import Console

import evometa
from evometa.cli import app
from evometa.config.load import Loaded, load, restore
from evometa.config.recipes import recipes
from evometa.engine import Interrupted
from evometa.presentation.run import Run
from evometa.presentation.view import PlainView
from evometa.store import verify
from tests.showcase import LISTED, OUTSIDE, REBUILT, SHOWCASE, problems
from tests.test_cli import call

AGAIN = 2  # generations that are evolved again


def fingerprints() -> dict[str, str]:
    """Return a hash of every file of the showcase."""
    files = sorted(path for path in SHOWCASE.rglob("*") if path.is_file())
    return {path.relative_to(SHOWCASE).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module", autouse=True)
def untouched() -> Iterator[None]:
    """Nothing here writes into the repository."""
    before = fingerprints()
    yield
    assert fingerprints() == before


@pytest.fixture(params=sorted(LISTED))
def name(request: pytest.FixtureRequest) -> str:
    """Each showcase run in turn."""
    return str(request.param)


@pytest.fixture
def copy(name: str, tmp_path: Path) -> Path:
    """A copy of a showcase run, to be read by commands."""
    return Path(shutil.copytree(SHOWCASE / name, tmp_path / name))


def recipe_of(command: str) -> Loaded:
    """Return the recipe as committed, with the options of a command line."""
    program, verb, *words = shlex.split(command)
    assert (program, verb) == ("evometa", "run"), command
    asked = typer.main.get_command(app).commands["run"].make_context("run", words).params  # type: ignore[attr-defined]
    options = {key: asked[key] for key in ("seed", "generations", "backend")}
    return load(asked["recipe"], asked["settings"] or [], **options)


def test_every_recipe_has_one() -> None:
    assert {path.name for path in SHOWCASE.iterdir() if path.is_dir()} == set(LISTED)
    assert set(LISTED) == set(recipes()) - REBUILT


def test_each_is_what_the_list_says(name: str) -> None:
    assert problems(SHOWCASE / name, LISTED[name]) == []


def test_each_was_made_by_the_recipe_as_committed(name: str) -> None:
    assert restore(evometa.load(SHOWCASE / name).config, name) == recipe_of(LISTED[name]["command"]).config


class Impatient(PlainView):
    """Stops a run after AGAIN generations, as Ctrl-C would."""

    def generation(self, stats: Mapping[str, Any]) -> None:
        if stats["generation"] >= AGAIN:
            raise KeyboardInterrupt


def begun(command: str, out: Path) -> Run:
    """Evolve the first AGAIN generations by a command of the list."""
    view = Impatient(Console(quiet=True))
    with pytest.raises(Interrupted):
        evometa.run(recipe_of(command).config, out=out, watch=view)
    return evometa.load(out)


def test_the_recipe_gives_the_same_generations_again(name: str, tmp_path: Path) -> None:
    again = begun(LISTED[name]["command"], tmp_path / "again")
    assert again.generation == AGAIN
    kept = evometa.load(SHOWCASE / name).reader.digest(AGAIN - 1)
    assert again.digest == kept, "if evolution is meant to differ now: python runs/showcase/make.py, and CHANGELOG.md"


def test_another_seed_gives_others(tmp_path: Path) -> None:
    again = begun(LISTED["delta"]["command"] + " --seed 1", tmp_path / "again")
    assert again.digest != evometa.load(SHOWCASE / "delta").reader.digest(AGAIN - 1)


def test_nothing_is_told_of_the_machine(name: str) -> None:
    known = evometa.load(SHOWCASE / name).reader.environment
    assert known["base"] == "."
    assert re.fullmatch(r"\w+ \w+", known["platform"])


def test_the_report_is_there_and_needs_nothing(name: str) -> None:
    text = (SHOWCASE / name / "report.html").read_text(encoding="utf-8")
    assert LISTED[name]["digest"] in text
    assert text.count("<svg") > 5
    assert "<script" not in text
    assert OUTSIDE.search(text) is None
    assert OUTSIDE.search('<img src="//elsewhere.org/x.png">')


def test_inspect_shows_it(name: str, copy: Path, monkeypatch: Any, capsys: pytest.CaptureFixture[str]) -> None:
    before = (copy / "run.db").read_bytes()
    assert call(monkeypatch, "inspect", str(copy)) == 0
    shown = capsys.readouterr().out
    assert LISTED[name]["digest"] in shown
    assert f"#{LISTED[name]['champion']}" in shown
    assert call(monkeypatch, "inspect", str(copy), "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["finished"] is True
    assert told["champion"]["formula"] == LISTED[name]["formula"]
    assert told["analysis"]["whole"]["mean"] is not None
    assert (copy / "run.db").read_bytes() == before


def test_a_report_can_be_made_of_it(name: str, copy: Path, monkeypatch: Any, tmp_path: Path) -> None:
    pytest.importorskip("plotly")
    pytest.importorskip("jinja2")
    assert call(monkeypatch, "report", str(copy), "--out", str(tmp_path / "own.html")) == 0
    text = (tmp_path / "own.html").read_text(encoding="utf-8")
    assert LISTED[name]["digest"] in text
    assert len(text) > 1_000_000  # with Plotly in it


def test_it_can_be_exported(name: str, copy: Path, monkeypatch: Any, tmp_path: Path) -> None:
    """As JSON; a learner that acts as the agent that it is; a teacher's formulas say all of it."""
    family = evometa.load(copy).config["tasks"][0]["family"]
    form = "python" if family in ("world", "teaching") else "json"
    file = tmp_path / f"own.{form}"
    code = call(monkeypatch, "export", str(copy), "--to", form, "--out", str(file))
    assert code == (2 if family == "teaching" else 0)
    if form == "json":
        told = json.loads(file.read_text(encoding="utf-8"))
        assert told["formula"] == LISTED[name]["formula"]
        assert told["scores"]["meta_test"] == LISTED[name]["meta_test"]
    elif family == "world":
        found = subprocess.run([sys.executable, str(file)], capture_output=True, text=True, check=True)
        assert "as in evometa" in found.stdout


def test_one_can_be_resumed(tmp_path: Path) -> None:
    run = Path(shutil.copytree(SHOWCASE / "delta", tmp_path / "run"))
    before = evometa.load(run)
    done, digest = before.generation, before.digest
    after = evometa.resume(run, generations=done + 1)
    assert after.finished
    assert after.generation == done + 1
    assert after.reader.digest(done - 1) == digest
    assert verify(run).problem is None
