"""The run's folder: where its files lie, who may write to it, and how SQLite opens it."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from os.path import isdir, isfile
from pathlib import Path

from filelock import FileLock, Timeout

from evometa.errors import Displaced, InputError, RunFailed
from evometa.store.absence import absent
from evometa.store.connection import Connection, check_definitions, connect, words_of
from evometa.store.schema import SCHEMA, Json, build
from evometa.store.seals import IDENTITY, put_meta
from evometa.system.disk import read_bounded, special

FILE, LOCK, OWNER, RECORD = "run.db", "run.lock", "run.owner", "run.committed"
LOGS = ("-wal", "-shm", "-journal")  # what SQLite lays beside a run file, under its name and this
OWNER_SIZE = 300  # bytes at most that are read of who writes to a run
WRITER_TIMEOUT, READER_TIMEOUT = 600.0, 30.0  # seconds that a statement waits for other processes

# File systems on which SQLite's shared memory does not work between machines, or not at all.
NETWORK = frozenset(
    {"9p", "afs", "beegfs", "ceph", "cifs", "drvfs", "fuse.ceph", "fuse.glusterfs", "fuse.sshfs", "glusterfs"}
    | {"gpfs", "lustre", "nfs", "nfs4", "smb2", "smb3", "smbfs", "vboxsf"}
)


def locate(path: str | Path) -> Path:
    """Return the run file of a run, given as its folder or as the file itself.

    Raises InputError when there is none.
    """
    path = Path(path)
    folder = isdir(path)  # as in all of os.path, a name that no file can have is one of nothing
    file = path if path.suffix == ".db" and not folder else path / FILE
    check_plain(file)
    if not isfile(file):
        raise absent(path, FILE)
    return file


def files_of(path: Path) -> list[Path]:
    """Return a run file and all that may lie beside it: SQLite's logs, the run's lock, its owner, its record."""
    logs = [path.with_name(path.name + log) for log in LOGS]
    return [path, *logs, *(path.with_name(name) for name in (LOCK, OWNER, RECORD))]


def check_plain(path: Path) -> None:
    """Raise InputError where a run file, or what lies beside it, is a link, a pipe, a device, or somebody else's file.

    SQLite would wait for a pipe, and write its log, as we the owner, to whatever a link leads to.
    """
    for file in files_of(path):
        try:
            seen = os.lstat(file)
        except (OSError, ValueError):
            continue
        odd = special(file, follow=False)
        if odd is None and seen.st_nlink > 1 and seen.st_size and file != path:
            odd = "a file that has another name, too"
        if odd is not None:
            remedy = "Copy what it leads to in its place." if file == path else "Take it away."
            raise InputError(f"a run whose {file.name} is a plain file", odd, str(file), remedy)


def refused(path: Path, found: str) -> InputError:
    """Return the error for a file that cannot be read as a run."""
    remedy = f"`evometa resume {path.parent}` goes on from the last generation that verifies."
    return InputError("an intact run file", found, str(path), remedy)


def failed(path: Path, error: Exception) -> RunFailed:
    """Return the error for a run file that cannot be written any more."""
    kept = "Every generation committed so far is intact."
    if isinstance(error, sqlite3.DataError):
        return RunFailed(f"{path} cannot keep {words_of(error)}. {kept}")
    return RunFailed(
        f"{path} cannot be written: {error}. {kept} Make room, or restore the right to write; then `evometa resume "
        f"{path.parent}` goes on."
    )


def displaced(path: Path) -> Displaced:
    """Return the error for a run file that is no longer where it was."""
    return Displaced(
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
        with suppress(OSError, InputError):
            told = read_bounded(folder / OWNER, OWNER_SIZE, "a note on who writes")
            holder = told.decode(errors="replace").strip() or holder
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
            (folder / OWNER).unlink(missing_ok=True)  # never written through a link
            with (folder / OWNER).open("x", encoding="utf-8") as file:
                file.write(f"process {os.getpid()} on {socket.gethostname()}\n")
        yield lock
    except BaseException:
        release(lock, folder)
        raise


def release(lock: FileLock, folder: Path) -> None:
    """Give the run's lock back."""
    with suppress(OSError):
        (folder / OWNER).unlink(missing_ok=True)
    lock.release()


def connect_writer(path: Path) -> Connection:
    """Open a run file for writing: fully synchronous, with a write-ahead log where that works."""
    connection = connect(path, "mode=rw", WRITER_TIMEOUT)
    try:
        wanted = "WAL" if has_shared_memory(path.parent) else "DELETE"
        check_definitions(connection, path.stat().st_size)
        connection.set_progress_handler(None, 0)  # of a file that has been verified, in an honest process
        connection.execute(f"PRAGMA journal_mode = {wanted}")
        connection.execute("PRAGMA synchronous = FULL")
    except BaseException:
        connection.close()
        raise
    return connection


def new_file(path: Path, meta: Json, schema: Iterable[str] = SCHEMA) -> None:
    """Write an empty run file and bring it safely to disk, in place of an unfinished one of that name.

    `meta`: its sealed entries, under the identity that they hold.
    """
    path.unlink(missing_ok=True)
    connection = connect(path, "mode=rwc", WRITER_TIMEOUT)
    try:
        connection.execute("PRAGMA journal_mode = MEMORY")  # renamed when whole, thrown away otherwise
        build(connection, schema)
        for key, value in meta.items():
            put_meta(connection, key, value, meta.get(IDENTITY[0], ""))
        connection.execute("COMMIT")
    finally:
        connection.close()


def connect_reader(path: Path) -> Connection:
    """Open a run file read-only, also beside a running writer, after a kill, and on read-only media.

    Where the folder cannot be written, a log that a killed writer left cannot be replayed in place: then a
    copy is read. Raises sqlite3.DatabaseError when the file is damaged, OSError when there is no room for a copy.
    """
    try:
        return _checked(connect(path, "mode=ro", READER_TIMEOUT), path)
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in (8, 14):  # read-only, cannot open
            raise
    if not leftovers(path):
        return _checked(connect(path, "mode=ro&immutable=1", READER_TIMEOUT), path)
    folder = Path(tempfile.mkdtemp(prefix="evometa-"))
    try:
        for source in (path, *leftovers(path)):
            shutil.copyfile(source, folder / source.name)
        connection = _checked(connect(folder / path.name, "mode=rw", READER_TIMEOUT), path)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    connection.scratch, connection.private = folder, True
    return connection


def _checked(connection: Connection, path: Path) -> Connection:
    """Return the connection once its tables are ours; close it otherwise."""
    try:
        check_definitions(connection, path.stat().st_size)
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
