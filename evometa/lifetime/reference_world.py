"""A world's program run in NumPy, instruction by instruction: at birth, when it is shown, and in a step."""

from __future__ import annotations

from typing import Any

import numpy as np

from evometa.language.generated_numpy import FUNCTIONS
from evometa.language.numbering import LOOKUP
from evometa.language.worlds.program import ACTION, FIRST_NOISE, MOVE, OVER, TICK, TRIAL, WorldProgram
from evometa.spec.arrays import F32
from evometa.spec.primitives import PRIMITIVES

_ARITY = tuple(row.arity for row in PRIMITIVES.values())
ZERO, ONE = np.float32(0), np.float32(1)


def held(index: F32, last: F32 | np.float32) -> Any:
    """Return indices as whole numbers from 0 to the last one; NaN is 0."""
    return np.where(index > 0, np.minimum(index, last), ZERO).astype(np.int64)


class WorldLives:
    """L lives in a world with parameters f32[P, L]: rows of all its registers, f32[L] each.

    `trial` and `move` f32[L]: number of the trial that goes on, and the moves made in it; `sound bool[L]`: whether all
    that was last shown is finite.
    """

    def __init__(self, program: WorldProgram, parameters: F32, noise: F32) -> None:
        self.program, self.lanes = program, noise.shape[-1]
        rows = np.zeros((program.registers, self.lanes), np.float32)
        rows[program.first_parameter : program.first_table] = parameters
        first = program.inputs
        rows[first : first + len(program.constants)] = program.constants[:, None]
        rows[TRIAL], self.rows = -ONE, rows
        self.tables = [program.tables[b : b + n] for b, n in zip(program.begins, program.lengths, strict=True)]
        rows[FIRST_NOISE : program.first_state] = noise
        self._run(0, len(program.code))
        self._states(program.born)
        self.trial, self.move = np.zeros(self.lanes, np.float32), np.zeros(self.lanes, np.float32)

    def show(self, tick: int) -> tuple[F32, F32, Any]:
        """Return what is seen f32[I, L], what is legal f32[A, L] (no rows: everything), and the id i64[L] or None."""
        program = self.program
        self.rows[TICK], self.rows[TRIAL], self.rows[MOVE] = np.float32(tick), self.trial, self.move
        self._run(program.birth_end, program.show_end)
        ids = held(self.rows[program.id], np.float32(program.ids - 1)) if program.id >= 0 else None
        given = [*program.observe, *program.legal, *([program.id] if program.id >= 0 else [])]
        self.sound = np.isfinite(self.rows[given]).all(axis=0)
        return self.rows[program.observe], self.rows[program.legal], ids

    def step(self, action: Any, noise: F32) -> F32:
        """Make a step behind what was shown; return reward, worth, best, tally, done and over, f32[6, L]."""
        program = self.program
        self.rows[ACTION] = action
        self.rows[FIRST_NOISE : program.first_state] = noise
        self._run(program.show_end, len(program.code))
        given = self.rows[program.step]
        self._states(program.after)
        over = given[OVER] > 0
        self.trial = self.trial + over.astype(np.float32)
        self.move = np.where(over, ZERO, self.move + ONE)
        return given

    @property
    def states(self) -> F32:
        """The rows of the states, f32[R, L]."""
        return self.rows[self.program.first_state : self.program.first_parameter]

    def _states(self, registers: Any) -> None:
        """Take states from registers, all of them read before any is written."""
        self.rows[self.program.first_state : self.program.first_parameter] = self.rows[registers]

    def _run(self, start: int, stop: int) -> None:
        rows, lanes = self.rows, np.arange(self.lanes)
        for op, target, a, b, c in self.program.code[start:stop].tolist():
            if op != LOOKUP:
                rows[target] = FUNCTIONS[op](*(rows[r] for r in (a, b, c)[: _ARITY[op]]))
                continue
            index, table = held(rows[a], rows[c]), b - self.program.first_table
            rows[target] = self.tables[table][index] if table >= 0 else rows[b + index, lanes]
