"""Lives in a world that lies outside, tick by tick: genomes times lanes at once, by the very kernel of `act`."""

from __future__ import annotations

import numpy as np

from evometa.errors import ContractError
from evometa.language.worlds.program import WorldProgram
from evometa.lifetime.acting import ActingOutcomes, ActingPlan, Actors, Lives
from evometa.lifetime.acting_check import check_acting
from evometa.lifetime.lanes import as_taken
from evometa.lifetime.numba.acting.cpu import check_memory, filled, room_for, staged
from evometa.lifetime.numba.cpu import aligned, choose_width
from evometa.lifetime.outside import given_rows
from evometa.lifetime.packing import TILE, by_genome, pack
from evometa.spec.arrays import F32, I32


class Life:
    """G learners with L lives each: they are shown what a world gives, and say what they do.

    `world`: of `outside`; `draws f32[T, 2, L]`: what is chosen by, as in `Lives`. A life is `ticks` calls of
    `perceive`, and then `close`. Whoever drives the world begins a trial that is over anew: the x that is given with an
    end, or a cut, is that of the new trial. Raises ContractError, and InputError for more than memory holds.
    """

    def __init__(self, actors: Actors, world: WorldProgram, draws: F32, plan: ActingPlan) -> None:
        from evometa.lifetime.numba.acting import kernel, ticks

        lanes = draws.shape[2]
        lives = Lives(world, np.zeros((0, lanes), np.float32), np.zeros((len(draws) + 1, 0, lanes), np.float32), draws)
        check_acting(actors, lives, plan)
        self.world, self.plan, self.lanes, self.genomes, self.tick = world, plan, lanes, len(actors), 0
        self._width = choose_width(actors.phenotypes.graphs, lanes, 1)
        self._packed = pack(actors.phenotypes, actors.births, self._width, max(1, TILE // self._width))
        self._stage = staged(actors, lives, plan, self._width)
        self._results = room_for(self._packed, lives, plan, self._width)
        self._pieces, scratch = -(-lanes // self._width), kernel.new_scratch(self._packed.genomes, self._stage)
        self._items = np.array([(g, piece) for g in range(len(actors)) for piece in range(self._pieces)], np.int64)
        length = -(-int(kernel.longest(self._packed, self._stage, scratch, self._width)) // 16) * 16
        check_memory(length, len(self._items), self._width, world)
        self._arenas = aligned(length * len(self._items)).reshape(-1, length)
        self._scratches = np.repeat(scratch[None], len(self._items), axis=0)
        self._advance = ticks.advance
        ticks.begin(self._items, self._packed, self._stage, self._width, self._arenas, self._scratches)

    def perceive(self, x: F32, reward: F32, ended: F32, cut: F32, legal: F32 | None = None, ids: F32 | None = None
                 ) -> I32:  # fmt: skip
        """Learn from what the last action came to, and return the next ones, i32[G, L].

        x f32[I, G, L]; reward, ended, cut f32[G, L] of the last action, which count for nothing in the first tick;
        legal f32[A, G, L], above 0 where an action may be chosen (None: all may); ids f32[G, L]: the state's number.
        """
        if self.tick >= self.plan.ticks:
            raise ContractError(f"{self.plan.ticks} ticks, and then the end", "another one", "life")
        return self._live_on(x, reward, ended, cut, legal, ids)

    def close(self, x: F32, reward: F32, ended: F32, cut: F32, legal: F32 | None = None, ids: F32 | None = None
              ) -> ActingOutcomes:  # fmt: skip
        """Learn from what the last action of the life came to, as `perceive` has it; return what became of all."""
        if self.tick != self.plan.ticks:
            raise ContractError(f"{self.plan.ticks} ticks before the end", f"{self.tick}", "life")
        self._live_on(x, reward, ended, cut, legal, ids)
        genomes, results = self._packed.genomes, self._results
        weights = by_genome(genomes, results.learned) if self.plan.keep_weights else None
        measures = np.ascontiguousarray(results.measures[..., : self.lanes])
        status = np.ascontiguousarray(results.status[:, : self.lanes])
        return ActingOutcomes(measures, status, weights)

    def _live_on(self, x: F32, reward: F32, ended: F32, cut: F32, legal: F32 | None, ids: F32 | None) -> I32:
        rows, size = given_rows(self.world, x, reward, ended, cut, legal, ids), (self.genomes, self.lanes)
        if rows.shape != (self.world.states, *size):
            raise ContractError(f"f32[{self.world.states}, {size[0]}, {size[1]}] of a world", f"{[*rows.shape]}", "x")
        padded = filled(rows, self._pieces * self._width).reshape(len(rows), len(self._items), self._width)
        windows = self.plan.windows.tolist()
        window = windows.index(self.tick) if self.tick in windows else -1
        actions = np.zeros((self.genomes, self._pieces * self._width), np.float32)
        self._advance(self._items, self._packed, self._stage, self._width, self._arenas, self._scratches,
                      as_taken(padded.swapaxes(0, 1)), self.tick, window, actions, self._results)  # fmt: skip
        self.tick += 1
        return actions[:, : self.lanes].astype(np.int32)
