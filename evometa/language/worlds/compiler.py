"""The compiler of worlds: equations become one register program, by the numbering and the registers of rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from evometa.errors import InputError
from evometa.language.numbering import Numbering
from evometa.language.registers import allocate
from evometa.language.worlds.equations import CLOCK, Equations
from evometa.language.worlds.expansion import Expansion
from evometa.language.worlds.in_a_row import STATES, Row, Turns
from evometa.language.worlds.program import FIRST_NOISE, WorldProgram
from evometa.language.worlds.values import Values
from evometa.spec.arrays import F32

MOST_ACTIONS, MOST_TICKS, MOST_IDS, MOST_CODE = 1000, 10_000_000, 1_000_000, 200_000
_BIRTH, _SHOWN, _STEP = range(3)  # rates
_MORE = ""  # no name of an equation: of the states that worlds in a row have beside


class _Layout(NamedTuple):
    """Rows of each state and each parameter in a world, and the first register of every name; `more`: registers of the
    states that worlds in a row have beside."""

    states: Mapping[str, int]
    parameters: Mapping[str, int]
    registers: Mapping[str, int]
    rates: tuple[int, ...]
    more: tuple[int, ...]

    def leaves(self, counts: Mapping[str, int]) -> dict[str, list[int]]:
        """Return the registers of names of so many rows."""
        return {name: [self.registers[name] + k for k in range(count)] for name, count in counts.items()}


def compile_world(equations: Equations, parameters: Mapping[str, int], row: Row | None = None) -> WorldProgram:
    """Compile a world whose parameters have so many rows each, or a row of them. Raises InputError that names the
    equation."""
    layout = _lay_out(equations, parameters, row)
    values = Numbering(layout.rates)
    algebra = Values(values, layout.registers)
    alone = Expansion(equations, algebra, {})
    actions, ticks = alone.whole("actions", 1, MOST_ACTIONS), alone.whole("ticks", 1, MOST_TICKS)
    turns = None
    if row is not None:
        clock = (layout.registers["tick"], layout.registers["trial"])
        turns = Turns(algebra, row, layout.parameters, clock, layout.more, ticks)
    living = Expansion(equations, algebra if turns is None else turns.now, _living(equations, layout, turns))
    born = _born(equations, algebra if turns is None else turns.first, layout)
    observe = _observed(equations, living, actions)
    legal = living.rows("legal") if "legal" in equations.trees else []
    if legal and len(legal) != actions:
        raise InputError(f"a row for each of {actions} actions", f"{len(legal)} rows", equations.where("legal"))
    number, worlds = living.row("id") if "id" in equations.trees else None, 1 if row is None else row.worlds
    ids = living.whole("ids", 1 if number is not None else 0, MOST_IDS)
    if turns is not None and number is not None:
        number = turns.state(number, ids)
    step, after = _step(equations, algebra, living, layout, turns)
    if turns is not None:
        born, after = born + turns.born(), after + turns.after()
    outputs = (*observe, *legal, number, *step, *after, *born)
    made = allocate(values, outputs)
    _check_size(equations, "instructions", len(made.code), MOST_CODE, "Use fewer rows.")
    _check_size(equations, "ticks in a life", worlds * ticks, MOST_TICKS, "Use fewer worlds in a row.")
    _check_size(equations, "numbered states", worlds * ids, MOST_IDS, "Use fewer worlds in a row.")
    ends = np.cumsum([len(observe), len(legal), 1, len(step), len(after)]).tolist()
    seen, allowed, one, given, behind, first = np.split(made.outputs, ends)
    return WorldProgram(
        made.code, made.birth_end, made.node_end, made.constants, made.rows, made.temporaries,
        noise=len(equations.world.noise), states=sum(layout.states.values()) + len(layout.more),
        parameters=sum(count if row is None else row.rows(name, count) for name, count in layout.parameters.items()),
        actions=actions, ticks=worlds * ticks, ids=worlds * ids,
        observe=seen, legal=allowed, id=int(one[0]), step=given, after=behind, born=first,
        afterstates=equations.world.afterstates,
        tables=_flat(equations), lengths=np.array([len(rows) for rows in equations.tables.values()], np.int32),
    )  # fmt: skip


def _check_size(equations: Equations, what: str, count: int, most: int, remedy: str) -> None:
    if count > most:
        raise InputError(f"a world of at most {most:,} {what}", f"{count:,}", f"world {equations.world.name}", remedy)


def _born(equations: Equations, algebra: Values, layout: _Layout) -> list[int]:
    """Return every row of the states at birth."""
    own = _beginning(equations, layout, algebra)
    birth = Expansion(equations, algebra, own)
    made = {name: birth.rows(f"birth.{name}") for name in equations.world.birth}
    start = Expansion(equations, algebra, {**own, **made}, made)
    return [row for name in equations.states for row in made.get(name) or start.rows(f"start.{name}")]


def _observed(equations: Equations, living: Expansion[int], actions: int) -> list[int]:
    """Return the rows that are seen; with afterstates those of each action, one after the other."""
    parts = [part for part in equations.trees if part.startswith("observe.")]
    ways = [living]
    if equations.world.afterstates:
        algebra = living.algebra
        numbers = ({**living.leaves, "action": [algebra.constant(float(action))]} for action in range(actions))
        ways = [Expansion(equations, algebra, leaves) for leaves in numbers]
    return [row for way in ways for part in parts for row in way.rows(part)]


def _step(equations: Equations, algebra: Values, living: Expansion[int], layout: _Layout, turns: Turns | None
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
    beginning = _beginning(equations, layout, algebra)
    if turns is not None:
        algebra, over = turns.following, algebra.apply("select", (turns.last, one, over))
        beginning |= {**turns.following.leaves(), "trial": [turns.new_trial()]}
        birth = Expansion(equations, algebra, beginning)
        lasting = {name: turns.at_last(birth.rows(f"birth.{name}"), rows) for name, rows in lasting.items()}
    starting = Expansion(equations, algebra, {**beginning, **lasting}, lasting)
    after = []
    for name in equations.states:
        rows = lasting.get(name) or living.after(name)
        if name in equations.world.start:
            anew = starting.rows(f"start.{name}")
            rows = [algebra.apply("select", (over, *pair)) for pair in zip(anew, rows, strict=True)]
        after += rows
    return [reward, worth, living.row("best"), living.row("tally"), done, over], after


def _lay_out(equations: Equations, parameters: Mapping[str, int], row: Row | None) -> _Layout:
    """Give every input of the program its registers."""
    world, registers = equations.world, dict(zip((*CLOCK, "action"), range(FIRST_NOISE), strict=True))
    own = {name: parameters[name] for name in equations.parameters}
    states = _rows_of_states(equations, own)
    more = {} if row is None else {_MORE: STATES}
    taken = own if row is None else {name: row.rows(name, count) for name, count in own.items()}
    top, rates = FIRST_NOISE, [_SHOWN] * len(CLOCK) + [_STEP]
    for names, rate in ((dict.fromkeys(world.noise, 1), _STEP), ({**states, **more}, _SHOWN), (taken, _BIRTH),
                        (dict.fromkeys(equations.tables, 1), _BIRTH)):  # fmt: skip
        for name, count in names.items():
            registers[name] = top
            top += count
            rates += [rate] * count
    first = registers.pop(_MORE, 0)
    return _Layout(states, own, registers, tuple(rates), tuple(range(first, first + sum(more.values()))))


def _rows_of_states(equations: Equations, parameters: Mapping[str, int]) -> dict[str, int]:
    """Return of how many rows each state begins."""
    names = {"trial": 1, **dict.fromkeys(equations.world.noise, 1), **parameters}
    values = Numbering((0,) * max(1, sum(names.values())))
    algebra = Values(values, {**dict.fromkeys(names, 0), **dict.fromkeys(equations.tables, 0)})
    own = {name: [0] * count for name, count in names.items()}
    birth = Expansion(equations, algebra, own)
    made = {name: birth.rows(f"birth.{name}") for name in equations.world.birth}
    start = Expansion(equations, algebra, {**own, **made}, made)
    return {name: len(made.get(name) or start.rows(f"start.{name}")) for name in equations.states}


def _living(equations: Equations, layout: _Layout, turns: Turns | None) -> dict[str, list[int]]:
    """Return the rows of what equations read while a trial goes on."""
    counts = {**dict.fromkeys(("trial", *equations.world.noise), 1), **layout.parameters}
    found = layout.leaves({**counts, **dict.fromkeys((*CLOCK, "action"), 1), **layout.states})
    return found if turns is None else found | {**turns.now.leaves(), "tick": [turns.tick], "trial": [turns.trial]}


def _beginning(equations: Equations, layout: _Layout, algebra: Values) -> dict[str, list[int]]:
    """Return the rows of what equations read that say how a life or a trial begins."""
    leaves = layout.leaves({**dict.fromkeys(("trial", *equations.world.noise), 1), **layout.parameters})
    leaves["trial"] = [algebra.apply("add", (leaves["trial"][0], algebra.constant(1.0)))]
    return leaves


def _flat(equations: Equations) -> F32:
    """Return all tables behind one another."""
    return np.concatenate([*equations.tables.values(), np.zeros(0, np.float32)], dtype=np.float32)
