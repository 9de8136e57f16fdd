"""A run whose seals hold, whatever its parts, and how a command shows it, for tests of bad runs among others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from evometa.genetics.topology import graph_json, graph_key
from evometa.store import Evaluation, create
from tests.inspected import CONFIG, NETWORK, REPORT, RULES, genome
from tests.reporting import ANALYSIS
from tests.stored import Born, commit
from tests.test_cli import call

PARTS: dict[str, dict[str, Any]] = {
    "config": {**CONFIG, "run": {"generations": 1}},
    "environment": {"python": "3.11", "platform": "Linux", "base": ".", "versions": {"numpy": "2"}},
    "state": {"hall": [0], "islands": [[0]]},
    "statistics": {"best": 0.5, "best_id": 0, "median": 0.5, "innate": 0.5, "adapted": 0.5, "lifetimes": 20,
                   "diverged": 0, "reasons": {"a": 1}},
    "timing": {"evaluate_seconds": 0.25, "total_seconds": 0.5},
    "report": {**REPORT, "champion": 0, "analysis": ANALYSIS,
               "behaviour": {"title": "delta", "scale": 2.0, "r2": 0.5}},
}  # fmt: skip


def write(folder: Path, **parts: Any) -> Path:
    """A finished run of one generation whose seals hold, whatever its parts."""
    has = {**PARTS, **parts}
    text = genome(RULES[0])
    with create(folder, has["config"], has["environment"]) as writer:
        commit(writer,
            0,
            [Born(0, (), "first", text)],
            [Evaluation(0, (0.5, 5.0), 0.5, 0.5, 20, 0)],
            has["state"], has["statistics"], has["timing"],
            {graph_key(NETWORK): graph_json(NETWORK)},
        )  # fmt: skip
        writer.report(has["report"])
    return folder


def shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = call(monkeypatch, *words)
    out, err = capsys.readouterr()
    assert "Traceback" not in err, err
    assert code in (0, 2), err
    return code, out, err
