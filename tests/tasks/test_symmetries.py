"""Classes that are others turned."""

from __future__ import annotations

import numpy as np
import pytest

from evometa.tasks import open_family
from evometa.tasks.families.digits import DigitsTasks
from evometa.tasks.symmetries import places, turned


def test_the_eight_symmetries_of_a_square() -> None:
    image = np.arange(18).reshape(3, 3, 2)
    found = {image.ravel()[place].tobytes() for place in places(3, 2)}
    by_hand = {
        np.ascontiguousarray(one).tobytes()
        for turn in range(4)
        for one in (np.rot90(image, turn), np.rot90(image, turn).transpose(1, 0, 2))
    }
    assert len(found) == 8
    assert found == by_hand
    assert (places(3, 2)[0] == np.arange(18)).all()


@pytest.mark.parametrize("symmetries, count", [("turns", 4), ("all", 8)])
def test_in_evolution_each_class_of_a_task_is_turned_alike(symmetries: str, count: int) -> None:
    keys = {"ways": 2, "shots": 2, "queries": 1}
    plain = open_family(DigitsTasks.model_validate(keys), 0)
    family = open_family(DigitsTasks.model_validate(keys | {"train_symmetries": symmetries}), 0)
    for split in ("validation", "test"):
        one, other = (each.sample(split, 9, np.random.default_rng(0)) for each in (plain, family))
        assert (one.support_x == other.support_x).all()
    one, other = (each.sample("train", 60, np.random.default_rng(0)) for each in (plain, family))
    assert (one.support_y == other.support_y).all()
    rows, met = places(8, 1)[:count], set()
    for lane in range(60):
        for way in range(2):
            before = np.concatenate([one.support_x[way::2, :, lane], one.query_x[way::2, :, lane]])
            after = np.concatenate([other.support_x[way::2, :, lane], other.query_x[way::2, :, lane]])
            (turn,) = [k for k, place in enumerate(rows) if (before[:, place] == after).all()]
            met.add((way, turn))
    assert len(met) == 2 * count


def test_nothing_else_is_changed() -> None:
    tasks = open_family(DigitsTasks(ways=2), 0).sample("train", 5, np.random.default_rng(0))
    same = turned(tasks, 2, (8, 8, 1), 1, np.random.default_rng(1))
    assert all((getattr(same, key) == getattr(tasks, key)).all() for key in vars(tasks))
