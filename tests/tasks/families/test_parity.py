"""Parity: its truth table, and that it is one task in every split."""

from __future__ import annotations

import numpy as np
import pytest

from evometa.evolution.extents import Extents
from evometa.evolution.fitness import judge
from evometa.evolution.objectives import objectives_of
from evometa.lifetime import OK, Outcomes
from evometa.tasks import open_family
from evometa.tasks.families.parity import ParityTasks


def test_parity_of_two_bits_is_the_exclusive_or() -> None:
    family = open_family(ParityTasks(), 0)
    tasks = family.sample("train", 1, np.random.default_rng(0))
    shown = {(*x, y) for x, y in zip(map(tuple, tasks.support_x[..., 0]), tasks.support_y[:, 0, 0], strict=True)}
    assert shown == {(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0)}
    assert family.head == "sigmoid"


@pytest.mark.parametrize("inputs", [2, 5])
def test_all_patterns_are_shown_and_asked_in_every_split(inputs: int) -> None:
    family = open_family(ParityTasks(inputs=inputs), 0)
    drawn = [family.sample(split, 3, np.random.default_rng(0)) for split in family.splits]
    for tasks in drawn:
        assert tasks.lanes == 3
        assert tasks.support_x.tobytes() == tasks.query_x.tobytes() == drawn[0].support_x.tobytes()
        assert (tasks.support_y[:, 0] == tasks.support_x.sum(axis=1) % 2).all()
        assert len(np.unique(tasks.query_x[..., 0], axis=0)) == 2**inputs
    assert {family.limit(split) for split in family.splits} == {1}


def test_where_either_is_asked_only_examples_tell_which() -> None:
    family = open_family(ParityTasks(asked="either"), 0)
    tasks = family.sample("test", 4, np.random.default_rng(0))
    odd = tasks.support_x.sum(axis=1) % 2
    assert (tasks.support_y[:, 0, ::2] == odd[:, ::2]).all()
    assert (tasks.support_y[:, 0, 1::2] == 1 - odd[:, 1::2]).all()
    assert tasks.query_y.tobytes() == tasks.support_y.tobytes()
    assert family.limit("train") == 2


def test_apart_is_the_same_table_a_pattern_in_each_task() -> None:
    family = open_family(ParityTasks(inputs=3, asked="apart"), 0)
    whole = open_family(ParityTasks(inputs=3), 0).sample("train", 1, np.random.default_rng(0))
    tasks = family.sample("train", family.limit("train") or 0, np.random.default_rng(0))
    assert (tasks.lanes, len(tasks.support_x), family.support["test"]) == (8, 1, 1)
    assert (whole.query_x[..., 0] == tasks.query_x[0].T).all()
    assert (whole.query_y[..., 0] == tasks.query_y[0].T).all()


def test_apart_tells_networks_apart_whose_errors_differ_by_less_than_single_precision_sums_do() -> None:
    errors = np.array([[1, 1e-9, 0, 0], [1, 2e-9, 0, 0]], np.float32)  # of two networks, pattern by pattern
    outcomes = Outcomes(np.stack([errors[:, None]] * 3), np.full(errors.shape, OK, np.uint8))
    first, second = judge(outcomes, Extents(*np.ones((3, 2))), objectives_of(["squared_closeness"])).values[:, 0]
    assert first > second
    one, other = errors.mean(axis=1)  # as they would be in a task of all patterns
    assert one == other
