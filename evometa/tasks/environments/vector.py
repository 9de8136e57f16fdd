"""A vector environment of Gymnasium, whose lanes begin anew when they are told to, and not by themselves."""

from __future__ import annotations

from typing import Any

import numpy as np

from evometa.spec.arrays import F32
from evometa.tasks.environments.protocol import Facts, Wrong
from evometa.tasks.environments.spaces import facts_of, flat, unchanged

_REMEDY = (
    "Make it with autoreset_mode=gymnasium.vector.AutoresetMode.DISABLED; trials are begun anew from outside, by "
    "counted seeds."
)


class Vector:
    """A VectorEnv as a batch of lanes (protocol.Environment)."""

    def __init__(self, environment: Any, lanes: int) -> None:
        if environment.num_envs != lanes:
            raise Wrong(f"as many environments as lanes, {lanes}", f"{environment.num_envs}",
                        remedy="Let the function take `lanes`, and make so many.")  # fmt: skip
        mode = getattr(environment, "metadata", {}).get("autoreset_mode")
        if getattr(mode, "name", "") != "DISABLED":
            raise Wrong("a vector environment without autoreset", f"autoreset_mode {mode}", remedy=_REMEDY)
        self.environment, self.lanes = environment, lanes
        self.observed, self.one = environment.single_observation_space, environment.single_action_space
        self.facts: Facts = facts_of(self.observed, self.one)
        self.inputs, self.actions, _ = self.facts
        self.first, self.begun, self.acted = int(self.one.start), False, environment.action_space
        self.legal: Any = None

    def reset(self, lanes: Any, seeds: Any) -> F32:
        """Begin trials anew."""
        options = {"reset_mask": np.array(lanes, bool)} if self.begun else None
        given = self.environment.reset(seed=[int(each) for each in seeds], options=options)
        self.begun = True
        if not (isinstance(given, tuple) and len(given) == 2):
            raise Wrong("observations and infos from reset", type(given).__name__)
        return self._seen(*given)

    def step(self, actions: Any) -> tuple[F32, F32, Any, Any]:
        """Act in every lane."""
        given = self.environment.step((actions + self.first).astype(self.acted.dtype))
        if not (isinstance(given, tuple) and len(given) == 5):
            raise Wrong("five things from step (observations, rewards, terminations, truncations, infos)",
                        f"{len(given) if isinstance(given, tuple) else type(given).__name__}")  # fmt: skip
        x, reward, ended, cut, infos = given
        ended, cut = np.asarray(ended, bool), np.asarray(cut, bool)
        with np.errstate(over="ignore"):
            return self._seen(x, infos), np.asarray(reward, np.float32), ended, cut & ~ended

    def close(self) -> None:
        """Close it."""
        self.environment.close()

    def _seen(self, observations: Any, infos: Any) -> F32:
        from gymnasium import spaces
        from gymnasium.vector.utils import iterate

        unchanged(self.environment.single_observation_space, self.observed)
        unchanged(self.environment.single_action_space, self.one)
        mask = infos.get("action_mask") if isinstance(infos, dict) else None
        if mask is not None:
            self.legal = np.asarray(mask, bool).T
        if isinstance(self.observed, spaces.Box):
            with np.errstate(over="ignore"):
                rows = np.asarray(observations, np.float32)
            if rows.shape != (self.lanes, *self.observed.shape):
                raise Wrong(f"observations of {self.lanes} lanes of {self.observed}", f"of shape {rows.shape}")
            return np.ascontiguousarray(rows.reshape(self.lanes, -1).T)
        own = iterate(self.environment.observation_space, observations)
        with np.errstate(over="ignore"):
            return np.stack([flat(self.observed, one, self.inputs, lane) for lane, one in enumerate(own)], axis=1)
