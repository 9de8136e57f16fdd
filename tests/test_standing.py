"""The panel: tasks that stay the same, and select nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import evometa
from evometa.config.load import load
from evometa.courses import open_courses
from evometa.evaluation import Evaluator
from evometa.fitness import fitness_weights
from evometa.individual import Individual, fitness_class
from evometa.lifetime import cpu
from evometa.standing import Panel
from tests.analysis.learners import genome
from tests.small import DELTA, SCHEMES, recipe

DRAWN = recipe(DELTA, sampling={"resample": "generation", "panel_tasks": 3})


def opened(data: Any) -> Evaluator:
    """Return what lives lifetimes of a recipe."""
    config = load(data).config
    return Evaluator(config, open_courses(config), cpu.live)


def individual(engine: Evaluator, number: int, text: str) -> Individual:
    """An individual with that rule."""
    fitness = fitness_class(fitness_weights(engine.config.fitness.objectives))
    return Individual(genome(update=text), fitness(), number, (), 0, "first")


def test_the_best_is_judged_when_it_changes_and_not_again() -> None:
    engine = opened(DRAWN)
    panel, delta = Panel(engine), individual(engine, 4, "4*pre*(target - post)")
    first = panel.judge(delta)
    assert 0.5 < first["panel"] <= 1
    assert first["panel_lifetimes"] == 3
    assert panel.judge(delta) == {"panel": first["panel"], "panel_lifetimes": 0}
    assert panel.judge(individual(engine, 5, "0*w"))["panel"] < first["panel"]
    assert engine.lived == {"panel": 6}


def test_a_panel_recalled_judges_nobody_twice() -> None:
    engine = opened(DRAWN)
    panel = Panel(engine)
    panel.recall({"best_id": 4, "panel": 0.75})
    assert panel.judge(individual(engine, 4, "w")) == {"panel": 0.75, "panel_lifetimes": 0}
    older = Panel(engine)
    older.recall({"best_id": 4})  # a run of an older version
    assert older.judge(individual(engine, 4, "w"))["panel_lifetimes"] == 3


def test_without_tasks_there_is_none() -> None:
    engine = opened(recipe(DELTA, sampling={"panel_tasks": 0}))
    assert Panel(engine).judge(individual(engine, 4, "w")) == {}


def test_its_tasks_are_train_tasks_that_no_generation_meets() -> None:
    engine = opened(recipe(DRAWN, tasks={"family": "boolean", "inputs": 4, "patterns": 9, "train_tasks": 400}))
    ((_, panel),) = Panel(engine)._tasks
    asked = [engine.draw("train", generation, 3)[0][1] for generation in range(5)]
    assert all(panel.tasks.support_y.tobytes() != lesson.tasks.support_y.tobytes() for lesson in asked)
    ((_, again),) = Panel(engine)._tasks
    assert again.tasks.support_y.tobytes() == panel.tasks.support_y.tobytes()


@pytest.mark.parametrize("name", ["redrawn", "lamarck", "darwin", "nsga2"])
def test_it_changes_no_digest_and_is_the_same_in_a_resumed_run(name: str, tmp_path: Path) -> None:
    data = SCHEMES[name]
    whole = evometa.run(data, out=tmp_path / "whole")
    none = evometa.run(recipe(data, sampling={"panel_tasks": 0}), out=tmp_path / "none")
    evometa.run(data, generations=2, out=tmp_path / "cut")
    resumed = evometa.resume(tmp_path / "cut", generations=whole.generation)
    assert whole.digest == none.digest == resumed.digest
    rows = [[(row["panel"], row["panel_lifetimes"]) for row in run.history] for run in (whole, resumed)]
    assert rows[0] == rows[1]
    assert rows[0][0][1] > 0
    assert "panel" not in none.history[0]


def test_lifetimes_of_a_run_are_told_by_purpose(tmp_path: Path) -> None:
    run = evometa.run(SCHEMES["redrawn"], out=tmp_path / "run")
    told = run.summary()
    assert set(told["lived"]) == {"evolution", "panel", "choice", "tuning", "test", "analysis"}
    assert told["lifetimes"] == sum(told["lived"].values())
    assert told["lived"]["evolution"] == sum(row["lifetimes"] for row in run.history)
    assert told["lived"]["panel"] == sum(row["panel_lifetimes"] for row in run.history)
