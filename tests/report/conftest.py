"""Runs to report on, and their pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from evometa.presentation.run import Run, load
from evometa.report.page import page
from tests.inspected import REPORT
from tests.reporting import ANALYSIS, full, hostile


@pytest.fixture(scope="package")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for runs."""
    return tmp_path_factory.mktemp("reports")


@pytest.fixture(scope="package")
def run(place: Path) -> Run:
    """A finished run with everything in it."""
    return load(full(place / "full", report={**REPORT, "analysis": ANALYSIS}))


@pytest.fixture(scope="package")
def hostile_run(place: Path) -> Run:
    """A run in which every text is markup."""
    return load(hostile(place / "hostile"))


@pytest.fixture(scope="package")
def html(run: Run) -> str:
    """The page of the finished run."""
    return page(run)
