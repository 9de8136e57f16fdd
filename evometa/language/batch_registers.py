"""From values to code for batches of rules, compiled: dead code dropped, sections by rate, registers, as program.py has
it, instruction by instruction."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evometa.language.batch_numbering import number
from evometa.language.batch_values import ABSENT, CONSTANTS, CROWDED, FAULTS, OPS, Values, inner
from evometa.language.program_columns import (
    BIRTH_END,
    CODE,
    CONSTANT,
    CONSTANT_COUNT,
    LENGTH,
    NODE_END,
    READS,
    ROWS,
    TILES,
)
from evometa.language.signals import SIGNAL_COUNT, SIGNALS
from evometa.spec.states import MEMORY
from evometa.system.jit import njit

_STATES = np.array([SIGNALS[name].register for name in MEMORY])
_NEVER = 1 << 30


class Room(NamedTuple):
    """Arrays for one rule at a time, by value (constants from the end) or by place.

    `last`: where each value is read last, −1 nowhere; `register`; `mark`: what was last done with an
    operation: 4 · rule, where it is listed, and 1 + its section more, where it has a register;
    `order`: operations that are needed, operands first; `sorted`: the same by section; `met`: values in the order in
    which they are read first; `todo`, `free`: stacks.
    """

    last: NDArray[Any]
    register: NDArray[Any]
    mark: NDArray[Any]
    order: NDArray[Any]
    sorted: NDArray[Any]
    met: NDArray[Any]
    todo: NDArray[Any]
    free: NDArray[Any]


def new_room(size: int) -> Room:
    """Return room for so many values of a rule."""
    parts = {name: np.full(size, -1) for name in Room._fields}
    return Room(**parts | {"todo": np.zeros(3 * size + 64, np.int64)})


@inner
def _order(values: Values, outputs: Any, room: Room, ends: Any, mark: int) -> None:
    """List the operations that outputs need, operands first, by rate (depth first from the outputs); set `ends`."""
    ops, todo, seen, live, top = values.ops, room.todo, room.mark, 0, 0
    ends[0] = ends[1] = ends[2] = 0
    for i in range(len(outputs) - 1, -1, -1):
        if SIGNAL_COUNT <= outputs[i] < ABSENT:
            todo[top] = outputs[i]
            top += 1
    while top:
        value = todo[top - 1]
        if seen[value] == mark:
            top -= 1
            continue
        before = top
        for i in range(3, 0, -1):
            operand = ops[value, i]
            if operand >= SIGNAL_COUNT and seen[operand] != mark and not (i == 3 and operand == ops[value, 1]):
                todo[top] = operand
                top += 1
        if top == before:
            seen[value] = mark
            top -= 1
            room.order[live] = value
            live += 1
            for rate in range(values.rates[value], 3):
                ends[rate] += 1
    for i in range(live - 1, -1, -1):  # back from the ends, which become the begins
        value = room.order[i]
        ends[values.rates[value]] -= 1
        room.sorted[ends[values.rates[value]]] = value
    ends[0], ends[1], ends[2] = ends[1], ends[2], live


@inner
def _uses(values: Values, outputs: Any, room: Room, live: int) -> int:
    """Find where each value is read last; list values as they are met first, and return how many."""
    last, met, count = room.last, room.met, 0
    for value in range(-values.counts[CONSTANTS], values.counts[OPS]):
        last[value] = -1
    for place in range(live):
        for i in range(1, 4):
            value = values.ops[room.sorted[place], i]
            if last[value] < 0:
                met[count] = value
                count += 1
            last[value] = place
    for value in outputs:
        if value < ABSENT:
            if last[value] < 0:
                met[count] = value
                count += 1
            last[value] = _NEVER
    return count


@inner
def _allocate(values: Values, room: Room, ends: Any, base: int, first: int, code: Any) -> Any:
    """Write a rule's instructions, reusing registers of a section's own values after their last use.

    Return the tops of rows and of temporaries. Nodes reuse rows that are dead at the end of birth.
    """
    ops, last, register, mark, free = values.ops, room.last, room.register, room.mark, room.free
    top, rows, idle, section = base, base, 0, 0
    for place in range(ends[2]):
        at = 5 * place
        while place >= ends[section]:
            section += 1
            if section == 2:
                idle, rows = 0, top
        value, own = room.sorted[place], first + 1 + section
        a, b, c = ops[value, 1], ops[value, 2], ops[value, 3]
        code[at], code[at + 2], code[at + 3], code[at + 4] = ops[value, 0], register[a], register[b], register[c]
        if a >= SIGNAL_COUNT and last[a] == place and mark[a] == own:
            free[idle] = register[a]
            idle += 1
        if b != a and b >= SIGNAL_COUNT and last[b] == place and mark[b] == own:
            free[idle] = register[b]
            idle += 1
        if c != a and c != b and c >= SIGNAL_COUNT and last[c] == place and mark[c] == own:
            free[idle] = register[c]
            idle += 1
        mark[value] = own
        if idle:
            idle -= 1
            register[value] = free[idle]
        else:
            register[value] = top
            top += 1
        code[at + 1] = register[value]
    return rows if ends[2] > ends[1] else top, top


@njit(cache=True, nogil=True)
def compile_rules(chosen: Any, codes: Any, where: Any, values: Values, room: Room, code: Any, constants: Any,
                  tops: Any, columns: Any, outputs: Any, faults: Any) -> None:  # fmt: skip
    """Compile the rules at the places `chosen`, those without faults.

    `where i64[S, G, 2]`: where each slot's tree (of RULE) lies in `codes`, nothing where there is none; `tops`: where
    code and constants end; `columns i64[G, COLUMNS]`, `outputs i32[G, S]`, `faults i64[G]` are written. `values` and
    `room` are new, and good for this call alone.
    """
    counts, slots = values.counts, len(where)
    leaf, given, ends = np.zeros(SIGNAL_COUNT, np.int64), np.zeros(slots, np.int64), np.zeros(3, np.int64)
    for turn in range(len(chosen)):
        g = chosen[turn]
        counts[OPS], counts[CONSTANTS], counts[FAULTS] = SIGNAL_COUNT, 0, 0
        for signal in range(SIGNAL_COUNT):
            leaf[signal] = signal
        for n in range(
            1, slots + 1
        ):  # states are read as they were by their own slots, as they have become by `update`
            slot = n % slots
            begin, end = where[slot, g, 0], where[slot, g, 1]
            if slot == 0:
                for state in range(1, slots):
                    if given[state] < ABSENT:
                        leaf[_STATES[state - 1]] = given[state]
            given[slot] = number(values, turn, codes[begin:end], leaf) if end > begin else ABSENT
        faults[g] = counts[FAULTS]
        if faults[g]:
            continue
        _order(values, given, room, ends, 4 * turn)
        count = _uses(values, given, room, ends[2])
        first, own, base, reads = tops[0], tops[1], np.int64(SIGNAL_COUNT), 0
        if 5 * (first + ends[2]) > len(code) or own + counts[CONSTANTS] > len(constants):
            faults[g] = CROWDED
            continue
        for i in range(count):
            value = room.met[i]
            if value < 0:
                constants[own + base - SIGNAL_COUNT] = values.bits[value]
                room.register[value] = base
                base += 1
            elif value < SIGNAL_COUNT:
                room.register[value] = value
                reads |= 1 << value
        rows, top = _allocate(values, room, ends, base, 4 * turn, code[5 * first :])
        tops[0], tops[1] = first + ends[2], own + base - SIGNAL_COUNT
        columns[g, CODE], columns[g, LENGTH] = first, ends[2]
        columns[g, BIRTH_END], columns[g, NODE_END] = ends[0], ends[1]
        columns[g, CONSTANT], columns[g, CONSTANT_COUNT] = own, base - SIGNAL_COUNT
        columns[g, ROWS], columns[g, TILES], columns[g, READS] = rows - base, top - rows, reads
        for slot in range(slots):
            value = given[slot]
            outputs[g, slot] = -1 if value == ABSENT else room.register[value]
