"""Few-shot digits: which drawings each split may use."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits

from evometa.errors import InputError
from evometa.tasks import open_family
from evometa.tasks.families.digits import DigitsTasks
from tests.tasks.contract import check_contract, examples


def classes_of(drawn: set[bytes]) -> set[int]:
    """Digits that some drawings show, from scikit-learn's own labels."""
    pixels, labels = load_digits(return_X_y=True)
    known = {(row / 16).astype(np.float32).tobytes(): int(label) for row, label in zip(pixels, labels, strict=True)}
    return {known[drawing] for drawing in drawn}


def test_contract() -> None:
    check_contract(open_family(DigitsTasks(), 0))
    check_contract(
        open_family(DigitsTasks(ways=2, shots=1, queries=3, validation_classes=(5, 6), test_classes=(7, 8, 9)), 0)
    )


def test_splits_share_no_drawing_and_test_no_class() -> None:
    family = open_family(DigitsTasks(), 0)
    drawn = {s: examples(family.sample(s, 200, np.random.default_rng(0))) for s in family.splits}
    assert [classes_of(drawn[s]) for s in drawn] == [set(range(5)), set(range(5)), set(range(5, 10))]
    assert not drawn["train"] & drawn["validation"]
    assert not (drawn["train"] | drawn["validation"]) & drawn["test"]
    assert 0.28 < len(drawn["validation"]) / len(drawn["train"] | drawn["validation"]) < 0.32


def test_held_out_drawings_follow_the_seed() -> None:
    first, again, other = (
        examples(open_family(DigitsTasks(), seed).sample("validation", 100, np.random.default_rng(0)))
        for seed in (0, 0, 1)
    )
    assert first == again
    assert first != other


def test_validation_classes_of_their_own() -> None:
    settings = DigitsTasks(ways=2, train_classes=(0, 1), validation_classes=(2, 3), test_classes=(4, 5))
    family = open_family(settings, 0)
    drawn = [classes_of(examples(family.sample(s, 50, np.random.default_rng(0)))) for s in family.splits]
    assert drawn == [{0, 1}, {2, 3}, {4, 5}]


def test_more_drawings_than_a_digit_has_are_refused() -> None:
    with pytest.raises(InputError, match=r"digits: expected at least 105 validation drawings each .* found 7\d in"):
        open_family(DigitsTasks(queries=100), 0)
