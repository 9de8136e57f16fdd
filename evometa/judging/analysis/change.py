"""A change to one slot of a rule: a part of it taken out, or held at its mean; and how much that comes to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evometa.language.tree import Tree

F64 = NDArray[np.float64]
Values = Callable[[Tree], F64]  # a tree's values on signals as they are in lifetimes
Kind = Literal["term", "factor", "part"]

LONGEST = 120  # characters of a part that are shown


@dataclass(frozen=True)
class Change:
    """One part of a slot taken out or held still.

    `term`: the part; `kind`: a term of a sum, a factor of a product, or a part of the tree; `change`: "removed" (0 in
    a sum, 1 in a product) or "frozen" to its mean; `tree`: the slot as it is then; `formula`: the same for people;
    `size`: root mean square of the difference this makes to what the slot gives, relative to what it gives.
    """

    slot: str
    term: str
    kind: Kind
    change: Literal["removed", "frozen"]
    tree: Tree
    formula: str
    size: float = 0.0


def mean_of(values: F64) -> float | None:
    """Return the mean of what is finite, if it fits into float32."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return None
    mean = float(finite.mean())
    return mean if abs(mean) < 1e38 else None


def difference(ours: F64, theirs: F64) -> float:
    """Return the root mean square difference relative to `ours`, where `ours` is finite; 1e9 at most."""
    sound = np.isfinite(ours)
    if not sound.any():
        return 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        gap = np.sqrt(np.mean(np.square(ours[sound] - theirs[sound])))
        size = np.sqrt(np.mean(np.square(ours[sound])))
    if gap == 0:
        return 0.0
    return float(min(1e9, gap / size)) if np.isfinite(gap) and np.isfinite(size) and size > 0 else 1e9


def size_of(values: F64) -> float:
    """Return the root mean square of what is finite."""
    finite = values[np.isfinite(values)]
    with np.errstate(over="ignore"):
        return float(np.sqrt(np.square(finite).mean())) if len(finite) else 0.0


def short(text: str) -> str:
    """Cut a text that is too long to be shown."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
