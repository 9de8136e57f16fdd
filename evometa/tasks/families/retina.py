"""Objects on the left and on the right of a small retina (Kashtan & Alon 2005, PNAS 102, 13773-13778)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from evometa.config.tasks import FamilySettings
from evometa.lifetime import Tasks
from evometa.seeding import stream
from evometa.spec.heads import Kind
from evometa.tasks.family import Family

PIXELS = 8  # two rows of four; the left half's come first, column by column from the left
PATTERNS = 2**PIXELS
HALF = 2 ** (PIXELS // 2)
TURNS = ((0, 1, 2, 3), (2, 3, 0, 1), (0, 2, 1, 3), (1, 3, 0, 2))  # the outer column: left, right, upper row, lower row
COUNTS = {"train": 64, "validation": 16, "test": 48}


class RetinaTasks(FamilySettings):
    """Is there an object on the left AND (or OR) one on the right of 4 x 2 pixels? (Kashtan & Alon 2005)."""

    family: Literal["retina"] = "retina"
    kind: ClassVar[Kind] = "classification"
    patterns: int = Field(
        96, ge=1, le=PATTERNS - 1, description=f"patterns of the {PATTERNS} that a task shows; it asks for the others"
    )

    def open(self, seed: int, splits: Sequence[str], base: Path) -> Retina:
        return Retina(self, seed)


class Retina(Family):
    """128 tasks: a view of the published object on the left, one on the right, and what joins them.

    An object has three or more black pixels, or one or two in its outer column alone. A view turns it, so that the
    outer column is one of the four sides of its half, and may exchange black and white. Pixels are 1 and -1.
    """

    def __init__(self, settings: RetinaTasks, seed: int) -> None:
        everything = truths()
        order = stream(seed, 0, "tasks/retina/splits").permutation(len(everything))
        ends = np.cumsum(list(COUNTS.values()))[:-1]
        self._truths = dict(zip(COUNTS, np.split(everything[order], ends), strict=True))
        super().__init__(
            name="retina",
            kind=settings.kind,
            inputs=PIXELS,
            outputs=1,
            support=settings.patterns,
            queries=dict.fromkeys(COUNTS, PATTERNS - settings.patterns),
            splits={split: f"{count} pairs of objects, found in no other split" for split, count in COUNTS.items()},
            limits=COUNTS,
        )

    def _draw(self, split: str, count: int, rng: np.random.Generator) -> Tasks:
        """Give all tasks in order as often as `count` allows, then draw the rest without replacement."""
        limit = self.limits[split]
        rest = rng.choice(limit, count % limit, replace=False)
        chosen = np.concatenate([np.tile(np.arange(limit), count // limit), rest])
        order = rng.permuted(np.tile(np.arange(PATTERNS), (count, 1)), axis=1)
        x = (2.0 * _bits(PATTERNS)[order] - 1.0).transpose(1, 2, 0).astype(np.float32, order="C")
        y = np.take_along_axis(self._truths[split][chosen], order, axis=1).T[:, None].astype(np.float32, order="C")
        shown = self.support[split]
        return Tasks(x[:shown], y[:shown], x[shown:], y[shown:])


def truths() -> NDArray[np.bool_]:
    """Return the truth table of every task, bool[128, 256]: left AND right, left OR right, for each pair of views."""
    colours = _bits(HALF)
    views = [_objects(colours[:, turn] ^ white) for turn in TURNS for white in (False, True)]
    pattern = np.arange(PATTERNS)
    pairs = [(left[pattern % HALF], right[pattern // HALF]) for left in views for right in views]
    return np.array([joined for left, right in pairs for joined in (left & right, left | right)])


def _objects(black: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which halves bool[n, 4], the outer column first, hold an object."""
    alone = black[:, :2].any(axis=1) & ~black[:, 2:].any(axis=1)
    return (black.sum(axis=1) >= 3) | alone


def _bits(size: int) -> NDArray[np.bool_]:
    """Return the numbers below `size` in bits, the lowest first."""
    return (np.arange(size)[:, None] >> np.arange(size.bit_length() - 1) & 1).astype(bool)
