"""Waiting for what must come, however slow the machine is."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")
LONG = 300.0  # seconds; nothing takes so long that has not failed


def until(found: Callable[[], Found], what: str, seconds: float = LONG) -> Found:
    """Return the first true value that a function gives; AssertionError that says `what` never came."""
    deadline = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < deadline, f"{what}: never within {seconds:.0f} seconds"
        time.sleep(0.01)
    return value
