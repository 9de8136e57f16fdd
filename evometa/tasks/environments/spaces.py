"""Gymnasium's spaces: how many numbers an observation has, which they are, and how many actions there are."""

from __future__ import annotations

from typing import Any

import numpy as np

from evometa.spec.arrays import F32
from evometa.tasks.environments.protocol import Facts, Wrong

MOST = 100_000  # numbers of an observation, and actions


def facts_of(observed: Any, acted: Any) -> Facts:
    """Return what spaces say; Wrong for those that learners cannot see or act in."""
    from gymnasium import spaces

    if not isinstance(acted, spaces.Discrete):
        raise Wrong("actions of a Discrete space", str(acted), remedy="Wrap it: gymnasium.ActionWrapper.")
    try:
        inputs = int(spaces.flatdim(observed))
    except (NotImplementedError, ValueError) as error:
        raise Wrong("an observation of so many numbers (Box, Discrete, Dict, Tuple, …)", f"{observed}: {error}",
                    remedy="Wrap it: gymnasium.ObservationWrapper.") from error  # fmt: skip
    if not (0 < inputs <= MOST and 0 < acted.n <= MOST):
        raise Wrong(f"1 to {MOST:,} numbers and actions", f"{inputs:,} and {acted.n:,}")
    ids = int(observed.n) if isinstance(observed, spaces.Discrete) else 0
    return Facts(inputs, int(acted.n), ids)


def flat(space: Any, observation: Any, inputs: int, lane: int) -> F32:
    """Return an observation as f32[I], infinite where float32 cannot hold it; Wrong for one of another space.

    The caller ignores NumPy's complaints of overflow, once for all lanes.
    """
    from gymnasium import spaces

    try:
        own = observation if isinstance(space, spaces.Box) else spaces.flatten(space, observation)
        row: F32 = np.asarray(own, np.float32)
        if isinstance(space, spaces.Box) and row.shape != space.shape:
            raise ValueError(f"of shape {row.shape}")
        row = row.reshape(-1)
    except Exception as error:
        raise Wrong(f"an observation of {space}", f"{observation!r:.80} ({error})", lane) from error
    if len(row) != inputs:
        raise Wrong(f"an observation of {inputs} numbers", f"{len(row)}", lane)
    return row


def unchanged(found: Any, space: Any, lane: int = -1) -> None:
    """Refuse a space that is another one than at the beginning."""
    if found is not space and found != space:
        raise Wrong(f"spaces that stay as they are, {space}", f"{found}", lane)


def number(value: Any, what: str, lane: int) -> float:
    """Return a number, which may be infinite or none; Wrong for anything else."""
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise Wrong(f"{what}, a number", f"{value!r:.80}", lane) from error
