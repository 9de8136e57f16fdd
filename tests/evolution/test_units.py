"""Units of loss: what a reference comes to on each set, measured once, stated in the file, the same when resumed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import evometa
from evometa.config.load import load
from evometa.evolution import units
from evometa.evolution.courses import lessons, open_courses
from evometa.evolution.evaluation import Evaluator
from evometa.evolution.fitness import performance
from evometa.judging.tuning import stock_genome
from evometa.language.library import RULES
from evometa.lifetime.numba import cpu
from tests.judging.analysis.learners import genome
from tests.small import GRADIENT, recipe

SMALL = {"family": "dataset", "name": "synthetic", "support": 16, "queries": 16, "splits": ["train", "validation"]}
SETS = {
    **recipe(GRADIENT, fitness={"objectives": ["relative_loss"]}, lifetime={"batch": 4, "updates": 8}),
    "tasks": [
        {**SMALL, "inputs": 2, "classes": 2, "hidden": [3]},
        {**SMALL, "inputs": 6, "classes": 5, "splits": ["validation"]},
        {**SMALL, "inputs": 4, "classes": 3, "weight": 3.0},
        {"family": "dataset", "name": "moons", "support": 16, "queries": 16, "splits": ["test"]},
    ],
    "weights": {"mode": "drawn", "init": "glorot"},
    "rule": {"signals": ["grad", "w", "c0"], "init": {"update": "-c0 * grad"}},
    "plasticity": {},
}


def opened(data: Any) -> Evaluator:
    """Return what lives lifetimes of a recipe."""
    config = load(data).config
    return Evaluator(config, open_courses(config), cpu.live)


def test_a_unit_is_the_mean_loss_of_the_better_reference() -> None:
    engine = opened(SETS)
    course = engine.courses[2]
    drawn = [(course, lessons(course, engine.config, "train", 0, units.TASKS, fresh=True, purpose="unit "))]
    stock = [stock_genome(RULES[name], dials, 8) for name, dials in units.REFERENCES.items()]
    losses = performance(engine.outcomes(stock, drawn)[0], "loss").mean(axis=1)
    assert engine.units.values[2] == pytest.approx(losses.min(), rel=10.0**-units.DIGITS)
    assert losses.min() < losses.max()


def test_every_set_but_those_of_tests_has_one_measured_once() -> None:
    engine = opened(SETS)
    assert [value is None for value in engine.units.values] == [False, False, False, True]
    assert engine.lived["units"] == 3 * 2 * units.TASKS
    assert engine.units.values is engine.units.values
    assert opened(SETS).units.values == engine.units.values
    assert opened({**SETS, "seed": 1}).units.values != engine.units.values


def test_without_an_objective_that_asks_nothing_is_measured() -> None:
    engine = opened(recipe(SETS, fitness={"objectives": ["adapted_loss"]}))
    drawn = engine.draw("train", 0, 2)
    assert engine.units.values == []
    assert engine.units.of(drawn) == [1.0, 1.0]
    assert not engine.lived


def test_where_references_learn_nothing_the_unit_is_the_loss_at_birth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units, "REFERENCES", {"sgd": {"rate": 1e30}})
    engine = opened(SETS)
    idle = engine.outcomes([genome(update="0*grad")], engine.draw("train", 0, 64))
    for value, outcomes in zip((engine.units.values[0], engine.units.values[2]), idle, strict=True):
        assert value == pytest.approx(performance(outcomes, "loss").mean(), rel=0.2)


def test_genomes_are_judged_in_units_of_each_set() -> None:
    engine = opened(SETS)
    drawn, genomes = engine.draw("train", 3, 8), [genome(update=f"-{rate}*grad") for rate in (0.01, 0.3, 1e30)]
    judged = engine.judge(genomes, drawn, "test")
    losses = [performance(each, "loss") for each in engine.outcomes(genomes, drawn)]
    first, second = (
        np.minimum(loss / (engine.units.values[number] or 0.0), 20.0)
        for loss, number in zip(losses, (0, 2), strict=True)
    )
    assert judged.cases is not None
    assert judged.cases == pytest.approx(np.concatenate([first, second], axis=1))
    assert judged.values[:2, 0] == pytest.approx((0.25 * first + 0.75 * second).mean(axis=1)[:2])
    assert judged.cases.max() == 20.0
    assert judged.values[2, 0] > judged.values[:2, 0].max()


def test_a_run_states_its_units_and_a_resumed_one_takes_them_up(tmp_path: Path, monkeypatch: Any) -> None:
    whole = evometa.run(SETS, out=tmp_path / "whole")
    evometa.run(SETS, generations=2, out=tmp_path / "cut")
    stated = opened(SETS).units.values
    monkeypatch.setattr(units, "REFERENCES", {})  # nothing could be measured now
    resumed = evometa.resume(tmp_path / "cut", generations=whole.generation)
    assert whole.digest == resumed.digest
    rows = [[(row.units, row.unit_lifetimes) for row in run.history] for run in (whole, resumed)]
    assert rows[0] == rows[1]
    assert rows[0][0][0] == stated
    assert [count for _, count in rows[0]] == [3 * 2 * 64, 0, 0, 0]
    assert whole.summary()["lived"]["units"] == 3 * 2 * 64
