"""Few inputs that matter among many."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
from scipy.optimize import linprog

from evometa.tasks import open_family
from evometa.tasks.families.distractors import Distractors, DistractorsTasks
from tests.tasks.contract import arrays, check_contract, lane_bytes


def opened(seed: int = 0, **keys: object) -> Distractors:
    family = open_family(DistractorsTasks.model_validate({"family": "distractors", **keys}), seed)
    assert isinstance(family, Distractors)
    return family


def relevant(family: Distractors, split: str = "train", count: int = 50) -> np.ndarray:
    return family.relevant(split, count, np.random.default_rng(5))


@pytest.mark.parametrize("places", ["same", "drawn"])
def test_contract(places: str) -> None:
    check_contract(opened(places=places))
    check_contract(opened(places=places, relevant=1, distractors=0, shots=3, queries=2))
    check_contract(opened(places=places, relevant=70, distractors=100, outputs=2))


@pytest.mark.parametrize("places", ["same", "drawn"])
def test_a_plane_in_the_relevant_inputs_divides_the_classes(places: Literal["same", "drawn"]) -> None:
    family = opened(places=places, queries=60)
    tasks, where = family.sample("train", 50, np.random.default_rng(5)), relevant(family)
    some_other = 0
    for lane in range(50):
        x, y = (np.concatenate([s, q])[..., lane] for s, q in zip(arrays(tasks)[:2], arrays(tasks)[2:], strict=True))
        signs = np.where(y > 0, -1.0, 1.0)
        for columns, divides in ((where[:, lane], True), ((where[:, lane] + 1) % family.inputs, False)):
            found = linprog(np.zeros(3), signs * x[:, columns], -np.ones(len(x)), bounds=(None, None)).status
            some_other += not divides and found == 0
            assert found == 0 or not divides
    assert some_other == 0


def test_places_are_the_same_in_all_splits_and_depend_on_the_seed() -> None:
    family = opened(relevant=4, distractors=40)
    places = [relevant(family, split) for split in family.splits]
    assert all((each == places[0][:, :1]).all() for each in places)
    assert len(np.unique(places[0][:, 0])) == 4
    assert len({relevant(opened(seed, relevant=4, distractors=40))[:, 0].tobytes() for seed in range(20)}) == 20


def test_drawn_places_differ_from_task_to_task() -> None:
    places = relevant(opened(places="drawn"), count=400)
    assert (np.diff(places, axis=0) > 0).all()
    counts = np.bincount(places.ravel(), minlength=33)
    assert len(counts) == 33
    assert counts.min() > 15  # of 36 on average


def test_one_target_for_each_class_is_the_same_task() -> None:
    one, two = (opened(outputs=n).sample("test", 9, np.random.default_rng(3)) for n in (1, 2))
    assert np.array_equal(one.support_x, two.support_x)
    for single, each in ((one.support_y, two.support_y), (one.query_y, two.query_y)):
        assert np.array_equal(each, np.concatenate([single == 0, single == 1], axis=1))


def test_classes_are_about_as_frequent() -> None:
    y = opened().sample("train", 500, np.random.default_rng(0)).query_y
    assert abs(y.mean() - 0.5) < 0.02


def test_no_task_is_in_two_splits() -> None:
    family = opened()
    drawn = [lane_bytes(family.sample(split, 300, np.random.default_rng(9)).support_x) for split in family.splits]
    assert len(set.union(*drawn)) == 900
