"""Counted randomness: every draw comes from a stream named by (seed, generation, purpose)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b

import numpy as np


def stream(seed: int, generation: int, purpose: str) -> np.random.Generator:
    """Return the generator of one purpose in one generation; the same three always give the same draws.

    No generator state is carried from one generation to the next, so a resumed run needs none.
    """
    label = int.from_bytes(blake2b(purpose.encode(), digest_size=8).digest(), "little")
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, generation, label])))


@contextmanager
def borrowed_random(rng: np.random.Generator) -> Iterator[None]:
    """Seed Python's global `random`, from which DEAP's operators draw, and put its old state back afterwards."""
    state = random.getstate()
    random.seed(int(rng.integers(2**63)))
    try:
        yield
    finally:
        random.setstate(state)
