"""Episodes that differ by split, and further tests."""

from __future__ import annotations

import numpy as np
import pytest

from evometa.errors import InputError
from evometa.tasks import open_family
from evometa.tasks.families.digits import DigitsTasks
from evometa.tasks.few_shot import OtherTest
from tests.tasks.contract import check_contract

HARD = {"ways": 2, "shots": 1, "queries": 3, "train_ways": 5, "train_shots": 2, "train_queries": 4}


def test_episodes_of_evolution_may_be_others_than_those_of_the_test() -> None:
    family = open_family(DigitsTasks.model_validate(HARD), 0)
    check_contract(family)
    assert family.support == {"train": 10, "validation": 2, "test": 2}
    assert family.queries == {"train": 20, "validation": 6, "test": 6}
    assert family.outputs == 5
    tasks = family.sample("test", 20, np.random.default_rng(0))
    assert (tasks.support_y.sum(axis=(0, 2)) == [20, 20, 0, 0, 0]).all()
    plain = open_family(DigitsTasks(ways=2, shots=1, queries=3), 0).sample("test", 20, np.random.default_rng(0))
    assert (plain.query_x == tasks.query_x).all()  # of the same tasks, whatever evolution meets


def test_further_tests_are_of_the_same_classes_and_outputs() -> None:
    others = (OtherTest(shots=5), OtherTest(ways=4), OtherTest(ways=3, shots=2))
    family = open_family(DigitsTasks(ways=2, shots=1, queries=3, other_tests=others), 0)
    assert list(family.others) == ["2-way 5-shot", "4-way 1-shot", "3-way 2-shot"]
    assert family.outputs == 4
    for (name, other), support, queries in zip(family.others.items(), (10, 4, 6), (6, 12, 9), strict=True):
        check_contract(other, splits=("test",))
        assert (other.support, other.queries) == ({"test": support}, {"test": queries})
        assert int(name[0]) == len(other.units("test", 1, np.random.default_rng(0)))
    assert not open_family(DigitsTasks(ways=2, shots=1, other_tests=others), 0, splits=("train",)).others


def test_only_the_splits_that_are_served_are_checked() -> None:
    settings = DigitsTasks(ways=2, test_classes=(5, 6), other_tests=(OtherTest(ways=3),))
    with pytest.raises(InputError, match=r"at least 3 test digits; found 2\. Lower its ways in tasks\.other_tests\."):
        open_family(settings, 0)
    for keys, key in ((HARD, "train_shots or tasks.train_queries"), ({"ways": 2}, "shots or tasks.queries")):
        much = DigitsTasks.model_validate(keys | {key.split()[0]: 200})
        with pytest.raises(InputError, match=rf"train drawings each .* Lower tasks\.{key}\."):
            open_family(much, 0)
    assert tuple(open_family(settings, 0, splits=("train", "validation")).splits) == ("train", "validation")


@pytest.mark.parametrize("others", [({"ways": 5},), ({"shots": 1}, {"ways": 5, "shots": 1})])
def test_a_test_that_is_there_twice_is_refused(others: tuple[dict[str, int], ...]) -> None:
    with pytest.raises(ValueError, match=r"tasks\.other_tests: expected further tests that differ .* twice"):
        DigitsTasks.model_validate({"other_tests": others})


def test_lists_too_short_for_evolution_are_told() -> None:
    with pytest.raises(ValueError, match=r"at least 6 classes, as tasks\.train_ways is 6; found 5"):
        DigitsTasks(ways=2, train_ways=6)


def test_shifts_are_of_the_same_classes_with_other_images_or_ways() -> None:
    family = open_family(DigitsTasks(ways=4, shots=2, queries=3, train_ways=5), 0)
    plain = family.sample("test", 20, np.random.default_rng(0))
    shifts = family.shifts()
    assert list(shifts) == ["images moved by a pixel", "images slanted", "strokes a pixel wider", "2 classes"]
    for name, one in shifts.items():
        check_contract(one, splits=("test",))
        tasks = one.sample("test", 20, np.random.default_rng(0))
        if name == "2 classes":
            assert len(tasks.support_x) == 4
            continue
        assert np.array_equal(
            one.units("test", 20, np.random.default_rng(0)), family.units("test", 20, np.random.default_rng(0))
        )
        assert np.array_equal(tasks.support_y, plain.support_y)
        assert not np.array_equal(tasks.support_x, plain.support_x)
        if name == "strokes a pixel wider":
            assert (tasks.support_x >= plain.support_x).all()
    richer = family.richer(2)
    assert richer is not None
    assert richer.support == {"test": 16}
    assert family.richer(1000) is None
