"""The compiler of worlds: equations become one register program, by the numbering and the registers of rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from evometa.errors import InputError
from evometa.language.numbering import Numbering
from evometa.language.registers import allocate
from evometa.language.worlds.equations import CLOCK, Equations
from evometa.language.worlds.expansion import Expansion
from evometa.language.worlds.program import FIRST_NOISE, WorldProgram
from evometa.spec.arrays import F32
from evometa.spec.primitives import PRIMITIVES

MOST_ACTIONS, MOST_TICKS, MOST_IDS, MOST_CODE = 1000, 10_000_000, 1_000_000, 50_000
_BIRTH, _SHOWN, _STEP = range(3)  # rates


class _Values:
    """Elements that are values of the numbering."""

    def __init__(self, values: Numbering, registers: Mapping[str, int]) -> None:
        self.values, self.registers = values, registers

    def constant(self, value: float) -> int:
        return self.values.constant(int(np.float32(value).view(np.uint32)))

    def apply(self, name: str, arguments: Sequence[int]) -> int:
        op = PRIMITIVES[name].opcode
        if len(arguments) == 1:
            return self.values.unary(op, arguments[0])
        if len(arguments) == 2:
            return self.values.binary(op, *arguments)
        return self.values.ternary(op, *arguments)

    def gather(self, name: str, index: int, rows: int) -> int:
        return self.values.lookup(index, self.registers[name], rows)

    def number(self, element: int) -> float | None:
        return float(np.uint32(self.values.bits[~element]).view(np.float32)) if element < 0 else None


class _Layout(NamedTuple):
    """Rows of each state and each parameter, and the first register of every name."""

    states: Mapping[str, int]
    parameters: Mapping[str, int]
    registers: Mapping[str, int]
    rates: tuple[int, ...]


def compile_world(equations: Equations, parameters: Mapping[str, int]) -> WorldProgram:
    """Compile a world whose parameters have so many rows each. Raises InputError that names the equation."""
    layout = _lay_out(equations, parameters)
    values = Numbering(layout.rates)
    algebra = _Values(values, layout.registers)
    starting = Expansion(equations, algebra, _leaves(equations, layout, algebra, beginning=True))
    living = Expansion(equations, algebra, _leaves(equations, layout, algebra, beginning=False))
    actions = living.whole("actions", 1, MOST_ACTIONS)
    born = [row for name in equations.states for row in starting.rows(_begin(equations, name))]
    observe = [row for part in equations.trees if part.startswith("observe.") for row in living.rows(part)]
    legal = living.rows("legal") if "legal" in equations.trees else []
    if legal and len(legal) != actions:
        raise InputError(f"a row for each of {actions} actions", f"{len(legal)} rows", equations.where("legal"))
    number = living.row("id") if "id" in equations.trees else None
    step, after = _step(equations, algebra, living, starting)
    outputs = (*observe, *legal, number, *step, *after, *born)
    made = allocate(values, outputs)
    if len(made.code) > MOST_CODE:
        raise InputError(f"a world of at most {MOST_CODE:,} instructions", f"{len(made.code):,}",
                         f"world {equations.world.name}", "Use fewer rows.")  # fmt: skip
    ends = np.cumsum([len(observe), len(legal), 1, len(step), len(after)]).tolist()
    seen, allowed, one, given, behind, first = np.split(made.outputs, ends)
    return WorldProgram(
        made.code, made.birth_end, made.node_end, made.constants, made.rows, made.temporaries,
        noise=len(equations.world.noise), states=sum(layout.states.values()),
        parameters=sum(layout.parameters.values()), actions=actions, ticks=living.whole("ticks", 1, MOST_TICKS),
        ids=living.whole("ids", 1 if number is not None else 0, MOST_IDS),
        observe=seen, legal=allowed, id=int(one[0]), step=given, after=behind, born=first,
        tables=_flat(equations), lengths=np.array([len(rows) for rows in equations.tables.values()], np.int32),
    )  # fmt: skip


def _begin(equations: Equations, state: str) -> str:
    """Return the equation that says how a state begins."""
    return f"start.{state}" if state in equations.world.start else f"birth.{state}"


def _step(equations: Equations, algebra: _Values, living: Expansion[int], starting: Expansion[int]
          ) -> tuple[list[int], list[int]]:  # fmt: skip
    """Return the outputs of a step, and every row of the states after it."""
    one, zero = algebra.constant(1.0), algebra.constant(0.0)
    reward = living.row("reward")
    worth = living.row("worth") if "worth" in equations.trees else reward
    done = over = algebra.apply("select", (living.row("end"), one, zero))
    if "cut" in equations.trees:
        moves = algebra.apply("add", (living.leaves["move"][0], algebra.constant(1.5)))
        late = algebra.apply("select", (algebra.apply("sub", (moves, living.row("cut"))), one, zero))
        over = algebra.apply("select", (done, one, late))
    after = []
    for name in equations.states:
        rows = living.after(name)
        if name in equations.world.start:
            anew = starting.rows(f"start.{name}")
            rows = [algebra.apply("select", (over, *pair)) for pair in zip(anew, rows, strict=True)]
        after += rows
    return [reward, worth, living.row("best"), living.row("tally"), done, over], after


def _lay_out(equations: Equations, parameters: Mapping[str, int]) -> _Layout:
    """Give every input of the program its registers."""
    world, registers = equations.world, dict(zip((*CLOCK, "action"), range(FIRST_NOISE), strict=True))
    own = {name: parameters[name] for name in equations.parameters}
    states = _rows_of_states(equations, own)
    top, rates = FIRST_NOISE, [_SHOWN] * len(CLOCK) + [_STEP]
    for names, rate in ((dict.fromkeys(world.noise, 1), _STEP), (states, _SHOWN), (own, _BIRTH),
                        (dict.fromkeys(equations.tables, 1), _BIRTH)):  # fmt: skip
        for name, count in names.items():
            registers[name] = top
            top += count
            rates += [rate] * count
    return _Layout(states, own, registers, tuple(rates))


def _rows_of_states(equations: Equations, parameters: Mapping[str, int]) -> dict[str, int]:
    """Return of how many rows each state begins."""
    names = {"trial": 1, **dict.fromkeys(equations.world.noise, 1), **parameters}
    values = Numbering((0,) * max(1, sum(names.values())))
    algebra = _Values(values, {**dict.fromkeys(names, 0), **dict.fromkeys(equations.tables, 0)})
    trial = Expansion(equations, algebra, {name: [0] * count for name, count in names.items()})
    return {name: len(trial.rows(_begin(equations, name))) for name in equations.states}


def _leaves(equations: Equations, layout: _Layout, algebra: _Values, *, beginning: bool) -> dict[str, list[int]]:
    """Return the rows of what equations read: of those that say how a trial begins, or of all others."""
    counts = {**dict.fromkeys(("trial", *equations.world.noise), 1), **layout.parameters}
    if not beginning:
        counts |= {**dict.fromkeys((*CLOCK, "action"), 1), **layout.states}
    leaves = {name: [layout.registers[name] + k for k in range(count)] for name, count in counts.items()}
    if beginning:
        leaves["trial"] = [algebra.apply("add", (leaves["trial"][0], algebra.constant(1.0)))]
    return leaves


def _flat(equations: Equations) -> F32:
    """Return all tables behind one another."""
    return np.concatenate([*equations.tables.values(), np.zeros(0, np.float32)], dtype=np.float32)
