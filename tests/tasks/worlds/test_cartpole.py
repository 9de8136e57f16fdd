"""Cart-pole against its equations written down once more, and against Gymnasium's, where that is installed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evometa.language.worlds.program import DONE, OVER, REWARD, WORTH
from tests.language.worlds.lives import lived
from tests.properties import SAME
from tests.tasks.worlds.test_stock_worlds import place

pytestmark = SAME

F = np.float32


def test_cartpole_in_float32() -> None:
    course = lived(place("cartpole"), 7, 300, 3)
    length, mass, side = (course.parameters[name][0] for name in ("length", "mass", "side"))
    assert set(side.tolist()) == {-1.0, 1.0}
    births = course.parameters["births"].reshape(64, 4, -1)
    state, trial = births[0], np.zeros(7, int)
    for tick, action in enumerate(course.actions):
        assert np.array_equal(course.seen[tick], state)
        x, v, theta, omega = state.astype(np.float64)
        force = np.where(action, 10.0, -10.0) * side
        push = (force + mass * length * omega**2 * np.sin(theta)) / (1 + mass)
        cosine = np.cos(theta)
        twist = (9.8 * np.sin(theta) - cosine * push) / (length * (4 / 3 - mass * cosine**2 / (1 + mass)))
        along = push - mass * length * twist * np.cos(theta) / (1 + mass)
        ahead = np.stack([x + 0.02 * v, v + 0.02 * along, theta + 0.02 * omega, omega + 0.02 * twist])
        fallen = (np.abs(ahead[0]) > 2.4) | (np.abs(ahead[2]) > 12 * np.pi / 180)
        given = course.given[tick]
        assert np.array_equal(given[DONE], fallen)
        assert np.array_equal(given[OVER], fallen | (course.moves[tick] == 499))
        assert np.array_equal(given[REWARD], -fallen.astype(F))
        assert np.array_equal(given[WORTH], (~fallen).astype(F))
        trial = trial + fallen
        anew = births[trial % 64, :, np.arange(7)].T
        assert np.allclose(course.states[tick + 1], np.where(fallen, anew, ahead), atol=2e-6, rtol=2e-6)
        state = course.states[tick + 1]
    assert trial.min() > 3


def test_boxes_are_those_of_1983() -> None:
    course, boxes = lived(place("cartpole"), 7, 200, 3), lived(place("cartpole_boxes"), 7, 200, 3)
    assert np.array_equal(course.states, boxes.states)
    x, v, theta, omega = course.states[:-1].swapaxes(0, 1)
    degree = np.pi / 180
    box = np.digitize(x, [-0.8, 0.8]) * 3 + np.digitize(v, [-0.5, 0.5])
    box = box * 6 + np.digitize(theta, np.array([-6, -1, 0, 1, 6]) * degree)
    box = box * 3 + np.digitize(omega, np.array([-50, 50]) * degree)
    assert np.array_equal(boxes.seen.argmax(axis=1), box)
    assert (boxes.seen.sum(axis=1) == 1).all()
    assert len(set(box.ravel().tolist())) > 15


def test_cartpole_is_gymnasiums() -> None:
    gymnasium: Any = pytest.importorskip("gymnasium")
    usual = {"shortest": 0.5, "longest": 0.5, "lightest": 0.1, "heaviest": 0.1, "turned": 0, "upright": 1, "falling": 1}
    course = lived(place("cartpole", **usual), 6, 400, 5)
    trials = 0
    for lane in range(6):
        env = gymnasium.make("CartPole-v1").unwrapped
        env.reset(seed=0)
        for tick in range(400):
            env.state = tuple(course.states[tick, :, lane].astype(np.float64))
            env.steps_beyond_terminated = None
            seen, reward, terminated, _, _ = env.step(int(course.actions[tick, lane]))
            given = course.given[tick, :, lane]
            assert (reward, terminated) == (given[REWARD], given[DONE])
            trials += terminated
            if not given[OVER]:
                assert np.allclose(seen, course.states[tick + 1, :, lane], atol=2e-6, rtol=2e-6)
    assert trials > 50
