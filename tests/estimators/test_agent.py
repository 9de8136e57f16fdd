"""An agent that is called from outside lives the reference's life, bit for bit; saved, it lives on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.errors import InputError
from evometa.estimators.agent import Agent, Nature
from evometa.estimators.lone_life import draws_of
from evometa.language.acting import ORDERS
from evometa.language.worlds.program import DONE, OVER, REWARD
from evometa.language.worlds.world import World
from evometa.lifetime.acting import ActingOutcomes, Lives
from evometa.lifetime.numba.acting import cpu
from evometa.lifetime.reference_acting import act
from evometa.lifetime.reference_world import WorldLives
from evometa.spec.acting import LAST
from evometa.tasks.environments.visit import Visit
from tests.lifetime.acting.learners import F, dense, lives_in, place, plan_of
from tests.lifetime.acting.strategies import random_habit, worlds
from tests.lifetime.acting.test_random_lives import assert_same
from tests.lifetime.strategies import random_graph
from tests.properties import SAME, examples

pytestmark = SAME
TD = {"update": "c0*m*s1", "s1": "max(c1*greedy*s1, act*pre)", "modulator": "reward + c2*value - before"}


def lived(agent: Agent, lives: Lives, ticks: int, path: Path | None = None, pause: int = -1) -> tuple[Any, Agent]:
    """Live in a world outside; rewards and trials. In between the agent is saved and loaded, if that is said."""
    world, given = WorldLives(lives.world, lives.parameters, lives.noise[0]), []
    for tick in range(ticks + (agent.nature.order == "next tick")):
        x, legal, ids = world.show(tick)
        may, state = legal[:, 0] if len(legal) else None, 0 if ids is None else int(ids[0])
        if tick == ticks:  # the last reward is learned from; an agent that goes on would act once more
            own = agent._life
            own._put(x, own.earned, own.lane["done"], own.lane["cut"], may, state)
            with np.errstate(all="ignore"):
                own.take(LAST)
            break
        action = agent.act(x[:, 0], may, state)
        given.append(world.step(np.array([action], F), lives.noise[tick + 1])[:, 0])
        agent.learn(given[-1][REWARD], given[-1][DONE] > 0, given[-1][OVER] > 0)
        if tick == pause and path is not None:
            agent.save(path)
            agent = Agent.load(path)
    return np.array(given), agent


def drawn_by(lives: Lives, seed: int) -> Lives:
    """The same lives of one lane, chosen in by an agent's own numbers."""
    one = lives.take(np.array([0]))
    return replace(one, draws=draws_of(seed, 0)[: len(one.draws), :, None])


@examples(15)
@given(seed=st.integers(0, 2**32 - 1))
def test_it_lives_the_life_of_the_reference(seed: int) -> None:
    rng = np.random.default_rng(seed)
    own, order = worlds()[int(rng.integers(1, len(worlds())))], ORDERS[int(rng.integers(2))]
    told = not own.program.afterstates  # a network of several outputs, which say what to do
    ticks = int(rng.integers(1, 8))
    projection = rng.standard_normal((2, own.program.shown)).astype(F) if rng.random() < 0.3 and told else None
    plan = plan_of(ticks, policy=str(rng.choice(["softmax", "greedy"])) if told else "greedy",
                   epsilon=float(rng.choice([0, 0.4])), critic=float(rng.choice([0, 0.3])) * told,
                   projection=projection, see_reward=bool(rng.integers(2)), see_action=bool(rng.integers(2)) and told,
                   forget=bool(rng.integers(2)), keep_weights=True)  # fmt: skip
    graph = random_graph(rng, plan.inputs(own.program), 2, plan.outputs(own.program), bool(rng.integers(2)), True)
    slots = {slot: str(tree) for slot, tree in random_habit(rng).items()}
    nature = Nature(graph, slots, rng.standard_normal(graph.synapses).astype(F), rng.standard_normal(8).tolist(),
                    rng.standard_normal((4, graph.synapses)).astype(F), None, 0.5, 3.0, order)  # fmt: skip
    lives = drawn_by(lives_in(own, 1, ticks, seed), seed)
    agent = Agent(nature, plan, own.program.actions, own.program.ids, seed, afterstates=own.program.afterstates)
    with np.errstate(all="ignore"):
        given, agent = lived(agent, lives, ticks)
    expected = act(nature.actors(), lives, plan)
    assert expected.weights is not None
    found = ActingOutcomes(expected.measures, expected.status, [agent.weights])
    assert_same(found, expected)
    assert np.array_equal(np.cumsum(given[:, REWARD], dtype=F)[-1], expected.measure("reward")[0, 0, 0], equal_nan=True)
    assert agent.sound or expected.status[0, 0] > 0


