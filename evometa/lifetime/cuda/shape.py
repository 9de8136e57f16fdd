"""How a launch is cut: teams to a block, queries to a sweep, and the shared memory that a block may take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.lifetime.cuda.device import Device
from evometa.lifetime.cuda.schedule import Schedules
from evometa.lifetime.cuda.shared_memory import WIDTH
from evometa.lifetime.cuda.text import EXAMPLES, MOST_TEAMS
from evometa.lifetime.lanes import Lanes

BLOCK = 20  # queries answered in one sweep, at most
RESERVED = 1024  # bytes of shared memory that the driver takes of each block
TEAMS = (1, 2, 4, 8, 16)
WARPS = 16  # of one multiprocessor at work at once: more would not find registers

SizesOf = Callable[[int, int], dict[str, Any]]  # the rows of regions, given teams and queries of a sweep


@dataclass(frozen=True)
class Shape:
    """How a launch is cut: teams to a block, queries to a sweep, rows of shared memory that a block may take."""

    teams: int
    block: int
    rows: int


def examples_of(lanes: Lanes) -> int:
    """Return how many examples an update has, 1 where there is none: nothing is kept of those of others."""
    return lanes.order.shape[2] if lanes.checkpoints[-1] > 0 else 1


def choose_shape(
    device: Device, items: int, schedules: Schedules, columns: NDArray[np.int64], lanes: Lanes, sizes_of: SizesOf,
    hot: Sequence[str],
) -> Shape:  # fmt: skip
    """Return how to cut a launch of lives with examples (see `fewest_teams`)."""
    useful = useful_teams(schedules, columns, examples_of(lanes))
    return fewest_teams(device, items, useful, min(BLOCK, max(lanes.most, lanes.room)), sizes_of, hot)


def useful_teams(schedules: Schedules, columns: NDArray[np.int64], batch: int) -> int:
    """Return how many teams find work in updates of `batch` examples."""
    tiles = int(columns[:, -1].max(initial=1))
    return min(MOST_TEAMS, tiles, 2 * schedules.widest * -(-batch // EXAMPLES))


def fewest_teams(device: Device, items: int, useful: int, block: int, sizes_of: SizesOf, hot: Sequence[str]) -> Shape:
    """Return how to cut a launch: as few teams as fill the device and let a block keep what is `hot` in shared rows."""
    least = WARPS * device.multiprocessors / items  # with fewer the device would not be full
    choices = [t for t in TEAMS if t <= useful] or [1]
    choices = [t for t in choices if t >= least] or choices[-1:]
    for teams in choices:
        sizes = sizes_of(teams, block)
        shape = Shape(teams, block, shared_rows(device, items, teams))
        if np.sum([sizes[region] for region in hot], axis=0).max() <= shape.rows:
            return shape
    return Shape(choices[0], block, shared_rows(device, items, choices[0]))


def shared_rows(device: Device, blocks: int, teams: int) -> int:
    """Return the rows of shared memory that a block may take, its own first one apart, so that enough blocks fit."""
    wanted = min(max(1, WARPS // teams), -(-blocks // device.multiprocessors))
    return max(0, (min(device.shared, device.shared_all // wanted - RESERVED) // (4 * WIDTH)) - 1)
