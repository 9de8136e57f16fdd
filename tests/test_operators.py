"""evometa lives beside a user's own `operators`, and `import operators` is the user's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
RECIPE = """
[tasks]
family = "function"
function = "mine:task"
[evolution]
population = 4
[sampling]
tasks = 2
validation_tasks = 2
test_tasks = 2
"""
TASK = """
import numpy as np
from operators import scale

def task(split, count, rng):
    x = rng.normal(size=(count, 4, 2))
    return x, scale(x[:, :, :1]), x, scale(x[:, :, :1])
"""
OWN = "def scale(x):\n    return x / 4\n"


def python(folder: Path, *arguments: str, path: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run Python in a folder, which it looks for modules in as usual; `path` comes after it."""
    env = {**os.environ, "PYTHONUTF8": "1", "PYTHONPATH": str(path)}
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, cwd=folder, env=env, check=False
    )


@pytest.fixture(params=["operators.py", "operators/__init__.py"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A user's folder with an `operators` of its own, a task function that uses it, and a recipe."""
    own = tmp_path / request.param
    own.parent.mkdir(exist_ok=True)
    own.write_text(OWN)
    (tmp_path / "mine.py").write_text(TASK)
    (tmp_path / "mine.toml").write_text(RECIPE)
    return tmp_path


def test_a_run_beside_a_users_operators(folder: Path) -> None:
    done = python(folder, "-m", "evometa", "run", "mine.toml", "--generations", "1")
    assert done.returncode == 0, done.stderr
    assert "evometa inspect" in done.stdout


@pytest.mark.parametrize("first", ["evometa.engine", "operators"])
def test_a_users_import_gives_the_users_own(folder: Path, first: str) -> None:
    (folder / "script.py").write_text(f"import {first}, operators, evometa.engine; print(operators.scale(8))")
    done = python(folder, "script.py")
    assert (done.returncode, done.stdout, done.stderr) == (0, "2.0\n", "")


def test_a_path_that_comes_later_gives_the_users_own(folder: Path) -> None:
    """As in a notebook, or with `tasks.path`: the folder is put on the path after evometa was used."""
    code = "import sys, evometa.engine; sys.path.insert(0, sys.argv[1]); import operators; print(operators.scale(8))"
    done = python(Path.home(), "-c", code, str(folder))
    assert (done.returncode, done.stdout, done.stderr) == (0, "2.0\n", "")


def test_ours_is_there_for_deap_programs_by_either_name(tmp_path: Path) -> None:
    code = "import operators.rules, evometa.operators.rules as same; print(same.__file__ == operators.rules.__file__)"
    done = python(tmp_path, "-c", code)
    assert (done.returncode, done.stdout, done.stderr) == (0, "True\n", "")


def test_another_package_in_the_place_of_ours_is_named(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "evometa", tmp_path / "evometa", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "operators").mkdir()
    (tmp_path / "operators" / "__init__.py").write_text(OWN)
    done = python(tmp_path, "-m", "evometa", "run", "delta", path=tmp_path)
    assert done.returncode == 2
    assert f"{tmp_path / 'operators'}: expected evometa's package operators" in done.stderr.replace("\n", " ")
    assert "Traceback" not in done.stderr
