"""One life of one learner that acts, as long as somebody calls: by the reference, in a world that lies outside."""

from __future__ import annotations

from math import copysign, isfinite
from typing import Any

import numpy as np

from evometa.lifetime import F32
from evometa.lifetime.acting import ActingPlan, Actors, Lives
from evometa.lifetime.acting_check import check_acting
from evometa.lifetime.outside import given_rows, outside
from evometa.lifetime.reference_acting import Actor
from evometa.seeding import stream
from evometa.spec.acting import TICKS

BLOCK = 1024  # ticks whose numbers are drawn at a time
OWN = ("act", "expected", "foretold", "met", "action", "previous", "over", "earned", "reward", "faulty")
CLOCK = ("trial", "move")  # of the world


def draws_of(seed: int, block: int) -> F32:
    """Return the numbers that are chosen by in a block of ticks, f32[BLOCK, 2]."""
    return stream(seed, block, "agent/draws").random((BLOCK, 2), np.float32)


class LoneLife(Actor):
    """A life of one lane. `waiting`: an action was taken of which nothing is known yet. Raises ContractError."""

    def __init__(self, actors: Actors, plan: ActingPlan, inputs: int, actions: int, ids: int, seed: int,
                 afterstates: bool = False) -> None:  # fmt: skip
        world = outside(inputs, actions, plan.ticks, ids, afterstates=afterstates)
        nothing = np.zeros((plan.ticks, 2, 1), np.float32)
        lives = Lives(world, np.zeros((0, 1), np.float32), np.zeros((plan.ticks + 1, 0, 1), np.float32), nothing)
        check_acting(actors, lives, plan)
        super().__init__(actors, 0, lives, plan)
        self.seed, self.tick, self.waiting = seed, 0, False
        self._block, self._draws = -1, np.zeros((0, 2), np.float32)

    def drawn(self) -> F32:
        """Return the numbers of this tick."""
        if self.tick // BLOCK != self._block:
            self._block = self.tick // BLOCK
            self._draws = draws_of(self.seed, self._block)
        return self._draws[self.tick % BLOCK][:, None]

    def add(self, w: F32, x: F32, total: F32) -> F32:
        """Return w·x + total: most inputs of a table are 0, and add nothing but to −0."""
        if x.item() == 0 and isfinite(w.item()) and (total.item() != 0 or copysign(1, total.item()) > 0):
            return total
        return super().add(w, x, total)

    def measure(self, given: F32) -> None:
        """Measure nothing: who calls knows the rewards."""

    @np.errstate(all="ignore")
    def decide(self, x: F32, legal: F32 | None, state: int) -> int:
        """Return the action for what is seen, f32[I]; with afterstates f32[A·I], what is seen of each action."""
        self._put(x[:, None], self.earned, self.lane["done"], self.lane["cut"], legal, state)
        before, learning, _ = self._parts()
        self.take(before if self.order == "same tick" else (*before, *learning))
        self.waiting = True
        return int(self.action[0])

    @np.errstate(all="ignore")
    def feel(self, reward: float, ended: bool, cut: bool) -> None:
        """Take in what the action came to."""
        gain, done, late = (np.array([value], np.float32) for value in (reward, ended, cut and not ended))
        self._put(self.world.states[: len(self.lives.world.observe)], gain, done, late, None, 0)
        _, learning, move = self._parts()
        self.take((*move, *learning) if self.order == "same tick" else move)
        self.tick += 1
        self.waiting = False

    def put_down(self) -> dict[str, Any]:
        """Return arrays by name, by which a life can be taken up again between two ticks."""
        arrays = {f"state {name}": value for name, value in self.states.items()}
        arrays |= {f"lane {name}": value for name, value in self.lane.items()}
        arrays |= {name: np.asarray(getattr(self, name)) for name in OWN}
        return {**arrays, "innate": self.w0, **{name: getattr(self.world, name) for name in CLOCK}}

    def take_up(self, arrays: dict[str, Any], tick: int) -> None:
        """Go on where a life was put down. Raises KeyError and ValueError for arrays of another one."""
        expected = self.put_down()
        for name, value in expected.items():
            if (arrays[name].shape, arrays[name].dtype) != (value.shape, value.dtype):
                raise ValueError(f"{name} of shape {arrays[name].shape}")
        self.states = {name: arrays[f"state {name}"] for name in self.states}
        self.lane = {name: arrays[f"lane {name}"] for name in self.lane}
        for name in OWN:
            setattr(self, name, arrays[name])
        for name in CLOCK:
            setattr(self.world, name, arrays[name])
        self.w0, self.tick = arrays["innate"], tick

    def _put(self, x: F32, reward: F32, ended: F32, cut: F32, legal: F32 | None, state: int) -> None:
        allowed = None if legal is None else legal[:, None]
        ids = np.array([state], np.float32)
        self.world.states[:] = given_rows(self.lives.world, x, reward, ended, cut, allowed, ids)

    def _parts(self) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """Return the steps of a tick: what is thought, what is learned, and the world's own."""
        steps = TICKS[self.order]
        chosen = steps.index("choose") + 1
        return steps[:chosen], tuple(name for name in steps[chosen:] if name != "move"), ("move",)
