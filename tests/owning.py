"""Modules of functions of one's own, for tests that name them in recipes."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest


def write(folder: Path, module: str, text: str) -> None:
    """Write a module, and forget one that was imported, its compiled file as well."""
    sys.modules.pop(module, None)
    shutil.rmtree(folder / "__pycache__", ignore_errors=True)
    (folder / f"{module}.py").write_text(text)


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[str]:
    """A name for a module in this test's folder, which is the working one."""
    name = f"own_{abs(hash(request.node.nodeid))}"
    monkeypatch.chdir(tmp_path)
    yield name
    sys.modules.pop(name, None)
