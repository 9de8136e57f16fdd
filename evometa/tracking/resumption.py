"""What is kept, beside the run file, of a run in trackers: `tracking.json` in the run's folder, an entry for each.

It holds a tracker's own name for the run (an id, a folder) and up to which generation everything was logged.
"""

from __future__ import annotations

import json
from pathlib import Path

from evometa.errors import InputError
from evometa.store.records import Json
from evometa.system.disk import read_bounded, write_whole

FILE = "tracking.json"
LONGEST = 1_000_000  # bytes


def recall(folder: Path, tracker: str) -> Json:
    """Return what a tracker has kept; nothing where there is no file, or none that can be read."""
    found = _read(folder).get(tracker)
    return found if isinstance(found, dict) else {}


def keep(folder: Path, tracker: str, entry: Json) -> None:
    """Replace what a tracker has kept, at once or not at all. Raises InputError."""
    text = json.dumps({**_read(folder), tracker: entry}, indent=1, sort_keys=True)
    write_whole(folder / FILE, f"{text}\n".encode(), replace=True)


def _read(folder: Path) -> Json:
    try:
        found = json.loads(read_bounded(folder / FILE, LONGEST, "what trackers keep"))
    except (InputError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
