"""Callbacks and a view that write down what they hear, for tests of callbacks."""

from __future__ import annotations

from typing import Any

from evometa.callbacks import Callback, Silent

MOMENTS = ("on_begin", "on_best", "on_generation", "on_note", "on_end", "on_interrupt", "on_failure")
LAST = ("on_end", "on_interrupt", "on_failure")


class Diary(Callback):
    """Writes down what it is told, without runs."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []

    def on_begin(self, info: dict[str, Any]) -> None:
        self.told.append(("on_begin", info))

    def on_best(self, best: dict[str, Any]) -> None:
        self.told.append(("on_best", best))

    def on_generation(self, statistics: dict[str, Any], run: Any) -> None:
        assert run.generation == statistics["generation"]
        self.told.append(("on_generation", statistics))

    def on_note(self, text: str) -> None:
        self.told.append(("on_note", text))

    def on_end(self, run: Any) -> None:
        self.told.append(("on_end", run.summary()))

    def on_interrupt(self, message: str) -> None:
        self.told.append(("on_interrupt", message))

    def on_failure(self, message: str) -> None:
        self.told.append(("on_failure", message))

    def heard(self, moment: str) -> list[Any]:
        return [told for name, told in self.told if name == moment]

    @property
    def moments(self) -> list[str]:
        return [name for name, _ in self.told if name != "on_note"]


class Raises(Callback):
    """Raises an error at one moment, and counts how often it is called."""

    def __init__(self, moment: str, error: BaseException) -> None:
        self.calls = 0

        def fail(*told: Any) -> None:
            self.calls += 1
            raise error

        setattr(self, moment, fail)


class Notes(Silent):
    """A view that keeps the notes."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)
