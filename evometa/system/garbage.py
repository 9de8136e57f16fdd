"""Python's garbage collector while runs are under way; it is the whole process's, so runs in threads share it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

RARE = (200_000, 20, 100)

_LOCK = Lock()
_before: list[tuple[int, int, int]] = []  # one entry for each run under way: the thresholds it found


@contextmanager
def rare_collection() -> Iterator[None]:
    """Let Python look for garbage cycles rarely: a generation makes many objects and no cycles (half its time).

    Of several runs in threads the first changes the collector, and the last puts it back as the first found it.
    """
    with _LOCK:
        _before.append(_before[0] if _before else gc.get_threshold())
        if len(_before) == 1:
            gc.freeze()
            gc.set_threshold(*RARE)
    try:
        yield
    finally:
        with _LOCK:
            found = _before.pop()
            if not _before:
                gc.set_threshold(*found)
                gc.unfreeze()