@pytest.mark.parametrize("order", ORDERS)
def test_saved_and_loaded_it_lives_on_as_if_nothing_had_been(order: Any, tmp_path: Path) -> None:
    slots = {**TD, "intrinsic": "div(c3, sqrtabs(visits))", "m1": "m1 + reward", "s2": "s2 + pre"}
    nature = Nature(dense(9, 4), slots, np.zeros(36, F), (0.7, 0.45, 0.9, 0.01), optimism=0.5, order=order)
    plan = plan_of(60, policy="greedy", ties="random", keep_weights=True)
    lives = drawn_by(lives_in(place("rooms", size=3, length=60), 1, 60), 4)
    _, whole = lived(Agent(nature, plan, 4, 9, seed=4), lives, 60)
    for pause in (0, 31):
        given, agent = lived(Agent(nature, plan, 4, 9, seed=4), lives, 60, tmp_path / "agent.npz", pause)
        assert np.array_equal(agent.weights, whole.weights)
        assert agent.ticks == 60
    outcomes = cpu.act(nature.actors(), lives, plan)
    assert outcomes.weights is not None
    assert np.array_equal(outcomes.weights[0], whole.weights)
    assert given[:, REWARD].sum() == outcomes.measure("reward").sum() > 5


def test_an_agent_of_afterstates_values_what_moves_make_of_a_board(tmp_path: Path) -> None:
    program = place("tictactoe_classes").program
    slots = {"update": "c0*m*s1", "s1": "-grad", "modulator": "reward - value - before"}
    nature = Nature(dense(program.shown, 1), slots, np.zeros(program.shown, F), (0.5,), optimism=0.1)
    plan = plan_of(40, policy="greedy", epsilon=0.1, ties="random", keep_weights=True)
    lives = drawn_by(lives_in(place("tictactoe_classes"), 1, 40), 4)
    outcomes = cpu.act(nature.actors(), lives, plan)
    assert outcomes.weights is not None
    own = Agent(nature, plan, program.actions, program.ids, seed=4, afterstates=True)
    given, own = lived(own, lives, 40, tmp_path / "agent.npz", 31)
    assert np.array_equal(own.weights, outcomes.weights[0])
    assert given[:, REWARD].sum() == outcomes.measure("reward").sum()
    assert len(np.unique(own.weights)) == 10
    with pytest.raises(InputError, match=f"{program.shown} numbers of each of 9 actions; found 3"):
        own.act([1, 2, 3])


def test_a_classic_rule_of_afterstates_learns_a_game() -> None:
    text = {"observe": "equal(next(left), rows(8))", "reward": "not(next(left))", "end": "not(next(left))"}
    visit = Visit(World("stones", **text, afterstates=True, start={"left": 7}, next={"left": "max(left-1-action, 0)"}))
    own = Agent.classic("self_play", visit.inputs, visit.actions, 1000, afterstates=True, coefficients=(0.5,))
    assert (visit.inputs, visit.x.shape, own.weights.shape) == (8, (2, 8), (8,))
    x = visit.x
    for _ in range(1000):
        x, reward, ended, cut = visit.step(own.act(x))
        own.learn(reward, ended, cut)
    assert [number for number, value in enumerate(own.weights) if value > 0] == [0, 3, 6]  # lost for who has to move


def agent(**more: Any) -> Agent:
    """A small one."""
    return Agent(Nature(dense(3, 2), TD, np.zeros(6, F), (0.5, 0.4, 0.9)), plan_of(3, **more), 2)


def test_a_number_stands_for_the_input_that_is_one() -> None:
    one, other = agent(), agent()
    for number in (0, 2, 1, 2, 0):  # beyond the ticks of the plan, too
        assert one.act(number) == other.act(np.arange(3) == number)
        for each in (one, other):
            each.learn(number)
    assert np.array_equal(one.weights, other.weights)
    assert one.ticks == 5


def test_what_is_illegal_is_not_done_and_what_is_not_finite_is_seen() -> None:
    own = agent()
    for _ in range(5):
        assert own.act([1, 0, 0], legal=[False, True]) == 1
        own.learn(0)
    assert own.sound
    own.act([1, 0, 0])
    own.learn(float("nan"))
    assert not own.sound


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    own = agent()
    with pytest.raises(InputError, match="an action to learn of"):
        own.learn(1)
    with pytest.raises(InputError, match="an observation of 3 numbers; found 2"):
        own.act([1, 2])
    with pytest.raises(InputError, match="2 actions that are legal"):
        own.act([1, 2, 3], legal=[True])
    own.act([1, 2, 3])
    with pytest.raises(InputError, match=r"by learn\(reward\)"):
        own.act([1, 2, 3])
    with pytest.raises(InputError, match="has learned of its last action"):
        own.save(tmp_path / "agent.npz")
    with pytest.raises(InputError, match="agent, graph 0: expected as many outputs"):
        Agent(Nature(dense(3, 3), TD, np.zeros(9, F), (1, 1, 1)), plan_of(3), 2)
    with pytest.raises(InputError, match="an action, and an input"):
        Agent(Nature(dense(3, 2), TD, np.zeros(6, F), ()), plan_of(3, see_action=True, see_reward=True), 2)
    with pytest.raises(InputError, match="agent, slot update, character 1"):
        Agent(Nature(dense(3, 2), {"update": "reword"}, np.zeros(6, F), ()), plan_of(3), 2)


def test_files_that_hold_no_agent_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "agent.npz"
    agent().save(path)
    with np.load(path) as archive:
        arrays = dict(archive)
    changed = {**arrays, "state w": arrays["state w"] + 1}
    np.savez(path, **changed)
    with pytest.raises(InputError, match="an agent as save"):
        Agent.load(path)
    np.savez(path, about=arrays["about"])
    with pytest.raises(InputError, match="an agent as save"):
        Agent.load(path)
    path.write_text("no agent")
    with pytest.raises(InputError, match="an agent as save"):
        Agent.load(path)
