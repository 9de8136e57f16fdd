"""Environments of Gymnasium as a user would write them."""

from __future__ import annotations

from typing import Any, ClassVar

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.envs.classic_control.cartpole import CartPoleEnv, CartPoleVectorEnv
from gymnasium.vector import AutoresetMode, SyncVectorEnv, VectorEnv
from gymnasium.wrappers import TimeLimit


def vector(lanes: int) -> VectorEnv:
    """Cart-poles that are begun anew from outside."""
    makers = [lambda: TimeLimit(CartPoleEnv(), 6)] * lanes
    return SyncVectorEnv(makers, autoreset_mode=AutoresetMode.DISABLED)


def by_itself(lanes: int) -> VectorEnv:
    """Cart-poles that begin anew by themselves."""
    return SyncVectorEnv([CartPoleEnv] * lanes)


def fewer(lanes: int) -> VectorEnv:
    """One lane, however many are wanted."""
    return vector(1)


class OneGenerator(CartPoleVectorEnv):
    """Gymnasium's own, told not to begin anew: it draws all lanes from one generator."""

    metadata: ClassVar[dict[str, Any]] = {**CartPoleVectorEnv.metadata, "autoreset_mode": AutoresetMode.DISABLED}

    def reset(self, *, seed: Any = None, options: Any = None) -> Any:
        """Begin anew by the first seed."""
        return super().reset(seed=seed[0] if isinstance(seed, list) else seed)


class Seen(gymnasium.Env):
    """A walk of three places, seen as a dictionary of kinds of spaces; actions begin with 2."""

    observation_space = spaces.Dict({"place": spaces.Discrete(3), "walls": spaces.Box(-1, 1, (2, 2))})
    action_space = spaces.Discrete(2, start=2)

    def __init__(self, ends: int = 3) -> None:
        self.place, self.ends, self.acted = 0, ends, []

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        """Begin anew."""
        super().reset(seed=seed)
        self.place = 0
        return self.seen(), {}

    def step(self, action: Any) -> Any:
        """Walk on."""
        assert self.action_space.contains(action)
        self.place += int(action) - 1
        return self.seen(), float(self.place), self.place >= self.ends, False, {"action_mask": [1, 0]}

    def seen(self) -> Any:
        """What is seen."""
        return {"place": self.place % 3, "walls": np.full((2, 2), self.place / 10, np.float32)}


class Number(Seen):
    """Seen as a number of a state."""

    observation_space = spaces.Discrete(3)

    def seen(self) -> Any:
        """The place."""
        return self.place % 3


class Changing(Number):
    """Has other spaces from its second trial on."""

    def reset(self, **more: Any) -> Any:
        """Begin anew."""
        if self.place:
            self.action_space = spaces.Discrete(4)
        return super().reset(**more)


class Opening(Number):
    """Has another action within a trial, and its old ones when it begins anew."""

    def reset(self, **more: Any) -> Any:
        """Begin anew."""
        self.action_space = Number.action_space
        return super().reset(**more)

    def step(self, action: Any) -> Any:
        """Walk on."""
        given = super().step(action)
        self.action_space = spaces.Discrete(3, start=2)
        return given


class OpeningVector(SyncVectorEnv):
    """Cart-poles that show more from the first step on."""

    def step(self, actions: Any) -> Any:
        """Go on."""
        given = super().step(actions)
        self.single_observation_space = spaces.Box(-1, 1, (5,))
        return given


def opening(lanes: int) -> VectorEnv:
    """Such cart-poles."""
    return OpeningVector([CartPoleEnv] * lanes, autoreset_mode=AutoresetMode.DISABLED)


class Growing(Seen):
    """Shows more than its space has."""

    observation_space = spaces.Box(-1, 1, (2,))

    def seen(self) -> Any:
        """One number more each time."""
        return np.zeros(2 + self.place)


class Unpaid(Number):
    """Pays in words."""

    def step(self, action: Any) -> Any:
        """Pay."""
        x, _, *rest = super().step(action)
        return (x, "much", *rest)


class Old(Number):
    """Steps as in old times: four things."""

    def step(self, action: Any) -> Any:
        """Go on."""
        return super().step(action)[:4]


class Continuous(Number):
    """Is acted in by numbers."""

    action_space = spaces.Box(-1, 1, (1,))  # type: ignore[assignment]


def ends(rng: np.random.Generator) -> dict[str, Any]:
    """Let lives differ."""
    return {"ends": int(rng.integers(2, 100))}
