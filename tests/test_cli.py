"""The command line as a process would see it: exit codes, stdout, stderr."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import evometa
from evometa import cli
from evometa.errors import InputError, RunFailed
from tests.engine import Engine
from tests.showcase import SHOWCASE


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    """The engine's stand-in."""
    found = Engine()
    monkeypatch.setitem(sys.modules, "evometa.engine", found)
    monkeypatch.setattr("evometa.presentation.run.load", found.load)
    return found


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command line in this process; return its exit code."""
    monkeypatch.setattr(sys, "argv", ["evometa", *arguments])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    return int(stop.value.code or 0)


def outside(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    command = [sys.executable, "-c", "from evometa.cli import main; main()", *arguments]
    env = {**os.environ, **environment}
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=env, check=False)


def test_options_reach_the_run(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    options = [
        "--set",
        "a.b=1",
        "--set",
        "c=2",
        "--seed",
        "5",
        "--out",
        str(tmp_path / "o"),
        "--generations",
        "7",
    ]
    assert call(monkeypatch, "run", "digits", *options, "--backend", "numba", "--on", "local") == 0
    wanted = {
        "settings": ["a.b=1", "c=2"],
        "seed": 5,
        "out": tmp_path / "o",
        "generations": 7,
        "backend": "numba",
        "on": "local",
        "callbacks": [],
    }
    assert engine.calls == [("digits", wanted)]
    options = ["--generations", "9", "--backend", "cupy", "--on", "dask:file", "--data", "d"]
    assert call(monkeypatch, "resume", "runs/x", *options) == 0
    wanted = {"generations": 9, "backend": "cupy", "on": "dask:file", "data": Path("d"), "callbacks": []}
    assert engine.calls[1] == ("runs/x", wanted)


def test_kernels_are_compiled_by_a_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(monkeypatch, "warm", "--backend", "numba") == 0
    assert "ready: numba on" in capsys.readouterr().out


def test_a_run_ends_with_its_table(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "run", "digits") == 0
    out, err = capsys.readouterr()
    assert "generation 1/1" in out
    assert "│ sgd      │" in out
    assert err == ""


@pytest.mark.parametrize("command", [["run", "digits"], ["resume", "runs/x"], ["inspect", "runs/x"]])
def test_json_is_alone_on_stdout(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    assert call(monkeypatch, *command, "--json") == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert found["champion"]["meta_test_ci95"] is None  # JSON has no NaN
    assert out.count("\n") == 1
    assert ("generation 1/1" in err) == (command[0] != "inspect")


def test_inspect_asks_for_what_is_wanted(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "inspect", "runs/x", "--generation", "3") == 0
    assert engine.finished.asked == {"generation": 3}
    assert capsys.readouterr().out == "all about it\n"
    assert call(monkeypatch, "inspect", "runs/x", "--individual", "12", "--json") == 0
    assert engine.finished.asked == {"individual": 12}


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (InputError("a", "b", "c", "D."), 2, "evometa: c: expected a; found b. D.\n"),
        (RunFailed("the disk is full"), 1, "evometa: the disk is full\n"),
        (
            KeyboardInterrupt("go on with: evometa resume runs/x"),
            130,
            "evometa: go on with: evometa resume runs/x\n",
        ),
        (KeyboardInterrupt(), 130, "evometa: interrupted\n"),
        (
            MemoryError(),
            1,
            "evometa: not enough memory: lower what is largest of tasks, networks and population, or run.threads\n",
        ),
    ],
)
@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_errors_are_messages_on_stderr_with_an_exit_code(
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
    message: str,
    as_json: list[str],
) -> None:
    engine.error = error
    assert call(monkeypatch, "run", "digits", *as_json) == code
    assert capsys.readouterr() == ("", message)


def test_a_fault_of_our_own_asks_for_a_report(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.error = ZeroDivisionError("odd")
    assert call(monkeypatch, "run", "digits") == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "ZeroDivisionError: odd" in err
    assert "Please report it" in err


@pytest.mark.parametrize(
    "arguments",
    [
        ["run"],
        ["run", "digits", "--sed", "3"],
        ["run", "digits", "--seed", "three"],
        ["run", "digits", "--generations", "0"],
        ["rnu", "digits"],
        ["inspect", "runs/x", "--generation", "-1"],
        ["list"],
        ["list", "recipe"],
        ["list", "everything"],
        ["init", "a b"],
    ],
)
def test_wrong_options_are_bad_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert call(monkeypatch, *arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err
    assert "Traceback" not in err


def test_version_and_help() -> None:
    found = outside("--version")
    assert (found.returncode, found.stdout) == (0, f"evometa {evometa.__version__}\n")
    found = outside("--help")
    assert found.returncode == 0
    assert all(verb in found.stdout for verb in ("run", "resume", "inspect", "list", "init"))
    assert outside("run", "--help").returncode == 0


def test_help_imports_nothing_heavy() -> None:
    heavy = ["numpy", "numba", "sympy", "pydantic", "networkx", "sklearn", "scipy", "deap", "evometa.config"]
    code = (
        "import sys, evometa.cli\nsys.argv = ['evometa', '--help']\n"
        "try: evometa.cli.main()\nexcept SystemExit: pass\n"
        f"assert not [m for m in {heavy} if m in sys.modules], sorted(sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr


@pytest.mark.parametrize(
    "command",
    [
        *(["list", "recipes"], ["list", "tasks"], ["list", "rules"], ["list", "runs", str(SHOWCASE)], ["init", "mine"]),
        *(["inspect", str(SHOWCASE / recipe), *how] for recipe in ("delta", "xor") for how in ([], ["--json"])),
        ["compare", str(SHOWCASE / "delta"), str(SHOWCASE / "xor")],
    ],
)  # rules alone, and a network that has evolved
def test_what_compiles_nothing_does_without_numba(tmp_path: Path, command: list[str]) -> None:
    code = (
        "import sys\nsys.modules['numba'] = sys.modules['llvmlite'] = None\n"
        "from evometa.cli import main\nsys.argv[:] = ['evometa', *sys.argv[1:]]\nmain()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *command], capture_output=True, text=True, check=False, cwd=tmp_path,
        env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_a_terminal_without_our_signs_gets_question_marks() -> None:
    found = outside("list", "signals", PYTHONIOENCODING="ascii")
    assert found.returncode == 0
    assert "?loss/?w" in found.stdout


def test_init_writes_a_recipe_that_loads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from evometa.config.load import load

    monkeypatch.chdir(tmp_path)
    assert call(monkeypatch, "init", "mine", "--from", "delta") == 0
    assert load("mine.toml").config == load("delta", ["name=mine"]).config
    assert call(monkeypatch, "init", "mine") == 2
