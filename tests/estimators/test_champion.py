"""A champion as a few-shot classifier answers a run's test as the run's report says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

import evometa
from evometa.config.load import load
from evometa.evolution.courses import lessons, open_courses
from evometa.lifetime import Tasks
from evometa.presentation.learner import Learner

SMALL = [
    "tasks.size=7", "tasks.train_ways=5", "tasks.train_queries=2", "tasks.other_tests=[{shots = 5}, {ways = 7}]",
    "network.hidden=[12]", "network.embedding=8", "gradient.steps=4", "gradient.warmup=0", "gradient.tasks=8",
    "gradient.weight_rate=0.02", "sampling.tasks=4", "sampling.validation_tasks=4", "sampling.test_tasks=12",
    "run.threads=1",
]  # fmt: skip


def accuracy(champion: Learner, tasks: Tasks) -> float:
    """The mean accuracy of a classifier that is given each task's examples, and asked its queries."""
    right = []
    for lane in range(tasks.lanes):
        found = champion.classifier().fit(tasks.support_x[..., lane], tasks.support_y[..., lane].argmax(axis=1))
        answers = found.predict(tasks.query_x[..., lane])
        right.append(np.mean(answers == tasks.query_y[..., lane].argmax(axis=1)))
    return float(np.mean(right))


def test_a_tuned_prototypical_network_does_as_well_from_python_as_in_the_report(tmp_path: Path) -> None:
    run = evometa.run("protonet", settings=SMALL, out=tmp_path / "run", generations=2, progress=False)
    config, told, champion = load("protonet", SMALL).config, run.report(run.generation), run.champion
    assert champion is not None
    assert told is not None
    assert champion.tuned is not None
    (course,) = open_courses(config)
    tests = {"": told.test.mean} | {f"{one.name} ": one.mean for one in told.other_tests}
    assert list(tests) == ["", "5-way 5-shot ", "7-way 1-shot "]
    for name, mean in tests.items():
        own = replace(course, family=course.family.others[name.strip()]) if name else course
        tasks = lessons(own, config, "test", 0, 12, purpose=name).tasks
        assert mean is not None
        assert abs(accuracy(champion, tasks) - mean) < 1e-6  # the report's answers are float32
    assert len(set(tests.values())) == 3
