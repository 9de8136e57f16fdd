"""More classes, and more images, than there are: classes turned and mixed, images moved."""

from __future__ import annotations

import numpy as np
import pytest

from evometa.errors import InputError
from evometa.lifetime import F32, Tasks
from evometa.tasks import open_family
from evometa.tasks.episodes import Pool
from evometa.tasks.families.alphabets import AlphabetsTasks
from evometa.tasks.families.digits import DigitsTasks
from evometa.tasks.symmetries import places
from evometa.tasks.variety import Variety, moved, repeated

KEYS = {"ways": 2, "shots": 2, "queries": 1}
SIDE, CLASSES, EACH = 3, 4, 5


def drawn(variety: Variety, ways: int, count: int, seed: int = 0) -> tuple[Tasks, F32, Pool]:
    """Episodes of images that are all different, and what they were drawn from."""
    examples = np.random.default_rng(9).random((CLASSES * EACH, SIDE * SIDE), np.float32)
    pool = Pool.of({str(c): np.arange(c * EACH, (c + 1) * EACH) for c in range(CLASSES)})
    return variety.draw(examples, pool, (ways, 2, 1), count, np.random.default_rng(seed), ways + 1), examples, pool


def images_of(tasks: Tasks, ways: int, way: int, lane: int) -> F32:
    """All examples of a class of a task, f32[3, I]."""
    return np.concatenate([x[way::ways, :, lane] for x in (tasks.support_x, tasks.query_x)])


def turns_of(examples: F32, images: F32) -> set[tuple[int, int]]:
    """The classes, each with its symmetry, that some images are of."""
    whole = examples[:, places(SIDE, 1)]  # [rows, 8, I]
    return {
        (row // EACH, turn)
        for image in images
        for row, turn in np.argwhere((whole == image).all(axis=2)).tolist()
    }  # fmt: skip


@pytest.mark.parametrize("symmetries", [4, 8])
def test_a_task_has_different_classes_each_turned_alike(symmetries: int) -> None:
    ways = CLASSES * symmetries  # all that there are
    tasks, examples, pool = drawn(Variety(symmetries, 0.0, 0, (SIDE, SIDE, 1)), ways, 6)
    for lane in range(6):
        found = [turns_of(examples, images_of(tasks, ways, way, lane)) for way in range(ways)]
        assert all(len(one) == 1 for one in found)
        assert set.union(*found) == {(c, turn) for c in range(CLASSES) for turn in range(symmetries)}
    chosen = Variety(symmetries, 0.0, 0, (SIDE, SIDE, 1)).choose(pool, ways, 6, np.random.default_rng(0))
    assert (np.sort(chosen, axis=0) == np.arange(ways)[:, None]).all()
    assert (tasks.support_y[:, ways] == 0).all()
    assert (tasks.query_y[:, :ways].argmax(axis=1) == np.arange(ways)[:, None]).all()


def test_of_a_mixture_each_image_has_one_of_either_class() -> None:
    ways, count = 3, 40
    tasks, examples, _ = drawn(Variety(1, 0.5, 0, (SIDE, SIDE, 1)), ways, count)
    every = np.maximum(examples[:, None], examples)  # [rows, rows, I]
    mixtures = 0
    for lane in range(count):
        parts = []
        for way in range(ways):
            images = images_of(tasks, ways, way, lane)
            rows = [np.argwhere((every == image).all(axis=2)) for image in images]
            pairs = {tuple(sorted((a // EACH, b // EACH))) for one in rows for a, b in one.tolist()}
            assert len(pairs) == 1
            parts.append(pairs.pop())
            mixtures += all((examples != image).any(axis=1).all() for image in images)
        assert len(set(parts)) == ways
    assert 0.3 * ways * count < mixtures < 0.6 * ways * count


def test_a_task_has_no_mixture_twice() -> None:
    classes, others = np.array([[1, 1], [2, 2], [3, 3]]), np.array([[2, 2], [1, 1], [1, 2]])
    mixed = np.array([[True, False], [True, True], [True, True]])
    assert repeated(classes, others, mixed).T.tolist() == [[False, True, False], [False, False, False]]


@pytest.mark.parametrize("channels", [1, 2])
def test_images_are_moved_and_what_comes_in_is_0(channels: int) -> None:
    image = (3, 4, channels)
    images = np.random.default_rng(0).random((49, 12 * channels), np.float32) + 1
    steps = np.stack(np.meshgrid(np.arange(-3, 4), np.arange(-3, 4)), axis=0).reshape(2, -1)
    found = moved(images, image, steps).reshape(49, *image)
    for one, before, (down, right) in zip(found, images.reshape(49, *image), steps.T.tolist(), strict=True):
        for y in range(3):
            for x in range(4):
                inside = 0 <= y - down < 3 and 0 <= x - right < 4
                assert (one[y, x] == (before[y - down, x - right] if inside else 0)).all()


def test_each_image_of_a_task_is_moved_by_itself() -> None:
    tasks, examples, _ = drawn(Variety(1, 0.0, 1, (SIDE, SIDE, 1)), 2, 300)
    steps = np.stack(np.meshgrid(np.arange(-1, 2), np.arange(-1, 2)), axis=0).reshape(2, -1)
    table = np.stack([moved(examples, (SIDE, SIDE, 1), np.repeat(one[:, None], len(examples), 1)) for one in steps.T])
    met = np.zeros(len(table), int)
    for image in tasks.query_x.transpose(0, 2, 1).reshape(-1, SIDE * SIDE):
        met += (table == image).all(axis=2).any(axis=1)
    assert met.sum() == 600
    assert met.min() > 30


def test_evolution_alone_meets_them() -> None:
    more = {"train_symmetries": "all", "train_mixtures": 0.5, "train_shift": 1, "train_ways": 20}
    plain, family = (open_family(DigitsTasks.model_validate(KEYS | keys), 0) for keys in ({}, more))
    for split in ("validation", "test"):
        one, other = (each.sample(split, 9, np.random.default_rng(0)) for each in (plain, family))
        assert (one.support_x == other.support_x).all()
        assert (one.query_x == other.query_x).all()
    tasks = family.sample("train", 3, np.random.default_rng(0))
    assert tasks.support_x.shape == (40, 64, 3)
    assert family.units("train", 3, np.random.default_rng(0)).shape == (20, 3)


@pytest.mark.parametrize(("symmetries", "ways"), [("turns", 21), ("all", 41)])
def test_more_ways_than_turned_classes_are_refused(symmetries: str, ways: int) -> None:
    keys = KEYS | {"train_symmetries": symmetries}
    DigitsTasks.model_validate(keys | {"train_ways": ways - 1})
    with pytest.raises(ValueError, match=rf"at least 6 classes, as tasks\.train_ways is {ways}; found 5"):
        DigitsTasks.model_validate(keys | {"train_ways": ways})


def test_what_a_split_has_too_few_of_for_all_turns_is_told() -> None:
    with pytest.raises(InputError, match=r"at least 922 train characters; found 921\. Lower tasks\.train_ways\."):
        open_family(AlphabetsTasks(train_ways=921 * 4 + 1, train_symmetries="turns"), 0)
