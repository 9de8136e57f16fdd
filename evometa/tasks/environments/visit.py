"""One life in a world of equations, for whoever acts: a person at a console, an Agent, a test."""

from __future__ import annotations

import numpy as np

from evometa.errors import InputError
from evometa.language.worlds.drawing import open_world
from evometa.language.worlds.program import DONE, OVER, REWARD
from evometa.language.worlds.world import World
from evometa.lifetime.reference_world import WorldLives
from evometa.seeding import stream
from evometa.spec.arrays import F32


class Visit:
    """A life that is drawn by `seed` and `life`; `x f32[I]` is what is seen, `legal f32[A]` (None: everything is).

    With `afterstates` x is f32[A, I], what would be seen of each action. `inputs`, `actions`, `states` (0: none are
    numbered) and `ticks` are the world's own; `state`: the number of the one that is shown.
    Raises InputError that names the equation.
    """

    def __init__(self, world: World, seed: int = 0, life: int = 0) -> None:
        place = open_world(world)
        program, rng = place.program, stream(seed, life, "visit")
        drawn = [*place.draw(1, rng).values(), np.zeros((0, 1), np.float32)]
        self._program, self._rng = program, rng
        self._life = WorldLives(program, np.concatenate(drawn), rng.random((program.noise, 1), np.float32))
        self.inputs, self.actions, self.ticks, self.states = (
            program.shown, program.actions, program.ticks, program.ids,
        )  # fmt: skip
        self.afterstates = program.afterstates
        self.tick = 0
        self._see()

    def step(self, action: int) -> tuple[F32, float, bool, bool]:
        """Act; return what is seen then, the reward, and whether the trial has ended or was cut."""
        if not 0 <= action < self.actions:
            raise InputError(f"an action from 0 to {self.actions - 1}", f"{action}", "visit")
        noise = self._rng.random((self._program.noise, 1), np.float32)
        given = self._life.step(np.array([action], np.float32), noise)[:, 0]
        self.tick += 1
        self._see()
        return self.x, float(given[REWARD]), bool(given[DONE] > 0), bool(given[OVER] > 0 and not given[DONE] > 0)

    def _see(self) -> None:
        x, legal, ids = self._life.show(self.tick)
        self.x: F32 = x[:, 0].reshape(self.actions, -1).copy() if self.afterstates else x[:, 0].copy()
        self.legal: F32 | None = legal[:, 0].copy() if len(legal) else None
        self.state = 0 if ids is None else int(ids[0])
