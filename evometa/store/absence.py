"""What to say where no run is: what there is instead, and which run may have been meant."""

from __future__ import annotations

import os
from difflib import get_close_matches
from itertools import islice
from pathlib import Path

from evometa.errors import InputError

RUNS = Path("runs")
LOOKED_AT = 10_000  # entries of a folder in which a name is looked for


def absent(path: Path, name: str) -> InputError:
    """Return the error for a path that is no run; `name`: that of a run file in its folder."""
    if os.path.isdir(path):  # unlike Path.is_dir, it never raises
        found, remedy = _instead(path, name), f"`evometa list runs {path}` shows the runs in it."
    elif os.path.lexists(path):
        found, remedy = "a file of another kind", "`evometa list runs` shows them."
    else:
        found, remedy = "nothing there", _nearest(path, name)
    if path.suffix == ".toml":
        remedy = f"To start a run by a recipe: evometa run {path}."
    return InputError(f"a run: its folder, or the {name} in it", found, str(path), remedy)


def _instead(folder: Path, name: str) -> str:
    if not os.access(folder, os.X_OK):
        return "a folder that may not be looked into"
    return f"a {name} that is no file" if os.path.lexists(folder / name) else f"a folder without {name}"


def _nearest(path: Path, name: str) -> str:
    """Return the run that may have been meant: of nearly that name beside it, or of that name among the usual runs."""
    for folder in (path.parent, RUNS / path.parent):
        try:
            with os.scandir(folder) as inside:
                names = [one.name for one in islice(inside, LOOKED_AT) if (folder / one.name / name).is_file()]
        except (OSError, ValueError):
            continue
        close = get_close_matches(path.name, names, n=1, cutoff=0.6)
        if close:
            return f"Did you mean {folder / close[0]}?"
    return "`evometa list runs` shows them."
