"""The numbers that stand in a rule: where they are, coefficients in their place, and numbers again.

The gradient of learning reaches coefficients (adjoint.py). So that it reaches the numbers in a rule's trees, too, these
are lifted: coefficients that the rule does not read stand for them, with the same values; tuned, they are written back.
A rule and its lifted form compute the same bits, as constants are folded in float32; but the slope of a loss leaves out
what a number 0 or 1 makes superfluous, which may change the sign of a zero, or keep 0·∞ out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from evometa.language.liveness import felt_slots
from evometa.language.signals import COEFFICIENTS
from evometa.language.tree import Node, Tree, constant, node

_LARGEST = float(np.finfo(np.float32).max)


class Place(NamedTuple):
    """Where a number stands: in the tree of a slot, or in another `part` of a genome; `at`: in its flat form."""

    part: str
    at: int


def numbers_of(rule: Mapping[str, Tree]) -> list[Place]:
    """Return where numbers stand in the slots that weights depend on, in the order of slots."""
    return [Place(slot, at) for slot in felt_slots(rule) for at, item in enumerate(rule[slot]) if item.constant]


def with_numbers(rule: Mapping[str, Tree], values: Mapping[Place, float]) -> dict[str, Tree]:
    """Return the rule with other numbers, each rounded to float32; what is not finite there leaves one as it is."""
    return _with_nodes(rule, {place: constant(value) for place, value in values.items() if abs(value) <= _LARGEST})


@dataclass(frozen=True)
class Lifted:
    """A rule in which coefficients stand for numbers: `names[i]` for that at `places[i]` of the `original`.

    `left`: how many of the numbers asked for found no free coefficient.
    """

    original: Mapping[str, Tree]
    rule: dict[str, Tree]
    places: tuple[Place, ...]
    names: tuple[str, ...]
    left: int

    @property
    def values(self) -> list[float]:
        """The numbers, in the order of `names`."""
        return [float(self.original[part][at].value) for part, at in self.places]

    def lowered(self, values: Iterable[float]) -> dict[str, Tree]:
        """Return the rule with numbers again, in the order of `names`; with `values`, it is the original."""
        return with_numbers(self.original, dict(zip(self.places, values, strict=True)))


def lift(
    rule: Mapping[str, Tree], places: Sequence[Place] | None = None, turn: int = 0, taken: Collection[str] = ()
) -> Lifted:
    """Return a rule with coefficients in the place of numbers (`places`; None: of all that `numbers_of` finds).

    There are as many as the rule leaves free of the eight, but those `taken` by something else. Where there are more
    numbers, they take turns: turn 0 has the first of them, turn 1 the next, and after the last come the first again.
    """
    wanted = list(numbers_of(rule) if places is None else places)
    read = frozenset[str]().union(*(tree.signals() for tree in rule.values()))
    free = [name for name in COEFFICIENTS if name not in read and name not in taken]
    count = min(len(free), len(wanted))
    first = turn * count % len(wanted) if wanted else 0
    chosen = tuple(wanted[(first + k) % len(wanted)] for k in range(count))
    names = tuple(free[:count])
    nodes = {place: node(name) for place, name in zip(chosen, names, strict=True)}
    return Lifted(rule, _with_nodes(rule, nodes), chosen, names, len(wanted) - count)


def _with_nodes(rule: Mapping[str, Tree], nodes: Mapping[Place, Node]) -> dict[str, Tree]:
    slots = {place.part for place in nodes}
    return {
        slot: Tree(nodes.get(Place(slot, at), item) for at, item in enumerate(tree)) if slot in slots else tree
        for slot, tree in rule.items()
    }
