"""Linearly separable maps."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog

from evometa.errors import InputError
from evometa.tasks import open_family
from evometa.tasks.families.boolean import BooleanTasks
from tests.tasks.contract import check_contract

SPLITS = ("train", "validation", "test")


def all_tasks(settings: BooleanTasks, seed: int = 0) -> dict[str, np.ndarray]:
    """Truth table of each task of each split: {split: f32[tasks, 2**I]}; patterns as binary numbers."""
    family = open_family(settings.model_copy(update={"queries": "all"}), seed)
    found = {}
    for split in SPLITS:
        limit = family.limit(split)
        assert limit is not None
        tasks = family.sample(split, limit, np.random.default_rng(0))
        codes = (tasks.query_x * 2.0 ** np.arange(settings.inputs)[:, None]).sum(axis=1).astype(int)
        table = np.empty((limit, 2**settings.inputs), np.float32)
        np.put_along_axis(table, codes.T, tasks.query_y[:, 0].T, axis=1)
        found[split] = table
    return found


@pytest.mark.parametrize("queries", ["same", "unseen", "all"])
def test_contract(queries: str) -> None:
    family = open_family(BooleanTasks(queries=queries), 1)  # type: ignore[arg-type]
    check_contract(family)
    assert family.queries == dict.fromkeys(SPLITS, {"same": 12, "unseen": 20, "all": 32}[queries])
    assert [family.limit(split) for split in SPLITS] == [20, 10, 200]


def test_no_truth_table_occurs_twice() -> None:
    tables = np.concatenate(list(all_tasks(BooleanTasks(inputs=4, train_tasks=200)).values()))
    assert len({row.tobytes() for row in tables}) == len(tables) == 410


def test_maps_are_linearly_separable_with_a_quarter_to_three_quarters_ones_shown() -> None:
    patterns = np.array([[k >> i & 1 for i in range(5)] + [-1] for k in range(32)])
    for table in all_tasks(BooleanTasks())["train"]:
        signs = np.where(table > 0, -1, 1)[:, None] * patterns
        assert linprog(np.zeros(6), signs, -np.ones(32), bounds=(None, None)).status == 0
    shown = open_family(BooleanTasks(), 0).sample("test", 200, np.random.default_rng(0)).support_y
    ones = shown.sum(axis=(0, 1))
    assert 3 <= ones.min() < ones.max() <= 9


def test_queries_are_the_patterns_shown_or_the_others() -> None:
    same, unseen, every = (
        open_family(BooleanTasks(queries=q), 5).sample("train", 20, np.random.default_rng(0))  # type: ignore[arg-type]
        for q in ("same", "unseen", "all")
    )
    assert same.query_x.tobytes() == same.support_x.tobytes() == unseen.support_x.tobytes()
    assert np.concatenate([unseen.support_x, unseen.query_x]).tobytes() == every.query_x.tobytes()
    for lane in range(20):
        assert len({row.tobytes() for row in every.query_x[..., lane]}) == 32


def test_all_tasks_come_in_order_when_as_many_are_asked_for() -> None:
    family = open_family(BooleanTasks(), 0)
    a, b = (family.sample("train", 20, np.random.default_rng(seed)) for seed in (1, 2))
    assert a.support_x.tobytes() == b.support_x.tobytes()
    few = family.sample("train", 19, np.random.default_rng(1))
    known = {a.support_x[..., k].tobytes() for k in range(20)}
    drawn = [few.support_x[..., k].tobytes() for k in range(19)]
    assert set(drawn) <= known
    assert len(set(drawn)) == 19
    many = family.sample("train", 45, np.random.default_rng(1))
    assert many.support_x[..., :20].tobytes() == many.support_x[..., 20:40].tobytes() == a.support_x.tobytes()


def test_fewer_train_tasks_are_the_first_of_more_and_leave_test_alone() -> None:
    few, many = all_tasks(BooleanTasks(train_tasks=5)), all_tasks(BooleanTasks(train_tasks=20))
    assert (few["train"] == many["train"][:5]).all()
    assert (few["test"] == many["test"]).all()
    assert (few["test"] != all_tasks(BooleanTasks(), seed=1)["test"]).any()


def test_more_tasks_than_there_are_maps_is_refused() -> None:
    with pytest.raises(InputError, match=r"test_tasks: expected 200 separable maps .* found \d+ maps of 2 bits"):
        open_family(BooleanTasks(inputs=2, patterns=4), 0)


def test_shifted_maps_are_lopsided_and_in_no_split() -> None:
    family = open_family(BooleanTasks(inputs=6, patterns=12, test_tasks=30), 0)
    (shifted,) = family.shifts().values()
    tasks = shifted.sample("test", 30, np.random.default_rng(0))
    ones = tasks.support_y.mean(axis=(0, 1))
    assert ((ones < 0.25) | (ones > 0.75)).all()
    assert ((ones > 0) & (ones < 1)).all()
    assert not open_family(
        BooleanTasks(inputs=2, patterns=4, train_tasks=4, validation_tasks=3, test_tasks=5), 0
    ).shifts()
