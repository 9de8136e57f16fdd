"""The house rules, checked: who may import whom, sizes, no code from data."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("evometa", "operators")
MODULES = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
OWN = [path for path in MODULES if not path.name.startswith("generated_")]
BESIDE = sorted(path for name in ("tests", "benchmarks") for path in (ROOT / name).rglob("*.py"))
WRITTEN = OWN + [path for path in BESIDE if path.parent.name != "golden"]  # those are what exports write

FILE, FUNCTION, KERNEL = 250, 50, 100  # lines, at most

# What is over a limit today. These lists may only shrink: split a file or a function, then take it out.
LONG_FILES = {"evometa/lifetime/numba/vector.py"}
LONG_FUNCTIONS = {"evometa/spec/primitives.py:_table"}


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
    assert not [named(path) for path in MODULES if path.stem in {"utils", "util", "helpers", "common", "misc"}]


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


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_nothing_is_known_by_where_it_lies_in_memory(path: Path) -> None:
    """Identity is content or position: `id()` differs between copies, pickles, processes and runs."""
    calls = [n for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.Call)]
    assert not [call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id == "id"]


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
        ("evometa/seeding.py", "import evometa.engine", "Imports run down the floors"),
        ("evometa/new.py", "import evometa.engine", "and every module has a floor"),
        ("evometa/config/section.py", "import evometa.config.schema", "No cycles"),
        ("evometa/judging/champion.py", "import operators.rules", "Nobody takes the operators from the path"),
        ("evometa/presentation/run.py", "import evometa.operators", "Only the composition root and the lists know"),
        ("evometa/lifetime/numba/cpu.py", "import evometa.genetics.genome", "neither genomes nor DEAP"),
        ("evometa/lifetime/numba/cpu.py", "import deap", "neither genomes nor DEAP"),
        ("evometa/config/schema.py", "import evometa.language.tree", "are leaves"),
        ("evometa/evolution/fitness.py", "from numba import njit", "Only lifetimes know Numba"),
        ("evometa/lifetime/numba/cpu.py", "import cupy", "Only the GPU backend imports CuPy"),
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
