"""Tests of processes and clocks are tried again, but not for ever; others are not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.pages import ROOT

CODE = """
import pytest
tries = {"clocks": 0, "plain": 0}

def fails(name, times):
    tries[name] += 1
    assert tries[name] > times, f"try {tries[name]}"

@pytest.mark.clocks
def test_a_bad_moment():
    fails("clocks", TIMES)

def test_without_a_clock():
    fails("plain", PLAIN)
"""


@pytest.mark.parametrize(
    ("times", "plain", "told"),
    [(2, 0, "2 passed, 2 rerun"), (3, 0, "1 failed, 1 passed, 2 rerun"), (0, 1, "1 failed, 1 passed in")],
)
def test_a_test_of_clocks_may_fail_twice(times: int, plain: int, told: str, tmp_path: Path) -> None:
    pytest.importorskip("pytest_rerunfailures", reason="pytest-rerunfailures is not installed: nothing is tried again")
    (tmp_path / "test_it.py").write_text(CODE.replace("TIMES", str(times)).replace("PLAIN", str(plain)))
    options = ["-q", "-n", "0", "-c", str(ROOT / "pyproject.toml"), "-p", "tests.conftest", "--rootdir", str(tmp_path)]
    command = [sys.executable, "-m", "pytest", *options, str(tmp_path / "test_it.py")]
    found = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert told in found.stdout, found.stdout + found.stderr
    assert (found.returncode == 0) == ("failed" not in told)
    assert ("RERUN test_it.py::test_a_bad_moment" in found.stdout) == (times > 0)
