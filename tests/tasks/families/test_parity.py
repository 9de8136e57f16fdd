"""Parity: its truth table, and that it is one task in every split."""

from __future__ import annotations

import numpy as np
import pytest

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
