"""Derivatives of trees: the chain rule over the table's differentials, with light simplification.

What runs is differentiated: where a primitive holds its argument (`exp` beyond 88), the derivative is 0; where it has
a corner, the derivative is that of one side, or 0.
"""

from __future__ import annotations

from functools import cache

from evometa.language.text import parse_over
from evometa.language.tree import Tree, join, leaf, node
from evometa.spec.primitives import ARGUMENTS, PRIMITIVES

_ZERO, _ONE = leaf(0.0), leaf(1.0)
# The table's differentials are written over a, b, c and d; these signals stand for them in the parsed templates.
_PLACES = dict(zip((*ARGUMENTS, "d"), ("p0", "p1", "p2", "p3"), strict=True))


def derivative(tree: Tree, signal: str) -> Tree:
    """Return ∂tree/∂signal as a tree; other signals are held fixed."""
    # Prefix order read backwards: each entry is (subtree, its derivative or None where that is zero).
    stack: list[tuple[Tree, Tree | None]] = []
    for item in reversed(tree):
        if item.arity == 0:
            stack.append((Tree((item,)), _ONE if item.name == signal else None))
            continue
        arguments = [stack.pop() for _ in range(item.arity)]
        whole = join(item.name, *(argument for argument, _ in arguments))
        parts = [
            _part(item.name, place, [argument for argument, _ in arguments], inner)
            for place, (_, inner) in enumerate(arguments)
            if inner is not None and PRIMITIVES[item.name].derivative[place] != "0"
        ]
        total: Tree | None = None
        for part in parts:
            total = part if total is None else _simple("add", (total, part))
        stack.append((whole, None if total == _ZERO else total))
    return stack[0][1] or _ZERO


@cache
def differential(name: str, place: int) -> Tree:
    """Return a primitive's differential in one argument, with p0, p1, p2 and p3 standing for a, b, c and d."""
    return parse_over(PRIMITIVES[name].derivative[place], {name: node(place) for name, place in _PLACES.items()})


def _part(name: str, place: int, arguments: list[Tree], inner: Tree) -> Tree:
    """One argument's share of the differential: the template with its places filled."""
    filling = dict(zip(_PLACES.values(), (*arguments, *[_ZERO] * (3 - len(arguments)), inner), strict=True))
    stack: list[Tree] = []
    for item in reversed(differential(name, place)):
        if item.arity:
            stack.append(_simple(item.name, tuple(stack.pop() for _ in range(item.arity))))
        else:
            stack.append(filling.get(item.name, Tree((item,))))
    return stack[0]


def _simple(name: str, arguments: tuple[Tree, ...]) -> Tree:
    """Join trees, leaving out zeros and ones where they do nothing (as numbers: 0·x is 0 here, whatever x is)."""
    first, last = arguments[0], arguments[-1]
    if name == "mul" and _ZERO in arguments:
        return _ZERO
    if name == "mul" and _ONE in arguments:
        return last if first == _ONE else first
    if name == "sub" and last == _ZERO:
        return first
    if name in ("aq", "div", "neg") and first == _ZERO:
        return _ZERO
    if name == "div" and last == _ONE:
        return first
    if name == "neg" and first[0].name == "neg":
        return Tree(first[1:])
    return join(name, *arguments)
