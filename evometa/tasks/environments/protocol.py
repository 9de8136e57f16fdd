"""What a batch of lanes in an environment is: whatever has these is one, a user's own class included."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

Beat = Callable[[int], None]  # hears of the lane that has its turn: a sign of life


class Environment(Protocol):
    """L lanes that go on side by side; lanes are the last axis of every array.

    `inputs`, `actions`: how many. It may have `legal` as well, bool[A, L], which actions may be chosen now.
    """

    inputs: int
    actions: int

    def reset(self, lanes: Any, seeds: Any) -> Any:
        """Begin a trial anew in the lanes of bool[L], by seeds u64[L]; return x f32[I, L] of all lanes."""
        ...

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any]:
        """Act i64[L]; return x f32[I, L], reward f32[L], ended bool[L], cut bool[L]."""
        ...


class Wrong(Exception):
    """What an environment did that it may not; `lane` −1 where it is known of none."""

    def __init__(self, expected: str, found: str, lane: int = -1, remedy: str = "") -> None:
        self.expected, self.found, self.lane, self.remedy = expected, found, lane, remedy
        super().__init__(expected, found, lane, remedy)


class Facts(NamedTuple):
    """What is known of an environment before a life: numbers of inputs, actions, and of states that x numbers."""

    inputs: int
    actions: int
    ids: int = 0
