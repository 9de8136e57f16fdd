"""A rule's formula as a tree: an immutable tuple of nodes in prefix order; a subtree is a slice.

Nodes are interned (one object for each primitive, signal and constant), so trees compare and hash at C speed,
and they have what DEAP asks of a node (`name`, `arity`, `args`, `ret`, `value`, `format`):
`gp.PrimitiveTree(list(tree))` passes through DEAP's operators, and `Tree(individual)` takes the result back.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from threading import Lock
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from evometa.errors import InputError
from evometa.language.signals import READABLE
from evometa.spec.primitives import PRIMITIVES

MAX_NODES = 4000
MAX_DEPTH = 100


class Node:
    """One node. Made by `node(name)` and `constant(value)` only, which return the same object for the same node.

    `name`: its text; `value`: the float32 value of a constant (a Python float), else the name; `opcode` of a
    primitive, `register` of a signal, `bits` of a constant (its float32 as u32), each -1 elsewhere.
    """

    __slots__ = ("__weakref__", "args", "arity", "bits", "name", "opcode", "register", "ret", "value")

    def __init__(self, name: str, arity: int, value: str | float, opcode: int, register: int, bits: int) -> None:
        self.name, self.arity, self.value = name, arity, value
        self.opcode, self.register, self.bits = opcode, register, bits
        self.ret: type = object
        self.args: list[type] = [object] * arity

    @property
    def constant(self) -> bool:
        """Whether this node is a number."""
        return self.bits >= 0

    def format(self, *arguments: str) -> str:
        """The text of this node over the texts of its arguments."""
        return f"{self.name}({', '.join(arguments)})" if arguments else self.name

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> tuple[Any, ...]:
        return (constant, (self.value,)) if self.constant else (node, (self.name,))


_NAMED: dict[str, Node] = {
    **{p.name: Node(p.name, p.arity, p.name, p.opcode, -1, -1) for p in PRIMITIVES.values()},
    **{s.name: Node(s.name, 0, s.name, -1, s.register, -1) for s in READABLE.values()},
}
_CONSTANTS: WeakValueDictionary[int, Node] = WeakValueDictionary()
_MAKING = Lock()  # two threads must not make two nodes of one number


def node(name: str) -> Node:
    """Return the node of a primitive or signal; KeyError for another name."""
    return _NAMED[name]


def constant(value: float) -> Node:
    """Return the node of a number rounded to float32; InputError where that is not finite."""
    with np.errstate(over="ignore"):
        single = np.float32(value)
    bits = int(single.view(np.uint32))
    found = _CONSTANTS.get(bits)
    if found is None:
        rounded = float(single)
        if not math.isfinite(rounded):
            raise InputError("a finite number (float32, below 3.4e38)", repr(value), "constant in a rule")
        text = str(single)
        text = text.removesuffix(".0")
        with _MAKING:
            found = _CONSTANTS.get(bits)
            if found is None:
                found = _CONSTANTS[bits] = Node(text, 0, rounded, -1, -1, bits)
    return found


class Tree(tuple[Node, ...]):
    """Nodes in prefix order. Not checked when made: `whole` tells whether they form exactly one tree."""

    __slots__ = ()

    @property
    def whole(self) -> bool:
        """Whether the nodes are exactly one complete tree."""
        missing = 1
        for item in self:
            if missing == 0:
                return False
            missing += item.arity - 1
        return missing == 0

    @property
    def depth(self) -> int:
        """Edges on the longest way from the root to a leaf (0 for a single node), as DEAP counts height."""
        stack = [0]
        deepest = 0
        for item in self:
            depth = stack.pop()
            deepest = max(deepest, depth)
            stack.extend([depth + 1] * item.arity)
        return deepest

    def end(self, start: int) -> int:
        """Index after the last node of the subtree that begins at `start`; IndexError if it is not complete."""
        missing = 1
        while missing:
            missing += self[start].arity - 1
            start += 1
        return start

    def subtree(self, start: int) -> Tree:
        """Return the subtree that begins at `start`."""
        return Tree(self[start : self.end(start)])

    def arguments(self) -> list[Tree]:
        """Return the root's arguments."""
        found, start = [], 1
        for _ in range(self[0].arity):
            found.append(self.subtree(start))
            start += len(found[-1])
        return found

    def signals(self) -> frozenset[str]:
        """Names of the signals that occur."""
        return frozenset(item.name for item in self if item.register >= 0)

    def __str__(self) -> str:
        stack: list[str] = []
        push, pop = stack.append, stack.pop
        for item in reversed(self):
            arity = item.arity
            if arity == 0:
                push(item.name)
            elif arity == 1:
                push(f"{item.name}({pop()})")
            elif arity == 2:  # most nodes; half the time of the general case
                push(f"{item.name}({pop()}, {pop()})")
            else:
                push(f"{item.name}({', '.join([pop() for _ in range(arity)])})")
        return stack[-1]

    def __repr__(self) -> str:
        return f"<Tree {self}>"


def join(name: str, *arguments: Iterable[Node]) -> Tree:
    """Return the tree of a primitive over argument trees."""
    return Tree((node(name), *(item for argument in arguments for item in argument)))


def leaf(name: str | float) -> Tree:
    """Return the tree of one signal (by name) or constant (a number)."""
    return Tree((node(name) if isinstance(name, str) else constant(name),))
