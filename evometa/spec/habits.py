"""Tables of habits: the slots by which a search goes, what each may read, and the texts of those that are fixed.

Signals are numbers from 0 to 1, or near, so that the same habits serve searches of any size.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from evometa.spec.table import Table

OPERATORS = ("crossover", "subtree", "node", "insert", "shrink", "constant")  # of trees, as trees.py numbers them


@dataclass(frozen=True)
class HabitSignal:
    """What habits read: a number of each node of a tree, of each individual, or of the whole search."""

    name: str
    of: Literal["node", "individual", "search"]
    meaning: str


HABIT_SIGNALS = Table(
    HabitSignal("depth", "node", "edges from the root, as a share of the most there may be"),
    HabitSignal("place", "node", "place of the node in its tree, from 0 at the root to nearly 1"),
    HabitSignal("value", "node", "the number that stands there, in units of the largest new one; 0 for no number"),
    HabitSignal("gauss", "node", "a Gaussian number, drawn anew each time"),
    HabitSignal("size", "individual", "nodes, as a share of the most there may be; in where and step of the subtree"),
    HabitSignal("rank", "individual", "share of the living that are worse"),
    HabitSignal("age", "individual", "a/(a + 8) after a generations of life"),
    HabitSignal("novelty", "individual", "1 where none that is better behaves alike, else 0"),
    HabitSignal("gain", "individual", "1 for the best, 0 for the median, as fitness lies between; -1 at least"),
    HabitSignal("sigma", "individual", "step of its constants, as its strategy says"),
    HabitSignal("progress", "search", "g/(g + 16) after g generations"),
    HabitSignal("stagnation", "search", "s/(s + 8) where the best is s generations old"),
)


@dataclass(frozen=True)
class HabitSlot:
    """One habit: what it reads, its text where it is fixed, and what it gives."""

    name: str
    signals: tuple[str, ...]
    fixed: str
    meaning: str


_LIVING = ("size", "rank", "age", "novelty", "gain", "progress", "stagnation", "gauss")
_NODES = ("depth", "place", "value", *_LIVING)

HABITS = Table(
    HabitSlot("where", _NODES, "1", "weight of a node to be met by a variation"),
    *(
        HabitSlot(f"which_{name}", _LIVING, "1", f"weight of {name} of trees, which multiplies its share")
        for name in OPERATORS
    ),
    HabitSlot(
        "step",
        (*_NODES, "sigma"),
        "sigma*gauss",
        "shift of a number, in units of its size, a tenth of the largest at least",
    ),
    HabitSlot("pick", _LIVING, "tournament", "weight of an individual to become a parent"),
    HabitSlot("keep", _LIVING[:-1], "rank + novelty", "who survives: those to whom it gives most"),
)
WHICH = tuple(f"which_{name}" for name in OPERATORS)
OWN = tuple(name for name in HABITS if name not in ("pick", "keep"))  # what a genome may say of its own children


def counted(slots: Iterable[str]) -> list[str]:
    """Return the slots that are the rule: all but habits, where there are others."""
    every = list(slots)
    return [slot for slot in every if slot not in HABITS] or every


def tournament(size: int) -> str:
    """Return the weight of a parent that a tournament of so many gives it: size·rank^(size − 1), but for the factor."""
    if size == 1:
        return "1"
    text = "rank"
    for bit in bin(size - 1)[3:]:
        text = f"square({text})"
        text = f"mul(rank, {text})" if bit == "1" else text
    return text
