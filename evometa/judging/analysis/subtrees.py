"""A rule in parts as its tree stands, where algebra cannot take it in: terms of a sum, then subtrees from the root."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from evometa.judging.analysis.change import Change, Kind, Values, mean_of, short, size_of
from evometa.language.signals import COEFFICIENTS
from evometa.language.tree import Tree, leaf

MOST = 64  # places that are looked at
SUMS = ("add", "sub", "neg")


class Place(NamedTuple):
    """Nodes `start` to `stop` of a tree; `neutral`: the number that leaves the rest as it is, if there is one."""

    start: int
    stop: int
    neutral: float | None
    kind: Kind


def by_subtrees(slot: str, tree: Tree, values: Values | None, spell: Callable[[Tree], str]) -> Iterator[Change]:
    """Yield changes of the largest terms of the tree, if it is a sum, then of the subtrees nearest to the root."""
    seen = set()
    for place in _largest(tree, values):
        part = Tree(tree[place.start : place.stop])
        text = short(spell(part))
        mean = None if values is None or slot == "loss" else mean_of(values(part))
        ways: tuple[tuple[Literal["removed", "frozen"], float | None], ...]
        ways = (("removed", place.neutral), ("frozen", mean))
        for change, number in ways:
            if number is None:
                continue
            altered = Tree((*tree[: place.start], *leaf(number), *tree[place.stop :]))
            if altered not in seen:
                seen.add(altered)
                yield Change(slot, text, place.kind, change, altered, short(spell(altered)))


def _largest(tree: Tree, values: Values | None) -> list[Place]:
    """Return the places to change, at most MOST; of a sum's terms the largest."""
    places = _places(tree)
    summands = [place for place in places if place.kind == "term"]
    if values is not None and len(summands) > MOST:
        sizes = {place: size_of(values(Tree(tree[place.start : place.stop]))) for place in summands}
        summands.sort(key=lambda place: -sizes[place])
    return [*summands, *(place for place in places if place.kind == "part")][:MOST]


def _places(tree: Tree) -> list[Place]:
    """Return the subtrees that vary, nearest to the root first; sums within sums are taken as one sum."""
    found: list[Place] = []
    waiting: list[tuple[int, float | None, bool, bool]] = [(0, None, True, True)]
    for start, neutral, summed, outer in waiting:  # summed: a term of a sum; outer: of the whole tree's
        stop, node = tree.end(start), tree[start]
        transparent = node.name in SUMS and summed
        varies = bool(Tree(tree[start:stop]).signals() - set(COEFFICIENTS))
        if start and varies and not transparent and (node.arity or neutral == 0.0):
            found.append(Place(start, stop, neutral, "term" if outer else "part"))
        child = start + 1
        for place in range(node.arity):
            waiting.append((child, _neutral(node.name, place), node.name in SUMS, outer and transparent))
            child = tree.end(child)
    return found


def _neutral(name: str, place: int) -> float | None:
    """Return the number that, as an argument, leaves a primitive's other argument as it is."""
    if name in SUMS or (name == "aq" and place == 1):
        return 0.0
    return 1.0 if name == "mul" or (name == "div" and place == 1) else None
