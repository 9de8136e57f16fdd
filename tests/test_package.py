"""The package as others meet it: light imports, the three functions, one version, a wheel that is whole."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import evometa
from tests.test_architecture import PACKAGES, ROOT, named, python


@pytest.mark.parametrize(
    "code",
    ["import evometa", "import evometa.cli, sys; sys.argv = ['evometa', '--help']; evometa.cli.main()"],
    ids=["import evometa", "evometa --help"],
)
def test_imports_are_light(code: str, tmp_path: Path) -> None:
    heavy = [
        "numba",
        "sympy",
        "sklearn",
        "scipy",
        "networkx",
        "cupy",
        "numpy",
        "pydantic",
        "deap",
        "operators",
    ]
    check = f"found = sorted({{*{heavy}}} & {{*sys.modules}}); sys.exit(repr(found) if found else 0)"
    wrapped = f"import sys\ntry:\n    {code}\nexcept SystemExit:\n    pass\n{check}"
    found = python(wrapped, tmp_path)
    assert found.returncode == 0, found.stderr


@pytest.mark.parametrize(
    "before",
    [
        "pass",
        "import evometa.engine",
        "from evometa.engine import Engine",
        "import importlib; importlib.import_module('evometa.engine')",
        "evometa.run; import evometa.engine",
        "from evometa import run, resume, load",
        "import evometa.presentation.run, evometa.cli",
    ],
)
def test_run_is_the_function_in_whatever_order_things_are_imported(before: str, tmp_path: Path) -> None:
    lines = [
        "import evometa, sys, types",
        before,
        "from evometa import load, resume, run",
        "assert all(isinstance(f, types.FunctionType) for f in (evometa.run, evometa.resume, evometa.load))",
        "assert (evometa.run, evometa.resume, evometa.load) == (run, resume, load)",
        "from evometa.engine import Engine, run as start",
        "assert start is evometa.run",
        "assert type(evometa) is types.ModuleType",  # else cloudpickle sends no function that says evometa.…
        "assert {'run', 'resume', 'load', '__version__'} <= set(dir(evometa))",
    ]
    found = python("\n".join(lines), tmp_path)
    assert found.returncode == 0, found.stderr


def test_the_package_has_no_other_lazy_names() -> None:
    with pytest.raises(AttributeError, match="no attribute 'rnu'"):
        evometa.rnu  # noqa: B018


def test_there_is_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["hatch"]["version"]["path"] == "evometa/version.py"
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    assert next(line.split()[1] for line in changes if line.startswith("## [")) == f"[{evometa.__version__}]"


def test_tox_asks_for_what_the_extra_dev_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    dev = set(project["project"]["optional-dependencies"]["dev"])
    lines = (ROOT / "tox.ini").read_text(encoding="utf-8").splitlines()
    asked = {line.strip().removeprefix("deps = ").removeprefix("requires = ") for line in lines}
    tools = {"coverage", "hatchling", "hypothesis", "import-linter", "mypy", "pytest", "ruff", "tox"}
    found = {line for line in asked if any(line.startswith((f"{t}=", f"{t}>", f"{t}[")) for t in tools)}
    assert len(found) == len(tools)
    assert found <= dev


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built from this tree."""
    if importlib.util.find_spec("hatchling") is None:
        pytest.skip("hatchling is not installed: the wheel is not looked at")
    folder = tmp_path_factory.mktemp("wheel")
    code = f"from hatchling.build import build_wheel; print(build_wheel({str(folder)!r}))"
    built = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert built.returncode == 0, built.stderr
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_the_wheel_is_whole(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    info = f"evometa-{evometa.__version__}.dist-info"
    assert {name.partition("/")[0] for name in names} == {*PACKAGES, info}
    kinds = {".py", ".toml", ".cuh", ".cu", ".typed", ".html", ".css", ".js", ".svg", ".jinja", ".bz2", ".md"}
    beside = {"py.typed", "LICENSE_DEJAVU"}
    ours = {p for name in PACKAGES for p in (ROOT / name).rglob("*") if p.suffix in kinds or p.name in beside}
    assert {named(path) for path in ours} == {name for name in names if not name.startswith(info)}
    entry = wheel.read(f"{info}/entry_points.txt").decode()
    assert "evometa = evometa.cli:main" in entry
    assert "License-Expression: MIT" in wheel.read(f"{info}/METADATA").decode()


def test_the_wheel_works_without_the_repository(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path / "site")
    code = (
        "import sys; sys.path.insert(0, 'site'); import evometa, evometa.cli\n"
        "assert evometa.__file__.startswith(sys.argv[1]), evometa.__file__\n"
        "sys.argv = ['evometa', 'list', 'recipes']; evometa.cli.main()"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    found = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert found.returncode == 0, found.stderr
    recipes = {path.stem for path in (ROOT / "evometa" / "recipes").glob("*.toml")}
    assert recipes <= set(found.stdout.split())
