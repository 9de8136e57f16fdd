"""A pool whose workers are functions of this process: they come, leave, stall and are lost when a test says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Any

from evometa.cluster.pool import Done, Lost
from evometa.cluster.worker import Account, account

HOME = "home"


@cache
def home() -> Account:
    """Return what this process says of itself, as a worker would."""
    return account("numba", 1)


class Ticking:
    """A clock on which a second passes between two looks at it."""

    def __init__(self) -> None:
        self.monotonic = count(0.0).__next__


@dataclass
class Workers:
    """`there`: those who are; `stalled`: those who never finish; `answer`: what becomes of a task, given its worker.

    `events`: what happens before a task ends, by how many have ended.
    """

    there: set[str]
    stalled: set[str] = field(default_factory=set)
    answer: Callable[[str, Callable[..., Any], tuple[Any, ...]], Any] = lambda worker, function, given: function(*given)
    events: dict[int, Callable[[Workers], None]] = field(default_factory=dict)
    given: dict[int, tuple[str, Callable[..., Any], tuple[Any, ...]]] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)
    closed: bool = False

    def __post_init__(self) -> None:
        self._numbers = count()

    def workers(self) -> frozenset[str]:
        return frozenset(self.there)

    def share(self, value: Any) -> Any:
        return value

    def submit(self, worker: str, function: Callable[..., Any], *arguments: Any) -> int:
        number = next(self._numbers)
        self.given[number] = worker, function, arguments
        return number

    def done(self, seconds: float) -> Iterator[Done]:
        self.events.pop(len(self.ended), lambda own: None)(self)
        ready = [task for task, (worker, *_) in self.given.items() if worker in self.there - self.stalled]
        if not ready:
            return
        worker, function, arguments = self.given.pop(ready[0])
        self.ended.append(worker)
        try:
            yield Done(ready[0], self.answer(worker, function, arguments))
        except Lost as error:
            self.there.discard(worker)
            yield Done(ready[0], error=error)
        except Exception as error:
            yield Done(ready[0], error=error)

    def drop(self, task: int) -> None:
        self.given.pop(task, None)

    def recruit(self) -> str:
        self.there.add(HOME)
        return HOME

    def dismiss(self, worker: str) -> None:
        self.there.discard(worker)

    def close(self) -> None:
        self.closed = True
