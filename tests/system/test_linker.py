"""Compiled functions call each other by their symbols, and files of compiled functions find what they call."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numba
import pytest

from evometa.system import jit
from tests.system.test_jit import folder, fresh, hits

__all__ = ["folder", "fresh", "hits"]
pytestmark = pytest.mark.skipif(bool(numba.config.DISABLE_JIT), reason="nothing is compiled")


@jit.njit(cache=True)
def tripled(x: Any) -> Any:
    return x + x + x


@jit.njit(cache=True)
def outer(x: Any) -> Any:
    return tripled(x) + x


OUTER = """
import sys
import tests.system.test_linker as t
others = [t.fresh()(x) for x in (1, 1.0, 1j)[: int(sys.argv[1])]]
assert t.outer(2) == 8
print(t.hits(t.outer), t.hits(t.tripled))
"""


def outer_elsewhere(others: int = 0) -> str:
    """Return how often another process, which has compiled some functions before, had both functions from files."""
    command = [sys.executable, "-c", OUTER, str(others)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_what_calls_another_function_has_no_copy_of_it(folder: Path) -> None:
    assert outer_elsewhere() == "0 0"
    assert outer(2) == 8
    (result,) = outer.overloads.values()
    assert not [f.name for f in result.library._final_module.functions if "tripled" in f.name and not f.is_declaration]
    assert outer_elsewhere() == "1 1"


def test_what_was_called_is_not_what_it_was(folder: Path) -> None:
    assert outer_elsewhere() == "0 0"
    (called,) = folder.glob("*tripled*")
    called.unlink()
    assert outer_elsewhere(others=3) == "0 0"  # it has another symbol there
    assert outer_elsewhere() == "1 1"
