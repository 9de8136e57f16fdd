"""Arrays of a user's npz file, read within the memory that there is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np

from evometa.errors import InputError
from evometa.system import machine
from evometa.system.disk import opened


@contextmanager
def arrays(path: Path) -> Iterator[Mapping[str, Any]]:
    """Open an npz file, whose arrays are read when asked for; InputError, naming the file, where they are too large.

    BadZipFile where it is no npz file. Its directory says how large the arrays are, and so does the header of each:
    neither need be true.
    """
    where, limit = f"{path} (tasks.path)", machine.memory()
    fitting = f"arrays that fit into {limit / 2**30:.1f} GiB of memory"
    with opened(path, "an npz file", where) as file:
        with ZipFile(file) as archive:
            size = sum(member.file_size for member in archive.infolist())
        if size > limit:
            raise InputError(fitting, f"{size / 2**30:.1f} GiB", where)
        file.seek(0)
        data = np.load(file, allow_pickle=False)
        try:
            yield data
        except MemoryError:
            raise InputError(fitting, "an array whose header asks for more", where) from None
