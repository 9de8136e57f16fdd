"""Value numbering: trees become values, each computed once; the first half of the compiler.

A value is an integer: 0 to 23 a signal (its register), 24 and more an operation, negative a constant (`~k` is
constant k). Equal operations over equal values are one value. Only rewrites that change no bit of any result
(NaN payloads aside) are made:

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

import numpy as np

from evometa.language.generated_numpy import FUNCTIONS
from evometa.language.primitives import PRIMITIVES
from evometa.language.signals import RATES, SIGNAL_COUNT, SIGNALS
from evometa.language.tree import Tree

(ADD, SUB, MUL, AQ, DIV, NEG, ABS, SIGN, MIN, MAX, SQUARE, SQRTABS, EXP, LOG, TANH, SIGMOID, RELU, STEP) = (
    PRIMITIVES[name].opcode
    for name in "add sub mul aq div neg abs sign min max square sqrtabs exp log tanh sigmoid relu step".split()
)

COMMUTES = tuple(p.commutes for p in PRIMITIVES.values())
_EVEN = frozenset((ABS, SQUARE, SQRTABS, LOG))
_ODD = frozenset((SIGN, TANH))
_NOT_NEGATIVE = (ABS, SQUARE, SQRTABS, EXP, SIGMOID, STEP)  # their results, zeros included, have no sign
_KEEPS = {ABS: _NOT_NEGATIVE, RELU: (RELU, *_NOT_NEGATIVE), SIGN: (SIGN, STEP), STEP: (STEP,)}
_SIGNED = frozenset((MUL, AQ, DIV))
_UNARY_RULES = _EVEN | _ODD | {NEG, RELU, STEP}

# Rate of each register, as a position in RATES; in a loss all but coefficients and constants is a tile.
RULE_RATES = tuple(RATES.index(s.rate) for s in SIGNALS.values())
LOSS_RATES = tuple(2 if rate else 0 for rate in RULE_RATES)

_ONE, _MINUS_ONE, _ZERO, _MINUS_ZERO = 0x3F800000, 0xBF800000, 0x00000000, 0x80000000
_NAN, _SIGN = 0x7FC00000, 0x80000000

# A structural hash, the same on every machine: operands are ordered by it, so that a·b and b·a are one value.
_PRIME = (1 << 61) - 1
_WEIGHT_A, _WEIGHT_B, _WEIGHT_C = 0x1B873593CC9E2D51, 0x0A54FF53A5F1D36F, 0x10E527FADE682D1D
_OF_OP = tuple((0x9E3779B97F4A7C15 * (op + 1)) % _PRIME for op in range(len(FUNCTIONS)))
_OF_SIGNAL = tuple((0xC2B2AE3D27D4EB4F * (register + 1)) % _PRIME for register in range(SIGNAL_COUNT))

_folded: dict[tuple[int, int, int, int], int] = {}


def fold(op: int, bits: Sequence[int]) -> int:
    """Apply a primitive to float32 constants, all given and returned as bits (NaN as one canonical pattern)."""
    key = (op, *bits[:3])
    found = _folded.get(key)
    if found is None:
        arity = _ARITY[op]
        arguments = np.array(bits[:arity], np.uint32).view(np.float32)
        result = np.float32(FUNCTIONS[op](*arguments))
        found = _NAN if np.isnan(result) else int(result.view(np.uint32))
        if len(_folded) > 100_000:
            _folded.clear()
        _folded[key] = found
    return found


_ARITY = tuple(p.arity for p in PRIMITIVES.values())


class Numbering:
    """The values of one rule. `ops[v - 24]`: (opcode, a, b, c) of value v, an unused operand repeats a.

    `rates[v]`: 0 birth, 1 node, 2 synapse (operations and signals); `bits[~v]`: bits of constant v;
    `leaf[r]`: the value that stands for signal register r (states that the rule has are replaced here).
    """

    __slots__ = ("bits", "constants", "hashes", "leaf", "memo", "negated", "ops", "rates")

    def __init__(self, rates: tuple[int, ...] = RULE_RATES) -> None:
        self.ops: list[tuple[int, int, int, int]] = []
        self.memo: dict[tuple[int, int, int, int], int] = {}
        self.bits: list[int] = []
        self.constants: dict[int, int] = {}
        self.rates = list(rates)
        self.hashes = list(_OF_SIGNAL)
        self.leaf = list(range(SIGNAL_COUNT))
        self.negated: dict[int, int] = {}

    def constant(self, bits: int) -> int:
        """Return the value of a constant."""
        value = self.constants.get(bits)
        if value is None:
            value = self.constants[bits] = ~len(self.bits)
            self.bits.append(bits)
        return value

    def number(self, tree: Tree) -> int:
        """Return the value of a tree; ValueError where its nodes are not one complete tree."""
        leaf, negated, memo = self.leaf, self.negated, self.memo
        stack: list[int] = []
        push, pop = stack.append, stack.pop
        try:
            for item in reversed(tree):
                arity = item.arity
                if arity == 0:
                    register = item.register
                    push(leaf[register] if register >= 0 else self.constant(item.bits))
                    continue
                op = item.opcode
                a = pop()
                if arity == 2:
                    b = pop()
                    if a < 0 or b < 0 or a == b or (negated and (a in negated or b in negated)):
                        push(self.binary(op, a, b))
                    else:
                        value = memo.get((op, a, b, a))
                        push(self.operation(op, a, b, a) if value is None else value)
                elif arity == 1:
                    push(self.unary(op, a))
                else:
                    push(self.ternary(op, a, pop(), pop()))
        except IndexError:
            stack.clear()
        if len(stack) != 1:
            raise ValueError(f"not one complete tree: {list(tree)}")
        return stack[0]

    def rate(self, value: int) -> int:
        """Return how often a value changes: -1 constant, 0 birth, 1 node, 2 synapse."""
        return self.rates[value] if value >= 0 else -1

    def operation(self, op: int, a: int, b: int, c: int) -> int:
        """Return the value of an operation as it stands, in canonical operand order."""
        hashes = self.hashes
        ha = hashes[a] if a >= 0 else self.bits[~a]
        hb = hashes[b] if b >= 0 else self.bits[~b]
        hc = hashes[c] if c >= 0 else self.bits[~c]
        if ha > hb and COMMUTES[op]:
            a, b, ha, hb = b, a, hb, ha
            c, hc = a, ha
        key = (op, a, b, c)
        value = self.memo.get(key)
        if value is None:
            rates = self.rates
            ra = rates[a] if a >= 0 else 0
            rb = rates[b] if b >= 0 else 0
            rc = rates[c] if c >= 0 else 0
            if rb > ra:
                ra = rb
            value = self.memo[key] = len(rates)
            rates.append(rc if rc > ra else ra)
            self.ops.append(key)
            hashes.append((_OF_OP[op] + ha * _WEIGHT_A + hb * _WEIGHT_B + hc * _WEIGHT_C) % _PRIME)
            if op == NEG:
                self.negated[value] = a
        return value

    def unary(self, op: int, a: int) -> int:
        """Return the value of a primitive of one argument."""
        if a < 0:
            bits = self.bits[~a]
            return self.constant(fold(op, (bits, bits, bits)))
        if a >= SIGNAL_COUNT and op in _UNARY_RULES:
            found = self._rewrite(op, a, *self.ops[a - SIGNAL_COUNT])
            if found is not None:
                return found
        value = self.memo.get((op, a, a, a))
        return self.operation(op, a, a, a) if value is None else value

    def _rewrite(self, op: int, a: int, inner: int, x: int, y: int, z: int) -> int | None:
        """Return what a primitive of one argument becomes over the operation (inner, x, y, z), if anything."""
        if inner == NEG:
            if op == NEG:
                return x
            if op in _EVEN:
                return self.unary(op, x)
            return self.unary(NEG, self.unary(op, x)) if op in _ODD else None
        if op == NEG and inner in _SIGNED:
            rx, ry = self.rate(x), self.rate(y)
            if rx < ry:
                return self.binary(inner, self.unary(NEG, x), y)
            return self.binary(inner, x, self.unary(NEG, y)) if ry < rx and inner != AQ else None
        if inner in _KEEPS.get(op, ()):
            return a
        return self.unary(op, x) if inner == ABS and op in _EVEN else None

    def binary(self, op: int, a: int, b: int) -> int:
        """Return the value of a primitive of two arguments, of which some rewrite may hold."""
        bits = self.bits
        if a < 0 and b < 0:
            return self.constant(fold(op, (bits[~a], bits[~b], bits[~a])))
        rule = _BINARY_RULES.get(op)
        found = rule and rule(self, a, b, bits[~a] if a < 0 else -1, bits[~b] if b < 0 else -1)
        return self.operation(op, a, b, a) if found is None else found

    def ternary(self, op: int, a: int, b: int, c: int) -> int:
        """Return the value of `select`."""
        if a < 0:
            value = np.uint32(self.bits[~a]).view(np.float32)
            return b if value > 0 else c
        return b if b == c else self.operation(op, a, b, c)


def _add(values: Numbering, a: int, b: int, x: int, y: int) -> int | None:
    if _MINUS_ZERO in (x, y):
        return a if y == _MINUS_ZERO else b
    negated = values.negated
    if (a in negated) == (b in negated):
        return None
    a, b = (a, negated[b]) if b in negated else (b, negated[a])
    return values.operation(SUB, a, b, a)


def _sub(values: Numbering, a: int, b: int, x: int, y: int) -> int | None:
    if y == _ZERO:
        return a
    if b not in values.negated:
        return None
    b = values.negated[b]
    return values.operation(ADD, a, b, a)


def _mul(values: Numbering, a: int, b: int, x: int, y: int) -> int | None:
    if _ONE in (x, y):
        return b if x == _ONE else a
    if _MINUS_ONE in (x, y):
        return values.unary(NEG, b if x == _MINUS_ONE else a)
    return values.unary(SQUARE, a) if a == b else _signs_out(values, MUL, a, b)


def _aq(values: Numbering, a: int, b: int, x: int, y: int) -> int | None:
    if y in (_ZERO, _MINUS_ZERO):
        return a
    if b in values.negated:
        return values.binary(AQ, a, values.negated[b])
    return _signs_out(values, AQ, a, b)


def _div(values: Numbering, a: int, b: int, x: int, y: int) -> int | None:
    return a if y == _ONE else _signs_out(values, DIV, a, b)


def _signs_out(values: Numbering, op: int, a: int, b: int) -> int | None:
    """Draw the sign out of a product or quotient, unless it sits in the operand that changes less often."""
    negated = values.negated
    if a in negated and b in negated:
        return values.binary(op, negated[a], negated[b])
    if a in negated and values.rate(a) >= values.rate(b):
        return values.unary(NEG, values.binary(op, negated[a], b))
    if b in negated and values.rate(b) >= values.rate(a):
        return values.unary(NEG, values.binary(op, a, negated[b]))
    return None


def _same(values: Numbering, a: int, b: int, x: int, y: int) -> int | None:
    return a if a == b else None


_BINARY_RULES: dict[int, Callable[[Numbering, int, int, int, int], int | None]] = {
    ADD: _add, SUB: _sub, MUL: _mul, AQ: _aq, DIV: _div, MIN: _same, MAX: _same,
}  # fmt: skip
