"""Learners that value what moves make of a board, from a recipe to an agent that acts outside, and to a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import evometa
from evometa.estimators import Agent
from evometa.export import export
from evometa.tasks.environments.visit import Visit
from evometa.tasks.worlds import find_world
from tests.evolution.test_acting import BANDIT, GAME
from tests.small import recipe


def test_learners_value_what_moves_make_of_a_board(tmp_path: Path) -> None:
    signals = ["m", "s1", "grad", "reward", "value", "before", "c0", "c1"]
    data = recipe(BANDIT, tasks=GAME, champion={"baselines": ["self_play"]}, run={"generations": 1},
                  network={"hidden": [3]}, weights={"init": "glorot"},
                  acting={"order": "next tick", "epsilon": 0.1, "optimism": 0.0},
                  rule={"slots": ["update", "s1", "modulator"], "signals": signals})  # fmt: skip
    champion = evometa.run(data, out=tmp_path / "run").champion
    assert champion is not None
    report = champion.report
    assert report is not None
    assert report.baselines[0].mean is not None
    agent, visit = champion.agent(), Visit(find_world("tictactoe_afterstates"))
    agent.save(tmp_path / "agent.npz")
    again = Agent.load(tmp_path / "agent.npz")
    for _ in range(20):
        action = agent.act(visit.x, visit.legal)
        assert again.act(visit.x.reshape(-1), visit.legal) == action
        assert visit.legal is not None
        assert visit.legal[action] > 0
        _, reward, ended, cut = visit.step(action)
        for one in (agent, again):
            one.learn(reward, ended, cut)
    assert np.array_equal(agent.weights, again.weights)
    assert "behind each action" in " ".join(str(export(champion, "python")).split())
