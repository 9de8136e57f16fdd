"""Value numbering: trees become values, each computed once; the first half of the compiler.

A value is an integer: below the number of `inputs` (of a rule: SIGNAL_COUNT) one of these, by its register, from there
on an operation, negative a constant (`~k` is constant k). Equal operations over equal values are one value, and so are
those that a rewrite makes equal (rewrites.py).
"""

from __future__ import annotations

import numpy as np

from evometa.language.rewrites import BINARY, NEG, UNARY, fold, over, plain
from evometa.language.signals import INPUTS, RATES, SIGNAL_COUNT
from evometa.language.tree import Tree
from evometa.spec.primitives import PRIMITIVES

COMMUTES = tuple(p.commutes for p in PRIMITIVES.values())

# Rate of each register, as a position in RATES; in a loss all but coefficients and constants is a tile.
RULE_RATES = tuple(RATES.index(s.rate) for s in INPUTS.values())
LOSS_RATES = tuple(2 if rate else 0 for rate in RULE_RATES)

# A structural hash, the same on every machine: operands are ordered by it, so that a·b and b·a are one value.
PRIME = (1 << 61) - 1
WEIGHT_A, WEIGHT_B, WEIGHT_C = 0x1B873593CC9E2D51, 0x0A54FF53A5F1D36F, 0x10E527FADE682D1D
OF_OP = tuple((0x9E3779B97F4A7C15 * (op + 1)) % PRIME for op in range(len(PRIMITIVES)))
LOOKUP = len(PRIMITIVES)  # the opcode behind those of primitives: a gather, which worlds alone have (worlds/)
OF_LOOKUP = (0x9E3779B97F4A7C15 * (LOOKUP + 1)) % PRIME


def of_input(register: int) -> int:
    """Return the hash of an input by its register."""
    return (0xC2B2AE3D27D4EB4F * (register + 1)) % PRIME


OF_SIGNAL = tuple(map(of_input, range(SIGNAL_COUNT)))


class Numbering:
    """The values of one rule. `ops[v - inputs]`: (opcode, a, b, c) of value v, an unused operand repeats a.

    `rates[v]`: 0 birth, 1 node, 2 synapse (operations and inputs); `bits[~v]`: bits of constant v;
    `leaf[r]`: the value that stands for input register r (states that the rule has are replaced here).
    """

    __slots__ = ("bits", "constants", "hashes", "inputs", "leaf", "memo", "negated", "ops", "rates")

    def __init__(self, rates: tuple[int, ...] = RULE_RATES) -> None:
        self.inputs = len(rates)
        self.ops: list[tuple[int, int, int, int]] = []
        self.memo: dict[tuple[int, int, int, int], int] = {}
        self.bits: list[int] = []
        self.constants: dict[int, int] = {}
        self.rates = list(rates)
        self.hashes = list(OF_SIGNAL) if self.inputs == SIGNAL_COUNT else list(map(of_input, range(self.inputs)))
        self.leaf = list(range(self.inputs))
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
            hashes.append((OF_OP[op] + ha * WEIGHT_A + hb * WEIGHT_B + hc * WEIGHT_C) % PRIME)
            if op == NEG:
                self.negated[value] = a
        return value

    def unary(self, op: int, a: int) -> int:
        """Return the value of a primitive of one argument."""
        if a < 0:
            bits = self.bits[~a]
            return self.constant(fold(op, (bits, bits, bits)))
        if a >= self.inputs and op in UNARY:
            found = over(self, op, a, *self.ops[a - self.inputs])
            if found is not None:
                return found
        value = self.memo.get((op, a, a, a))
        return self.operation(op, a, a, a) if value is None else value

    def binary(self, op: int, a: int, b: int) -> int:
        """Return the value of a primitive of two arguments, of which some rewrite may hold."""
        bits = self.bits
        if a < 0 and b < 0:
            return self.constant(fold(op, (bits[~a], bits[~b], bits[~a])))
        x, y = bits[~a] if a < 0 else -1, bits[~b] if b < 0 else -1
        found = plain(op, a, b, x, y)
        if found is None and op in BINARY:
            found = BINARY[op](self, a, b, x, y)
        return self.operation(op, a, b, a) if found is None else found

    def ternary(self, op: int, a: int, b: int, c: int) -> int:
        """Return the value of `select`."""
        if a < 0:
            value = np.uint32(self.bits[~a]).view(np.float32)
            return b if value > 0 else c
        return b if b == c else self.operation(op, a, b, c)

    def lookup(self, index: int, table: int, rows: int) -> int:
        """Return the value of the row with an index, of as many `rows` as begin with the input `table`.

        The last index stands as a constant in place of c; the rows have one rate.
        """
        key = (LOOKUP, index, table, self.constant(int(np.float32(rows - 1).view(np.uint32))))
        value = self.memo.get(key)
        if value is None:
            value = self.memo[key] = len(self.rates)
            self.ops.append(key)
            self.rates.append(max(self.rate(index), self.rates[table]))
            self.hashes.append((OF_LOOKUP + self.hashes[index] * WEIGHT_A + self.hashes[table] * WEIGHT_B) % PRIME)
        return value
