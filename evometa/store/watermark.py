"""How much a run has committed, known beside its file: of a damaged log SQLite drops the newest commits in silence.

`run.committed` is there while a run is being written, and after a kill. It is written when a commit is durable, so it
never claims more than there was; a kill in between leaves it one commit behind. It bears the run's identity, which a
rescued file has no longer: what was lost is told once.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from io import FileIO
from pathlib import Path

from evometa.errors import InputError
from evometa.store.files import RECORD
from evometa.system.disk import read_bounded

SIZE = 200  # bytes of which a record has fewer
_LINE = re.compile(rb"([0-9a-f]{32}) ([0-9]{20}) ([0-9]{20}) ([0-9a-f]{16})\n")


@dataclass(frozen=True)
class Claim:
    """What had been committed of a run: how many changes to its file in all, and how many generations."""

    identity: str
    changes: int
    generations: int

    def line(self) -> bytes:
        """Return the text of the file, always of one length."""
        text = f"{self.identity} {self.changes:020d} {self.generations:020d}"
        return f"{text} {sha256(text.encode()).hexdigest()[:16]}\n".encode()


def claimed(path: Path) -> Claim | None:
    """Return what stands beside a run file; None where there is nothing, or nothing that can be believed."""
    try:
        text = read_bounded(path.with_name(RECORD), SIZE, "a record")
    except InputError:
        return None
    found = _LINE.fullmatch(text)
    claim = Claim(found[1].decode(), int(found[2]), int(found[3])) if found else None
    return claim if claim is not None and claim.line() == text else None


class Record:
    """The file beside a run that is being written; what cannot be noted is left out, as the run itself is safe."""

    def __init__(self, path: Path) -> None:
        self._path = path.with_name(RECORD)
        self._file: FileIO | None = None

    def note(self, claim: Claim) -> None:
        """Write what has just been committed, in place of what was there."""
        with suppress(OSError):
            if self._file is None:
                self._file = self._begun(claim)
            else:
                self._file.seek(0)
                self._file.write(claim.line())

    def _begun(self, claim: Claim) -> FileIO:
        """Put a new file in the old one's place, so that no moment is without one, and nothing goes through a link."""
        new = self._path.with_name(f"{self._path.name}.new")
        new.unlink(missing_ok=True)
        with FileIO(new, "x") as file:
            file.write(claim.line())
        os.replace(new, self._path)
        return FileIO(self._path, "r+")

    def close(self, whole: bool) -> None:
        """End it; `whole`: all lies in the run file itself now, where nothing goes missing in silence."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
                if whole:
                    self._path.unlink(missing_ok=True)
            self._file = None
