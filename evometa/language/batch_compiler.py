"""The compiler for batches of rules: the programs that `compile_rule` gives, bit for bit, without an object for each.

Where the compiled part meets a constant expression that it has not met before it goes on to the next rule; such
expressions are then folded by the very functions that the reference folds with, and their rules compiled again.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from threading import Lock

import numpy as np

from evometa.language.batch_registers import compile_rules, new_room
from evometa.language.batch_values import BROKEN, CROWDED, FULL, WAITS, WANTED, insert, new_values
from evometa.language.codes import Trees, offsets
from evometa.language.generated_numpy import FUNCTIONS
from evometa.language.program_columns import COLUMNS
from evometa.language.programs import Programs
from evometa.language.rewrites import NAN
from evometa.language.signals import SIGNAL_COUNT
from evometa.spec.arrays import I64
from evometa.spec.primitives import PRIMITIVES
from evometa.spec.states import RULE

_ARITY = [row.arity for row in PRIMITIVES.values()]
_MOST = 1 << 17  # constant expressions that are remembered, some 6 MB


class Folds:
    """Constant expressions that were met, and what they come to: `table i64[2^n, 3]` as `Values.folded`."""

    def __init__(self) -> None:
        self.lock = Lock()
        self._clear(1 << 10)

    def _clear(self, slots: int) -> None:
        self.table: I64 = np.full((slots, 3), -1)
        self.count = 0

    def begin(self) -> None:
        """Forget all where it has become too much; not within a batch, which would not end."""
        if self.count > _MOST:
            self._clear(1 << 10)

    def learn(self, wanted: I64) -> None:
        """Fold operations (opcode · 2^32 + first operand, second operand), i64[n, 2]."""
        keys = wanted[np.lexsort(wanted.T[::-1])]
        keys = keys[np.append(True, (keys[1:] != keys[:-1]).any(axis=1))]
        if 2 * (self.count + len(keys)) > len(self.table):
            old = self.table[self.table[:, 0] >= 0]
            self._clear(1 << (4 * (self.count + len(keys))).bit_length())
            self._insert(old[:, :2], old[:, 2])
        opcodes, operands = keys[:, 0] >> 32, keys.T.astype(np.uint32).view(np.float32)
        begins = [0, *(np.flatnonzero(np.diff(opcodes)) + 1).tolist(), len(keys)]
        found = np.empty(len(keys), np.float32)
        for first, last in pairwise(begins):
            op = int(opcodes[first])
            found[first:last] = FUNCTIONS[op](*operands[: _ARITY[op], first:last])
        self._insert(keys, np.where(np.isnan(found), NAN, found.view(np.uint32).astype(np.int64)))

    def _insert(self, keys: I64, bits: I64) -> None:
        insert(self.table, keys, bits)
        self.count += len(keys)


_FOLDS = Folds()


def compile_batch(rules: Mapping[str, Trees]) -> Programs:
    """Compile G rules, given slot by slot (see `compile_rule`). ValueError where nodes are not one complete tree."""
    with _FOLDS.lock:
        _FOLDS.begin()
        return _compile(rules)


def _compile(rules: Mapping[str, Trees]) -> Programs:
    codes, where = _laid_out(rules)
    count, most = where.shape[1], int((where[..., 1] - where[..., 0]).sum(axis=0).max(initial=0))
    size = 2 * (most + SIGNAL_COUNT)  # values of a rule, mostly
    code, constants = np.empty(5 * len(codes), np.int32), np.empty(len(codes), np.uint32)
    columns, outputs = np.zeros((count, COLUMNS), np.int64), np.zeros((count, len(RULE)), np.int32)
    faults, tops, pending = np.zeros(count, np.int64), np.zeros(2, np.int64), np.arange(count)
    while len(pending):
        values = new_values(size, _FOLDS.table)
        compile_rules(pending, codes, where, values, new_room(size), code, constants, tops, columns, outputs, faults)
        pending = pending[faults[pending] > 0]
        found = np.bitwise_or.reduce(faults[pending]) if len(pending) else 0
        if found & BROKEN:
            raise ValueError(f"not one complete tree in rule {np.flatnonzero(faults & BROKEN)[0]}")
        if found & WAITS:
            _FOLDS.learn(values.wanted[: values.counts[WANTED]])
        if found & FULL:
            size *= 4
        if found & CROWDED:
            code, constants = (np.concatenate([array, np.empty_like(array)]) for array in (code, constants))
    return Programs(code[: 5 * tops[0]], constants[: tops[1]].view(np.float32), columns, outputs)


def _laid_out(rules: Mapping[str, Trees]) -> tuple[I64, I64]:
    """Return the codes of all slots, and where each tree lies in them, i64[S, G, 2]."""
    slots = [slot for slot in RULE if slot in rules]
    where = np.zeros((len(RULE), len(next(iter(rules.values()))), 2), np.int64)
    for slot, first in zip(slots, offsets([len(rules[slot].codes) for slot in slots]).tolist(), strict=False):
        begins = rules[slot].begins + first
        where[RULE.index(slot)] = np.stack([begins[:-1], begins[1:]], axis=1)
        if (np.diff(begins) < 1).any():
            raise ValueError("a tree without a node")
    return np.concatenate([np.zeros(0, np.int64), *(rules[slot].codes for slot in slots)]), where
