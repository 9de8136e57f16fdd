"""Runs whose figures are drawn."""

from __future__ import annotations

from pathlib import Path

import pytest

from evometa.presentation.run import Run, load
from tests.inspected import REPORT
from tests.reporting import ANALYSIS, full


@pytest.fixture(scope="package")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A finished run with everything in it."""
    return load(full(tmp_path_factory.mktemp("full") / "run", report={**REPORT, "analysis": ANALYSIS}))


@pytest.fixture(scope="package")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run without a generation yet."""
    place: Path = tmp_path_factory.mktemp("begun") / "run"
    return load(full(place, generations=0, asked=5))
