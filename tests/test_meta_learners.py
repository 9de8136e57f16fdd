"""Recipes of the literature: MAML and its like are configurations, and each learns by what its paper says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import evometa
from evometa.config.load import load
from evometa.evolution.courses import open_courses
from evometa.genetics.phenotype import express
from evometa.genetics.topology import LAYERS
from evometa.lifetime import Births, Plan
from evometa.lifetime.numba import cpu
from tests.genetics.test_topology import kinds_of_layers

SMALL = [
    "network.hidden=[6]", "gradient.steps=2", "gradient.tasks=3", "sampling.tasks=3", "sampling.validation_tasks=2",
    "sampling.test_tasks=2", "sampling.panel_tasks=0", "run.threads=1",
]  # fmt: skip
ALL = {"hidden", "output"}
LEARNS = {"maml": ALL, "fomaml": ALL, "meta_sgd": ALL, "reptile": ALL, "anil": {"output"}, "cavia": {"context"}}


@pytest.mark.parametrize("name", LEARNS)
def test_a_recipe_tunes_one_line_of_descent_of_which_its_layers_learn(name: str, tmp_path: Path) -> None:
    run = evometa.run(name, settings=SMALL, out=tmp_path / name, generations=2, progress=False)
    assert [(one.operator, one.parents) for one in map(run.individual, range(2))] == [("first", ()), ("tuned", (0,))]
    first, last = (run.individual(number).genome for number in range(2))
    assert first is not None
    assert last is not None
    assert last.moments is not None
    assert last.weights is not None
    assert last.moments.steps.tolist() == [4]
    assert bool(np.any(first.weights != last.weights))
    assert (name == "meta_sgd") == bool((first.plasticity != last.plasticity).any())
    config = load(name, SMALL).config
    (course, *_) = open_courses(config)
    learner = express([last], course.world)
    tasks = course.family.sample("train", 1, np.random.default_rng(0))
    order = np.arange(config.lifetime.examples(10), dtype=np.int32)[None, :, None]
    plan = Plan(order, np.array([1], np.int32), course.head, "backprop", keep_weights=True)
    found = cpu.live(learner, tasks, Births(), plan)
    assert found.weights is not None
    kinds = np.array(kinds_of_layers(course.network, config.network.contexts))
    moved = {kind for kind in LAYERS if (found.weights[0] != last.weights)[kinds == kind].any()}
    assert moved == LEARNS[name]
