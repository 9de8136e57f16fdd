"""The house rules, checked: floors, sizes, light imports, no code from data, one version, a wheel that is whole."""

from __future__ import annotations

import ast
import importlib.util
import io
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

import pytest

import evometa
from evometa.language import generate

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("evometa", "operators")
MODULES = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
OWN = [path for path in MODULES if not path.name.startswith("generated_")]
WRITTEN = OWN + sorted(path for name in ("tests", "benchmarks") for path in (ROOT / name).rglob("*.py"))

FILE, FUNCTION, KERNEL = 250, 50, 100  # lines, at most

# What is over a limit today. These lists may only shrink: split a file or a function, then take it out.
LONG_FILES: set[str] = set()
LONG_FUNCTIONS: set[str] = set()


def named(path: Path) -> str:
    """Return a path as the lists above have it."""
    return path.relative_to(ROOT).as_posix()


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function of a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def too_long(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Tell whether a function is over its limit; kernels, which Numba compiles, may be longer."""
    compiled = any("njit" in ast.unparse(decorator) for decorator in function.decorator_list)
    length = (function.end_lineno or 0) - function.lineno + 1
    return length > (KERNEL if compiled else FUNCTION)


def python(code: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run code in a process of its own, in a folder."""
    env = {**os.environ, "PYTHONUTF8": "1", **environment}
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=env, check=False)


# Sizes and style


def test_files_are_short() -> None:
    long = {named(path) for path in WRITTEN if len(path.read_text(encoding="utf-8").splitlines()) > FILE}
    assert long - LONG_FILES == set(), f"over {FILE} lines: split them by concept"
    assert LONG_FILES - long == set(), "short enough now: take them out of LONG_FILES"


def test_functions_are_short() -> None:
    long = {f"{named(path)}:{f.name}" for path in WRITTEN for f in functions(path) if too_long(f)}
    assert long - LONG_FUNCTIONS == set(), f"over {FUNCTION} lines ({KERNEL} for kernels): split them"
    assert LONG_FUNCTIONS - long == set(), "short enough now: take them out of LONG_FUNCTIONS"


def test_a_long_function_would_be_noticed() -> None:
    body = "\n".join(["    x = 0"] * FUNCTION)
    plain, kernel = ast.parse(f"def f():\n{body}\n\n@njit(cache=True)\ndef g():\n{body}\n").body
    assert isinstance(plain, ast.FunctionDef)
    assert isinstance(kernel, ast.FunctionDef)
    assert too_long(plain)
    assert not too_long(kernel)


def test_every_module_says_what_it_is_for() -> None:
    silent = [path for path in MODULES if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]
    empty = [path for path in silent if path.name == "__init__.py" and not path.read_text(encoding="utf-8")]
    assert [named(path) for path in silent if path not in empty] == []
    assert not [
        named(path) for path in MODULES if path.stem in {"utils", "util", "helpers", "common", "misc"}
    ]


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_no_code_comes_from_data(path: Path) -> None:
    calls, imports = set(), set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            calls.add(node.func.id)
        elif isinstance(node, ast.Import):
            imports |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            imports.add((node.module or "").partition(".")[0])
    assert not calls & {"eval", "exec", "compile", "__import__"}
    assert not imports & {"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib"}


def test_generated_files_are_what_the_table_gives() -> None:
    assert generate.main(["--check"]) == 0


# Who may import whom


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the two packages to spoil."""
    folder = tmp_path_factory.mktemp("copy")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the contracts in pyproject.toml."""
    code = "import sys; sys.path.insert(0, ''); from importlinter.cli import lint_imports_command as lint; lint()"
    return python(f"import sys; sys.argv = ['lint-imports', '--no-cache']; {code}", folder)


def test_imports_keep_the_contracts() -> None:
    found = lint_imports(ROOT)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize(
    ("path", "line", "broken"),
    [
        ("evometa/seeding.py", "import evometa.run", "Imports run down the floors"),
        ("evometa/new.py", "import evometa.run", "and every module has a floor"),
        ("evometa/config/section.py", "import evometa.config.schema", "No cycles"),
        ("evometa/champion.py", "import operators.rules", "Only the composition root knows the operators"),
        ("evometa/lifetime/cpu.py", "import evometa.genome", "neither genomes nor DEAP"),
        ("evometa/lifetime/cpu.py", "import deap", "neither genomes nor DEAP"),
        ("evometa/config/schema.py", "import evometa.language.tree", "are leaves"),
        ("evometa/fitness.py", "from numba import njit", "Only lifetimes are compiled"),
        ("evometa/lifetime/cpu.py", "import cupy", "Only the GPU backend imports CuPy"),
    ],
)
def test_a_wrong_import_would_be_noticed(copy: Path, path: str, line: str, broken: str) -> None:
    file = copy / path
    before = file.read_text(encoding="utf-8") if file.exists() else None
    file.write_text(f"{before or ''}\n{line}\n", encoding="utf-8")
    try:
        found = lint_imports(copy)
    finally:
        file.unlink() if before is None else file.write_text(before, encoding="utf-8")
    assert found.returncode == 1
    assert any(broken in line and "BROKEN" in line for line in found.stdout.splitlines()), found.stdout


# The package as others meet it


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
        "import evometa.run",
        "from evometa.run import Engine",
        "import importlib; importlib.import_module('evometa.run')",
        "evometa.run; import evometa.run",
        "from evometa import run, resume, load",
        "import evometa.inspect, evometa.cli",
    ],
)
def test_run_is_the_function_in_whatever_order_things_are_imported(before: str, tmp_path: Path) -> None:
    lines = [
        "import evometa, sys, types",
        before,
        "from evometa import load, resume, run",
        "assert all(isinstance(f, types.FunctionType) for f in (evometa.run, evometa.resume, evometa.load))",
        "assert (evometa.run, evometa.resume, evometa.load) == (run, resume, load)",
        "from evometa.run import Engine, run as start",
        "assert start is evometa.run",
        "assert isinstance(sys.modules['evometa.run'], types.ModuleType)",
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
    assert project["tool"]["hatch"]["version"]["path"] == "evometa/__init__.py"
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
    built = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert built.returncode == 0, built.stderr
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_the_wheel_is_whole(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    info = f"evometa-{evometa.__version__}.dist-info"
    assert {name.partition("/")[0] for name in names} == {*PACKAGES, info}
    kinds = {".py", ".toml", ".cuh", ".cu", ".typed"}
    ours = {
        p for name in PACKAGES for p in (ROOT / name).rglob("*") if p.suffix in kinds or p.name == "py.typed"
    }
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


def test_the_generator_says_which_file_differs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stale = tmp_path / "stale.py"
    stale.write_text("x = 1\n", encoding="utf-8")
    monkeypatch.setattr(generate, "FILES", {stale: lambda: "x = 2\n"})
    with redirect_stdout(io.StringIO()):
        assert generate.main(["--check"]) == 1
    assert stale.read_text(encoding="utf-8") == "x = 1\n"
