"""The folder for what can be made or fetched again: compiled kernels, data sets."""

from __future__ import annotations

import logging
import os
import stat
import tempfile
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import platformdirs

LOG = logging.getLogger("evometa")


def preferred() -> Path:
    """Return where caches belong, whether it can be written to or not: EVOMETA_CACHE, else the user's caches."""
    if wanted := os.environ.get("EVOMETA_CACHE"):
        return Path(wanted).absolute()
    return platformdirs.user_cache_path("evometa")


def places() -> list[Path]:
    """Return where compiled code may lie, best first: as preferred, in NUMBA_CACHE_DIR, in a temporary folder.

    Code is looked for in all of them, so that a cache which only its owner can write to serves others, too.
    """
    numbas = os.environ.get("NUMBA_CACHE_DIR")
    named = [preferred(), *([Path(numbas).absolute() / "evometa"] if numbas else [])]
    temporary = _temporary()
    return [*named, temporary] if temporary is not None and _ours(temporary) else named


def writable() -> Path | None:
    """Return the first of the places that can be written to, or None; what is not as preferred is said once."""
    temporary = _temporary()
    if temporary is not None:
        with suppress(OSError):
            temporary.mkdir(mode=0o700)
    found = next(filter(_can_write, places()), None)
    if found is None:
        _say(f"compiled kernels cannot be kept, so each process compiles its own: {preferred()} cannot be written to")
    elif found == temporary:
        _say(f"compiled kernels are kept in {found} for now: {preferred()} cannot be written to")
    return found


def _temporary() -> Path | None:
    """Return this user's folder among temporary files, if there is a place for those."""
    user = f"-{os.geteuid()}" if hasattr(os, "geteuid") else ""
    try:
        return Path(tempfile.gettempdir(), f"evometa{user}")
    except OSError:
        return None


def _ours(folder: Path) -> bool:
    """Whether a folder among everybody's files is this user's alone, as code is loaded from it."""
    try:
        about = folder.lstat()
    except OSError:
        return False
    alone = not hasattr(os, "geteuid") or (about.st_uid == os.geteuid() and not about.st_mode & 0o022)
    return stat.S_ISDIR(about.st_mode) and alone


def _can_write(folder: Path) -> bool:
    if not folder.is_absolute():  # of a user whom the system does not know, so that "~" stays as it is
        return False
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()  # permissions do not tell of file systems that are read-only
    except OSError:
        return False
    return True


@lru_cache
def _say(text: str) -> None:
    LOG.warning("%s. EVOMETA_CACHE names another folder.", text)
