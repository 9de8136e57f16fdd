"""Files of others and for others: read within bounds and from regular files alone, written whole or not at all.

Nothing is read without end (a device), waited for (a pipe), or written through a link; no run is ever written over.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EACCES
from pathlib import Path
from typing import BinaryIO

from evometa.errors import InputError

RUN_FILE, RUN_MARK, RUN_MARK_AT = "run.db", b"evom", 68  # what SQLite's header holds of whose database it is
OWN = ("run.lock", "run.owner", "run.committed")  # beside a run file, besides what SQLite lays there
KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
    stat.S_IFDIR: "a folder",
    stat.S_IFLNK: "a link",
}


def special(path: Path, *, follow: bool = True) -> str | None:
    """Say what a path is if it is no regular file ("a pipe"); None for a regular file, and where there is nothing."""
    try:
        mode = os.stat(path, follow_symlinks=follow).st_mode
    except (OSError, ValueError):
        return None
    return None if stat.S_ISREG(mode) else KINDS.get(stat.S_IFMT(mode), "something that is no file")


@contextmanager
def opened(path: Path, what: str, where: str = "") -> Iterator[BinaryIO]:
    """Open a regular file for reading, links to one included; `what` it should be ("a table"), `where` it was named.

    Raises InputError for anything else, without waiting for it.
    """
    where = where or str(path)
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as error:
        words = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{what} that can be read", special(path) or words, where) from None
    mode = os.fstat(handle).st_mode
    if not stat.S_ISREG(mode):
        os.close(handle)
        raise InputError(f"{what}, a regular file", KINDS.get(stat.S_IFMT(mode), "something else"), where)
    with open(handle, "rb") as file:
        yield file


def read_bounded(path: Path, limit: int, what: str, where: str = "") -> bytes:
    """Return the content of a regular file of at most `limit` bytes. Raises InputError for anything else."""
    with opened(path, what, where) as file:
        try:
            content = file.read(limit + 1)
        except OSError as error:
            raise InputError(f"{what} that can be read", error.strerror or str(error), where or str(path)) from None
    if len(content) > limit:
        most = f"{limit // 1_000_000:,} MB" if limit >= 1_000_000 else f"{limit:,} bytes"
        raise InputError(f"{what} of at most {most}", "a larger one", where or str(path))
    return content


def check_output(path: Path, *, replace: bool) -> None:
    """Refuse to write over a run's files, whatever name they go by, over what is no regular file, and (but for
    `replace`) over any file. Raises InputError."""
    remedy = "Name another with --out."
    if _is_of_a_run(path):
        raise InputError("a file of its own", "the file of a run", str(path), remedy)
    kind = special(path, follow=False)
    if kind is not None:
        raise InputError("a file that can be written", kind, str(path), remedy)
    if not replace and os.path.lexists(path):
        raise InputError(
            "a file that does not exist yet", "one that does", str(path), f"{remedy[:-1]}, or add --force."
        )


def make_folder(path: Path) -> None:
    """Make a folder that can be written to, with those above it, where there is none. Raises InputError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        if not os.access(path, os.W_OK):
            raise OSError(EACCES, os.strerror(EACCES))
    except (OSError, ValueError) as error:
        words = getattr(error, "strerror", None) or str(error)
        raise InputError("a folder that can be written to", words, str(path), "Name another with --out.") from None


def write_whole(path: Path, content: bytes, *, replace: bool) -> None:
    """Write a file beside its place and put it there at once; see `check_output`. Raises InputError."""
    with replacement(path, replace=replace) as scratch:
        scratch.write_bytes(content)


@contextmanager
def replacement(path: Path, *, replace: bool) -> Iterator[Path]:
    """Yield a new file beside `path` to write to; it takes that place when the body is over, and goes if that fails.

    Raises InputError as `check_output` does, and for what the system refuses.
    """
    check_output(path, replace=replace)
    scratch: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
        os.close(handle)
        scratch = Path(name)
        yield scratch
        scratch.chmod(0o644)
        os.replace(scratch, path)
    except (OSError, ValueError) as error:
        words = getattr(error, "strerror", None) or str(error)
        raise InputError("a place that can be written to", words, str(path), "Name another with --out.") from None
    finally:
        if scratch is not None:
            with suppress(OSError):
                scratch.unlink()


def _is_of_a_run(path: Path) -> bool:
    """Tell whether a path is a run file (by its content, so by any link too) or lies beside one as a part of it."""
    with suppress(InputError, OSError), opened(path, "a file") as file:
        if file.read(RUN_MARK_AT + len(RUN_MARK))[RUN_MARK_AT:] == RUN_MARK:
            return True
    named = path.name == RUN_FILE or path.name.startswith(f"{RUN_FILE}-") or path.name in OWN
    return named and (path.parent / RUN_FILE).is_file()
