"""Lives that act against the same worked out otherwise: tables of states and actions, one lane at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from evometa.language.worlds.drawing import open_world
from evometa.language.worlds.program import DONE, OVER, REWARD
from evometa.language.worlds.world import World
from evometa.lifetime import FIXED
from evometa.lifetime.acting import Lives
from evometa.lifetime.reference_acting import act
from evometa.lifetime.reference_world import WorldLives
from tests.lifetime.acting.learners import F, actor, dense, lives_in, place, plan_of, rule_of
from tests.properties import SAME

pytestmark = SAME
TD = {"update": "c0*m*s1", "s1": "max(c1*greedy*s1, act*pre)", "modulator": "reward + c2*value - before"}


def q_by_table(lives: Lives, lane: int, c: Any, optimism: float, epsilon: float, cut_is_end: bool = False) -> Any:
    """Q(λ) with replacing traces in a table: rewards of each tick, and the table f32[states, actions]."""
    one = lives.take(np.array([lane]))
    world = WorldLives(one.world, one.parameters, one.noise[0])
    c0, c1, c2 = (F(x) for x in c)
    states, actions = len(one.world.observe), one.world.actions
    w, trace, rewards = np.full((states, actions), optimism, F), np.zeros((states, actions), F), []
    before, reward, done, over, begun = F(0), F(0), False, True, False
    for tick in range(len(one.draws) + 1):
        state = int(world.show(tick)[0][:, 0].argmax())
        z = w[state].copy()
        value = F(0) if done else z.max()
        if begun and (done or cut_is_end or not over):
            m = reward + c2 * (F(0) if over else value) - before
            w = np.clip(w + c0 * m * trace, F(-20), F(20))
        if over:
            trace[:] = 0
        if tick == len(one.draws):
            break
        u, v = one.draws[tick, :, 0]
        largest = np.flatnonzero(z == z.max())
        action = min(int(F(v) * F(actions)), actions - 1) if u < F(epsilon) else largest[int(F(v) * F(len(largest)))]
        trace *= c1 * F(z[action] == z.max())
        trace[state, action] = 1
        before, begun = z[action], True
        given = world.step(np.array([action], F), one.noise[tick + 1])[:, 0]
        reward, done, over = given[REWARD], given[DONE] > 0, given[OVER] > 0
        rewards.append(reward)
    return np.array(rewards), w


@pytest.mark.parametrize("epsilon", [0.0, 0.3])
def test_q_lambda_is_that_of_a_table(epsilon: float) -> None:
    lives = lives_in(place("rooms", size=3, layout=0, length=120), 2, 120)
    own = actor(rule_of(TD), dense(9, 4), (0.7, 0.45, 0.9), "next tick", optimism=0.5)
    plan = plan_of(120, 50, policy="greedy", ties="random", epsilon=epsilon, keep_weights=True)
    for lane in range(2):
        found = act(own, lives.take(np.array([lane])), plan)
        rewards, w = q_by_table(lives, lane, (0.7, 0.45, 0.9), 0.5, epsilon)
        assert np.array_equal(found.measure("reward")[0, :, 0], [rewards[:50].sum(), rewards[50:].sum()])
        assert rewards.sum() > 5
        assert found.weights is not None
        assert np.array_equal(found.weights[0].reshape(4, 9).T, w)
    whole = act(own, lives, plan)
    assert np.array_equal(whole.measures[:, 0, :, -1], found.measures[:, 0, :, 0]), "a lane knows nothing of the others"


def td_by_table(lives: Lives, lane: int, c0: float, ticks: int) -> Any:
    """Values of states in a game with oneself, learned from what the best move would make of the state."""
    one = lives.take(np.array([lane]))
    world = WorldLives(one.world, one.parameters, one.noise[0])
    v, last, before, reward, done, rewards = np.zeros(8, F), None, F(0), F(0), False, []
    for tick in range(ticks + 1):
        ahead = world.show(tick)[0].reshape(one.world.actions, -1).argmax(axis=1)
        z = v[ahead].copy()
        if last is not None:
            v[last] += F(c0) * (reward - (F(0) if done else z.max()) - before)
        if tick == ticks:
            break
        action = int(z.argmax())
        last, before = ahead[action], z[action]
        given = world.step(np.array([action], F), one.noise[tick + 1])[:, 0]
        reward, done = given[REWARD], given[DONE] > 0
        rewards.append(reward)
    return np.array(rewards), v


def test_afterstates_are_learned_as_in_a_table() -> None:
    """Whoever takes the last of seven stones, one or two at a time, has won; a multiple of three left is the way."""
    world = World("stones", observe=("equal(next(left), rows(8))",), actions=2, start={"left": 7}, ticks=3000,
                  next={"left": "max(left - 1 - action, 0)"}, end="not(next(left))", reward="not(next(left))",
                  noise=("luck",), afterstates=True)  # fmt: skip
    lives = lives_in(open_world(world), 2, 3000)
    assert (lives.world.shown, lives.world.answers) == (8, 1)
    own = actor(rule_of({"update": "c0*m*s1", "s1": "-grad", "modulator": "reward - value - before"}), dense(8, 1),
                (0.25,), "next tick")  # fmt: skip
    plan = plan_of(3000, policy="greedy", keep_weights=True)
    for lane in range(2):
        found = act(own, lives.take(np.array([lane])), plan)
        rewards, v = td_by_table(lives, lane, 0.25, 3000)
        assert found.measure("reward")[0, 0, 0] == rewards.sum() > 500
        assert found.weights is not None
        assert np.array_equal(found.weights[0], v)
    assert np.round(v[[0, 3, 6]]).tolist() == [1, 1, 1], "who leaves these wins"


def test_a_cut_is_not_an_end() -> None:
    """Nobody finds the goal of a room that is cut at once; who took cuts for ends would lose what it hopes for."""
    world = World("short", observe=("equal(place, rows(3))",), cut=2, reward=0, start={"place": 0},
                  next={"place": "min(place + 1, 2)"})  # fmt: skip
    lives = lives_in(open_world(world), 2, 20)
    own = actor(rule_of(TD), dense(3, 2), (1.0, 0.0, 1.0), "next tick", optimism=0.5)
    found = act(own, lives, plan_of(20, policy="greedy", keep_weights=True))
    assert found.weights is not None
    assert (found.weights[0] == 0.5).all(), "it goes on hoping"
    assert (found.measure("trials") == 10).all()
    ending = lives_in(open_world(replace(world, end="place")), 2, 20)
    found = act(own, ending, plan_of(20, policy="greedy", keep_weights=True))
    assert found.weights is not None
    assert found.weights[0][1] < 0.5, "an end is one"


def reinforce_by_hand(lives: Lives, lane: int, c0: float, c2: float, order: str) -> Any:
    """REINFORCE in a bandit, whose every tick is alike: chances of each arm, rewards."""
    one = lives.take(np.array([lane]))
    world = WorldLives(one.world, one.parameters, one.noise[0])
    w, mean, rewards, arms = np.zeros(one.world.actions), 0.0, [], np.arange(one.world.actions)
    late = np.zeros_like(w)  # where the reward comes in the next tick, it changes nothing that was chosen by then
    for tick in range(len(one.draws)):
        world.show(tick)
        y = np.exp(w - w.max()) / np.exp(w - w.max()).sum()
        action = int(min((np.cumsum(y) <= one.draws[tick, 1, 0]).sum(), len(w) - 1))
        reward = float(world.step(np.array([action], F), one.noise[tick + 1])[REWARD, 0])
        change, mean = c0 * (reward - mean) * ((arms == action) - y), mean + c2 * (reward - mean)
        w, late = (w + late, change) if order == "next tick" else (w + change, late)
        rewards.append(reward)
    return np.array(rewards), w + late


@pytest.mark.parametrize("order", ["next tick", "same tick"])
def test_reinforce_is_that_by_hand_in_either_order(order: Any) -> None:
    lives = lives_in(place("bandit", arms=3), 4, 60)
    rule = {"update": "c0*m*s1", "s1": "(act - post)*pre", "modulator": "reward - m1", "m1": "m1 + c1*(reward - m1)"}
    own = actor(rule_of(rule), dense(1, 3), (0.7, 0.2), order)
    for lane in range(4):
        found = act(own, lives.take(np.array([lane])), plan_of(60, 59, policy="softmax", keep_weights=True))
        rewards, w = reinforce_by_hand(lives, lane, 0.7, 0.2, order)
        assert found.measure("reward")[0, :, 0].tolist() == [rewards[:59].sum(), rewards[59]]
        assert found.weights is not None
        assert np.allclose(found.weights[0], w, atol=1e-5)


def test_regret_share_and_windows() -> None:
    lives = lives_in(place("bandit", arms=4), 6, 30)
    own = actor(rule_of({"update": "0*w"}), dense(1, 4), (), "same tick")
    parts = act(own, lives, plan_of(30, 10, 11, policy="softmax"))
    whole = act(own, lives, plan_of(30, policy="softmax"))
    for name in ("reward", "worth", "best", "trials"):
        assert np.allclose(parts.measure(name).sum(axis=1), whole.measure(name)[:, 0], rtol=1e-6), name
    assert (whole.regret >= 0).all()
    assert np.allclose(whole.share, whole.measure("worth") / whole.measure("best"))
    best = lives.parameters.max(axis=0)
    assert np.allclose(whole.measure("best")[0, 0], 30 * best, rtol=1e-5)


def test_what_is_intrinsic_is_learned_from_but_not_measured() -> None:
    lives = lives_in(place("coverage", size=2), 3, 40)
    rule = {**TD, "intrinsic": "div(c3, visits)"}
    own = actor(rule_of(rule), dense(16, 3), (1.0, 0.0, 0.9, 0.5), "next tick")
    plan = plan_of(40, policy="greedy", ties="random", keep_weights=True)
    plain = actor(rule_of(TD), dense(16, 3), (1.0, 0.0, 0.9), "next tick")
    found, without = act(own, lives, plan), act(plain, lives, plan)
    assert (found.measure("reward") == 0).all()
    assert found.weights is not None
    assert without.weights is not None
    assert found.weights[0].max() > 0
    assert (without.weights[0] == 0).all()
    assert (found.measure("visited") >= 2).all()


def test_the_tally_of_a_world_is_reported_as_it_stands() -> None:
    world = World("tally", observe=(1,), tally="next(count)", birth={"count": 0}, next={"count": "count + 2"})
    found = act(actor(rule_of({"update": "0*w"}), dense(1, 2), (), "same tick"), lives_in(open_world(world), 2, 9),
                plan_of(9, 4))  # fmt: skip
    assert found.measure("tally")[0].tolist() == [[8, 8], [18, 18]]


def test_weights_keep_within_the_bound_and_begin_with_optimism() -> None:
    lives = lives_in(place("bandit"), 2, 4)
    plan = plan_of(4, keep_weights=True, critic=0.3)
    graph = dense(1, 6)
    for change, expected in (("c0", [2.5] * 6), ("0*w", [0.25] * 5 + [0.0])):
        one = actor(rule_of({"update": change}), graph, (9.0,), "same tick", optimism=0.25, bound=2.5)
        found = act(one, lives, plan)
        assert found.weights is not None
        assert found.weights[0].tolist() == expected


def test_what_is_seen_beside_the_world() -> None:
    """A network whose action is what it sees of its last one, and of its last reward."""
    lives = lives_in(place("bandit", arms=2), 5, 40)
    graph = dense(1 + 1 + 2, 2)
    stay = np.array([0, 0, 1, 0, 0, 0, 0, 1], F)  # the arm of the last time
    still = actor(rule_of({"update": "0*w"}), graph, (), "same tick", innate=stay)
    found = act(still, lives, plan_of(40, 1, policy="greedy", see_reward=True, see_action=True))
    assert found.measure("worth")[0, 1] == pytest.approx(39 * lives.parameters[0]), "always the first arm"
    shift = np.array([0, -2, 1, 0, 0, 0, 0, 1], F)
    rewarded = actor(rule_of({"update": "0*w"}), graph, (), "same tick", innate=shift)
    other = act(rewarded, lives, plan_of(40, 1, policy="greedy", see_reward=True, see_action=True))
    assert (other.measure("worth") != found.measure("worth")).any(), "leaves it when it was rewarded"


def test_activations_may_begin_anew_with_each_trial() -> None:
    """A recurrent node that grows to 1: 0.5 at first, 0.75 then; with forgetting, no further in trials of two moves."""
    world = open_world(World("short", observe=(1,), cut=2))
    graph = dense(1, 2, hidden=1, bias=True)
    src = np.array([1, 2, 1, 2, 1, 2], np.int32)  # the hidden node reads itself and the constant
    looped = replace(graph, src=src, activation=np.zeros_like(graph.activation))
    rule = rule_of({"s2": "max(s2, pre)", "update": "s2 - w"})
    innate = np.array([0.5, 0.5, 0, 0, 0, 0], F)
    traits = np.array([FIXED, FIXED, 0, 0, 0, 0], np.uint8)
    largest = {}
    for forget in (False, True):
        one = actor(rule, replace(looped, traits=traits), (), "same tick", innate=innate)
        found = act(one, lives_in(world, 1, 9), plan_of(9, policy="greedy", forget=forget, keep_weights=True))
        assert found.weights is not None
        largest[forget] = found.weights[0][3]
    assert largest == {False: 1 - F(0.5) ** 9, True: 0.75}
