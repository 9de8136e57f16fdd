"""The run's folder: where its files lie, who may write to it, and how SQLite opens it."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from os.path import isdir, isfile
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from evometa.errors import InputError, RunFailed
from evometa.store.absence import absent
from evometa.store.schema import build
from evometa.store.seals import IDENTITY, put_meta

FILE, LOCK, OWNER = "run.db", "run.lock", "run.owner"
WRITER_PATIENCE, READER_PATIENCE = 600.0, 30.0  # seconds that a statement waits for other processes

# File systems on which SQLite's shared memory does not work between machines, or not at all.
NETWORK = frozenset(
    {"9p", "afs", "beegfs", "ceph", "cifs", "drvfs", "fuse.ceph", "fuse.glusterfs", "fuse.sshfs", "glusterfs"}
    | {"gpfs", "lustre", "nfs", "nfs4", "smb2", "smb3", "smbfs", "vboxsf"}
)

# SQLite's primary result codes that come from the machine (rights, locks, space, devices), not from the file.
_OF_THE_MACHINE = frozenset({3, 5, 6, 8, 9, 10, 13, 14, 15, 23})


def is_damage(error: sqlite3.Error) -> bool:
    """Tell whether an error says that the file's content is wrong, rather than that it cannot be reached."""
    return (getattr(error, "sqlite_errorcode", 1) & 0xFF) not in _OF_THE_MACHINE


def locate(path: str | Path) -> Path:
    """Return the run file of a run, given as its folder or as the file itself.

    Raises InputError when there is none.
    """
    path = Path(path)
    folder = isdir(path)  # as in all of os.path, a name that no file can have is one of nothing
    file = path if path.suffix == ".db" and not folder else path / FILE
    if not isfile(file):
        raise absent(path, FILE)
    return file


def refused(path: Path, found: str) -> InputError:
    """Return the error for a file that cannot be read as a run."""
    remedy = f"`evometa resume {path.parent}` goes on from the last generation that verifies."
    return InputError("an intact run file", found, str(path), remedy)


def failed(path: Path, error: Exception) -> RunFailed:
    """Return the error for a run file that cannot be written any more."""
    return RunFailed(
        f"{path} cannot be written: {error}. Every generation committed so far is intact. Make room, or "
        f"restore the right to write; then `evometa resume {path.parent}` goes on."
    )


def displaced(path: Path) -> RunFailed:
    """Return the error for a run file that is no longer where it was."""
    return RunFailed(
        f"{path} was moved, deleted or replaced while the run was going on: nothing more can be kept there. Put the "
        "run's folder back where it was, or resume it in its new place."
    )


