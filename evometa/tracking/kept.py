"""What is kept, beside the run file, of a run in trackers: `tracking.json` in the run's folder, an entry for each.

It holds a tracker's own name for the run (an id, a folder) and up to which generation everything was logged.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

FILE = "tracking.json"


def recall(folder: Path, tracker: str) -> dict[str, Any]:
    """Return what a tracker has kept; nothing where there is no file, or none that can be read."""
    found = _read(folder).get(tracker)
    return found if isinstance(found, dict) else {}


def keep(folder: Path, tracker: str, entry: dict[str, Any]) -> None:
    """Replace what a tracker has kept, at once or not at all. Raises OSError."""
    text = json.dumps({**_read(folder), tracker: entry}, indent=1, sort_keys=True)
    new = folder / f"{FILE}.new"
    new.write_text(text + "\n", encoding="utf-8")
    os.replace(new, folder / FILE)


def _read(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
