"""What wiring that evolves, or changes in life, is for: networks come to read the inputs that matter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import evometa
from evometa.config.load import load
from evometa.config.schema import Config
from evometa.evolution.courses import open_courses
from evometa.evolution.evaluation import Evaluator
from evometa.genetics.genome import Genome
from evometa.genetics.phenotype import express
from evometa.language.text import parse
from evometa.lifetime.numba import cpu
from evometa.lifetime.numba.stepwise import Lives
from evometa.presentation.run import Run
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


def wirings(genome: Genome, evaluator: Evaluator, tasks: int) -> tuple[Any, Any]:
    """Return which inputs synapses come from that are open at the end of lives in recipe `rewire`, and which inputs
    matter, both bool[I, L]."""
    ((course, lesson),) = evaluator.draw("test", 0, tasks)
    assert isinstance(course.family, Distractors)
    phenotypes, plan = express([genome], course.world), lesson.plan
    lives = Lives(phenotypes, lesson.births(phenotypes), tasks, head=plan.head, credit=plan.credit, bound=plan.bound)
    met = course.family.sample("test", tasks, np.random.default_rng(1))
    (state,) = lives.learn(lives.birth(), met.support_x, met.support_y, plan.order, 0, len(plan.order))
    graph, matters = phenotypes[0].graph, np.zeros((course.family.inputs, tasks), bool)
    read = graph.src < graph.inputs
    opened = np.zeros_like(matters)
    opened[graph.src[read]] = state["gate"][read] > 0
    np.put_along_axis(matters, course.family.relevant("test", tasks, np.random.default_rng(1)), True, axis=0)
    return opened, matters


def evaluator_of(config: Config) -> Evaluator:
    return Evaluator(config, open_courses(config), cpu.live)


def test_a_gate_that_shuts_small_weights_late_leaves_each_task_its_own_inputs() -> None:
    evaluator = evaluator_of(load("rewire", seed=0).config)
    update, gate = parse("-0.1*grad"), parse("abs(w) - 2*age")
    gated, still = Genome({"update": update, "gate": gate}), Genome({"update": update})
    (outcomes,) = evaluator.outcomes([gated, still], evaluator.draw("test", 0, 100))
    with_gates, without = outcomes.accuracy[:, -1].mean(axis=1)
    assert with_gates > without + 0.05
    opened, matters = wirings(gated, evaluator, 100)
    assert opened[matters].mean() > 0.5
    assert opened.mean() < 0.15
    assert len(np.unique(opened, axis=1).T) > 50  # of 100 tasks


REWIRING = [
    "run.generations=12", "evolution.population=80", "evolution.offspring=80", "sampling.tasks=24",
    "sampling.validation_tasks=100", "sampling.test_tasks=200", "champion.rates.points=7",
]  # fmt: skip


@pytest.fixture(scope="module")
def rewired(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of recipe `rewire`, in which synapses cost nothing."""
    return evometa.run("rewire", settings=REWIRING, seed=1, out=tmp_path_factory.mktemp("rewired") / "run")


@pytest.mark.slow
def test_a_gate_that_evolves_wires_each_task_anew(rewired: Run) -> None:
    run = rewired
    assert run.champion is not None
    genome, evaluator = run.champion.kept_genome(), evaluator_of(load("rewire", REWIRING, seed=1).config)
    opened, matters = wirings(genome, evaluator, 100)
    assert (opened & matters).sum() > 0.5 * opened.sum()  # by chance 0.09
    both, either = (opened[:, 1:] & opened[:, :-1]).sum(), (opened[:, 1:] | opened[:, :-1]).sum()
    assert both < 0.2 * either  # what the wirings of two tasks have in common
    still = genome.replace(rule={"update": genome.rule["update"]})
    (outcomes,) = evaluator.outcomes([genome, still], evaluator.draw("test", 0, 100))
    with_gates, without = outcomes.accuracy[:, -1].mean(axis=1)
    assert with_gates > without + 0.05


@pytest.mark.slow
def test_a_price_for_what_is_open_leaves_less_open(rewired: Run, tmp_path: Path) -> None:
    settings = [*REWIRING, "fitness.synapse_cost=0.02"]
    priced, counts = evometa.run("rewire", settings=settings, seed=1, out=tmp_path / "run"), []
    for run, own in ((rewired, REWIRING), (priced, settings)):
        assert run.champion is not None
        opened, _ = wirings(run.champion.kept_genome(), evaluator_of(load("rewire", own, seed=1).config), 100)
        counts.append(opened.sum())
    assert 0 < counts[1] < counts[0]
