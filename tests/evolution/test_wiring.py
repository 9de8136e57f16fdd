"""What wiring that evolves, or changes in life, is for: networks come to read the inputs that matter."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import evometa
from evometa.config.load import load
from evometa.evolution.courses import open_courses
from evometa.evolution.evaluation import Evaluator
from evometa.genetics.genome import Genome
from evometa.genetics.phenotype import express
from evometa.language.text import parse
from evometa.lifetime.numba import cpu
from evometa.lifetime.numba.stepwise import Lives
from evometa.tasks.families.distractors import Distractors

SMALL = [
    "run.generations=25", "tasks.distractors=20", "evolution.population=60", "evolution.offspring=60",
    "sampling.tasks=24", "sampling.validation_tasks=100", "sampling.test_tasks=200", "champion.rates.points=7",
]  # fmt: skip


@pytest.mark.slow
def test_networks_come_to_read_the_inputs_that_matter(tmp_path: Path) -> None:
    run = evometa.run("distractors", settings=SMALL, seed=3, out=tmp_path / "run")
    assert run.champion is not None
    (course,) = open_courses(load("distractors", SMALL, seed=3).config)
    assert isinstance(course.family, Distractors)
    matters = course.family.relevant("train", 1, np.random.default_rng(0))[:, 0]
    graph = express([run.champion.kept_genome()], course.world)[0].graph
    read = np.unique(graph.src[graph.src < graph.inputs])
    assert set(matters) <= set(read)
    assert len(read) <= 8  # of 24
    (dense,) = [row["mean"] for row in run.baselines if row["name"] == "sgd"]
    assert run.champion.meta_test > dense + 0.1


def test_a_gate_that_shuts_small_weights_late_leaves_each_task_its_own_inputs() -> None:
    config = load("rewire", seed=0).config
    (course,) = open_courses(config)
    assert isinstance(course.family, Distractors)
    evaluator = Evaluator(config, [course], cpu.live)
    update, gate = parse("-0.1*grad"), parse("abs(w) - 2*age")
    gated, still = Genome({"update": update, "gate": gate}), Genome({"update": update})
    drawn = evaluator.draw("test", 0, 100)
    (outcomes,) = evaluator.outcomes([gated, still], drawn)
    with_gates, without = outcomes.accuracy[:, -1].mean(axis=1)
    assert with_gates > without + 0.05
    _, lesson = drawn[0]
    phenotypes = express([gated], course.world)
    lives = Lives(phenotypes, lesson.births(phenotypes), 100, head=course.head, credit="backprop", bound=20.0)
    tasks = course.family.sample("test", 100, np.random.default_rng(1))
    order = lesson.plan.order
    (state,) = lives.learn(lives.birth(), tasks.support_x, tasks.support_y, order, 0, len(order))
    opened = state["gate"][: course.family.inputs] > 0
    places = course.family.relevant("test", 100, np.random.default_rng(1))
    assert np.take_along_axis(opened, places, axis=0).mean() > 0.5
    assert opened.mean() < 0.15
    assert len(np.unique(opened, axis=1).T) > 50  # of 100 tasks
