"""A visit of a world is one life of it; a classic agent learns there."""

from __future__ import annotations

import numpy as np
import pytest

from evometa.errors import InputError
from evometa.estimators.agent import Agent
from evometa.tasks.environments.visit import Visit
from evometa.tasks.worlds import find_world
from tests.properties import SAME

pytestmark = SAME


def test_the_same_seed_is_the_same_life() -> None:
    seen = []
    for seed, life in ((1, 0), (1, 0), (1, 1), (2, 0)):
        visit = Visit(find_world("cartpole"), seed, life)
        seen.append(np.array([visit.step(tick % 2)[0] for tick in range(60)]))
    assert np.array_equal(seen[0], seen[1])
    assert not np.array_equal(seen[0], seen[2])
    assert not np.array_equal(seen[0], seen[3])


def test_a_world_as_it_is_seen() -> None:
    visit = Visit(find_world("tictactoe"))
    assert (visit.inputs, visit.actions, visit.states, visit.ticks) == (27, 9, 0, 5000)
    while True:
        assert visit.legal is not None
        x, reward, ended, cut = visit.step(int(visit.legal.argmax()))
        assert not cut
        if ended:
            assert reward in (-1, 0, 1)
            assert x[:9].sum() == 0
            break
    with pytest.raises(InputError, match="an action from 0 to 8"):
        visit.step(9)


def test_rooms_are_learned_by_a_classic_agent() -> None:
    visit = Visit(find_world("rooms", {"size": 4, "length": 400}), seed=3)
    agent = Agent.classic("q_lambda", visit.inputs, visit.actions, visit.ticks, states=visit.states)
    found, x = [], visit.x
    for _ in range(visit.ticks):
        x, reward, ended, cut = visit.step(agent.act(x, visit.legal, visit.state))
        agent.learn(reward, ended, cut)
        found.append(reward)
    assert sum(found[200:]) > 40 > 4 * sum(found[:40])
    with pytest.raises(InputError, match="a classic rule"):
        Agent.classic("q", 1, 2, 3)
