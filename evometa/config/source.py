"""Where each value of a configuration came from: a file's line, an option, a stored run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as Folder

from evometa.config.keys import Path, dotted

HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]")
KEY = re.compile(r"^\s*([A-Za-z0-9_.\"' -]+?)\s*=")


@dataclass(frozen=True)
class Source:
    """What a configuration was read from: its name for people, its text, and the options given beside it.

    `base`: where the recipe was read that this one builds on; `replaced`: paths whose values are not taken from there.
    `folder`: where relative paths of tasks start from; `relative`: those that were given so, as absolute ones.
    """

    label: str
    text: str = ""
    options: Mapping[Path, str] = field(default_factory=dict)
    stored: bool = False
    base: Source | None = None
    replaced: frozenset[Path] = frozenset()
    folder: Folder = Folder()
    relative: frozenset[str] = frozenset()

    def where(self, path: Path) -> str:
        """Name the place of a key: the option that set it, or the file, its line and the key."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.options:
                return self.options[path[:end]]
        for option_path, option in self.options.items():
            if option_path[: len(path)] == path and path:
                return option
        place = next((found for end in range(len(path), 0, -1) if (found := self._line(path[:end]))), self.label)
        return f"{place}: {dotted(path)}" if path else place

    def _line(self, path: Path) -> str | None:
        """Name the file and the line of a key or table, in this text or one that it builds on (None: in neither)."""
        lines = _lines(self.text)
        for form in (path, ("tasks", 0, *path[1:])):  # one [[tasks]] is the same as one [tasks]
            if form in lines and form[0] == path[0]:
                return f"{self.label}, line {lines[form]}"
        if self.base is None or any(path[:end] in self.replaced for end in range(1, len(path) + 1)):
            return None
        return self.base._line(path)


def _lines(text: str) -> dict[Path, int]:
    """Line number of each table header and key in a TOML text (best effort: only used in messages)."""
    found: dict[Path, int] = {}
    table: Path = ()
    count: dict[Path, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if header := HEADER.match(line):
            table = _parts(header[2])
            if header[1] == "[[":
                count[table] = count.get(table, -1) + 1
                table = (*table, count[table])
            found.setdefault(table, number)
        elif key := KEY.match(line):
            found.setdefault((*table, *_parts(key[1])), number)
    return found


def _parts(text: str) -> Path:
    return tuple(part.strip().strip("\"'") for part in text.split("."))
