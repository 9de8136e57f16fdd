"""Counted randomness: every draw comes from a stream named by (seed, generation, purpose)."""

from __future__ import annotations

from hashlib import blake2b
from random import Random
from typing import Self, final

import numpy as np


def stream(seed: int, generation: int, purpose: str) -> np.random.Generator:
    """Return the generator of one purpose in one generation; the same three always give the same draws.

    No generator state is carried from one generation to the next, so a resumed run needs none.
    """
    label = int.from_bytes(blake2b(purpose.encode(), digest_size=8).digest(), "little")
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, generation, label])))


@final
class Draws(Random):
    """Python's generator, from which DEAP's operators draw, with NumPy's beside it for many numbers: `arrays`.

    Seeded by the NumPy generator, and its own: no other thread, and no `random.seed`, changes what is drawn.
    """

    def __new__(cls, arrays: np.random.Generator) -> Self:
        return super().__new__(cls)

    def __init__(self, arrays: np.random.Generator) -> None:
        super().__init__(int(arrays.integers(2**63)))
        self.arrays = arrays
