"""A world's code in loops: what equations over rows were unrolled to is found again, and runs over many rows at a time.

To dispatch an instruction costs as much as some rows of it: `equal(cell, rows(81))` is 324 instructions, and in loops
four. A block of instructions that stands several times in a row, its registers a fixed step on each time, becomes a
loop of each of its instructions, unless something would then be read or written too early.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evometa.language.numbering import LOOKUP
from evometa.language.worlds.program import WorldProgram
from evometa.spec.arrays import I32

LONGEST = 32  # instructions of a block


class Loops(NamedTuple):
    """Code, and its loops: the first instruction, the one behind the last, and over how many rows they go.

    A lookup is a loop of its own. `ends`: how many loops there are until the end of birth, of what is shown, and of the
    step. Registers behind those of the world are `aliases`: of the register of the first row, and the step to the next.
    """

    code: Annotated[I32, "P 5"]
    loops: Annotated[I32, "N 3"]
    ends: tuple[int, ...]
    aliases: Annotated[I32, "K 2"]


class Block(NamedTuple):
    """So many instructions from `begin` on, which stand there so many times."""

    begin: int
    length: int
    times: int


@lru_cache(maxsize=4)
def reroll(world: WorldProgram) -> Loops:
    """Return a world's code in loops, which does the same operations on the same numbers."""
    code, loops, ends = list[Any](), list[tuple[int, int, int]](), list[int]()
    aliases: dict[tuple[int, int], int] = {}
    sections = (0, world.birth_end, world.show_end, len(world.code))
    for first, last in pairwise(sections):
        section = world.code[first:last]
        for begin, length, times in blocks(section):
            for at in range(begin, begin + length):
                if times > 1:
                    op, *registers = section[at].tolist()
                    steps = (section[at + length] - section[at])[1:].tolist()
                    own = [r if not step else aliases.setdefault((r, step), world.registers + len(aliases))
                           for r, step in zip(registers, steps, strict=True)]  # fmt: skip
                    code.append([op, *own])
                else:
                    code.append(section[at])
                if times > 1 or at == begin:
                    loops.append((len(code) - 1, len(code), times))
                loops[-1] = (loops[-1][0], len(code), times)
        ends.append(len(loops))
    lists = (np.array(each, np.int32) for each in (code, loops, list(aliases)))
    found, made, own_aliases = (each.reshape(-1, columns) for each, columns in zip(lists, (5, 3, 2), strict=True))
    return Loops(found, made, tuple(ends), own_aliases)


def blocks(code: I32) -> list[Block]:
    """Cut instructions into blocks: repetitions, those that save most first, and what is between these."""
    counts = _repetitions(code)
    saved = (counts - 1) * np.arange(1, len(counts) + 1)[:, None]
    chosen, free = list[Block](), np.ones(len(code) + 1, bool)
    for place in np.argsort(-saved, axis=None, kind="stable")[: np.count_nonzero(saved)]:
        row, begin = divmod(int(place), len(code))
        length, count = row + 1, int(counts[row, begin])
        if free[begin] and free[begin : begin + length * count].all() and _may_be_parted(code, length, begin, count):
            chosen.append(Block(begin, length, count))
            free[begin : begin + length * count] = False
    for begin in np.flatnonzero(free[:-1]).tolist():
        chosen.append(Block(begin, 1, 1))
    made = list[Block]()
    for block in sorted(chosen):
        if made and made[-1].times == block.times == 1 and LOOKUP not in code[[made[-1].begin, block.begin], 0]:
            made[-1] = Block(made[-1].begin, made[-1].length + 1, 1)
        else:
            made.append(block)
    return made


def _repetitions(code: I32) -> NDArray[np.int64]:
    """Return how often the instructions from each one on repeat, as blocks of 1, 2, … instructions, i64[length, P]."""
    counts = np.ones((min(LONGEST, len(code) // 2), len(code)), np.int64)
    for row, length in enumerate(range(1, len(counts) + 1)):
        steps = code[length:] - code[:-length]
        alike = (steps[:, 0] == 0) & (code[length:, 0] != LOOKUP)
        again = alike[length:] & (steps[length:] == steps[:-length]).all(axis=1)
        twice, more = _in_a_row(alike) >= length, _in_a_row(again)
        counts[row, : len(twice)][twice] = 2
        counts[row, : len(more)][twice[: len(more)]] += more[twice[: len(more)]] // length
    return counts


def _in_a_row(flags: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return how many flags from each one on are set."""
    places = np.arange(len(flags))
    ends = np.where(flags, len(flags), places)
    found: NDArray[np.int64] = np.minimum.accumulate(ends[::-1])[::-1] - places
    return found


def _may_be_parted(code: I32, length: int, begin: int, count: int) -> bool:
    """Return whether all repetitions of a first instruction may come before those of the second, and so on."""
    if count > 2 and not _may_be_parted(code, length, begin, 2):  # what is wrong is mostly wrong with the next one
        return False
    read, written = dict[int, int](), dict[int, int]()  # when registers were last read and written, in the new order
    for number, (_, target, *operands) in enumerate(code[begin : begin + length * count].tolist()):
        now = number % length * count + number // length
        if any(written.get(register, 0) > now for register in operands):
            return False
        for register in operands:
            read[register] = max(now, read.get(register, 0))
        if max(written.get(target, 0), read.get(target, 0)) > now:
            return False
        written[target] = now
    return True
