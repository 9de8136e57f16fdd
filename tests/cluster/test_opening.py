"""Where a run is to live: what was opened for one that cannot begin is closed again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import evometa
from evometa import engine
from evometa.lifetime.backends import open_executor
from tests.small import DELTA


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What has been closed."""
    found: list[str] = []
    own = replace(open_executor("numba", 1), close=lambda: found.append("executor"))
    monkeypatch.setattr(engine, "open_where", lambda *_: own)
    return found


def fails(error: Exception) -> Callable[..., Any]:
    def own(*_: Any) -> Any:
        raise error

    return own


@pytest.mark.parametrize("part", ["judge_of", "tuner_of", "begin"])
def test_a_run_that_cannot_begin_leaves_nothing_open(
    part: str, closed: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, part, fails(MemoryError("no more")))
    with pytest.raises(MemoryError, match="no more"):
        evometa.run(DELTA, out=tmp_path / "run")
    assert closed == ["executor"]
