"""Value numbering for batches of rules, compiled: the values of numbering.py.

A value is an integer as there: operations count up behind the signals, constants down from −1. So all that is kept of
values stands in one row, operations from its front, constants from its end.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evometa.language.numbering import COMMUTES, OF_OP, OF_SIGNAL, PRIME, RULE_RATES, WEIGHT_A, WEIGHT_B, WEIGHT_C
from evometa.language.rewrites import NEG
from evometa.language.signals import SIGNAL_COUNT
from evometa.spec.arrays import I64
from evometa.spec.primitives import PRIMITIVES
from evometa.system.jit import njit

COUNT = len(PRIMITIVES)
ZERO = np.int64(0)
_COMMUTES = np.array(COMMUTES)
_OF_OP = np.array(OF_OP, np.uint64)

SIGNAL, CONSTANT = 64, 1 << 32  # codes.py
ABSENT = np.int64(1 << 30)  # in place of a value; these are no ints, for each of which all would be compiled anew
HOLE = np.int64(ABSENT + 1)  # the operand that is still to come
UNKNOWN = np.int64(1 << 33)  # in place of bits that are still to be folded
OPS, CONSTANTS, FAULTS, WANTED = range(4)  # places in `Values.counts`
# Bits of the faults: constants to be folded, no more room for values, for code, not one complete tree.
WAITS, FULL, CROWDED, BROKEN = 1, 2, 4, 8

_P, _LOW, _32, _61, _3 = (np.uint64(word) for word in (PRIME, 0xFFFFFFFF, 32, 61, 3))
_A, _B, _C = (np.uint64(weight) for weight in (WEIGHT_A, WEIGHT_B, WEIGHT_C))
_MIX = tuple(np.uint64(word) for word in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9))
inner = njit(no_cpython_wrapper=True)  # called from compiled code alone
Flat = NDArray[Any]


class Values(NamedTuple):
    """The values of one rule, in arrays that the next rule uses again; see `Numbering`.

    `ops i64[R, 4]`, `rates`, `negated` (ABSENT where there is none), `bits` (−1 of what is no constant) i64[R],
    `hashes u64[R]`; `memo i64[M, 2]`: (rule, value) by hash; `counts i64[4]`; `stack`: of the tree; `frames i64[R, 3]`:
    operations (op, a, b) with a HOLE; `folded i64[F, 3]`: the table of constants folded so far, see `fold`;
    `wanted i64[W, 2]`: keys that are not in it.
    """

    ops: Flat
    rates: Flat
    negated: Flat
    bits: Flat
    hashes: Flat
    memo: Flat
    counts: Flat
    stack: Flat
    frames: Flat
    folded: Flat
    wanted: Flat


def new_values(room: int, folded: I64) -> Values:
    """Return room for so many values of a rule, its signals included."""
    ops, frames = np.zeros((room, 4), np.int64), np.zeros((room, 3), np.int64)
    rates, negated, bits = np.full(room, -1), np.full(room, ABSENT), np.full(room, -1)
    hashes = np.zeros(room, np.uint64)
    hashes[:SIGNAL_COUNT], rates[:SIGNAL_COUNT] = OF_SIGNAL, RULE_RATES
    memo = np.full((1 << (2 * room).bit_length(), 2), -1)
    return Values(
        ops, rates, negated, bits, hashes, memo, np.zeros(4, np.int64), np.zeros(room, np.int64), frames, folded,
        np.zeros((room, 2), np.int64),
    )  # fmt: skip


@inner
def slot_of(first: int, second: int, third: int, fourth: int, slots: int) -> Any:
    """Return the place of a key, numbers from 0 on, in a table of 2^n slots."""
    word = (np.uint64(first) + _MIX[0]) * _MIX[1] ^ (np.uint64(second) + _MIX[1]) * _MIX[2]
    word = word ^ (np.uint64(third) + _MIX[2]) * _MIX[0]
    word = (word ^ (word >> _32)) * _MIX[0] ^ (np.uint64(fourth) + _MIX[1]) * _MIX[0]
    return np.int64((word >> _32) & np.uint64(slots - 1))


@inner
def _times(x: Any, y: Any) -> Any:
    """Return x·y mod 2^61 − 1, for x, y below 2^62."""
    a, b, c, d = x >> _32, x & _LOW, y >> _32, y & _LOW
    low, left, right, high = b * d, a * d, b * c, a * c
    carry = (low >> _32) + (left & _LOW) + (right & _LOW)
    low = (low & _LOW) | (carry << _32)
    high = high + (left >> _32) + (right >> _32) + (carry >> _32)
    return _rest((low & _P) + ((low >> _61) | (high << _3)))


@inner
def _rest(x: Any) -> Any:
    """Return x mod 2^61 − 1."""
    x = (x & _P) + (x >> _61)
    return x if x < _P else x - _P


@inner
def constant(values: Values, bits: int) -> Any:
    """Return the value of a constant."""
    counts = values.counts
    for k in range(1, counts[CONSTANTS] + 1):
        if values.bits[-k] == bits:
            return -k
    if counts[OPS] + counts[CONSTANTS] == len(values.bits):
        counts[FAULTS] |= FULL
        return 0
    counts[CONSTANTS] += 1
    new = -counts[CONSTANTS]
    values.bits[new], values.hashes[new], values.rates[new], values.negated[new] = bits, np.uint64(bits), -1, ABSENT
    return new


@inner
def fold(values: Values, op: int, a: int, b: int) -> Any:
    """Return the bits of a primitive over constants; where they are not known yet, want them."""
    x, y = values.bits[a], values.bits[b]
    if x == UNKNOWN or y == UNKNOWN:
        return UNKNOWN
    first, folded, counts = op << 32 | x, values.folded, values.counts
    place = slot_of(first, y, ZERO, ZERO, len(folded))
    while folded[place, 0] >= 0:
        if folded[place, 0] == first and folded[place, 1] == y:
            return folded[place, 2]
        place = (place + 1) & (len(folded) - 1)
    counts[FAULTS] |= WAITS
    if counts[WANTED] < len(values.wanted):
        values.wanted[counts[WANTED], 0], values.wanted[counts[WANTED], 1] = first, y
        counts[WANTED] += 1
    return UNKNOWN


@inner
def operation(values: Values, rule: int, op: int, a: int, b: int, c: int) -> Any:
    """Return the value of an operation as it stands, in canonical operand order."""
    ops, rates, hashes, memo, counts = values.ops, values.rates, values.hashes, values.memo, values.counts
    if _COMMUTES[op] and hashes[a] > hashes[b]:
        a, b, c = b, a, b
    place = slot_of(op, a + ABSENT, b + ABSENT, c + ABSENT, len(memo))
    while memo[place, 0] == rule:
        known = memo[place, 1]
        if ops[known, 0] == op and ops[known, 1] == a and ops[known, 2] == b and ops[known, 3] == c:
            return known
        place = (place + 1) & (len(memo) - 1)
    new = counts[OPS]
    if new + counts[CONSTANTS] == len(ops):
        counts[FAULTS] |= FULL
        return 0
    counts[OPS] += 1
    memo[place, 0], memo[place, 1] = rule, new
    ops[new, 0], ops[new, 1], ops[new, 2], ops[new, 3] = op, a, b, c
    rates[new] = max(rates[a], rates[b], rates[c], 0)
    values.negated[new] = a if op == NEG else ABSENT
    values.bits[new] = -1
    hashes[new] = _rest(_times(hashes[a], _A) + _times(hashes[b], _B) + _times(hashes[c], _C) + _OF_OP[op])
    return new


@njit(cache=True)
def insert(folded: Any, keys: Any, bits: Any) -> None:
    """Put folded constants into their table, of which half stays empty; `keys i64[n, 2]`: as `Values.wanted`."""
    for i in range(len(keys)):
        place = slot_of(keys[i, 0], keys[i, 1], ZERO, ZERO, len(folded))
        while folded[place, 0] >= 0:
            place = (place + 1) & (len(folded) - 1)
        folded[place, 0], folded[place, 1], folded[place, 2] = keys[i, 0], keys[i, 1], bits[i]
