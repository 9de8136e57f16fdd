"""Environments as a user would write them, good and bad; other processes import them from here by name."""

from __future__ import annotations

import os
import time
from typing import Any

import numpy as np


class Corridor:
    """A batch of corridors of five places, seen one-hot; the last one pays. Where one begins, the seed says."""

    inputs, actions = 5, 2

    def __init__(self, lanes: int, length: int = 5) -> None:
        self.place, self.inputs = np.zeros(lanes, int), length

    def reset(self, lanes: Any, seeds: Any) -> Any:
        """Begin anew."""
        self.place[lanes] = [np.random.default_rng(int(seed)).integers(0, 2) for seed in seeds[lanes]]
        return self.seen()

    def step(self, actions: Any) -> Any:
        """Go right by 1, left by 0."""
        self.place = np.clip(self.place + 2 * actions - 1, 0, self.inputs - 1)
        there = self.place == self.inputs - 1
        return self.seen(), there.astype(float), there, np.zeros(len(there), bool)

    def seen(self) -> Any:
        """One row a place."""
        return (np.arange(self.inputs)[:, None] == self.place).astype(np.float32)


class Masked(Corridor):
    """A corridor in which one cannot go left."""

    def legal(self) -> Any:
        """What may be done."""
        return np.array([[False], [True]]) | np.zeros((2, len(self.place)), bool)


class Shared(Corridor):
    """All lanes draw from one generator."""

    def reset(self, lanes: Any, seeds: Any) -> Any:
        """Begin anew, by the first seed."""
        drawn = np.random.default_rng(int(seeds[0])).integers(0, 3, len(seeds))
        self.place[lanes] = drawn[lanes]
        return self.seen()


class Forgetful(Corridor):
    """Is never the same twice."""

    clock = iter(range(10**9))

    def step(self, actions: Any) -> Any:
        """Pay by the clock."""
        x, _, ended, cut = super().step(actions)
        return x, np.full(len(ended), float(next(self.clock))), ended, cut


class Endless(Corridor):
    """Never ends."""

    def step(self, actions: Any) -> Any:
        """Go on."""
        x, reward, _, cut = super().step(actions)
        return x, reward, np.zeros(len(cut), bool), cut


class Broken(Corridor):
    """Gives what is no number, in lane 1."""

    def step(self, actions: Any) -> Any:
        """Pay nothing that can be counted."""
        x, reward, ended, cut = super().step(actions)
        reward[1] = np.nan
        return x, reward, ended, cut


class Priceless(Corridor):
    """Pays what is no number, at the second step of lanes whose trials begin at a place from `least` on."""

    def __init__(self, lanes: int, least: int = 0) -> None:
        super().__init__(lanes)
        self.least, self.priced, self.steps = least, np.zeros(lanes, bool), 0

    def reset(self, lanes: Any, seeds: Any) -> Any:
        """Begin anew."""
        seen = super().reset(lanes, seeds)
        if not self.steps:
            self.priced = self.place < self.least
        return seen

    def step(self, actions: Any) -> Any:
        """Pay."""
        x, reward, ended, cut = super().step(actions)
        self.steps += 1
        reward = np.where(self.priced | (self.steps != 2), reward, np.nan)
        return x, reward, ended, cut


class Odd(Corridor):
    """Gives x with lanes first."""

    def seen(self) -> Any:
        """Turned."""
        return super().seen().T


def hanging(lanes: int) -> Any:
    """Hang in the third step."""

    class Hanging(Endless):
        left = 3

        def step(self, actions: Any) -> Any:
            self.left -= 1
            while not self.left:
                time.sleep(0.05)
            return super().step(actions)

    return Hanging(lanes)


def dying(lanes: int) -> Any:
    """End the whole process in the first step."""

    class Dying(Corridor):
        def step(self, actions: Any) -> Any:
            os._exit(7)

    return Dying(lanes)


def raising(lanes: int) -> Any:
    """Raise in the first step, having printed something."""

    class Raising(Corridor):
        def step(self, actions: Any) -> Any:
            print("about to fail")
            raise KeyError("no way")

    return Raising(lanes)


def nothing() -> Any:
    """Give what is no environment."""
    return 3


def longer(rng: np.random.Generator) -> dict[str, Any]:
    """Let lives differ in a corridor's length."""
    return {"length": int(rng.integers(3, 9))}
