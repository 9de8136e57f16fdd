"""Which programs of a batch are equal, compiled: by what they are made of, not by digests."""

from __future__ import annotations

from typing import Any

import numpy as np

from evometa.language.batch_values import inner, slot_of
from evometa.language.program_columns import CODE, COLUMNS, CONSTANT, CONSTANT_COUNT, LENGTH
from evometa.system.jit import njit


@inner
def _slot(code: Any, constants: Any, column: Any, output: Any, slots: int) -> int:
    """Return a place in a table that is the same for equal programs."""
    zero = np.int64(0)
    place = slot_of(column[LENGTH], column[CONSTANT_COUNT], np.int64(output[0] + 1), zero, slots)
    for i in range(5 * column[CODE], 5 * (column[CODE] + column[LENGTH]), 5):
        operands = np.int64(code[i + 2]) << 32 | code[i + 3]
        place = slot_of(place, np.int64(code[i]), np.int64(code[i + 1]), operands, slots)
    for i in range(column[CONSTANT], column[CONSTANT] + column[CONSTANT_COUNT]):
        place = slot_of(place, np.int64(constants[i]), zero, zero, slots)
    return place


@inner
def _same(code: Any, constants: Any, columns: Any, outputs: Any, g: int, h: int) -> bool:
    """Tell whether two programs are equal; `constants` as bits."""
    for i in range(COLUMNS):
        if i != CODE and i != CONSTANT and columns[g, i] != columns[h, i]:
            return False
    for i in range(outputs.shape[1]):
        if outputs[g, i] != outputs[h, i]:
            return False
    one, other = 5 * columns[g, CODE], 5 * columns[h, CODE]
    for i in range(5 * columns[g, LENGTH]):
        if code[one + i] != code[other + i]:
            return False
    one, other = columns[g, CONSTANT], columns[h, CONSTANT]
    alike = True
    for i in range(columns[g, CONSTANT_COUNT]):
        alike &= constants[one + i] == constants[other + i]
    return alike


@njit(cache=True, nogil=True)
def first_of_each(code: Any, constants: Any, columns: Any, outputs: Any) -> Any:
    """Return the row of the first program that is equal to each, i64[P]."""
    slots = 16
    while slots < 2 * len(columns):
        slots *= 2
    table, first = np.full(slots, -1), np.arange(len(columns))
    for g in range(len(columns)):
        place = _slot(code, constants, columns[g], outputs[g], slots)
        while table[place] >= 0 and not _same(code, constants, columns, outputs, g, table[place]):
            place = (place + 1) & (slots - 1)
        if table[place] < 0:
            table[place] = g
        first[g] = table[place]
    return first
