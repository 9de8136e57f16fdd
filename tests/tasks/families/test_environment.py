"""Environments of a user's own in recipes: runs that go on as they began, and faults that are named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import evometa
from evometa.errors import InputError, RunFailed
from evometa.tasks.environments.process import EnvironmentProcess
from tests.small import recipe

CORRIDOR = '''
import numpy as np
import time

class Corridor:
    """Corridors of four places, seen one-hot; the last one pays, and which action leads there differs by lane."""

    inputs, actions = 4, 2

    def __init__(self, lanes, hang=0):
        self.place, self.turned, self.left = np.zeros(lanes, int), np.zeros(lanes, int), hang

    def reset(self, lanes, seeds):
        self.turned[lanes] = seeds[lanes] % 2
        self.place[lanes] = 0
        return self.seen()

    def step(self, actions):
        self.left -= 1
        if self.left == 0:
            time.sleep(60)
        self.place = np.clip(self.place + 2 * (actions ^ self.turned) - 1, 0, 3)
        there = self.place == 3
        return self.seen(), there.astype(float), there, np.zeros(len(there), bool)

    def seen(self):
        return (np.arange(4)[:, None] == self.place).astype(np.float32)
'''
SMALL: dict[str, Any] = {
    "name": "own-environment",
    "run": {"generations": 2},
    "tasks": {"family": "environment", "environment": "corridor.py:Corridor", "ticks": 12, "cut": 6},
    "sampling": {"tasks": 3, "validation_tasks": 2, "test_tasks": 3, "panel_tasks": 0},
    "acting": {"policy": "greedy", "optimism": 0.5},
    "rule": {"slots": ["update", "s1", "modulator"], "signals": ["m", "s1", "reward", "value", "before", "grad"]},
    "weights": {"init": "zeros"},
    "evolution": {"population": 4},
    "fitness": {"objectives": ["reward"]},
    "champion": {"baselines": [], "candidates": 2},
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "corridor.py").write_text(CORRIDOR)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_run_goes_on_as_if_it_had_not_been_interrupted(here: Path) -> None:
    whole = evometa.run(SMALL, out=here / "whole")
    evometa.run(SMALL, out=here / "part", generations=1)
    part = evometa.resume(here / "part", generations=2)
    assert whole.digest == part.digest
    assert whole.champion is not None


@pytest.mark.clocks
def test_what_hangs_in_a_run_is_ended_and_leaves_earlier_generations_alone(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait = EnvironmentProcess._wait  # on a busy machine, rehearsing may take seconds
    monkeypatch.setattr(
        EnvironmentProcess, "_wait", lambda own, kind, limit: wait(own, kind, 120.0 if kind == "rehearse" else limit)
    )
    data = recipe(SMALL, tasks={"limit": 1.0, "keywords": {"hang": 70}, "ticks": 100}, run={"generations": 9})
    with pytest.raises(RunFailed, match=r"corridor\.py:Corridor.*sign of life within 1 s"):
        evometa.run(data, out=here / "run")


@pytest.mark.parametrize(
    ("change", "found"),
    [({"environment": "corridor.py:Nothing"}, "Nothing"), ({"environment": "nowhere.py:Corridor"}, "nowhere"),
     ({"keywords": {"hand": 1}}, "hand"), ({"keywords": {"hang": 1e39}}, "keywords"), ({"limit": 0.0}, "limit"),
     ({"limit": 1e9}, "limit"), ({"path": "nowhere"}, "path")],
)  # fmt: skip
def test_what_cannot_be_opened_is_named_before_anything_is_run(here: Path, change: dict[str, Any], found: str) -> None:
    with pytest.raises(InputError, match=found):
        evometa.run(recipe(SMALL, tasks=change), out=here / "run")
    assert not (here / "run").exists()


def test_measures_that_nobody_knows_of_it_are_refused(here: Path) -> None:
    with pytest.raises(InputError, match=r"fitness\.objectives"):
        evometa.run(recipe(SMALL, fitness={"objectives": ["regret"]}), out=here / "run")
