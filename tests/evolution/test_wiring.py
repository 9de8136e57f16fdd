"""What evolving networks is for: they come to read the inputs that matter."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import evometa
from evometa.config.load import load
from evometa.evolution.courses import open_courses
from evometa.genetics.phenotype import express
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
