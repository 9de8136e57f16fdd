"""What is compiled is kept, found again, and never used wrongly; the user's own Numba functions are left alone."""

from __future__ import annotations

import ast
import copy
import errno
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numba
import pytest
from numba.core.caching import IndexDataCacheFile

import evometa
from evometa.system import jit, kernel_cache

PACKAGE = Path(evometa.__file__).parent
pytestmark = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled")


def doubled(x: Any) -> Any:
    return x + x


def fresh() -> Any:
    """Return the function as another process has it: nothing compiled yet."""
    return jit.njit(cache=True)(doubled)


def hits(function: Any) -> int:
    return sum(function.stats.cache_hits.values())


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own."""
    monkeypatch.setenv("EVOMETA_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / kernel_cache.FOLDER


def test_each_signature_is_a_file_that_is_found_again(folder: Path) -> None:
    first = fresh()
    assert (first(2), first(1.5)) == (4, 3.0)
    assert hits(first) == 0
    assert len(list(folder.iterdir())) == 2
    second = fresh()
    assert (second(1.5), second(2)) == (3.0, 4)
    assert hits(second) == 2


def test_a_constant_is_no_type_of_its_own() -> None:
    inner = jit.njit()(doubled)

    @numba.njit
    def outer(x: Any) -> Any:
        return inner(x) + inner(3) + inner(x=4)

    assert outer(2) == 18
    assert len(inner.signatures) == 1


def test_it_is_one_function_to_copies_and_pickles() -> None:
    from evometa.genetics.expression import longest_part as function

    assert copy.deepcopy(function) is pickle.loads(pickle.dumps(function)) is function


def test_numba_is_imported_at_the_first_call() -> None:
    code = (
        "import sys\nfrom evometa.genetics.expression import longest_part\nimport numpy as np\n"
        "assert 'numba' not in sys.modules\nprint(longest_part(np.array([0, 2, 5])), 'numba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "3 True\n"


def test_a_damaged_file_is_compiled_anew(folder: Path) -> None:
    fresh()(2)
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    for content in (b"", whole[: len(whole) // 2], b"\0" * len(whole)):
        file.write_bytes(content)
        again = fresh()
        assert again(2) == 4
        assert hits(again) == 0
        assert file.stat().st_size > len(whole) // 2


def test_other_sources_or_another_processor_are_compiled_for(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh()(2)
    magic = type(fresh().targetctx.codegen()).magic_tuple
    with monkeypatch.context() as patch:
        patch.setattr(jit, "sources", lambda room: "another version")
        assert hits_of_call() == 0
    with monkeypatch.context() as patch:
        patch.setattr(type(fresh().targetctx.codegen()), "magic_tuple", lambda self: (*magic(self), "another"))
        assert hits_of_call() == 0
    assert hits_of_call() == 1


def hits_of_call() -> int:
    function = fresh()
    assert function(2) == 4
    return hits(function)


def test_a_full_disk_does_not_matter(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: Any) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr(IndexDataCacheFile, "_save_data", full)
    assert fresh()(2) == 4
    assert not list(folder.iterdir())


def test_a_cache_that_can_only_be_read_is_read(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh()(2)
    monkeypatch.setattr(kernel_cache.folders, "writable", lambda: None)
    again = fresh()
    assert again(2) == 4
    assert hits(again) == 1


WORKER = """
import sys
import numpy as np
import tests.system.test_jit as t
kinds = [np.int8, np.int16, np.int32, np.int64, np.float32, np.float64]
turn = int(sys.argv[1])
function = t.fresh()
for kind in kinds[turn:] + kinds[:turn]:
    x = kind(100)
    assert function(x) == 200 and type(function(x)) in (int, float), kind
"""


def test_processes_that_compile_at_once_do_not_mix_signatures_up(folder: Path) -> None:
    for _ in range(2):  # the second time they load what the others wrote
        workers = [subprocess.Popen([sys.executable, "-c", WORKER, str(turn)]) for turn in range(4)]
        assert [worker.wait() for worker in workers] == [0] * 4
    assert len(list(folder.iterdir())) == 6


def test_the_users_own_functions_are_kept_where_numba_keeps_them(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "import numba\nimport evometa.lifetime.numba.kernel\n"
        "@numba.njit(cache=True)\ndef f(x):\n    return x + 1\nf(1)\n"
    )
    subprocess.run([sys.executable, "-c", "import mine"], cwd=tmp_path, check=True)
    assert [path.suffix for path in sorted((tmp_path / "__pycache__").glob("mine.f-*"))] == [".nbc", ".nbi"]


@pytest.mark.parametrize("room", jit.SOURCES)
def test_everything_that_is_compiled_is_in_the_digest(room: str) -> None:
    """Each module with a compiled function, and each of the package's that it takes code or constants from."""
    known = {
        "errors/__init__",
        "language/generated_numpy",
        "language/liveness",
        "language/probes",
        "language/program",
        "language/native",
        "language/programs",
        "language/tree",
        "lifetime/acting",
        "lifetime/batch",
        "lifetime/outside",
        "lifetime/ragged",
        "lifetime/requirements",
        "lifetime/slopes",
        "lifetime/validation",
        "spec/__init__",
        "spec/arrays",
        "system/cache",
        "system/jit",  # in every digest
    }  # never compiled
    missing = set()
    folder = PACKAGE.parent / room if room == "operators" else PACKAGE / room
    for path in folder.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        name = Path(os.path.relpath(path, PACKAGE)).with_suffix("").as_posix()
        compiled = any(ast.unparse(one).startswith("njit(") for f in functions(tree) for one in f.decorator_list)
        if compiled or name in jit.SOURCES[room]:
            missing |= {name, *imported(tree)} - {*jit.SOURCES[room], *known}
    assert missing == set()
    assert all((PACKAGE / f"{name}.py").exists() for name in jit.SOURCES[room])


def functions(tree: ast.Module) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def imported(tree: ast.Module) -> set[str]:
    """Return the package's modules that a module imports, by their path."""
    names = set()
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("evometa."):
            folder = PACKAGE.parent / (node.module or "").replace(".", "/")
            inner = {f"{folder}/{one.name}" for one in node.names if (folder / f"{one.name}.py").exists()}
            names |= inner or {str(folder / "__init__") if folder.is_dir() else str(folder)}
    return {str(Path(name).relative_to(PACKAGE)) for name in names}


def test_kernels_keep_their_code_in_our_folder() -> None:
    from evometa.lifetime.cuda import schedule
    from evometa.lifetime.numba import kernel

    for function in (kernel.live, kernel.execute, schedule._levels):
        assert isinstance(function._cache, kernel_cache.KernelCache)
