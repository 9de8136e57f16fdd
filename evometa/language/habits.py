"""Habits at work: formulas of the rule language evaluated on rows of NumPy, and what becomes of the odd ones.

A weight that is not a number, or below 0, counts as 0, an infinite one as the largest number there is room for; where
all are 0, the fixed habit's stand in for them. Axis letter: R rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.language.algebra import formula
from evometa.language.generated_numpy import FUNCTIONS
from evometa.language.liveness import folded
from evometa.language.signals import HABIT_SLOTS
from evometa.language.text import parse
from evometa.language.tree import Tree
from evometa.spec.arrays import I64
from evometa.spec.habits import HABITS, OWN, WHICH, tournament

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
Habits = Mapping[str, Tree]
"""A tree for each slot; one that is missing is fixed."""
NO_HABITS: Habits = MappingProxyType({})
Rows = Mapping[str, Any]
"""What habits read, by the signal's name, f32[R] each, or one number for all rows."""
LARGEST = 1e30


@lru_cache(maxsize=64)
def fixed_habits(size: int) -> Habits:
    """Return the habits of searches that have none of their own, with tournaments of so many."""
    texts = {name: row.fixed for name, row in HABITS.items()} | {"pick": tournament(size)}
    return {name: parse(text, HABIT_SLOTS[name].signals, where=name) for name, text in texts.items()}


def own_habits() -> Habits:
    """Return what genomes with habits of their own begin with."""
    return {name: tree for name, tree in fixed_habits(2).items() if name in OWN}


def different(rule: Habits, size: int) -> dict[str, Tree]:
    """Return the habits of a rule that are not the fixed ones of tournaments of so many, constants worked out."""
    fixed = fixed_habits(size)
    found = {slot: folded(tree) for slot, tree in rule.items() if slot in fixed}
    return {slot: tree for slot, tree in found.items() if tree != folded(fixed[slot])}


def difference(rule: Habits, size: int) -> str:
    """Say in one line what habits are: what of them is other than in the fixed ones."""
    own = different(rule, size)
    return f"fixed habits but {formula(own)}" if own else "the fixed habits"


def stood_in_for(rule: Habits) -> list[str]:
    """Return the slots in whose place the fixed habits always stand: weights of 0, a `keep` of the same for all.

    Weights of variations count where all of them are 0: one alone rules out its variation.
    """
    known = {slot: float(tree[0].value) for slot, own in rule.items() if (tree := folded(own))[0].constant}
    nothing = [slot for slot, value in known.items() if slot != "step" and not value > 0]
    if not set(WHICH) <= set(nothing):
        nothing = [slot for slot in nothing if slot not in WHICH]
    return [slot for slot in HABITS.names if slot in nothing or (slot == "keep" and slot in known)]


def evaluate(tree: Tree, rows: Rows, count: int) -> F32:
    """Return what a habit gives on each of so many rows, f32[R]. KeyError where a signal is missing."""
    stack: list[Any] = []
    with np.errstate(all="ignore"):
        for item in reversed(tree):
            if item.arity:
                stack.append(FUNCTIONS[item.opcode](*[stack.pop() for _ in range(item.arity)]))
            else:
                stack.append(np.float32(item.value) if item.constant else rows[item.name])
    return np.broadcast_to(np.asarray(stack[0], np.float32), count)


def evaluate_each(habits: Sequence[Habits], which: I64, slot: str, fixed: Tree, rows: Rows) -> F32:
    """Return what a slot gives on rows, f32[R], each by the habits that `which i64[R]` says; `fixed`: if it lacks."""
    trees = [one.get(slot, fixed) for one in habits]
    places = {tree: place for place, tree in enumerate(dict.fromkeys(trees))}
    if len(places) == 1:
        return evaluate(trees[0], rows, len(which))
    kinds, found = np.array([places[tree] for tree in trees])[which], np.empty(len(which), np.float32)
    known = {name: rows[name] for name in frozenset().union(*(tree.signals() for tree in places))}
    for tree, place in places.items():
        mine = np.flatnonzero(kinds == place)
        found[mine] = evaluate(tree, {name: known[name][mine] for name in tree.signals()}, len(mine))
    return found


def held(given: F32) -> F64:
    """Return weights as they are used, f64[R], none below 0 or infinite; what is not a number is not above 0."""
    wide = given.astype(np.float64)
    return np.where(wide > 0.0, np.minimum(wide, LARGEST), 0.0)
