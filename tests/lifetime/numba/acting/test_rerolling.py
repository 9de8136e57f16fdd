"""A world's code in loops does what the code does, and repetitions that need each other's results stay in order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.language.numbering import LOOKUP
from evometa.language.worlds.program import WorldProgram
from evometa.lifetime.numba.acting.rerolling import Block, blocks, reroll
from tests.lifetime.acting.learners import place
from tests.properties import examples

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
    assert_same(world)
    assert len(reroll(world).loops) < len(world.code)


@examples(60)
@given(st.integers(0, 2**32 - 1))
def test_loops_of_random_code_do_what_it_does(seed: int) -> None:
    assert_same(random_code(np.random.default_rng(seed)))


def random_code(rng: np.random.Generator) -> WorldProgram:
    """Return a world of few registers in whose code blocks repeat, their registers steps of −2 to 2 on or shared."""
    world = replace(place("bandit").program, temporaries=int(rng.integers(2, 20)))
    rows: list[Any] = [np.zeros((0, 5), np.int64)]
    for _ in range(rng.integers(6)):
        length, times = rng.integers(1, 5), rng.integers(1, 7)
        block = np.column_stack([rng.integers(0, 3, length), rng.integers(0, world.registers, (length, 4))])
        block[rng.random(length) < 0.1, 0] = LOOKUP
        steps = np.column_stack([np.zeros(length, np.int64), rng.integers(-2, 3, (length, 4))])
        steps[rng.random(steps.shape) < 0.3] = 0
        rows.append((block + steps * np.arange(times)[:, None, None]).reshape(-1, 5))
    found = np.concatenate(rows).astype(np.int32)
    found[:, 1:] %= world.registers
    birth, show = np.sort(rng.integers(0, len(found) + 1, 2)).tolist()
    return replace(world, code=found, birth_end=birth, show_end=show)


def assert_same(world: WorldProgram) -> None:
    """Whether each section's loops leave in all registers what its instructions do."""
    found, begin, first = reroll(world), 0, 0
    for end, last in zip(found.ends, (world.birth_end, world.show_end, len(world.code)), strict=True):
        looped = list(range(world.registers))
        for start, behind, count in found.loops[begin:end].tolist():
            for instruction in found.code[start:behind].tolist():
                rows = [[name_of(found, world.registers, register, row) for register in instruction[1:]]
                        for row in range(count)]  # fmt: skip
                looped = done(looped, code(*((instruction[0], *row) for row in rows)))
        assert looped == done(list(range(world.registers)), world.code[first:last])
        begin, first = end, last
    assert begin == len(found.loops)


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
