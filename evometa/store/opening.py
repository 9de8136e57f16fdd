"""Beginning a run, and going on with one: its file is made whole, or made sound, before anything is written to it."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

from evometa.errors import InputError, RunFailed
from evometa.store.connection import is_damage
from evometa.store.files import FILE, check_plain, failed, holding, locate, new_file, refused, sync_folder
from evometa.store.recovery import made_sound
from evometa.store.schema import FORMAT, Json
from evometa.store.seals import OPENING, new_identity
from evometa.store.verification import check_identity
from evometa.store.writer import Writer
from evometa.version import __version__

ANOTHER = "Give another folder with --out, or continue the run with `evometa resume {}`."


def create(folder: str | Path, config: Json, environment: Json) -> Writer:
    """Make a new run folder, with its parents, and hold the run for writing.

    The run file appears under its name only when it is whole. Raises InputError when the folder holds a run
    already or cannot be written, RunFailed when the disk is full.
    """
    folder = Path(folder).absolute()  # where it is now, whatever folder the process works in later
    path = folder / FILE
    if os.path.exists(path):
        raise InputError("a folder without a run", f"a run ({FILE})", str(folder), ANOTHER.format(folder))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError("a folder that can be made", str(error), str(folder)) from None
    check_plain(path)
    with holding(folder) as lock:
        if path.exists():  # made by another process since
            raise InputError("a folder without a run", f"a run ({FILE})", str(folder), ANOTHER.format(folder))
        meta = {
            "format": FORMAT,
            "evometa": __version__,
            "config": config,
            "environment": environment,
            "created": time.time(),
            **OPENING,
            **new_identity(),
        }
        try:
            new_file(path.with_name(FILE + ".new"), meta)
            os.replace(path.with_name(FILE + ".new"), path)
            sync_folder(folder)
            return Writer(path, lock)
        except (sqlite3.DatabaseError, OSError) as error:
            raise RunFailed(f"{path} cannot be made: {error}. Nothing was run.") from error


def open_writer(path: str | Path) -> Writer:
    """Hold an existing run (its folder or its file) for writing, once all of it has been verified.

    What is damaged is left out: see `Writer.notes`. Raises InputError when there is no run, another process
    holds it, its format is newer, or nothing of it can be saved; RunFailed when the file cannot be written.
    """
    path = locate(path).absolute()
    check_identity(path)
    with holding(path.parent) as lock:
        try:
            return Writer(path, lock, made_sound(path))
        except (sqlite3.DatabaseError, OSError) as error:
            damaged = isinstance(error, sqlite3.Error) and is_damage(error)
            raise (refused(path, str(error)) if damaged else failed(path, error)) from error
