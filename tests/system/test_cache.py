"""A place for compiled kernels is found wherever there is one, and nothing fails where there is none."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from evometa.system import cache, kernel_cache

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def nowhere(tmp_path: Path) -> Path:
    """A folder that nobody can make, root included."""
    (tmp_path / "file").write_text("")
    return tmp_path / "file" / "cache"


@pytest.fixture(autouse=True)
def _places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("EVOMETA_CACHE", "NUMBA_CACHE_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home" / "caches"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    cache._say.cache_clear()


def temporary(folder: Path) -> Path:
    return folder / f"evometa-{os.geteuid()}"


def test_the_first_place_that_can_be_written_to_is_taken(
    tmp_path: Path, nowhere: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    users = cache.preferred()
    assert tmp_path in users.parents
    assert cache.writable() == users
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "numba"))
    assert cache.writable() == users
    monkeypatch.setenv("EVOMETA_CACHE", str(tmp_path / "own"))
    assert cache.writable() == cache.preferred() == tmp_path / "own"
    monkeypatch.setenv("EVOMETA_CACHE", str(nowhere))
    assert cache.writable() == tmp_path / "numba" / "evometa"
    assert not caplog.records


def test_a_temporary_folder_is_said_once_and_is_this_users_alone(
    tmp_path: Path, nowhere: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("EVOMETA_CACHE", str(nowhere))
    assert cache.writable() == cache.writable() == temporary(tmp_path)
    assert temporary(tmp_path).stat().st_mode & 0o777 == 0o700
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert str(nowhere) in record.getMessage()
    assert "EVOMETA_CACHE names another folder" in record.getMessage()


def test_code_is_not_loaded_from_a_folder_that_others_can_write_to(
    tmp_path: Path, nowhere: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("EVOMETA_CACHE", str(nowhere))
    temporary(tmp_path).mkdir()
    temporary(tmp_path).chmod(0o777)
    assert cache.places() == [nowhere]
    assert cache.writable() is None
    temporary(tmp_path).rmdir()
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    temporary(tmp_path).symlink_to(tmp_path / "elsewhere")
    assert cache.writable() is None
    assert "each process compiles its own" in caplog.text


def test_without_any_place_there_is_none(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise FileNotFoundError("no usable temporary directory")

    monkeypatch.setenv("EVOMETA_CACHE", str(nowhere))
    monkeypatch.setattr(tempfile, "gettempdir", none)
    assert cache.places() == [nowhere]
    assert cache.writable() is None


def test_a_user_without_a_home_gets_no_folder_of_the_name_tilde(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "preferred", lambda: Path("~/.cache/evometa"))
    monkeypatch.chdir(tmp_path)
    assert cache.writable() == temporary(tmp_path)
    assert not (tmp_path / "~").exists()


def test_imports_and_what_is_compiled_need_no_place(tmp_path: Path, nowhere: Path) -> None:
    """As in a container with another user: neither the package's folder nor HOME can be written to."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path), "EVOMETA_CACHE": str(nowhere)}
    env |= {"HOME": str(nowhere), "XDG_CACHE_HOME": str(nowhere), "NUMBA_CACHE_DIR": str(nowhere)}
    code = "import numpy as np; import evometa.engine; from evometa.genetics.expression import longest_part; "
    code += "print(longest_part(np.array([0, 2, 5])))"  # compiled within a second; a run's kernels take thirty
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "3\n"
    assert list((temporary(tmp_path) / kernel_cache.FOLDER).glob("*longest_part*"))
    assert done.stderr.splitlines() == [
        f"compiled kernels are kept in {temporary(tmp_path)} for now: {nowhere} cannot be written to. "
        "EVOMETA_CACHE names another folder."
    ]
