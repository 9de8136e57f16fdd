"""Single environments of Gymnasium side by side, one to a lane, in a plain loop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from evometa.spec.arrays import F32
from evometa.tasks.environments.protocol import Beat, Facts, Wrong
from evometa.tasks.environments.spaces import facts_of, flat, number, unchanged


class Singles:
    """L environments as one (protocol.Environment). `beat` hears of each lane before its turn."""

    def __init__(self, environments: Sequence[Any], beat: Beat) -> None:
        self.environments, self.beat = environments, beat
        first = environments[0]
        self.observed, self.acted = first.observation_space, first.action_space
        self.facts: Facts = facts_of(self.observed, self.acted)
        self.inputs, self.actions, _ = self.facts
        self.x = np.zeros((self.inputs, len(environments)), np.float32)
        self.legal: Any = None
        self.spaces: list[tuple[Any, Any]] = [(self.observed, self.acted)] * len(environments)  # as they were last
        for lane in range(len(environments)):
            self._same_spaces(lane)

    @np.errstate(over="ignore")
    def reset(self, lanes: Any, seeds: Any) -> F32:
        """Begin trials anew."""
        for lane in np.flatnonzero(lanes).tolist():
            self.beat(lane)
            given = self.environments[lane].reset(seed=int(seeds[lane]))
            if not (isinstance(given, tuple) and len(given) == 2):
                raise Wrong("an observation and info from reset", f"{type(given).__name__}", lane)
            self._same_spaces(lane)
            self._see(lane, *given)
        return self.x

    @np.errstate(over="ignore")
    def step(self, actions: Any) -> tuple[F32, F32, Any, Any]:
        """Act in every lane."""
        count = len(self.environments)
        reward = np.zeros(count, np.float32)
        ended, cut = np.zeros((2, count), bool)
        for lane, action in enumerate(actions.tolist()):
            self.beat(lane)
            given = self.environments[lane].step(action + int(self.acted.start))
            if not (isinstance(given, tuple) and len(given) == 5):
                raise Wrong("five things from step (observation, reward, terminated, truncated, info)",
                            f"{len(given) if isinstance(given, tuple) else type(given).__name__}", lane)  # fmt: skip
            self._same_spaces(lane)
            x, gain, ended[lane], cut[lane], info = given
            reward[lane] = number(gain, "a reward", lane)
            self._see(lane, x, info)
        return self.x, reward, ended, cut & ~ended

    def close(self) -> None:
        """Close all."""
        for environment in self.environments:
            environment.close()

    def _see(self, lane: int, observation: Any, info: Any) -> None:
        self.x[:, lane] = flat(self.observed, observation, self.inputs, lane)
        mask = info.get("action_mask") if isinstance(info, dict) else None
        if mask is not None:
            if np.shape(mask) != (self.actions,):
                raise Wrong(f"an action_mask of {self.actions} numbers", f"{np.shape(mask)}", lane)
            if self.legal is None:
                self.legal = np.ones((self.actions, len(self.environments)), bool)
            self.legal[:, lane] = mask

    def _same_spaces(self, lane: int) -> None:
        """Refuse an environment whose spaces are others than those of the first at its beginning; the same objects as
        at the last look are not compared again, as that takes longer than a step."""
        own = self.environments[lane]
        now, last = (own.observation_space, own.action_space), self.spaces[lane]
        if now[0] is last[0] and now[1] is last[1]:
            return
        for found, space in zip(now, (self.observed, self.acted), strict=True):
            unchanged(found, space, lane)
        self.spaces[lane] = now
