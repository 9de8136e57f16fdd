"""Plans of lives of many tasks: what is met and asked when, and what counts."""

import numpy as np
import pytest

from evometa.config.load import load
from evometa.config.schema import Config
from evometa.errors import InputError
from evometa.evolution.courses import lessons, open_courses
from evometa.evolution.lessons import Lessons
from evometa.evolution.sequences import shares

TINY = [
    "tasks.size=7", "tasks.ways=3", "tasks.shots=1", "tasks.queries=2", "network.hidden=[4]", "lifetime.batch=3",
    "lifetime.updates=2", "lifetime.corrections=1", "lifetime.tasks=4", "lifetime.test_tasks=5",
    "lifetime.validation_tasks=4", "lifetime.test_again=2",
]  # fmt: skip
STREAM = ["lifetime.batch=1", "lifetime.order=classes", "lifetime.epochs=1", "tasks.ways=3", "tasks.shots=2"]


def drawn(split: str, *change: str, recipe: str = "trend") -> tuple[Config, Lessons]:
    config = load(recipe, [*TINY, *change]).config
    return config, lessons(open_courses(config)[0], config, split, 0, 2)  # type: ignore[arg-type]


def test_each_task_is_asked_at_its_own_end_and_then_told() -> None:
    _, found = drawn("train")
    plan, known = found.plan, 3 + 6
    assert plan.task == 3
    assert plan.checkpoints.tolist() == [0, 2, 5, 8, 11]
    assert plan.asked is not None
    assert plan.asked.tolist() == [[0, 6], [0, 6], [6, 12], [12, 18], [18, 24]]
    for update, examples in enumerate(plan.order):
        task, place = divmod(update, 3)
        low, high = task * known, task * known + (3 if place < 2 else known)  # answers come after the queries
        assert ((examples >= low) & (examples < high)).all()


def test_first_tasks_of_a_test_come_again() -> None:
    _, found = drawn("test")
    assert found.plan.asked is not None
    assert found.plan.asked[-2:].tolist() == [[0, 6], [6, 12]]
    assert len(found.plan.order) == 7 * 3
    assert found.plan.order[15:18].max() < 9  # the same examples


def test_the_later_half_counts_and_nothing_that_comes_again() -> None:
    assert shares(drawn("train")[1].plan).tolist() == [0, 0, 0, 0.5, 0.5]
    assert shares(drawn("test")[1].plan).tolist() == pytest.approx([0, 0, 0, 1 / 3, 1 / 3, 1 / 3, 0, 0])


def stream(*change: str) -> Lessons:
    config = load("digits", [*STREAM, *change]).config
    return lessons(open_courses(config)[0], config, "train", 0, 2)


def test_classes_come_one_after_another() -> None:
    found = stream()
    labels = found.tasks.support_y.argmax(axis=1)
    met = np.take_along_axis(labels, found.plan.order[:, 0], axis=0)
    assert met.T.tolist() == [[0, 0, 1, 1, 2, 2]] * 2
    assert found.plan.task == 2


def test_an_update_has_examples_of_one_class() -> None:
    with pytest.raises(InputError, match="a divisor of the 2 support examples"):
        stream("lifetime.batch=3")
