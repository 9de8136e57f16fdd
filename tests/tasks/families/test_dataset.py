"""Whole data sets as tasks."""

from __future__ import annotations

import numpy as np
import pytest

from evometa.errors import InputError
from evometa.tasks import open_family
from evometa.tasks.families import dataset
from evometa.tasks.families.dataset import DatasetTasks
from tests.tasks.contract import check_contract, examples, lane_bytes

NAMES = {"digits": (64, 10), "wine": (13, 3), "breast_cancer": (30, 2), "moons": (2, 2), "synthetic": (16, 4)}


@pytest.mark.parametrize("name", NAMES)
def test_contract(name: str) -> None:
    family = open_family(DatasetTasks(name=name), 0)  # type: ignore[arg-type]
    assert (family.inputs, family.outputs) == NAMES[name]
    check_contract(family, lanes=3)


@pytest.mark.parametrize("name, half", [("digits", (898, 899)), ("wine", (89, 89)), ("breast_cancer", (284, 285))])
def test_a_set_that_serves_for_one_split_gives_it_all_rows_in_halves(name: str, half: tuple[int, int]) -> None:
    family = open_family(DatasetTasks(name=name), 0, splits=("test",))  # type: ignore[arg-type]
    assert (family.support["test"], family.queries["test"]) == half
    check_contract(family, ("test",), lanes=2)
    tasks = family.sample("test", 2, np.random.default_rng(0))
    counts = np.concatenate([tasks.support_y, tasks.query_y]).sum(axis=0)
    assert (np.bincount(dataset._loaded(name)[1]) == counts.T).all()
    assert len(lane_bytes(tasks.support_y)) == 2


def test_rows_are_divided_over_splits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataset, "_standardise", lambda x, support: None)  # so that rows can be told by their bytes
    raw, _ = dataset._loaded("breast_cancer")
    everything = {row.tobytes() for row in raw}
    for splits, sizes in (
        (("train", "validation"), (379, 190)),
        (("train", "validation", "test"), (284, 142, 143)),
    ):
        family = open_family(DatasetTasks(name="breast_cancer"), 3, splits=splits)
        met = [examples(family.sample(split, 2, np.random.default_rng(0))) for split in splits]
        assert [len(rows) for rows in met] == list(sizes)
        assert set.union(*met) == everything
        assert sum(sizes) == len(everything)


def test_limits_on_rows() -> None:
    family = open_family(DatasetTasks(name="wine", support=40, queries=20), 0, splits=("test",))
    assert (family.support, family.queries) == ({"test": 40}, {"test": 20})
    check_contract(family, ("test",))
    assert open_family(DatasetTasks(name="wine", queries=150), 0, splits=("test",)).support["test"] == 28
    drawn = open_family(DatasetTasks(name="moons", support=5), 0)
    assert (drawn.support["test"], drawn.queries["test"]) == (5, 256)
    with pytest.raises(InputError, match=r"at most 178 rows of wine for test.*found 100 \+ 79"):
        open_family(DatasetTasks(name="wine", support=100, queries=79), 0, splits=("test",))
    with pytest.raises(InputError, match="at most 44 rows of wine for validation"):
        open_family(DatasetTasks(name="wine", support=44), 0)


def test_inputs_are_standardised_by_the_support_alone() -> None:
    x = np.random.default_rng(0).normal(5, 3, (50, 4, 2)).astype(np.float32)
    x[:, 1] = 0.1  # constant
    x[30:, 2] += 100
    dataset._standardise(x, 30)
    assert np.abs(x[:30, [0, 2, 3]].mean(axis=0)).max() < 1e-5
    assert np.allclose(x[:30, [0, 2, 3]].std(axis=0), 1, atol=1e-5)
    assert (x[:, 1] == 0).all()
    assert x[30:, 2].min() > 20


def test_moons_are_two_half_circles() -> None:
    family = open_family(DatasetTasks(name="moons", noise=0.0), 0)
    tasks = family.sample("test", 1, np.random.default_rng(0))
    x = np.concatenate([tasks.support_x, tasks.query_x])[..., 0].astype(float)
    for moon in (0, 1):  # standardised circles are ellipses: a conic fits exactly
        points = x[np.concatenate([tasks.support_y, tasks.query_y])[:, moon, 0] == 1]
        assert 200 < len(points) < 312
        design = np.stack([points[:, 0] ** 2, points[:, 1] ** 2, points[:, 0], points[:, 1]], axis=1)
        assert np.abs(design @ np.linalg.lstsq(design, np.ones(len(points)), rcond=None)[0] - 1).max() < 1e-3


def test_drawn_sets_differ_in_every_lane_and_split() -> None:
    for name in ("moons", "synthetic"):
        family = open_family(DatasetTasks(name=name), 0)  # type: ignore[arg-type]
        drawn = [lane_bytes(family.sample(s, 10, np.random.default_rng(0)).support_x) for s in family.splits]
        assert len(set.union(*drawn)) == 30


def test_synthetic_sets_can_be_learned_and_vary_in_difficulty() -> None:
    from sklearn.linear_model import RidgeClassifier

    tasks = open_family(DatasetTasks(name="synthetic"), 0).sample("train", 30, np.random.default_rng(0))
    scores = [
        RidgeClassifier()
        .fit(tasks.support_x[..., k], tasks.support_y[..., k].argmax(axis=1))
        .score(tasks.query_x[..., k], tasks.query_y[..., k].argmax(axis=1))
        for k in range(30)
    ]
    assert min(scores) > 0.25
    assert max(scores) > 0.9
    assert max(scores) - min(scores) > 0.3


def test_far_clusters_are_told_apart_by_their_neighbours_and_near_ones_are_not() -> None:
    from sklearn.neighbors import KNeighborsClassifier

    def accuracy(low: float, high: float) -> float:
        family = open_family(DatasetTasks(name="synthetic", inputs=2, classes=2, distance=(low, high)), 0)
        tasks = family.sample("train", 20, np.random.default_rng(0))
        support, queries = (tasks.support_y.argmax(axis=1), tasks.query_y.argmax(axis=1))
        return float(np.mean([
            KNeighborsClassifier().fit(tasks.support_x[..., k], support[:, k])
            .score(tasks.query_x[..., k], queries[:, k]) for k in range(20)
        ]))  # fmt: skip

    assert accuracy(5, 12) > 0.85 > accuracy(1.5, 4) > accuracy(0, 0.5)
    with pytest.raises(ValueError, match="the lowest distance first"):
        DatasetTasks(name="synthetic", distance=(3.0, 2.0))
