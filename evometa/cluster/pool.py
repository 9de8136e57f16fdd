"""The door to an engine that runs functions on workers: all that handing out slices asks of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol


class Lost(Exception):
    """A task will not come to an end: its worker is gone, or its result is."""


@dataclass(frozen=True)
class Done:
    """A task has ended: the `value` that its function returned, or the `error` that it raised, or Lost."""

    task: int
    value: Any = None
    error: BaseException | None = None


class Pool(Protocol):
    """Workers by their addresses, which come and go. Any method raises RunFailed where nobody hands out work any more.

    A task is a number; it goes to the one worker that it is given to, and to no other.
    """

    def workers(self) -> frozenset[str]:
        """Return the addresses of the workers that are there now."""

    def share(self, value: Any) -> Any:
        """Return a reference to a value that tasks may have as an argument; it is sent once."""

    def submit(self, worker: str, function: Callable[..., Any], *arguments: Any) -> int:
        """Give a worker a task."""

    def done(self, seconds: float) -> Iterator[Done]:
        """Yield the tasks that have ended since this was asked, and wait for the first of them at most so long."""

    def drop(self, task: int) -> None:
        """Forget a task: nobody wants to know any more what comes of it."""

    def recruit(self) -> str:
        """Start one more worker, a process of this machine that may be lost, and return its address."""

    def dismiss(self, worker: str) -> None:
        """End a worker that was recruited."""

    def close(self) -> None:
        """Leave the workers to others."""
