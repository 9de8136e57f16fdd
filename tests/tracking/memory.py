"""A tracker that logs to memory, for tests of what all trackers share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from evometa.tracking.metrics import Entry
from evometa.tracking.tracker import Ending, Tracker


class Memory(Tracker):
    """Notes what it is asked to log; `steps` are the generations, in order."""

    name: ClassVar[str] = "memory"

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[Mapping[str, Any]] = []
        self.entries: list[Entry] = []
        self.writings = 0
        self.champions: list[tuple[Mapping[str, float], str]] = []
        self.figures: Mapping[str, Any] = {}
        self.endings: list[Ending] = []

    @property
    def steps(self) -> list[int]:
        return [entry.generation for entry in self.entries]

    @property
    def formulas(self) -> dict[int, str]:
        return {entry.generation: entry.formula for entry in self.entries if entry.formula}

    def open(self, info: Mapping[str, Any], kept: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
        self.opened.append(kept)
        return {"id": kept.get("id", "first")}, int(kept.get("logged", 0))

    def write(self, entries: Sequence[Entry]) -> None:
        self.writings += 1
        self.entries += entries

    def finish(self, numbers: Mapping[str, float], formula: str) -> None:
        self.champions.append((numbers, formula))

    def draw(self, figures: Mapping[str, Any]) -> None:
        self.figures = figures

    def close(self, ending: Ending) -> None:
        self.endings.append(ending)
