"""A world as it runs: one register program with many outputs, in the form in which rules run, and plain data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Annotated

import numpy as np

from evometa.spec.arrays import F32, I32

TICK, TRIAL, MOVE, ACTION, FIRST_NOISE = range(5)  # registers
REWARD, WORTH, BEST, TALLY, DONE, OVER = range(6)  # places among the outputs of a step


@dataclass(frozen=True, eq=False)
class WorldProgram:
    """Code as `Program` has it; axis letters: D noise, R rows of states, P rows of parameters, K tables.

    Instructions [0, birth_end) run once a life, [birth_end, show_end) when the world is shown, the rest at a step.
    Registers: tick, trial, move, action, then noise, rows of states, rows of parameters, tables, constants, `rows` that
    last from one section to the next, `temporaries` of the step. Opcode LOOKUP (numbering.py) takes the row
    that many behind operand b, or of a table: index a held within 0 and operand c (NaN is 0), and truncated.

    Outputs, as registers: `observe i32[I]` (with `afterstates` i32[A·I], action by action: what each would make of the
    state), `legal i32[A]` (none: all are), `id` (-1: none) below `ids`, when shown;
    `step i32[6]`: reward, worth, best, tally, done and over (1 or 0; done is NaN where `end` or `cut` is not finite);
    `after i32[R]`: states after the step, of a new trial where that one is over; `born i32[R]`: states at birth. There
    the program runs once through, with zeros, the trial -1. `tables f32[*]` lie behind one another, each of `lengths
    i32[K]` rows.
    """

    code: Annotated[I32, "P 5"]
    birth_end: int
    show_end: int
    constants: Annotated[F32, "NC"]
    rows: int
    temporaries: int
    noise: int
    states: int
    parameters: int
    actions: int
    ticks: int
    ids: int
    observe: Annotated[I32, "I"]
    legal: Annotated[I32, "A"]
    id: int
    step: Annotated[I32, "6"]
    after: Annotated[I32, "R"]
    born: Annotated[I32, "R"]
    tables: Annotated[F32, "*"]
    lengths: Annotated[I32, "K"]
    afterstates: bool = False

    @property
    def shown(self) -> int:
        """Numbers I that a network sees at a time."""
        return len(self.observe) // self.actions if self.afterstates else len(self.observe)

    @property
    def answers(self) -> int:
        """Outputs of a network that say what actions are worth: one each, or one for whatever comes of an action."""
        return 1 if self.afterstates else self.actions

    @property
    def first_state(self) -> int:
        """The register of the first row of states."""
        return FIRST_NOISE + self.noise

    @property
    def first_parameter(self) -> int:
        """The register of the first row of parameters."""
        return self.first_state + self.states

    @property
    def first_table(self) -> int:
        """The register that stands for the first table."""
        return self.first_parameter + self.parameters

    @property
    def inputs(self) -> int:
        """The number of registers before those of constants."""
        return self.first_table + len(self.lengths)

    @property
    def registers(self) -> int:
        """Number of registers."""
        return self.inputs + len(self.constants) + self.rows + self.temporaries

    @property
    def begins(self) -> I32:
        """Return where each table begins, i32[K]."""
        ends: I32 = np.cumsum(self.lengths, dtype=np.int32)
        return ends - self.lengths

    @cached_property
    def key(self) -> bytes:
        """16 bytes that are equal for equal programs."""
        own = {name: value for name, value in vars(self).items() if name not in ("key", "afterstates")}
        parts = [np.asarray(value).tobytes() + b"|" for value in own.values()]
        parts += [b"afterstates"] * self.afterstates  # other worlds keep the keys that runs know them by
        return blake2b(b"".join(parts), digest_size=16).digest()
