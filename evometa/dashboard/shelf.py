"""The runs in a folder: what is there, under which key, and how a file looks from outside. Nothing is opened here.

The only module of the dashboard that makes paths, and it makes them from what the folder lists alone. A run that
lies outside the folder, behind a symbolic link, is named and refused.
"""

from __future__ import annotations

import os
import re
import socket
import stat
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from evometa.dashboard.routes import key_of
from evometa.errors import InputError
from evometa.store.files import FILE, LOCK, OWNER

BESIDE = ("-wal", "-shm", "-journal")  # what SQLite lays beside a file
MAX_AGE, TIMES = 1.0, 10.0  # seconds that a list of the folder is good for; times those that listing took

Stamp = tuple[int, ...]
_OWNER = re.compile(r"process ([0-9]{1,9}) on (.{1,255})\n?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entry:
    """A run as the folder has it: its key in addresses, its name for people, its file; or why it is refused."""

    key: str
    name: str
    file: Path
    refusal: str = ""

    def stamp(self) -> Stamp:
        """Return times and sizes of the file and of its log: other numbers whenever something was committed."""
        found: list[int] = []
        for suffix in ("", "-wal", "-journal"):
            try:
                seen = os.stat(f"{self.file}{suffix}", follow_symlinks=False)
                found += (seen.st_mtime_ns, seen.st_size)
            except OSError:
                found += (0, 0)
        return tuple(found)

    def written_by(self) -> str:
        """Return who is writing to the run, in words; nothing where nobody is (any more), as far as can be told."""
        try:
            with open(self.file.with_name(OWNER), encoding="utf-8", errors="replace") as file:
                text = file.read(300)
        except OSError:
            return ""
        found = _OWNER.fullmatch(text)
        if not found:
            return ""
        process, host = int(found[1]), found[2]
        if host == socket.gethostname() and not _lives(process):
            return ""
        return f"process {process} on {host}"


class Shelf:
    """The runs in a folder, listed anew at most once a second, whoever asks. Any thread may ask."""

    def __init__(self, folder: Path) -> None:
        """Raises InputError where there is no such folder."""
        self.folder = folder
        try:
            self.root = folder.resolve(strict=True)
            os.scandir(self.root).close()
        except (OSError, RuntimeError) as error:
            found = "a file" if folder.is_file() else getattr(error, "strerror", None) or str(error)
            remedy = "Give the folder that holds the runs' folders: evometa dashboard runs."
            raise InputError("a folder of runs", found, str(folder), remedy) from None
        self._lock = threading.Lock()
        self._entries: dict[str, Entry] = {}
        self._until = 0.0

    def entries(self) -> dict[str, Entry]:
        """Return all runs by key, sorted by name."""
        with self._lock:
            started = time.monotonic()
            if started >= self._until:
                self._entries = self._listed()
                ended = time.monotonic()
                self._until = ended + max(MAX_AGE, TIMES * (ended - started))
            return self._entries

    def find(self, key: str) -> Entry | None:
        """Return the run of that key, if the folder lists one."""
        return self.entries().get(key)

    def _listed(self) -> dict[str, Entry]:
        found = []
        if is_there(self.root / FILE):
            found.append(self._entry(self.root))  # the folder of one run was given
        try:
            with os.scandir(self.root) as inside:
                found += [self._entry(self.root / one.name) for one in inside if is_there(self.root / one.name / FILE)]
        except OSError:
            pass  # the folder has gone; so have its runs
        return {entry.key: entry for entry in sorted(found, key=lambda entry: _natural(entry.name))}

    def _entry(self, folder: Path) -> Entry:
        key, name = key_of(folder.name), os.fsencode(folder.name).decode(errors="replace")
        try:
            file = (folder / FILE).resolve(strict=True)
        except (OSError, RuntimeError):  # a link to nothing, or to itself
            return Entry(key, name, folder / FILE, "it cannot be reached")
        if not file.is_relative_to(self.root):
            reason = "it is a symbolic link to a place outside the folder, which is not followed"
            return Entry(key, name, folder / FILE, reason)
        return Entry(key, name, file, _odd_file(file))


def is_there(path: Path) -> bool:
    """Tell whether there is anything at a path, of whatever kind; never raises."""
    return os.path.lexists(path)


def _odd_file(file: Path) -> str:
    """Return what is wrong with a run file and those beside it: SQLite would read a link's target as its log."""
    for name in (file.name, LOCK, OWNER, *(file.name + suffix for suffix in BESIDE)):
        try:
            if not stat.S_ISREG(os.lstat(file.with_name(name)).st_mode):
                return f"its {name} is not a plain file"
        except OSError:
            continue
    return ""


def _lives(process: int) -> bool:
    """Tell whether a process of this machine lives; where that cannot be asked, it is taken to."""
    if os.name != "posix":
        return True  # there, the same call would end the process
    try:
        os.kill(process, 0)  # signal 0 asks and does nothing
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _natural(name: str) -> list[tuple[int, int | str]]:
    """Return what sorts delta-2 before delta-10."""
    return [(0, int(part)) if part.isdecimal() else (1, part.lower()) for part in re.split(r"([0-9]+)", name) if part]
