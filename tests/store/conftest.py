"""A folder in memory, for tests that make many runs."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOM = 2**29  # bytes, of which no test takes a tenth


@pytest.fixture
def memory() -> Iterator[Path]:
    """An empty folder in memory where the system has one: neither damage nor kills need a disk."""
    shared = Path("/dev/shm")
    room = shared.is_dir() and os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > ROOM
    place = shared if room else None
    with tempfile.TemporaryDirectory(prefix="evometa-test-", dir=place) as folder:
        yield Path(folder)
