"""From trees to values for batches of rules, compiled: the rewrites of rewrites.py.

The tables are those; what is written here once more (which operand a sign is drawn into, and what comes first) is
tested against it rule by rule.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from evometa.language.batch_values import (
    ABSENT,
    BROKEN,
    CONSTANT,
    COUNT,
    FAULTS,
    FULL,
    HOLE,
    SIGNAL,
    Values,
    constant,
    fold,
    inner,
    operation,
)  # fmt: skip
from evometa.language.rewrites import (
    ABS,
    ADD,
    AQ,
    EVEN,
    KEEPS,
    MINUS_ONE,
    MUL,
    NEG,
    NEUTRAL,
    ODD,
    SAME,
    SIGNED,
    SQUARE,
    SUB,
)
from evometa.language.signals import SEEDS, SIGNAL_COUNT, SIGNALS
from evometa.spec.primitives import PRIMITIVES

_ARITY = np.array([row.arity for row in PRIMITIVES.values()])
_EVEN, _ODD, _SIGNED, _SAME = (np.isin(np.arange(COUNT), list(ops)) for ops in (EVEN, ODD, SIGNED, SAME))
_KEEPS = np.array([[under in KEEPS.get(op, ()) for under in range(COUNT)] for op in range(COUNT)])
_NEUTRAL = np.array([[[*side, -1, -1][:2] for side in NEUTRAL.get(op, ((), ()))] for op in range(COUNT)])
_SUB = np.int64(SUB)
# codes of seeds, and from the last on, stand for no signal that a tree can have
_SEEDS, _ACTING, _NAMED = (SIGNAL + n for n in (len(SIGNALS), len(SIGNALS) + len(SEEDS), SIGNAL_COUNT))

# What rewriting comes to: a value (else ABSENT); or an operation (op, a, b) to be valued, b ABSENT where it has one
# argument, and a frame that takes the result in (its op −1: none).


@inner
def _over(values: Values, op: int, a: int) -> Any:
    """Rewrite a primitive of one argument over an operation (`rewrites.over`)."""
    under, x, y = values.ops[a, 0], values.ops[a, 1], values.ops[a, 2]
    if under == NEG:
        if op == NEG:
            return x, op, a, ABSENT, -1, 0, 0
        if _EVEN[op]:
            return ABSENT, op, x, ABSENT, -1, 0, 0
        if _ODD[op]:
            return ABSENT, op, x, ABSENT, NEG, HOLE, ABSENT
    elif op == NEG and _SIGNED[under]:
        if values.rates[x] < values.rates[y]:
            return ABSENT, NEG, x, ABSENT, under, HOLE, y
        if values.rates[y] < values.rates[x] and under != AQ:
            return ABSENT, NEG, y, ABSENT, under, x, HOLE
    elif _KEEPS[op, under]:
        return a, op, a, ABSENT, -1, 0, 0
    elif under == ABS and _EVEN[op]:
        return ABSENT, op, x, ABSENT, -1, 0, 0
    return ABSENT, -1, a, ABSENT, -1, 0, 0


@inner
def _between(values: Values, rule: int, op: int, a: int, b: int) -> Any:
    """Rewrite a primitive of two arguments (`rewrites.plain` and `rewrites.BINARY`)."""
    x, y, left, right = values.bits[a], values.bits[b], values.negated[a], values.negated[b]
    if x >= 0 and (x == _NEUTRAL[op, 0, 0] or x == _NEUTRAL[op, 0, 1]):
        return b, op, a, b, -1, 0, 0
    if (_SAME[op] and a == b) or (y >= 0 and (y == _NEUTRAL[op, 1, 0] or y == _NEUTRAL[op, 1, 1])):
        return a, op, a, b, -1, 0, 0
    if op == ADD and (left == ABSENT) != (right == ABSENT):
        if right != ABSENT:
            return operation(values, rule, _SUB, a, right, a), op, a, b, -1, 0, 0
        return operation(values, rule, _SUB, b, left, b), op, a, b, -1, 0, 0
    if op == SUB and right != ABSENT:
        return ABSENT, ADD, a, right, -1, 0, 0
    if op == MUL and (x == MINUS_ONE or y == MINUS_ONE):
        return ABSENT, NEG, b if x == MINUS_ONE else a, ABSENT, -1, 0, 0
    if op == MUL and a == b:
        return ABSENT, SQUARE, a, ABSENT, -1, 0, 0
    if op == AQ and right != ABSENT:
        return ABSENT, AQ, a, right, -1, 0, 0
    if _SIGNED[op]:
        if left != ABSENT and right != ABSENT:
            return ABSENT, op, left, right, -1, 0, 0
        if left != ABSENT and values.rates[a] >= values.rates[b]:
            return ABSENT, op, left, b, NEG, HOLE, ABSENT
        if right != ABSENT and values.rates[b] >= values.rates[a]:
            return ABSENT, op, a, right, NEG, HOLE, ABSENT
    return ABSENT, -1, a, b, -1, 0, 0


@inner
def _value(values: Values, rule: int, op: int, a: int, b: int) -> Any:
    """Return the value of a primitive of one argument (`b` ABSENT) or of two, rewritten.

    A loop with frames, not recursion: a function that calls itself crashes once Numba loads it from its cache.
    """
    frames, depth = values.frames, 0
    while True:
        second = a if b == ABSENT else b
        if a < 0 and second < 0:
            result = constant(values, fold(values, op, a, second))
        elif b == ABSENT and a < SIGNAL_COUNT:
            result = operation(values, rule, op, a, a, a)
        else:
            step = _over(values, op, a) if b == ABSENT else _between(values, rule, op, a, b)
            result = step[0]
            if result == ABSENT and step[1] < 0:
                result = operation(values, rule, op, a, second, a)
            elif result == ABSENT:
                op, a, b = step[1], step[2], step[3]
                if step[4] >= 0:
                    frames[depth, 0], frames[depth, 1], frames[depth, 2] = step[4], step[5], step[6]
                    depth += 1
                if depth < len(frames):
                    continue
                values.counts[FAULTS] |= FULL
                return 0
        if depth == 0:
            return result
        depth -= 1
        op, a, b = frames[depth, 0], frames[depth, 1], frames[depth, 2]
        a, b = result if a == HOLE else a, result if b == HOLE else b


@inner
def number(values: Values, rule: int, codes: Any, leaf: Any) -> Any:
    """Return the value of a tree of codes in prefix order; `leaf i64[signals]`: what stands for each signal."""
    stack, counts, top = values.stack, values.counts, 0
    for i in range(len(codes) - 1, -1, -1):
        code = codes[i]
        arity = _ARITY[code] if 0 <= code < COUNT else 0
        unknown = code < 0 or COUNT <= code < SIGNAL or _SEEDS <= code < _ACTING or _NAMED <= code < CONSTANT
        if unknown or top < arity:
            counts[FAULTS] |= BROKEN
        elif top == len(stack):
            counts[FAULTS] |= FULL
        if counts[FAULTS] & (FULL | BROKEN):
            return 0
        if code >= CONSTANT:
            new = constant(values, code - CONSTANT)
        elif code >= SIGNAL:
            new = leaf[code - SIGNAL]
        elif arity == 1:
            new = _value(values, rule, code, stack[top - 1], ABSENT)
        elif arity == 2:
            new = _value(values, rule, code, stack[top - 1], stack[top - 2])
        else:
            a, b, c = stack[top - 1], stack[top - 2], stack[top - 3]
            bits = values.bits[a]
            if a < 0:
                new = b if 0 < bits <= 0x7F800000 else c  # a number above 0, or infinity
            else:
                new = b if b == c else operation(values, rule, code, a, b, c)
        top += 1 - arity
        stack[top - 1] = new
    if top != 1:
        counts[FAULTS] |= BROKEN
        return 0
    return stack[0]
