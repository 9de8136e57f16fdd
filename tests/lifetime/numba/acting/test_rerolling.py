"""A world's code in loops does what the code does, and repetitions that need each other's results stay in order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evometa.language.numbering import LOOKUP
from evometa.lifetime.numba.acting.rerolling import Block, blocks, reroll
from tests.lifetime.acting.learners import place

ADD, NEG = 0, 5


def code(*rows: tuple[int, ...]) -> Any:
    return np.array(rows, np.int32)


def done(registers: list[Any], instructions: Any) -> list[Any]:
    """Return what registers hold, as terms over what they held at first."""
    for op, target, *operands in instructions.tolist():
        registers[target] = (
            (op, *(registers[each] for each in operands))
            if op != LOOKUP
            else (op, registers[operands[0]], *operands[1:])
        )
        registers[target] = hash(registers[target])
    return registers


@pytest.mark.parametrize("name", ["bandit", "rooms", "cartpole_boxes", "tictactoe_afterstates"])
def test_loops_do_what_the_code_does(name: str) -> None:
    world = place(name).program
    found, straight = reroll(world), list(range(world.registers))
    looped, begin = straight.copy(), 0
    for end, last in zip(found.ends, (world.birth_end, world.show_end, len(world.code)), strict=True):
        for first, behind, count in found.loops[begin:end].tolist():
            for instruction in found.code[first:behind].tolist():
                rows = [[name_of(found, world.registers, register, row) for register in instruction[1:]]
                        for row in range(count)]  # fmt: skip
                looped = done(looped, code(*((instruction[0], *row) for row in rows)))
        straight, begin = done(list(range(world.registers)), world.code[:last]), end
        assert looped == straight
    assert len(found.loops) < len(world.code)


def name_of(found: Any, registers: int, register: int, row: int) -> int:
    """Return the register that a loop reads or writes in a row."""
    if register < registers:
        return register
    first, step = found.aliases[register - registers].tolist()
    return int(first + row * step)


def test_rows_of_an_equation_are_one_loop_for_each_operation() -> None:
    rows = [each for row in range(9) for each in ((ADD, 20 + row, 1, 2 + row, 1), (NEG, 20 + row, *[20 + row] * 3))]
    assert blocks(code((NEG, 1, 0, 0, 0), *rows)) == [Block(0, 1, 1), Block(1, 2, 9)]


def test_what_needs_the_result_of_the_repetition_before_stays_in_order() -> None:
    # a register for all rows; and each row made of the one before
    shared = [each for row in range(4) for each in ((ADD, 9, 1, 2 + row, 1), (NEG, 20 + row, 9, 9, 9))]
    running = [each for row in range(4) for each in ((NEG, 9 + row, 19 + row, 19 + row, 19 + row),
                                                     (ADD, 20 + row, 9 + row, 1, 9 + row))]  # fmt: skip
    for each in (shared, running):
        assert blocks(code(*each)) == [Block(0, 8, 1)]


def test_lookups_stand_alone() -> None:
    rows = code(*((LOOKUP, 9 + row, row, 30, 31) for row in range(3)), (NEG, 20, 9, 9, 9), (ADD, 21, 9, 10, 9))
    assert blocks(rows) == [*(Block(row, 1, 1) for row in range(3)), Block(3, 2, 1)]
