"""Rooms with a hidden goal: walls, start, goals and what each action means are drawn for each life."""

from __future__ import annotations

from collections.abc import Mapping
from functools import wraps
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from evometa.errors import InputError
from evometa.language.worlds.world import Draw, World

DOWN, ACROSS = (-1, 1, 0, 0), (0, 0, -1, 1)
OPEN, FOUR, BLOCKS = range(3)
MOST = 0.5  # of the cells, that may be walls
I64 = NDArray[np.int64]
NONE: Mapping[str, I64] = MappingProxyType({})
Walls = NDArray[np.bool_]


def walls_of(kind: int, size: int, share: float, rng: np.random.Generator) -> Walls:
    """Return where walls stand, bool[size, size]: nowhere, between four rooms with a door each, or in blocks."""
    walls = np.zeros((size, size), bool)
    if kind == BLOCKS:
        return rng.random((size, size)) < share
    if kind == FOUR:
        middle = size // 2
        walls[middle, :] = walls[:, middle] = True
        for begin, end in ((0, middle), (middle + 1, size)):
            walls[middle, rng.integers(begin, end)] = False
            walls[rng.integers(begin, end), middle] = False
    return walls


def distances(walls: Walls, start: int) -> I64:
    """Return the fewest moves from a cell to every other, i64[cells]; −1 where there is no way."""
    size = len(walls)
    found = np.full(size * size, -1)
    found[start], queue = 0, [start]
    for cell in queue:
        for down, across in zip(DOWN, ACROSS, strict=True):
            row, column = cell // size + down, cell % size + across
            if 0 <= row < size and 0 <= column < size and not walls[row, column]:
                ahead = row * size + column
                if found[ahead] < 0:
                    found[ahead] = found[cell] + 1
                    queue.append(ahead)
    return found


def _check(settings: Mapping[str, float]) -> None:
    """Refuse settings that rooms cannot have. Raises InputError."""
    bounds = {"size": (3, 1000), "goals": (1, 100), "layout": (OPEN, BLOCKS)}
    for name, (low, high) in bounds.items():
        value = settings[name]
        if not (low <= value <= high and value == int(value)):
            raise InputError(f"a whole number from {low} to {high}", f"{value:g}", f"world rooms, settings.{name}")
    if not 0 <= settings["share"] <= MOST:  # more walls would shut nearly every start in
        raise InputError(f"a share from 0 to {MOST:g}", f"{settings['share']:g}", "world rooms, settings.share")


def _draw(draw: Draw) -> dict[str, NDArray[np.float64]]:
    """Draw walls, what actions mean, a start, goals that are far enough from it, and how far they are."""
    _check(draw.settings)
    size, goals = int(draw.settings["size"]), int(draw.settings["goals"])
    made: dict[str, NDArray[np.float64]] = {
        "walls": np.zeros((size * size, draw.lanes)), "meaning": np.zeros((4, draw.lanes)),
        "begin": np.zeros((2, draw.lanes)), "targets": np.zeros((goals, draw.lanes)),
        "ways": np.zeros((goals, draw.lanes)),
    }  # fmt: skip
    for lane in range(draw.lanes):
        for name, rows in _one(draw.settings, size, goals, draw.rng).items():
            made[name][:, lane] = rows
    return made


@wraps(_draw)  # whose text, by which runs know their tasks, is as it always was
def _in_turn(draw: Draw) -> dict[str, NDArray[np.float64]]:
    """Draw the same, but for what the worlds of a life have in common."""
    if not draw.same:
        return _draw(draw)
    size, goals = int(draw.settings["size"]), int(draw.settings["goals"])
    kept = ({name: rows[:, lane].astype(np.int64) for name, rows in draw.same.items()} for lane in range(draw.lanes))
    lanes = [_one(draw.settings, size, goals, draw.rng, same) for same in kept]
    return {name: np.stack([one[name] for one in lanes], axis=1).astype(np.float64) for name in lanes[0]}


def _one(settings: Mapping[str, float], size: int, goals: int, rng: np.random.Generator, same: Mapping[str, I64] = NONE
         ) -> dict[str, I64]:  # fmt: skip
    """Draw what one life has; walls that shut the start in are drawn anew. `same`: what it had before, and keeps."""
    far = np.zeros(0, np.int64)
    while not len(far):
        walls = (
            same["walls"].reshape(size, size) > 0
            if "walls" in same
            else walls_of(int(settings["layout"]), size, settings["share"], rng)
        )
        start = int(rng.choice(np.flatnonzero(~walls.ravel()))) if not walls.all() else 0
        way = distances(walls, start)
        far = np.flatnonzero(way >= min(size - 1, max(1, way.max())))
    targets = rng.choice(far, goals)
    begin = np.array([start // size, start % size])
    meaning = same["meaning"] if "meaning" in same else rng.permutation(4)
    return {"walls": walls.ravel().astype(np.int64), "meaning": meaning, "begin": begin,
            "targets": targets, "ways": way[targets]}  # fmt: skip


WORLD = World(
    name="rooms",
    about="Rooms with a hidden goal, which may move; what actions mean is drawn, too. layout: of walls: 0 none, 1"
    " between four rooms, 2 a share of the cells. goals: so many, one after the other, in equal parts of the life",
    actions=4,
    ticks="length",
    cut="4*size",
    observe=("equal(cell, rows(size*size))",),
    id="cell",
    ids="size*size",
    reward="found",
    end="found",
    best="div(1, lookup(ways, goal))",
    settings={"size": 9, "goals": 1, "layout": FOUR, "share": 0.2, "length": 2000},
    tables={"down": DOWN, "across": ACROSS},
    start={"row": "lookup(begin, 0)", "column": "lookup(begin, 1)"},
    let={
        "cell": "size*row + column",
        "goal": "floor(div(tick*goals + 0.5, ticks))",
        "way": "lookup(meaning, action)",
        "row_ahead": "clip(row + lookup(down, way), 0, size - 1)",
        "column_ahead": "clip(column + lookup(across, way), 0, size - 1)",
        "blocked": "lookup(walls, size*row_ahead + column_ahead)",
        "found": "equal(size*next(row) + next(column), lookup(targets, goal))",
    },
    next={
        "row": "select(blocked, row, row_ahead)",
        "column": "select(blocked, column, column_ahead)",
    },
    shifts={"no walls": {"layout": OPEN}, "11 by 11": {"size": 11}},
    draw=_in_turn,
)
