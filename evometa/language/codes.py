"""Trees as numbers: one for each node, and many trees in one flat array.

The code of a primitive is its opcode (below 64), that of a signal 64 + its register, that of a constant 2^32 + the bits
of its float32. Axis letters: T trees, N nodes of all of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np

from evometa.language.signals import READABLE
from evometa.language.tree import MAX_DEPTH, MAX_NODES, Node, Tree, constant, node
from evometa.spec.arrays import I64, U8
from evometa.spec.primitives import PRIMITIVES

SIGNAL = 64  # the code of the signal in register 0
MOST_NAMED = 1 << 12  # codes that any version may give to names
CONSTANT = 1 << 32  # the code of the constant 0

_NODES: dict[int, Node] = {
    **{row.opcode: node(row.name) for row in PRIMITIVES.values()},
    **{SIGNAL + row.register: node(row.name) for row in READABLE.values()},
}
_CODES = {item.name: code for code, item in _NODES.items()}


ARITY = np.zeros(SIGNAL, np.int64)  # of each opcode
ARITY[[row.opcode for row in PRIMITIVES.values()]] = [row.arity for row in PRIMITIVES.values()]


def arities(codes: I64) -> I64:
    """Return how many arguments the node of each code has, i64[N]."""
    return np.where(codes < SIGNAL, ARITY[np.minimum(codes, SIGNAL - 1)], 0)


def code_of(item: Node) -> int:
    """Return the code of a node."""
    if item.bits >= 0:
        return CONSTANT | item.bits
    return item.opcode if item.opcode >= 0 else SIGNAL + item.register


def vocabulary(codes: Sequence[I64]) -> U8:
    """Return the names of the primitives and signals among codes, as bytes of JSON, as registers may change."""
    there = sorted({code for each in codes for code in np.flatnonzero(np.bincount(each[each < CONSTANT])).tolist()})
    return np.frombuffer(json.dumps({_NODES[code].name: code for code in there}).encode(), np.uint8)


def translated(columns: Mapping[str, Any], name: str) -> I64:
    """Return a column of codes, stored with their `names`, as this version has them. KeyError for unknown names.

    Raises ValueError, TypeError or IndexError for other codes than that.
    """
    codes: I64 = columns[name]
    then = {code: _CODES[name] for name, code in dict(json.loads(columns["names"].tobytes())).items()}
    if all(code == now for code, now in then.items()):
        return codes
    if not all(type(code) is int and 0 <= code < MOST_NAMED for code in then):
        raise ValueError("codes of no node")
    table = np.full(max(then) + 1, -1, np.int64)
    table[list(then)] = list(then.values())
    named = codes < CONSTANT
    return np.where(named, table[np.where(named, codes, 0)], codes)


def tree_of(codes: Any) -> Tree:
    """Return the tree of codes. Raises KeyError, or InputError, for a code of nothing."""
    named = _NODES.get
    return Tree([named(code) or _number(code) for code in codes.tolist()])


def _number(code: int) -> Node:
    if code < CONSTANT:
        raise KeyError(code)
    return constant(float(np.uint32(code - CONSTANT).view(np.float32)))


@dataclass(frozen=True, eq=False)
class Trees(Sequence[Tree]):
    """T trees: that of number t is `codes[begins[t]:begins[t + 1]]`, its nodes in prefix order."""

    codes: I64  # [N]
    begins: I64  # [T+1]

    @classmethod
    def of(cls, trees: Iterable[Tree]) -> Trees:
        """Return trees as codes."""
        listed = list(trees)
        return cls(
            np.array([code_of(item) for tree in listed for item in tree], np.int64), offsets(list(map(len, listed)))
        )

    def __len__(self) -> int:
        return len(self.begins) - 1

    @overload
    def __getitem__(self, row: int) -> Tree: ...
    @overload
    def __getitem__(self, row: slice) -> Trees: ...
    def __getitem__(self, row: int | slice) -> Tree | Trees:
        if isinstance(row, slice):
            return self.take(np.arange(len(self))[row])
        if not -len(self) <= row < len(self):
            raise IndexError(f"tree {row} of {len(self)}")
        row %= len(self)
        return tree_of(self.codes[self.begins[row] : self.begins[row + 1]])

    def __iter__(self) -> Iterator[Tree]:
        return (self[row] for row in range(len(self)))

    @property
    def sizes(self) -> I64:
        """Nodes of each tree, i64[T]."""
        return np.diff(self.begins)

    def take(self, rows: Any) -> Trees:
        """Return the trees at some rows, in that order; rows may repeat."""
        return pieces(self.codes, self.begins[:-1][rows], self.begins[1:][rows])

    def check(self) -> None:
        """Raise ValueError for arrays that are not whole trees within the limits of the language."""
        codes, places = self.codes, self.begins
        flat = all(array.ndim == 1 and array.dtype == np.int64 for array in (codes, places))
        if not flat or not len(places) or places[0] != 0 or places[-1] != len(codes) or (self.sizes < 1).any():
            raise ValueError("trees that do not lie one behind the other")
        named = (codes >= 0) & (codes < CONSTANT)
        bits = np.where(named, 0, codes - CONSTANT)
        finite = np.isfinite((bits & 0xFFFFFFFF).astype(np.uint32).view(np.float32))
        if not (np.isin(codes[named], list(_NODES)).all() and (bits >> 32 == 0).all() and finite.all()):
            raise ValueError("codes of no node")
        missing = np.cumsum(arities(codes) - 1)  # arguments still to come, over all trees
        inside = missing + np.repeat(np.arange(1, len(self) + 1), self.sizes)  # of the tree itself, 0 at its end
        ends = places[1:] - 1
        if (inside[ends] != 0).any() or (np.delete(inside, ends) < 1).any():
            raise ValueError("trees that are not whole")
        if self.sizes.max(initial=0) > MAX_NODES:
            raise ValueError(f"a tree of more than {MAX_NODES} nodes")
        if any(self[int(row)].depth > MAX_DEPTH for row in np.flatnonzero(self.sizes > MAX_DEPTH + 1)):
            raise ValueError(f"a tree deeper than {MAX_DEPTH}")

    @classmethod
    def join(cls, batches: Sequence[Trees]) -> Trees:
        """Return the trees of several batches, one behind the other."""
        codes = np.concatenate([each.codes for each in batches])
        return cls(codes, offsets(np.concatenate([each.sizes for each in batches])))


def pieces(codes: I64, starts: I64, ends: I64) -> Trees:
    """Return the trees that lie in `codes` from each of `starts` to the one of `ends`."""
    sizes = ends - starts
    places = offsets(sizes)
    return Trees(codes[np.arange(places[-1]) + np.repeat(starts - places[:-1], sizes)], places)


def offsets(sizes: Any) -> I64:
    """Return where each of some parts begins that lie one behind the other, and where the last ends."""
    found = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=found[1:])
    return found
