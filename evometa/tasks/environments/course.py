"""Trials one after another in every lane: begun by counted seeds, cut where they take too long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from evometa.spec.arrays import F32
from evometa.tasks.environments.opening import made
from evometa.tasks.environments.protocol import Beat, Facts, Wrong
from evometa.tasks.environments.spec import EnvironmentSpec, reset_seed


class Seen(NamedTuple):
    """What is seen, of all lanes: x of a new trial where one is over; `legal` None where everything is."""

    x: F32
    reward: F32
    ended: Any
    cut: Any
    legal: Any = None


class Course:
    """Lanes of an environment from the beginning of their lives on; `lanes`: the numbers by which they are seeded."""

    def __init__(self, spec: EnvironmentSpec, lanes: Sequence[int], seed: int, generation: int, beat: Beat) -> None:
        self.environment = made(spec, lanes, seed, generation, beat)
        self.spec, self.lanes, self.seed, self.generation = spec, list(lanes), seed, generation
        own = self.environment
        self.facts = getattr(own, "facts", None) or Facts(int(own.inputs), int(own.actions))
        count = len(self.lanes)
        self.trial, self.moves = np.zeros(count, np.int64), np.zeros(count, np.int64)
        self.seeds = np.array([reset_seed(seed, generation, lane, 0) for lane in lanes], np.uint64)

    def begin(self) -> Seen:
        """Begin the first trial of every lane."""
        count = len(self.lanes)
        x = self._numbers(self.environment.reset(np.ones(count, bool), self.seeds), "x", self.facts.inputs)
        nothing = np.zeros(count, bool)
        return Seen(x, np.zeros(count, np.float32), nothing, nothing, self._legal())

    def step(self, actions: Any) -> Seen:
        """Act in every lane, and begin anew what is over."""
        given = self.environment.step(np.asarray(actions, np.int64))
        if not (isinstance(given, tuple) and len(given) == 4):
            raise Wrong("x, reward, ended and cut from step", f"{type(given).__name__}")
        x, reward = self._numbers(given[0], "x", self.facts.inputs), self._numbers(given[1], "reward")
        ended, cut = (self._flags(value, name) for value, name in zip(given[2:], ("ended", "cut"), strict=True))
        self.moves += 1
        if self.spec.cut:
            cut = cut | (self.moves >= self.spec.cut)
        cut = cut & ~ended
        over = ended | cut
        if over.any():
            self.trial[over] += 1
            self.moves[over] = 0
            for place in np.flatnonzero(over).tolist():
                own = int(self.trial[place])
                self.seeds[place] = reset_seed(self.seed, self.generation, self.lanes[place], own)
            x = self._numbers(self.environment.reset(over, self.seeds), "x", self.facts.inputs)
        return Seen(x, reward, ended, cut, self._legal())

    def close(self) -> None:
        """Close the environment, if it can be."""
        getattr(self.environment, "close", lambda: None)()

    def _numbers(self, value: Any, name: str, rows: int = 0) -> F32:
        shape = (rows, len(self.lanes)) if rows else (len(self.lanes),)
        try:
            with np.errstate(over="ignore"):
                array = np.array(value, np.float32)
        except (TypeError, ValueError) as error:
            raise Wrong(f"numbers as {name}", f"{type(value).__name__}: {error}") from error
        if array.shape != shape:
            raise Wrong(f"{name}{[*shape]}", f"{[*array.shape]}", remedy="Lanes are the last axis.")
        return array

    def _flags(self, value: Any, name: str) -> Any:
        array = np.asarray(value)
        if array.shape != (len(self.lanes),) or array.dtype.kind not in "bui":
            raise Wrong(f"{name}[{len(self.lanes)}], True or False", f"{array.dtype}{[*array.shape]}")
        return array > 0

    def _legal(self) -> Any:
        legal = getattr(self.environment, "legal", None)
        if legal is None:
            return None
        array = np.asarray(legal() if callable(legal) else legal)
        if array.shape != (self.facts.actions, len(self.lanes)):
            raise Wrong(f"legal[{self.facts.actions}, {len(self.lanes)}]", f"{[*array.shape]}")
        return (array > 0).astype(np.float32)
