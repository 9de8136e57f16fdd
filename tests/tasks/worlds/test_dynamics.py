"""Stock worlds against the same dynamics, written down once more in plain NumPy, one life at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest

from evometa.language.worlds.drawing import Place
from evometa.language.worlds.program import BEST, DONE, OVER, REWARD, TALLY, WORTH
from tests.language.worlds.lives import Course, lived
from tests.properties import SAME
from tests.tasks.worlds.test_stock_worlds import place

pytestmark = SAME


class Tick(NamedTuple):
    """One tick of one lane: number, trial, move, action, noise f32[D], what is seen f32[I], what came of it f32[6]."""

    tick: int
    trial: int
    move: int
    action: int
    noise: Any
    seen: Any
    given: Any


def lanes_of(own: Place, lanes: int, ticks: int, seed: int = 0) -> Iterator[tuple[dict[str, Any], Any, list[Tick]]]:
    """Yield of each lane its parameters, the noise at its birth, and its ticks."""
    course: Course = lived(own, lanes, ticks, seed)
    for lane in range(lanes):
        parameters = {name: rows[:, lane] for name, rows in course.parameters.items()}
        rows = zip(
            course.trials, course.moves, course.actions, course.noise[1:], course.seen, course.given, strict=True
        )
        yield (
            parameters,
            course.noise[0][:, lane],
            [
                Tick(t, int(trial[lane]), int(move[lane]), int(action[lane]), u[:, lane], x[:, lane], given[:, lane])
                for t, (trial, move, action, u, x, given) in enumerate(rows)
            ],
        )


@pytest.mark.parametrize("name", ["bandit", "bandit_correlated"])
def test_bandits(name: str) -> None:
    for parameters, _, ticks in lanes_of(place(name), 4, 50):
        p = parameters["chances"]
        if name == "bandit_correlated":
            assert np.isclose(p.sum(), 1, atol=1e-6)
        for one in ticks:
            assert one.given[REWARD] == (one.noise[0] < p[one.action])
            assert one.given[WORTH] == p[one.action]
            assert one.given[BEST] == p.max()
            assert one.given[OVER] == 0


def test_reversing_bandit() -> None:
    swaps = 0
    for parameters, _, ticks in lanes_of(place("bandit_reversing"), 4, 200):
        p = [0.2, 0.8] if parameters["better_at_first"] else [0.8, 0.2]
        for one in ticks:
            if one.noise[1] < np.float32(0.05):
                p, swaps = p[::-1], swaps + 1
            assert one.given[REWARD] == (one.noise[0] < np.float32(p[one.action]))
            assert math.isclose(one.given[WORTH], p[one.action], rel_tol=1e-6)
            assert math.isclose(one.given[BEST], 0.8, rel_tol=1e-6)
    assert 20 < swaps < 65, "one in twenty of 800"


def test_tmaze() -> None:
    for parameters, _, ticks in lanes_of(place("tmaze"), 6, 100):
        assert 35 <= parameters["moved_at"] <= 65
        first = int(parameters["first_end"][0])
        marked = [first, 1 - first]
        for one in ticks:
            high = one.action == marked[int(one.tick >= parameters["moved_at"][0])]
            assert one.given[REWARD] == np.float32(1 if high else 0.2)
            assert one.given[DONE] == 1
    ends = {int(parameters["first_end"][0]) for parameters, _, _ in lanes_of(place("tmaze"), 20, 1)}
    assert ends == {0, 1}


def test_double_tmaze() -> None:
    for parameters, _, ticks in lanes_of(place("tmaze_double"), 6, 400):
        junction, total = 0, 0.0
        for one in ticks:
            assert np.array_equal(one.seen, np.eye(3)[junction])
            if junction == 0:
                assert one.given[REWARD] == one.given[BEST] == one.given[DONE] == 0
                junction = 1 + one.action
                continue
            moves = int((one.trial >= parameters["moved_at"]).sum())
            marked = int(parameters["first_end"][0] + parameters["further"][:moves].sum()) % 4
            end = 2 * (junction - 1) + one.action
            assert one.given[REWARD] == np.float32(1 if end == marked else 0.2)
            assert one.given[BEST] == one.given[DONE] == 1
            junction, total = 0, total + one.given[REWARD]
        assert one.trial == 199
        assert 60 < total < 110, "random trips: 200·(1 + 3·0.2)/4 = 80 in the mean"


def shortest(walls: Any, start: int, goal: int) -> int:
    """Fewest moves on a grid, by sets that grow."""
    size, reached, count = len(walls), {start}, 0
    while goal not in reached:
        ahead = set()
        for cell in reached:
            row, column = divmod(cell, size)
            around = ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1))
            ahead |= {r * size + c for r, c in around if 0 <= r < size and 0 <= c < size and not walls[r, c]}
        reached, count = reached | ahead, count + 1
    return count


@pytest.mark.parametrize("settings", [{}, {"size": 5, "layout": 0, "goals": 2, "length": 300},
                                      {"size": 6, "layout": 2, "share": 0.3, "goals": 4, "length": 301}])  # fmt: skip
def test_rooms(settings: dict[str, float]) -> None:
    own = place("rooms", **settings)
    size, goals = int(settings.get("size", 9)), int(settings.get("goals", 1))
    found = 0
    for parameters, _, ticks in lanes_of(own, 8, 300):
        walls = parameters["walls"].reshape(size, size) > 0
        assert walls.sum() == {0: 0, 1: 2 * size - 1 - 4}.get(int(settings.get("layout", 1)), walls.sum())
        row, column = map(int, parameters["begin"])
        targets = parameters["targets"].astype(int)
        for number, target in enumerate(targets):
            assert parameters["ways"][number] == shortest(walls, row * size + column, target)
        for one in ticks:
            assert np.array_equal(one.seen, np.eye(size * size)[row * size + column])
            number = one.tick * goals // own.program.ticks
            down, across = [(-1, 0), (1, 0), (0, -1), (0, 1)][int(parameters["meaning"][one.action])]
            ahead = row + down, column + across
            if min(ahead) >= 0 and max(ahead) < size and not walls[ahead]:
                row, column = ahead
            hit = row * size + column == targets[number]
            assert one.given[REWARD] == one.given[DONE] == hit
            assert one.given[OVER] == (hit or one.move + 1 == 4 * size)
            assert math.isclose(one.given[BEST], 1 / parameters["ways"][number], rel_tol=1e-6)
            if one.given[OVER]:
                row, column = map(int, parameters["begin"])
            found += hit
    assert size > 6 or found, "somebody finds it by chance"


def test_deep_sea() -> None:
    own = place("deepsea", size=2)
    for parameters, _, ticks in lanes_of(own, 4, 200):
        size, row, column, bad, solved, tenth = 2, 0, 0, False, 0, 0
        for one in ticks:
            assert np.array_equal(one.seen, np.eye(size * size)[row * size + column])
            right = one.action == parameters["ways"][row * size + column]
            bad |= not right and row == column
            last = row == size - 1
            reward = np.float32(last and column == size - 1) - np.float32(0.01) / np.float32(size)
            assert one.given[REWARD] == (reward if right else 0)
            assert one.given[DONE] == last
            column = min(column + 1, size - 1) if right else max(column - 1, 0)
            row += 1
            if last:
                solved += not bad
                tenth = one.trial + 1 if solved == 10 and not bad else tenth
                row, column, bad = 0, 0, False
            assert one.given[TALLY] == (tenth or 2 * own.program.ticks / size)
        assert tenth > 0


@pytest.mark.parametrize("pillars", [0, 1])
def test_coverage(pillars: int) -> None:
    met = 0
    for _, _, ticks in lanes_of(place("coverage", size=4, pillars=pillars), 4, 250):
        row = column = heading = 0
        for one in ticks:
            assert np.array_equal(one.seen, np.eye(64)[(row * 4 + column) * 4 + heading])
            heading = (heading + (one.action == 1) - (one.action == 0)) % 4
            if one.action == 2:
                ahead = [min(max(row + (0, 1, 0, -1)[heading], 0), 3), min(max(column + (1, 0, -1, 0)[heading], 0), 3)]
                shut = pillars and ahead in ([1, 1], [1, 3], [3, 1], [3, 3])
                met += shut
                row, column = (row, column) if shut else ahead
            assert one.given[REWARD] == one.given[DONE] == 0
            assert one.given[OVER] == (one.tick % 100 == 99)
            if one.given[OVER]:
                row = column = heading = 0
    assert (met > 0) == pillars
