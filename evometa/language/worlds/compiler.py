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

    def leaves(self, counts: Mapping[str, int]) -> dict[str, list[int]]:
        """Return the registers of names of so many rows."""
        return {name: [self.registers[name] + k for k in range(count)] for name, count in counts.items()}


def compile_world(equations: Equations, parameters: Mapping[str, int]) -> WorldProgram:
    """Compile a world whose parameters have so many rows each. Raises InputError that names the equation."""
    layout = _lay_out(equations, parameters)
    values = Numbering(layout.rates)
    algebra = _Values(values, layout.registers)
    living = Expansion(equations, algebra, _living(equations, layout))
    actions = living.whole("actions", 1, MOST_ACTIONS)
    born = _born(equations, algebra, layout)
    observe = _observed(equations, algebra, living, actions)
    legal = living.rows("legal") if "legal" in equations.trees else []
    if legal and len(legal) != actions:
        raise InputError(f"a row for each of {actions} actions", f"{len(legal)} rows", equations.where("legal"))
    number = living.row("id") if "id" in equations.trees else None
    step, after = _step(equations, algebra, living, layout)
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
        afterstates=equations.world.afterstates,
        tables=_flat(equations), lengths=np.array([len(rows) for rows in equations.tables.values()], np.int32),
    )  # fmt: skip


def _born(equations: Equations, algebra: _Values, layout: _Layout) -> list[int]:
    """Return every row of the states at birth."""
    own = _beginning(equations, layout, algebra)
    birth = Expansion(equations, algebra, own)
    made = {name: birth.rows(f"birth.{name}") for name in equations.world.birth}
    start = Expansion(equations, algebra, {**own, **made}, made)
    return [row for name in equations.states for row in made.get(name) or start.rows(f"start.{name}")]


def _observed(equations: Equations, algebra: _Values, living: Expansion[int], actions: int) -> list[int]:
    """Return the rows that are seen; with afterstates those of each action, one after the other."""
    parts = [part for part in equations.trees if part.startswith("observe.")]
    ways = [living]
    if equations.world.afterstates:
        numbers = ({**living.leaves, "action": [algebra.constant(float(action))]} for action in range(actions))
        ways = [Expansion(equations, algebra, leaves) for leaves in numbers]
    return [row for way in ways for part in parts for row in way.rows(part)]


def _step(equations: Equations, algebra: _Values, living: Expansion[int], layout: _Layout
          ) -> tuple[list[int], list[int]]:  # fmt: skip
    """Return the outputs of a step, and every row of the states after it."""
    one, zero = algebra.constant(1.0), algebra.constant(0.0)
    reward, end = living.row("reward"), living.row("end")
    worth = living.row("worth") if "worth" in equations.trees else reward
    # 0 times what is not finite is NaN: so an end that is no number is seen
    over = algebra.apply("select", (end, one, zero))
    done = algebra.apply("add", (over, algebra.apply("mul", (end, zero))))
    if "cut" in equations.trees:
        cut = living.row("cut")
        moves = algebra.apply("add", (living.leaves["move"][0], algebra.constant(1.5)))
        late = algebra.apply("select", (algebra.apply("sub", (moves, cut)), one, zero))
        over = algebra.apply("select", (over, one, late))
        done = algebra.apply("add", (done, algebra.apply("mul", (cut, zero))))
    lasting = {name: living.after(name) for name in equations.world.birth}
    starting = Expansion(equations, algebra, {**_beginning(equations, layout, algebra), **lasting}, lasting)
    after = []
    for name in equations.states:
        rows = lasting.get(name) or living.after(name)
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
    own = {name: [0] * count for name, count in names.items()}
    birth = Expansion(equations, algebra, own)
    made = {name: birth.rows(f"birth.{name}") for name in equations.world.birth}
    start = Expansion(equations, algebra, {**own, **made}, made)
    return {name: len(made.get(name) or start.rows(f"start.{name}")) for name in equations.states}


def _living(equations: Equations, layout: _Layout) -> dict[str, list[int]]:
    """Return the rows of what equations read while a trial goes on."""
    counts = {**dict.fromkeys(("trial", *equations.world.noise), 1), **layout.parameters}
    return layout.leaves({**counts, **dict.fromkeys((*CLOCK, "action"), 1), **layout.states})


def _beginning(equations: Equations, layout: _Layout, algebra: _Values) -> dict[str, list[int]]:
    """Return the rows of what equations read that say how a life or a trial begins."""
    leaves = layout.leaves({**dict.fromkeys(("trial", *equations.world.noise), 1), **layout.parameters})
    leaves["trial"] = [algebra.apply("add", (leaves["trial"][0], algebra.constant(1.0)))]
    return leaves


def _flat(equations: Equations) -> F32:
    """Return all tables behind one another."""
    return np.concatenate([*equations.tables.values(), np.zeros(0, np.float32)], dtype=np.float32)
