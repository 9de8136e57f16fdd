"""Classes of a folder of images divided over splits: turned ones counted, and refusals that say what would do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evometa.errors import InputError
from evometa.tasks import open_family
from tests.tasks.families.test_images import LISTS, fill, settings


def test_a_folder_of_fewer_classes_than_any_division_takes_is_told_what_would_do(tmp_path: Path) -> None:
    few = fill(tmp_path / "few", range(4))
    with pytest.raises(
        InputError, match=r'found 4\. Set tasks\.divide = "images", with tasks\.ways of at most 4, to'
    ) as told:
        open_family(settings(few, ways=5), 0)
    assert "ower" not in str(told.value), "no number of ways would do for classes apart"
    assert open_family(settings(few, ways=4, divide="images"), 0).outputs == 4
    for path in few.rglob("[1-9].png"):
        path.unlink()
    with pytest.raises(InputError, match=r"found 4\. Add classes\.$"):
        open_family(settings(few, ways=5), 0)


@pytest.mark.parametrize("keys", [{}, LISTS, {"divide": "names"}])
def test_classes_turned_are_counted_where_classes_are_divided(tmp_path: Path, keys: dict[str, Any]) -> None:
    """Five classes in four turns are twenty."""
    folder = fill(tmp_path / "data")
    family = open_family(settings(folder, ways=3, train_ways=20, train_symmetries="turns", **keys), 0)
    tasks = family.sample("train", 30, np.random.default_rng(0))
    assert (tasks.support_y.sum(axis=0) == 1).all()
    assert family.support["train"] == 20
    with pytest.raises(InputError, match=r"6 for train.* Lower tasks\.train_ways|7 for train.*tasks\.train_ways"):
        open_family(settings(folder, ways=3, train_ways=28, train_symmetries="turns", **keys), 0)
