"""What a gradient's optimizer knows of the numbers of genomes: a chromosome, as it is inherited with the numbers.

Those of a synapse gene stand in the gene itself (`Topologies.moments`). Constants of a rule have no place of their own
that variation would keep: their moments stand beside their values, by which they are found again.
Axis letters: G genomes, C checkpoints of all sets of tasks, E synapses, K per-synapse coefficients, Kc coefficients.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.genetics.rows import alike, joined, taken
from evometa.lifetime import F32
from evometa.spec.arrays import I64

CONSTANTS = 8  # constants of a rule whose moments are known: as many as there are coefficients to lift them to
MIXED = ("coefficients", "plasticity", "weights")  # chromosomes of numbers whose moments mix as they do


@dataclass(frozen=True, eq=False)
class Moments:
    """Moments of G genomes, each field with a row for each; never changed in place.

    `steps`: those that a line of descent has taken; `means`: running means of the losses, 0 before the first step;
    `gained`: mean loss before and after the genome itself was tuned. Of `coefficients`, `weights`, `plasticity`: the
    mean of the gradient and that of its square; of `constants` their value, and these two.
    """

    steps: NDArray[np.int32]  # [G]
    means: F32  # [G, C]
    gained: F32  # [G, 2]
    constants: F32  # [G, CONSTANTS, 3]
    coefficients: F32  # [G, 2, Kc]
    weights: F32  # [G, 2, E], E = 0 where they stand in genes
    plasticity: F32  # [G, 2, K, groups or E], the same

    def __len__(self) -> int:
        return len(self.steps)

    def __getitem__(self, row: int) -> Moments:
        """Return those of one genome, a batch of one."""
        return self.take(np.array([row]))

    @classmethod
    def none(
        cls, count: int, checkpoints: int, coefficients: int, weights: int, plasticity: tuple[int, ...]
    ) -> Moments:
        """Return those of genomes that no optimizer has met; sizes as at the fields."""
        shapes = {
            "steps": (), "means": (checkpoints,), "gained": (2,), "constants": (CONSTANTS, 3),
            "coefficients": (2, coefficients), "weights": (2, weights), "plasticity": (2, *plasticity),
        }  # fmt: skip
        return cls(**{
            name: np.broadcast_to(np.zeros(shape, KINDS[name][0]), (count, *shape)) for name, shape in shapes.items()
        })  # fmt: skip

    @property
    def key(self) -> bytes:
        """Bytes that are equal for equal moments."""
        return b"".join(f"{name}{part.shape}".encode() + part.tobytes() for name, part in vars(self).items())

    def take(self, rows: I64) -> Moments:
        """Return those at some rows, in that order; rows may repeat."""
        parts: dict[str, Any] = {name: taken(part, rows) for name, part in vars(self).items()}
        return Moments(**parts)

    def mixed(self, others: Moments, rows: I64, name: str, mix: Callable[[F32, F32], F32]) -> Moments:
        """Return those with the moments of the numbers `name` at some rows mixed with others', one for each row.

        `mix` takes f32[n, N] twice: the first moments, and then the second ones.
        """
        part = getattr(self, name).copy()
        own, theirs = (each.reshape(len(rows), 2, -1) for each in (part[rows], getattr(others, name)))
        both = np.stack([mix(own[:, k], theirs[:, k]) for k in range(2)], axis=1)
        part[rows] = both.reshape(len(rows), *part.shape[1:])
        return Moments(**{**vars(self), name: part})

    @classmethod
    def join(cls, batches: Sequence[Moments | None], sizes: Sequence[int]) -> Moments | None:
        """Return those of batches of such sizes, one behind the other; nothing known of those without any."""
        known = next((each for each in batches if each is not None), None)
        if known is None:
            return None
        parts: dict[str, Any] = {}
        for name, first in vars(known).items():
            nothing = np.zeros(first.shape[1:], first.dtype)
            parts[name] = joined([
                np.broadcast_to(nothing, (size, *nothing.shape)) if each is None else getattr(each, name)
                for each, size in zip(batches, sizes, strict=True)
            ])  # fmt: skip
        return cls(**parts)

    def columns(self) -> dict[str, NDArray[Any]]:
        """Return the arrays by name, as a file stores them: what is the same for all in one row."""
        return {PREFIX + name: part[:1] if alike(part) else part for name, part in vars(self).items()}

    @classmethod
    def from_columns(cls, count: int, columns: Mapping[str, NDArray[Any]]) -> Moments | None:
        """Return the moments of stored arrays, None where these hold none.

        Raises ValueError or LookupError for arrays that are no moments.
        """
        if not any(name.startswith(PREFIX) for name in columns):
            return None
        parts: dict[str, Any] = {}
        for name, (kind, axes) in KINDS.items():
            array = columns[PREFIX + name]
            if array.dtype != kind or array.ndim != axes:
                raise ValueError(f"moments: {name} of {array.ndim} axes, {array.dtype}")
            parts[name] = np.broadcast_to(array, (count, *array.shape[1:]))
        return cls(**parts)


PREFIX = "moments."  # of the names of columns
AXES = {"steps": 1, "means": 2, "gained": 2, "constants": 3, "coefficients": 3, "weights": 3, "plasticity": 4}
KINDS: dict[str, Any] = {name: (np.int32 if name == "steps" else np.float32, axes) for name, axes in AXES.items()}
