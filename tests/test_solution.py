"""A run that stops at a solution: when it does, what it says of it, and that it is over then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import evometa
from evometa.evolution.fitness import solvers
from evometa.evolution.loop import evolve
from evometa.lifetime import DIVERGED, OK, Outcomes
from evometa.presentation.summary import summary_of
from tests import searching
from tests.small import DELTA, recipe


def outcomes(accuracy: Any, status: Any = None) -> Outcomes:
    right = np.array(accuracy, np.float32)
    return Outcomes(
        np.stack([1 - right, right, 1 - right]),
        np.array(np.full(right[:, 0].shape, OK) if status is None else status, np.uint8),
    )


def test_a_solver_is_good_in_every_lifetime_of_every_set_after_learning() -> None:
    one = outcomes([[[0.0, 0.0], [1.0, 1.0]], [[1.0, 1.0], [1.0, 0.5]]])
    assert solvers([one], {"accuracy": 1.0}).tolist() == [True, False]
    assert solvers([one], {"loss": 0.5}).tolist() == [True, True]
    assert solvers([one, outcomes([[[1.0], [0.5]], [[1.0], [1.0]]])], {"accuracy": 1.0}).tolist() == [False, False]
    assert solvers([one], {"accuracy": 0.5, "closeness": 0.75}).tolist() == [True, False]
    assert solvers([one], {"accuracy": 1.0}, "darwin").tolist() == [False, True]
    assert solvers([outcomes([[[0.0], [1.0]]], [[DIVERGED]])], {"accuracy": 1.0}).tolist() == [False]
    assert solvers([one], {}).tolist() == [False, False]


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    wanted = recipe(DELTA, run={"generations": 50, "until": {"accuracy": 0.5}})
    return evometa.run(wanted, out=tmp_path_factory.mktemp("solved") / "run", progress=False).folder


def test_a_run_stops_after_the_generation_that_solves_its_task(solved: Path) -> None:
    run = evometa.load(solved)
    told = summary_of(run).plain()
    assert run.finished
    assert run.generation < 50
    assert told["solved_after"] == 16 * run.generation
    assert [row.solved_after for row in run.history[:-1]] == [None] * (run.generation - 1)
    assert summary_of(run, 1).plain()["solved_after"] == (16 if run.generation == 1 else None)


def test_a_run_that_is_solved_is_over(solved: Path) -> None:
    before = evometa.load(solved)
    after = evometa.resume(solved, generations=80, progress=False)
    assert (after.generation, after.digest) == (before.generation, before.digest)


def test_a_run_without_a_solution_goes_on_to_the_end(tmp_path: Path) -> None:
    wanted = recipe(DELTA, run={"generations": 2, "until": {"loss": 0.0}})
    run = evometa.run(wanted, out=tmp_path / "run", progress=False)
    assert (run.generation, summary_of(run).plain()["solved_after"]) == (2, None)


def test_one_who_solved_the_task_heads_the_hall_though_another_is_better() -> None:
    settings = {"population": 20, "offspring": 20, "hall": 5}
    evolution = searching.evolution_of(searching.recipe(evolution=settings), 1, False)
    evolve(evolution, searching.appraise, 2)
    young = evolution.ask()
    searching.appraise(young)
    worst = min(young, key=lambda one: one.fitness.wvalues)
    evolution.tell(young, [worst.id])
    assert evolution.state()["hall"][0] == worst.id
    assert len({one.id for one in evolution.hall}) == len(evolution.hall) == 5
