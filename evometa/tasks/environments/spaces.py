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
    """Return an observation as f32[I]; Wrong for one that its space does not have."""
    from gymnasium import spaces

    try:
        if isinstance(space, spaces.Box) and np.shape(observation) != space.shape:
            raise ValueError(f"of shape {np.shape(observation)}")
        with np.errstate(over="ignore"):
            row: F32 = np.asarray(spaces.flatten(space, observation), np.float32).reshape(-1)
    except Exception as error:
        raise Wrong(f"an observation of {space}", f"{observation!r:.80} ({error})", lane) from error
    if len(row) != inputs:
        raise Wrong(f"an observation of {inputs} numbers", f"{len(row)}", lane)
    return row


def number(value: Any, what: str, lane: int) -> float:
    """Return a number, which may be infinite or none; Wrong for anything else."""
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise Wrong(f"{what}, a number", f"{value!r:.80}", lane) from error
