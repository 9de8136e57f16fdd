"""What is refused and why; runs in any state; the command line."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import evometa
from evometa import cli
from evometa.errors import InputError
from evometa.export import FORMATS, export, templates
from evometa.store import create
from tests.export.cases import ALL
from tests.export.exported import SINE, Made, imported, learner_of, recipe, run_file
from tests.export.test_expressions import large
from tests.small import recipe as small


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command line in this process; return its exit code."""
    monkeypatch.setattr(sys, "argv", ["evometa", "export", *arguments])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    return int(stop.value.code or 0)


def needs(name: str) -> None:
    """Skip what needs a package that is not there to be written."""
    if name == "onnx":
        pytest.importorskip("onnx", reason="onnx is not installed: its export is not made")


def test_the_command_writes_and_prints(
    made: Made, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    run = str(made("oja")._run.folder)
    for name in set(FORMATS) - {"optax", "onnx"}:
        out = tmp_path / f"out.{name}"
        assert call(monkeypatch, run, "--to", name, "--out", str(out)) == 0
        assert capsys.readouterr() == ("", f"{out} written\n")
        assert out.stat().st_size > 500
        assert call(monkeypatch, run, "--to", name, "--individual", "0") == 0
        printed, err = capsys.readouterr()
        assert (printed.encode(), err) == (out.read_bytes(), "")


def test_the_command_writes_onnx(made: Made, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("onnx", reason="onnx is not installed: its export is not made")
    out = tmp_path / "net.onnx"
    assert call(monkeypatch, str(made("oja")._run.folder), "--to", "onnx", "--out", str(out), "--innate") == 0
    assert out.stat().st_size > 500


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--to", "pyhton"], "expected a format (python, torch, optax, latex, onnx, networkx, graphml, json)"),
        (["--to", "optax"], "Formats that can: python, torch, latex, json."),
        (["--to", "onnx"], "Give one: --out FILE."),
        (["--to", "json", "--individual", "7"], "an individual of this run (number 7 was asked for)"),
        (["--to", "json", "--trained"], "a format with weights"),
        (["--to", "json", "--out", "no/such/folder/file"], "a place that can be written to"),
        (["--to", "json", "--out", "."], "a file that can be written"),
    ],
)
def test_what_cannot_be_is_bad_input(
    arguments: list[str], message: str, made: Made, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, str(made("oja")._run.folder), *arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert "Traceback" not in err


def test_without_jinja_the_extra_is_named(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    templates.environment.cache_clear()
    for name in ("python", "torch", "optax"):
        with pytest.raises(InputError, match=r"the package jinja2.*evometa\[export\]"):
            export(made("sgd"), name)
    assert export(made("sgd"), "latex")


def test_no_run_is_bad_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert call(monkeypatch, str(tmp_path / "none"), "--to", "json") == 2
    with create(tmp_path / "begun", {"name": "begun"}, {}):
        pass
    capsys.readouterr()
    assert call(monkeypatch, str(tmp_path / "begun"), "--to", "json") == 2
    assert "no finished generation yet" in capsys.readouterr().err


def test_the_run_file_is_never_written_over(made: Made) -> None:
    run = made("oja")._run
    before = run.path.read_bytes()
    with pytest.raises(InputError, match="a file of its own"):
        export(made("oja"), "json", run.folder / "." / "run.db")
    assert run.path.read_bytes() == before


def test_a_pruned_genome_is_refused(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(made("delta").__dict__, "genome", None)
    for name in FORMATS:
        with pytest.raises(InputError, match=r"whose genome the run has kept.*Export the champion"):
            export(made("delta"), name, Path("never"))


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_rule_of_five_hundred_nodes(name: str, tmp_path: Path) -> None:
    needs(name)
    text = large(7)
    learner = learner_of(tmp_path, recipe(SINE, {"update": f"0.001*tanh({text})"}, lifetime={"batch": 1, "updates": 3}))
    assert learner.genome is not None
    assert learner.genome.size > 500
    out = export(learner, name, tmp_path / "out")
    assert isinstance(out, Path)
    if name in ("python", "torch", "optax"):
        written = out.read_text(encoding="utf-8")
        assert max(map(len, written.split("\n"))) <= 120
    if name == "python":
        assert run_file(written, tmp_path).returncode == 0


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_numbers_that_are_not_finite(name: str, tmp_path: Path) -> None:
    needs(name)
    base = recipe(SINE, {"update": "-c0*grad*p0 + log(0)*0"}, coefficients={"values": [1.0]}, plasticity={"count": 1},
                  weights={"mode": "evolved"}, lifetime={"batch": 2, "updates": 5})  # fmt: skip
    weights, plasticity = np.full(2, np.nan, np.float32), np.array([[np.inf, 1.0]], np.float32)
    learner = learner_of(tmp_path, base, weights=weights, plasticity=plasticity)
    out = export(learner, name, tmp_path / "out")
    assert isinstance(out, Path)
    if name == "python":
        assert run_file(out.read_text(encoding="utf-8"), tmp_path).returncode == 0
    if name in ("torch", "optax"):
        pytest.importorskip(name, reason=f"{name} is not installed: its export is not run")
        imported(out.read_text(encoding="utf-8"), tmp_path)
    if name in ("json", "networkx"):
        json.loads(out.read_text(encoding="utf-8"), parse_constant=lambda found: pytest.fail(found))


def test_a_run_whose_tasks_cannot_be_opened(tmp_path: Path) -> None:
    """Examples are drawn then; where the output layer is not known either, the error says what still can be had."""
    gone = {"family": "table", "path": str(tmp_path / "gone.csv"), "target": "kind"}
    known = learner_of(tmp_path, ALL["sgd"], settings={"tasks": [gone], "network": {"hidden": [6], "head": "softmax"}})
    text = str(export(known, "python"))
    assert "examples drawn at random, as the run's tasks" in text
    assert run_file(text, tmp_path).returncode == 0
    unknown = learner_of(tmp_path, ALL["adam"], settings={"tasks": [gone], "network": {"hidden": [6]}})
    with pytest.raises(InputError, match=r"gone\.csv.*to torch \(gradient rules\), latex or json"):
        export(unknown, "python")
    for name in ("torch", "optax", "latex", "json"):
        assert export(unknown, name)
    pytest.importorskip("torch", reason="torch is not installed: its export is not run")
    module = imported(str(export(unknown, "torch")), tmp_path)
    assert "(in the run 100)" in str(export(unknown, "torch"))
    assert module.EvolvedRule


def test_what_is_wrong_with_a_stored_configuration_is_told(tmp_path: Path) -> None:
    for section, key, value in (
        ("network", "credit", 'x"""\n'),
        ("lifetime", "bound", "'20"),
        ("lifetime", "bound", 0),
    ):
        odd = learner_of(tmp_path, ALL["sgd"], settings={section: {key: value}})
        for name in ("python", "torch", "optax", "networkx"):
            with pytest.raises(InputError, match=key):
                export(odd, name)


@pytest.mark.parametrize("scheme", ["plus", "baldwin", "feedback"])
def test_real_champions_can_be_taken_along(scheme: str, tmp_path: Path) -> None:
    from tests.small import SCHEMES

    run = evometa.run(small(SCHEMES[scheme], run={"generations": 2}), out=tmp_path / "run")
    assert run.champion is not None
    assert run_file(str(export(run.champion, "python")), tmp_path).returncode == 0
    for name in set(FORMATS) - {"optax", "onnx"}:
        assert export(run.champion, name, tmp_path / name)
    unfinished = evometa.load(tmp_path / "run").individual(0)
    if unfinished.genome is not None:
        assert export(unfinished, "json")


def test_a_large_network_checks_what_is_affordable(tmp_path: Path) -> None:
    base: dict[str, Any] = recipe(
        {"family": "sinusoid", "shots": 10, "queries": 5, "test_points": 7}, {"update": "-0.01*grad*(1 + age)"},
        network={"hidden": [160, 160]}, lifetime={"batch": 10, "updates": 4},
    )  # fmt: skip
    text = str(export(learner_of(tmp_path, base), "python"))
    assert "Numbers drawn at random for the rule to read" in text
    assert "import base64" in text
    done = run_file(text, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "4 updates" in done.stdout


@pytest.mark.parametrize("name", ["python", "torch", "optax", "latex"])
def test_dead_states_and_constants_are_not_exported(name: str, made: Made) -> None:
    text = str(export(made("dead"), name))
    assert not re.search(r"s_?\{?[12]\b", text)
    assert made("dead").size == 5
    assert made("dead").rule["s1"] == "-0.773"


def test_the_json_export_keeps_the_rule_as_it_evolved(made: Made) -> None:
    told = json.loads(str(export(made("dead"), "json")))
    assert set(told["rule"]) == {"update", "s1", "s2"}
    assert told["formula"] == "Δw = −0.02319·grad"
    assert told["signals"].keys() == {"grad"}