@contextmanager
def holding(folder: Path) -> Iterator[FileLock]:
    """Take the run's lock and give it back only if the body fails; the operating system frees it at a kill.

    Raises InputError when another process holds it, or the folder cannot be written to.
    """
    lock = FileLock(folder / LOCK, timeout=0, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        holder = "another process"
        with suppress(OSError):
            holder = (folder / OWNER).read_text().strip() or holder
        raise InputError(
            "a run that nobody else is writing to",
            f"it is held by {holder}",
            str(folder),
            f"Wait until it has ended, or stop it; `evometa inspect {folder}` works meanwhile.",
        ) from None
    except (OSError, NotImplementedError) as error:
        raise InputError("a folder that can be written to and locked", str(error), str(folder)) from None
    try:
        with suppress(OSError):  # told to others only, so a full disk is no reason to stop here
            (folder / OWNER).write_text(f"process {os.getpid()} on {socket.gethostname()}\n")
        yield lock
    except BaseException:
        release(lock, folder)
        raise


def release(lock: FileLock, folder: Path) -> None:
    """Give the run's lock back."""
    with suppress(OSError):
        (folder / OWNER).unlink(missing_ok=True)
    lock.release()


class Connection(sqlite3.Connection):
    """A connection that closes when it is forgotten, and takes the folder of its private copy along.

    `private`: to a copy, in that folder or in memory, in nobody's way.
    """

    scratch: Path | None = None
    private = False

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        """Run a statement; a message of SQLite's that quotes damaged text counts as a message of damage."""
        try:
            return super().execute(*arguments)
        except UnicodeDecodeError as error:
            raise sqlite3.DatabaseError(f"text that is not UTF-8 ({error.reason})") from error

    def __del__(self) -> None:
        self.close()
        if self.scratch:
            shutil.rmtree(self.scratch, ignore_errors=True)


def connect(path: Path, options: str, patience: float) -> Connection:
    """Open a run file with URI options (`mode=ro`, …), without SQLite's implicit transactions."""
    uri = f"{path.resolve().as_uri()}?{options}"
    return sqlite3.connect(
        uri, uri=True, timeout=patience, isolation_level=None, check_same_thread=False, factory=Connection
    )


def connect_writer(path: Path) -> Connection:
    """Open a run file for writing: fully synchronous, with a write-ahead log where that works."""
    connection = connect(path, "mode=rw", WRITER_PATIENCE)
    try:
        wanted = "WAL" if has_shared_memory(path.parent) else "DELETE"
        connection.execute(f"PRAGMA journal_mode = {wanted}")
        connection.execute("PRAGMA synchronous = FULL")
    except BaseException:
        connection.close()
        raise
    return connection


def new_file(path: Path, meta: dict[str, Any]) -> None:
    """Write an empty run file and bring it safely to disk, in place of an unfinished one of that name.

    `meta`: its sealed entries, under the identity that they hold.
    """
    path.unlink(missing_ok=True)
    connection = connect(path, "mode=rwc", WRITER_PATIENCE)
    try:
        connection.execute("PRAGMA journal_mode = MEMORY")  # renamed when whole, thrown away otherwise
        build(connection)
        for key, value in meta.items():
            put_meta(connection, key, value, meta.get(IDENTITY[0], ""))
        connection.execute("COMMIT")
    finally:
        connection.close()


def connect_reader(path: Path) -> Connection:
    """Open a run file read-only, also beside a running writer, after a kill, and on read-only media.

    Where the folder cannot be written, a log that a killed writer left cannot be replayed in place: then a
    copy is read. Raises sqlite3.DatabaseError when the file is damaged.
    """
    try:
        return _tried(connect(path, "mode=ro", READER_PATIENCE))
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in (8, 14):  # read-only, cannot open
            raise
    if not leftovers(path):
        return _tried(connect(path, "mode=ro&immutable=1", READER_PATIENCE))
    folder = Path(tempfile.mkdtemp(prefix="evometa-"))
    try:
        for source in (path, *leftovers(path)):
            shutil.copyfile(source, folder / source.name)
        connection = _tried(connect(folder / path.name, "mode=rw", READER_PATIENCE))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    connection.scratch, connection.private = folder, True
    return connection


def _tried(connection: Connection) -> Connection:
    """Return the connection once it has read something; close it otherwise."""
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def leftovers(path: Path) -> list[Path]:
    """Return the log and journal, if any, that hold something of a run file."""
    beside = (path.with_name(path.name + suffix) for suffix in ("-wal", "-journal"))
    return [file for file in beside if file.exists() and file.stat().st_size]


def has_shared_memory(folder: Path, mounts: str = "/proc/self/mounts") -> bool:
    """Tell whether SQLite's write-ahead log works in a folder; on a network file system it does not."""
    place = str(folder.resolve())
    if place.startswith("\\\\"):
        return False
    best, kind = "", ""
    with suppress(OSError):
        for line in Path(mounts).read_text().splitlines():
            _, point, fstype, *_ = line.split(" ")
            point = point.encode().decode("unicode_escape").rstrip("/")
            if len(point) >= len(best) and (place == point or place.startswith(point + "/")):
                best, kind = point, fstype
    return kind not in NETWORK


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable, where the operating system lets a folder be opened."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
