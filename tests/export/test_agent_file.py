"""The file of a learner that acts computes what an Agent does, bit for bit, and says so itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.estimators.agent import Agent, Nature
from evometa.export.agent_file import agent_file
from evometa.language.acting import ORDERS
from evometa.language.acting_library import AGENTS
from evometa.spec import CREDITS
from tests.lifetime.acting.learners import F, plan_of
from tests.lifetime.acting.strategies import random_habit
from tests.lifetime.strategies import random_graph
from tests.properties import examples

pytest.importorskip("jinja2")


def read(text: str) -> Any:
    """Return the class that a file defines."""
    names: dict[str, Any] = {"__name__": "exported"}
    exec(compile(text, "agent.py", "exec"), names)
    names["check"]()
    return names["Agent"]


def random_agent(seed: int) -> Agent:
    """Return an agent of any kind."""
    rng = np.random.default_rng(seed)
    inputs, actions, states = int(rng.integers(1, 4)), int(rng.integers(2, 5)), int(rng.choice([0, 3]))
    afterstates = rng.random() < 0.4
    critic = 0.0 if afterstates else float(rng.choice([0, 0.3]))
    projection = rng.standard_normal((2, inputs)).astype(F) if rng.random() < 0.4 and not afterstates else None
    seen = {name: bool(rng.integers(2)) for name in ("see_reward", "see_action", "forget")}
    seen["see_action"] &= not afterstates
    policy = "greedy" if afterstates else str(rng.choice(["softmax", "greedy"]))
    plan = plan_of(int(rng.integers(1, 30)), policy=policy, critic=critic,
                   epsilon=float(rng.choice([0, 0.3])), ties=str(rng.choice(["first", "random"])),
                   credit=str(rng.choice(CREDITS.names)), projection=projection, task=int(rng.integers(4)),
                   **seen)  # fmt: skip
    outputs = (1 if afterstates else actions) + (critic > 0) + (0 if projection is None else 2)
    wide = inputs + seen["see_reward"] + seen["see_action"] * actions
    graph = random_graph(rng, wide, int(rng.integers(0, 4)), outputs, bool(rng.integers(2)), True, True)
    slots = {slot: str(tree) for slot, tree in random_habit(rng).items()}
    numbers = rng.standard_normal((6, graph.synapses)).astype(F)
    nature = Nature(graph, slots, numbers[0], rng.standard_normal(8).tolist(), numbers[2:], numbers[1],
                    float(rng.choice([0, 0.5])), 3.0, ORDERS[int(rng.integers(2))])  # fmt: skip
    return Agent(nature, plan, actions, states, seed=5, afterstates=afterstates)


@examples(8)
@given(seed=st.integers(0, 2**32 - 1))
def test_it_acts_and_learns_as_the_agent_does(seed: int) -> None:
    agent, rng = random_agent(seed), np.random.default_rng(seed)
    other = read(agent_file(agent))(seed=5)
    for _ in range(40):
        size = (agent.actions, agent.inputs) if agent.afterstates else (agent.inputs,)
        x, legal = rng.standard_normal(size).astype(F), rng.random(agent.actions) < 0.7
        state, reward, over = int(rng.integers(3)), float(F(rng.standard_normal())), rng.integers(4)
        given_state = state if agent.states else 0
        assert other.act(x, legal, given_state) == agent.act(x, legal, given_state)
        for one in (other, agent):
            one.learn(reward, over == 1, over == 2)
        same = (other.w == agent.weights) | (np.isnan(other.w) & np.isnan(agent.weights))
        assert same.all()


@pytest.mark.parametrize("name", AGENTS)
def test_classic_rules_as_files(name: str, tmp_path: Path) -> None:
    text = agent_file(Agent.classic(name, 3, 2, 100))
    assert not [line for line in text.splitlines() if len(line) > 120 or line != line.rstrip()]
    read(text)
    if name == "q_lambda":
        (tmp_path / "mine.py").write_text(text, encoding="utf-8")
        found = subprocess.run(
            [sys.executable, "-I", "mine.py"], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        assert found.stdout == "13 actions, 6 weights: as in evometa\n"


def test_a_file_that_was_changed_notices() -> None:
    text = agent_file(Agent.classic("reinforce", 2, 2, 100))
    with pytest.raises(AssertionError, match=r"weights differ|actions"):
        read(text.replace("new = self.w + update", "new = self.w - update"))
