"""Classic rules of learning from reward learn, as is known of them, in lives small enough for the reference."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evometa.language.acting_library import AGENTS
from evometa.language.worlds.program import DONE, OVER, REWARD
from evometa.lifetime import OK
from evometa.lifetime.acting import ActingOutcomes, ActingPlan, Actors, Lives
from evometa.lifetime.reference_acting import act
from evometa.lifetime.reference_world import WorldLives
from tests.lifetime.acting.learners import actor, dense, lives_in, place, plan_of
from tests.properties import SAME

pytestmark = SAME


def agent(name: str, lives: Lives, *windows: int, hidden: int = 0, **more: Any) -> tuple[Actors, ActingPlan]:
    """Return a classic rule with its usual numbers, or with others, and how it lives."""
    rule, world = AGENTS[name], lives.world
    numbers = more.pop("coefficients", rule.coefficients)
    graph = dense(len(world.observe), world.actions + (rule.critic > 0), hidden)
    one = actor(rule.slots, graph, numbers, rule.order, rule.optimism, rule.bound)
    return one, plan_of(len(lives.draws), *windows, policy=rule.policy, ties=rule.ties, critic=rule.critic, **more)


def lived(name: str, lives: Lives, *windows: int, **more: Any) -> ActingOutcomes:
    """Live a classic rule."""
    one, plan = agent(name, lives, *windows, **more)
    found = act(one, lives, plan)
    assert (found.status == OK).all()
    return found


BANDIT = lives_in(place("bandit"), 300, 100, seed=4)
RANDOM = float((BANDIT.parameters.max(axis=0) - BANDIT.parameters.mean(axis=0)).mean()) * 100


@pytest.mark.parametrize(
    ("name", "at_most"),
    [("index", 5.3), ("sample_average", 12.0), ("r_stdp", 11.5), ("reinforce", 12.0), ("actor_critic", 12.0),
     ("jordan", 11.0), ("q_lambda", 14.0)],
)  # fmt: skip
def test_bandits_of_five_arms(name: str, at_most: float) -> None:
    """Regret of 100 pulls: Gittins' index 4.5, Thompson sampling 8.3, at random 33."""
    assert RANDOM > 30
    numbers = {"q_lambda": (0.2, 0.0, 0.0), "actor_critic": (1.0, 0.0, 0.0)}.get(name, AGENTS[name].coefficients)
    assert lived(name, BANDIT, coefficients=numbers).regret.mean() < at_most


@pytest.mark.parametrize(("arms", "at_most"), [(2, 2.0), (10, 8.5)])
def test_the_index_is_near_the_best_possible(arms: int, at_most: float) -> None:
    lives = lives_in(place("bandit", arms=arms), 400, 100, seed=4)
    assert lived("index", lives).regret.mean() < at_most


def test_rooms_are_learned_by_hope_alone() -> None:
    lives = lives_in(place("rooms", size=4, length=300), 6, 300)
    found = lived("q_lambda", lives, 220)
    assert found.share[0, 1].mean() > 0.8


def test_a_bonus_for_what_is_new_finds_the_treasure() -> None:
    lives = lives_in(place("deepsea", size=4), 24, 80)
    bonus, none = (lived("count_bonus", lives, coefficients=(1.0, 0.0, 1.0, c)).measure("reward") for c in (0.1, 0.0))
    assert bonus.mean() > 9, "of 20 dives"
    assert none.mean() < 6, "by what it hopes alone"


def test_actor_critic_learns_by_hidden_nodes() -> None:
    """Two states, each with its own good action, and a trial of one move."""
    lives = lives_in(place("tmaze_double"), 8, 120, seed=1)
    found = lived("actor_critic", lives, 60, coefficients=(1.0, 0.5, 0.9))
    assert found.measure("worth")[0].sum(axis=0).mean() > 60 * 0.4 + 3, "at random 24 of 60 trips"


def test_searching_and_critical_elements_are_those_of_1983() -> None:
    """ASE and ACE in a table of boxes, one output that is pushed to either side."""
    lives = lives_in(place("cartpole_boxes"), 1, 40, seed=2)
    rule = AGENTS["ase_ace"]
    graph = dense(162, 3)
    found = act(
        actor(rule.slots, graph, rule.coefficients, rule.order, 0.0, rule.bound), lives,
        plan_of(40, policy="greedy", ties="random", critic=1.0, keep_weights=True),
    )  # fmt: skip
    alpha, beta, decay, critical, gamma = rule.coefficients
    world = WorldLives(lives.world, lives.parameters, lives.noise[0])
    w, v, trace, seen = (np.zeros(162) for _ in range(4))
    before = reward = done = 0.0
    over = True
    for tick in range(41):
        box = int(world.show(tick)[0][:, 0].argmax())
        now = v[box]
        if tick:
            m = reward + gamma * (0 if done else now) - before
            push = w[box]
            w, v = w + alpha * m * trace, v + beta * m * seen
        else:
            push = 0.0
        if over:
            trace, seen = np.zeros(162), np.zeros(162)
        if tick == 40:
            break
        right = push > 0 if push else lives.draws[tick, 1, 0] >= 0.5
        trace, seen = decay * trace, critical * seen
        trace[box] += (1 - decay) * (1 if right else -1)
        seen[box] += 1 - critical
        before = now
        given = world.step(np.array([right], np.float32), lives.noise[tick + 1])[:, 0]
        reward, done, over = given[REWARD], given[DONE] > 0, given[OVER] > 0
    assert found.weights is not None
    left, others, critic = found.weights[0].reshape(3, 162)
    assert world.trial > 0
    assert np.abs(w).max() > 1
    assert np.allclose(others, w, rtol=1e-4, atol=1e-4)
    assert np.allclose(left, -w, rtol=1e-4, atol=1e-4)
    assert np.allclose(critic, v, rtol=1e-4, atol=1e-5)
