"""Lives of many tasks as data: where examples stand, and which families have no such lives."""

from pathlib import Path

import numpy as np
import pytest

from evometa.config.learner import Lifetime
from evometa.config.load import load
from evometa.errors import InputError
from evometa.evolution.check import check_tasks
from evometa.evolution.courses import open_courses
from evometa.tasks.families.alphabets import AlphabetsTasks
from evometa.tasks.families.boolean import BooleanTasks
from evometa.tasks.in_a_row import InARow, apart, row_of, streamed

SETTINGS = AlphabetsTasks(size=7, ways=3, shots=2, queries=1, train_ways=2)


def opened(settings: AlphabetsTasks = SETTINGS):  # type: ignore[no-untyped-def]
    return settings.open(0, ("train", "validation", "test"), Path())


def test_tasks_stand_one_behind_the_other() -> None:
    family = InARow(opened(), Lifetime(tasks=4, validation_tasks=3, test_tasks=5))
    tasks, alone = family.sample("test", 2, np.random.default_rng(0)), (5 * 6, 5 * 3)
    assert (len(tasks.support_x), len(tasks.query_x)) == alone == (family.support["test"], family.queries["test"])
    assert len(family.sample("train", 2, np.random.default_rng(0)).support_x) == 4 * 4
    assert family.counts == {"train": 4, "validation": 3, "test": 5}
    second = tasks.support_y[6:12, :, 0].argmax(axis=1)
    assert second.tolist() == [0, 1, 2, 0, 1, 2]
    assert not np.array_equal(tasks.support_x[:6], tasks.support_x[6:12])


def test_where_answers_are_told_queries_stand_behind_the_examples_of_their_task() -> None:
    family = InARow(opened(), Lifetime(tasks=3, corrections=2))
    tasks = family.sample("test", 2, np.random.default_rng(0))
    assert len(tasks.support_x) == 3 * (6 + 3)
    assert np.array_equal(tasks.support_x[9 + 6 : 18], tasks.query_x[3:6])
    assert np.array_equal(tasks.support_y[9 + 6 : 18], tasks.query_y[3:6])


def test_a_row_comes_apart_again() -> None:
    each = np.random.default_rng(0).standard_normal((4, 2, 3 * 5)).astype(np.float32)
    assert row_of(each, 5).shape == (20, 2, 3)
    assert np.array_equal(apart(row_of(each, 5), 5), each)


def test_streams_are_as_wide_as_their_classes_where_no_output_is_a_class() -> None:
    wide, narrow = streamed(opened(), False), streamed(opened(), True)
    shapes = [one.sample("train", 1, np.random.default_rng(0)).support_y.shape[1] for one in (wide, narrow)]
    assert shapes == [3, 2]
    assert narrow.unit == "stream"
    assert narrow.units("test", 3, np.random.default_rng(0)).tolist() == [[0, 1, 2]]


def test_outputs_may_wait_for_classes_but_not_lack() -> None:
    more = SETTINGS.model_copy(update={"outputs": 7})
    assert opened(more).sample("test", 1, np.random.default_rng(0)).support_y.shape[1] == 7
    with pytest.raises(InputError, match="at least 5, the classes of the widest task; found 4"):
        load("digits", ["tasks.outputs=4"])


def test_families_that_come_to_an_end_have_no_rows() -> None:
    with pytest.raises(InputError, match="come to an end"):
        InARow(BooleanTasks().open(0, ("train", "validation", "test"), Path()), Lifetime(tasks=2))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (["lifetime.corrections=2"], "lifetime.tasks of 2 or more"),
        (["lifetime.tasks=3", "lifetime.order=classes"], "shuffled or fixed"),
        (["lifetime.tasks=3", "lifetime.checkpoints=[1]"], "queries are asked where tasks end"),
        (["lifetime.order=classes", "lifetime.epochs=2"], "a stream is met once"),
    ],
)  # fmt: skip
def test_bad_lives_are_refused(change: list[str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        opened_recipe("digits", change)


def test_numbers_come_in_no_stream() -> None:
    with pytest.raises(InputError, match="no classes"):
        opened_recipe("sinusoid_evolution", ["lifetime.order=classes"])


def opened_recipe(name: str, change: list[str]) -> None:
    """Open a recipe as a run does."""
    loaded = load(name, change)
    check_tasks(loaded, [course.family for course in open_courses(loaded.config)])
