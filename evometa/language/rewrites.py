"""Rewrites that change no bit of any result (NaN payloads aside); the compiler makes these and no others.

    constants folded in float32 · x·1, x/1, x−(+0), x+(−0), aq(x, ±0) → x · x·(−1) → −x · x·x → square(x)
    −(−x) → x · x−(−y) → x+y · x+(−y) → x−y · aq(x, −y) → aq(x, y)
    signs drawn out of products, quotients, sign and tanh: (−x)·y → −(x·y), (−x)·(−y) → x·y; but into the operand
    that changes less often, if there is one: −(k·x) → (−k)·x, so that the sign is taken once
    abs, square, sqrtabs, log of −x and of |x| → of x · abs, relu, sign, step of what is such already → itself
    min(x, x), max(x, x), select(c, x, x) → x · select with a constant condition → its branch

Not made, because they are not exact: x+0, 0·x, x−x, reassociation, −(a−b) → b−a.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from evometa.language.generated_numpy import FUNCTIONS
from evometa.spec.primitives import PRIMITIVES


class Values(Protocol):
    """What a rewrite needs of the values of a rule (numbering.py). `negated`: of each value −x, x."""

    negated: dict[int, int]

    def rate(self, value: int) -> int: ...
    def unary(self, op: int, a: int) -> int: ...
    def binary(self, op: int, a: int, b: int) -> int: ...
    def operation(self, op: int, a: int, b: int, c: int) -> int: ...


_NAMES = ("add", "sub", "mul", "aq", "div", "neg", "abs", "sign", "min", "max", "square", "sqrtabs", "exp", "log",
          "tanh", "sigmoid", "relu", "step")  # fmt: skip
(ADD, SUB, MUL, AQ, DIV, NEG, ABS, SIGN, MIN, MAX, SQUARE, SQRTABS, EXP, LOG, TANH, SIGMOID, RELU, STEP) = (
    PRIMITIVES[name].opcode for name in _NAMES
)

EVEN = frozenset((ABS, SQUARE, SQRTABS, LOG))
ODD = frozenset((SIGN, TANH))
_NOT_NEGATIVE = (ABS, SQUARE, SQRTABS, EXP, SIGMOID, STEP)  # their results, zeros included, have no sign
KEEPS = {ABS: _NOT_NEGATIVE, RELU: (RELU, *_NOT_NEGATIVE), SIGN: (SIGN, STEP), STEP: (STEP,)}
SIGNED = frozenset((MUL, AQ, DIV))
SAME = frozenset((MIN, MAX))  # of a value and itself: that value
UNARY = EVEN | ODD | {NEG, RELU, STEP}

_ONE, MINUS_ONE, _ZERO, _MINUS_ZERO = 0x3F800000, 0xBF800000, 0x00000000, 0x80000000
NAN = 0x7FC00000

# Constants over which a primitive gives its other operand as it is: on its left, on its right.
NEUTRAL: dict[int, tuple[tuple[int, ...], tuple[int, ...]]] = {
    ADD: ((_MINUS_ZERO,), (_MINUS_ZERO,)), SUB: ((), (_ZERO,)), MUL: ((_ONE,), (_ONE,)), AQ: ((), (_ZERO, _MINUS_ZERO)),
    DIV: ((), (_ONE,)),
}  # fmt: skip

_ARITY = tuple(p.arity for p in PRIMITIVES.values())
_folded: dict[tuple[int, int, int, int], int] = {}


def fold(op: int, bits: Sequence[int]) -> int:
    """Apply a primitive to float32 constants, all given and returned as bits (NaN as one canonical pattern)."""
    key = (op, bits[0], bits[1], bits[2])
    found = _folded.get(key)
    if found is None:
        arity = _ARITY[op]
        arguments = np.array(bits[:arity], np.uint32).view(np.float32)
        result = np.float32(FUNCTIONS[op](*arguments))
        found = NAN if np.isnan(result) else int(result.view(np.uint32))
        if len(_folded) > 100_000:
            _folded.clear()
        _folded[key] = found
    return found


def over(values: Values, op: int, a: int, inner: int, x: int, y: int, z: int) -> int | None:
    """Return what a primitive of one argument becomes over the operation (inner, x, y, z), if anything."""
    if inner == NEG:
        if op == NEG:
            return x
        if op in EVEN:
            return values.unary(op, x)
        return values.unary(NEG, values.unary(op, x)) if op in ODD else None
    if op == NEG and inner in SIGNED:
        rx, ry = values.rate(x), values.rate(y)
        if rx < ry:
            return values.binary(inner, values.unary(NEG, x), y)
        return values.binary(inner, x, values.unary(NEG, y)) if ry < rx and inner != AQ else None
    if inner in KEEPS.get(op, ()):
        return a
    return values.unary(op, x) if inner == ABS and op in EVEN else None


def plain(op: int, a: int, b: int, x: int, y: int) -> int | None:
    """Return the operand that a primitive of two arguments gives as it is; `x`, `y`: bits of constants, else -1."""
    left, right = NEUTRAL.get(op, ((), ()))
    if x in left:
        return b
    return a if y in right or (op in SAME and a == b) else None


def _add(values: Values, a: int, b: int, x: int, y: int) -> int | None:
    negated = values.negated
    if (a in negated) == (b in negated):
        return None
    a, b = (a, negated[b]) if b in negated else (b, negated[a])
    return values.operation(SUB, a, b, a)


def _sub(values: Values, a: int, b: int, x: int, y: int) -> int | None:
    return values.binary(ADD, a, values.negated[b]) if b in values.negated else None


def _mul(values: Values, a: int, b: int, x: int, y: int) -> int | None:
    if MINUS_ONE in (x, y):
        return values.unary(NEG, b if x == MINUS_ONE else a)
    return values.unary(SQUARE, a) if a == b else _signs_out(values, MUL, a, b)


def _aq(values: Values, a: int, b: int, x: int, y: int) -> int | None:
    if b in values.negated:
        return values.binary(AQ, a, values.negated[b])
    return _signs_out(values, AQ, a, b)


def _div(values: Values, a: int, b: int, x: int, y: int) -> int | None:
    return _signs_out(values, DIV, a, b)


def _signs_out(values: Values, op: int, a: int, b: int) -> int | None:
    """Draw the sign out of a product or quotient, unless it sits in the operand that changes less often."""
    negated = values.negated
    if a in negated and b in negated:
        return values.binary(op, negated[a], negated[b])
    if a in negated and values.rate(a) >= values.rate(b):
        return values.unary(NEG, values.binary(op, negated[a], b))
    if b in negated and values.rate(b) >= values.rate(a):
        return values.unary(NEG, values.binary(op, a, negated[b]))
    return None


BINARY: dict[int, Callable[[Values, int, int, int, int], int | None]] = {
    ADD: _add, SUB: _sub, MUL: _mul, AQ: _aq, DIV: _div,
}  # fmt: skip
