"""Registers: values become code in sections by rate; the second half of the compiler."""

from __future__ import annotations

from array import array
from typing import Annotated, NamedTuple

import numpy as np

from evometa.language.numbering import Numbering
from evometa.spec.arrays import F32, I32

_NEVER = 1 << 30


class Allocation(NamedTuple):
    """Code as `Program` describes it, with the register of each output (-1: none) and those of inputs that are read."""

    code: Annotated[I32, "P 5"]
    birth_end: int
    node_end: int
    constants: Annotated[F32, "NC"]
    outputs: Annotated[I32, "slots"]
    reads: tuple[int, ...]
    rows: int
    temporaries: int


def allocate(values: Numbering, outputs: tuple[int | None, ...]) -> Allocation:
    """Give every value that outputs need a register and write the code."""
    ops, inputs = values.ops, values.inputs
    sections = _order(values, outputs)
    last: dict[int, int] = {}
    place = 0
    for section in sections:
        for value in section:
            _, a, b, c = ops[value - inputs]
            last[a] = last[b] = last[c] = place
            place += 1
    for output in outputs:
        if output is not None:
            last[output] = _NEVER
    register = {}
    free_at = inputs
    reads = []
    for value in last:
        if value < 0:
            register[value] = free_at
            free_at += 1
        elif value < inputs:
            register[value] = value
            reads.append(value)
    constants = array("I", [values.bits[~v] for v in last if v < 0])
    code: list[int] = []
    base, place = free_at, 0
    # Rows: nodes reuse rows that are dead at the end of birth, but no row that birth leaves for later.
    free: list[int] = []
    rows = base
    for section in sections[:2]:
        rows = _write(section, values, last, register, code, free, rows, place)
        place += len(section)
    top = _write(sections[2], values, last, register, code, [], rows, place)
    birth_end = len(sections[0])
    return Allocation(
        np.frombuffer(array("i", code), np.int32).reshape(-1, 5), birth_end, birth_end + len(sections[1]),
        np.frombuffer(constants, np.float32),
        np.array([-1 if v is None else register[v] for v in outputs], np.int32),
        tuple(reads), rows - base, top - rows,
    )  # fmt: skip


def _order(values: Numbering, outputs: tuple[int | None, ...]) -> tuple[list[int], list[int], list[int]]:
    """Return the operations that outputs need, operands first, by rate (depth first from the outputs)."""
    ops, rates, inputs = values.ops, values.rates, values.inputs
    sections: tuple[list[int], list[int], list[int]] = ([], [], [])
    seen: set[int] = set()
    stack = [v for v in reversed(outputs) if v is not None and v >= inputs]
    while stack:
        value = stack[-1]
        if value in seen:
            stack.pop()
            continue
        ready = True
        _, a, b, c = ops[value - inputs]
        if c != a and c >= inputs and c not in seen:
            stack.append(c)
            ready = False
        if b >= inputs and b not in seen:
            stack.append(b)
            ready = False
        if a >= inputs and a not in seen:
            stack.append(a)
            ready = False
        if ready:
            seen.add(value)
            stack.pop()
            sections[rates[value]].append(value)
    return sections


def _write(section: list[int], values: Numbering, last: dict[int, int], register: dict[int, int], code: list[int],
           free: list[int], top: int, place: int) -> int:  # fmt: skip
    """Append a section's instructions, reusing registers of its own values after their last use; return the new top."""
    ops, inputs, mine = values.ops, values.inputs, set()
    for value in section:
        op, a, b, c = ops[value - inputs]
        ra, rb, rc = register[a], register[b], register[c]
        # in operand order, not in that of a set of values: equal programs get equal registers
        if last[a] == place and a in mine:
            free.append(ra)
        if b != a and last[b] == place and b in mine:
            free.append(rb)
        if c != a and c != b and last[c] == place and c in mine:
            free.append(rc)
        mine.add(value)
        if free:
            target = free.pop()
        else:
            target = top
            top += 1
        register[value] = target
        code += (op, target, ra, rb, rc)
        place += 1
    return top
