"""Families whose tasks are sequences: what is asked was shown before, in the order that the family says."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from evometa.config.load import load
from evometa.config.tasks import FamilySettings, model
from evometa.errors import InputError
from evometa.lifetime import Tasks
from evometa.tasks import Family, open_family
from evometa.tasks.families.recall import RecallTasks
from evometa.tasks.sequences import SequenceFamily
from tests.tasks.contract import check_contract, lane_bytes

NAMES = ("copy", "reversal", "recall", "sequence")


def settings(name: str, **keys: object) -> FamilySettings:
    """Keys of a family; of the lengths of tasks that are all alike."""
    own = {"of": "digits", "instances": 4} if name == "sequence" else {"length": 3, "shortest": 3}
    return model(name).model_validate({**own, **keys})


def drawn(name: str, split: str = "train", lanes: int = 40, **keys: object) -> tuple[Family, Tasks]:
    family = open_family(settings(name, **keys), 0)
    return family, family.sample(split, lanes, np.random.default_rng(1))


@pytest.mark.parametrize("name", NAMES)
def test_contract(name: str) -> None:
    family, tasks = drawn(name)
    check_contract(family)
    queries = len(tasks.query_x)
    assert isinstance(family, SequenceFamily)
    assert tasks.query_x.tobytes() == tasks.support_x[-queries:].tobytes()
    assert tasks.query_y.tobytes() == tasks.support_y[-queries:].tobytes()
    assert queries < len(tasks.support_x), "a tick comes before the first query"


@pytest.mark.parametrize(("name", "turn"), [("copy", 1), ("reversal", -1)])
def test_items_are_asked_after_the_delimiter_without_input(name: str, turn: int) -> None:
    _, tasks = drawn(name)
    x, y = tasks.support_x, tasks.support_y
    assert ((x[:3, :4] + 1) / 2 == y[4:][::turn]).all()
    assert (x[3, :4] == 0).all()
    assert (x[:, 4] == (np.arange(7) == 3)[:, None]).all()
    assert not x[4:].any()
    assert not y[:4].any()


@pytest.mark.parametrize("late", [0, 1, 3])
def test_each_key_is_asked_once_and_has_the_value_that_it_came_with(late: int) -> None:
    _, tasks = drawn("recall", length=9, shortest=9, late=late)
    x, y = tasks.support_x, tasks.support_y
    orders = set()
    for lane in range(40):
        pairs = {x[i, :6, lane].tobytes(): (x[i, 6:12, lane] + 1) / 2 for i in range(9)}
        asked = [x[i, :6, lane].tobytes() for i in range(9, 18)]
        assert sorted(asked) == sorted(pairs), "no two keys are alike, and each is asked"
        assert all((pairs[key] == y[9 + late + i, :, lane]).all() for i, key in enumerate(asked))
        assert not x[9:, 6:12].any()
        assert x[:, 12].all(axis=1).tolist() == [9 <= tick < 18 for tick in range(18 + late)], "keys alone are marked"
        assert not x[18:].any()
        orders.add(tuple(list(pairs).index(key) for key in asked))
    assert len(orders) == 40


def test_a_label_is_told_one_tick_late() -> None:
    family, tasks = drawn("sequence")
    images = 64
    assert (tasks.support_x[1:, images:] == tasks.support_y[:-1]).all()
    assert not tasks.support_x[0, images:].any()
    assert (tasks.support_y.sum(axis=0) == 4).all(), "as many images of each class"
    assert len(lane_bytes(tasks.support_y)) == 40, "in an order of each lane's own"
    instances = family.instances(tasks)  # type: ignore[attr-defined]
    labels = tasks.support_y.argmax(axis=1)
    for lane in range(40):
        expected = [(labels[: q + 2, lane] == labels[q + 1, lane]).sum() for q in range(len(tasks.query_y))]
        assert instances[:, lane].tolist() == expected


def test_a_label_may_be_the_target_of_its_tick_alone() -> None:
    family, tasks = drawn("sequence", label_inputs=False)
    _, told = drawn("sequence")
    assert family.inputs == tasks.support_x.shape[1] == 64
    assert tasks.support_x.tobytes() == told.support_x[:, :64].tobytes()
    assert tasks.support_y.tobytes() == told.support_y.tobytes()


def test_sequences_of_evolution_may_be_shorter_and_of_classes_turned() -> None:
    family, tasks = drawn("sequence", train_instances=2, train_symmetries="turns")
    assert family.support == {"train": 10, "validation": 20, "test": 20}
    assert family.queries == {"train": 9, "validation": 19, "test": 19}
    assert (tasks.support_y.sum(axis=0) == 2).all()
    plain = {
        one.tobytes() for one in drawn("sequence", lanes=2000)[1].support_x[:, :64].transpose(0, 2, 1).reshape(-1, 64)
    }
    known = [one.tobytes() in plain for one in tasks.support_x[:, :64].transpose(0, 2, 1).reshape(-1, 64)]
    assert 0.1 < np.mean(known) < 0.5, "a quarter of the classes are as they were drawn"


def test_a_digit_looks_like_those_of_its_class() -> None:
    """Images follow their labels when they are put in another order."""
    _, tasks = drawn("sequence", lanes=200)
    x, labels = tasks.support_x[:, :64], tasks.support_y.argmax(axis=1)
    near, far = [], []
    for lane in range(200):
        apart = ((x[:, None, :, lane] - x[None, :, :, lane]) ** 2).sum(axis=2)
        same = labels[:, None, lane] == labels[None, :, lane]
        near.append(apart[same & ~np.eye(20, dtype=bool)].mean())
        far.append(apart[~same].mean())
    assert np.mean(near) < 0.8 * np.mean(far)


def test_tasks_of_evolution_have_a_length_of_each_draw_and_those_of_the_test_twice_the_most() -> None:
    family = open_family(settings("copy", shortest=1, length=5), 0)
    rng = np.random.default_rng(0)
    assert {len(family.sample("train", 2, rng).query_x) for _ in range(60)} == {1, 2, 3, 4, 5}
    assert {len(family.sample("validation", 2, rng).query_x) for _ in range(5)} == {5}
    assert len(family.sample("test", 2, rng).query_x) == 10
    assert open_family(settings("copy", test_length=7), 0).queries["test"] == 7


def test_more_pairs_than_keys_are_refused() -> None:
    with pytest.raises(InputError, match="at most 16 items"):
        open_family(RecallTasks(bits=4, length=9), 0)
    assert open_family(RecallTasks(bits=4, length=8), 0).queries["test"] == 16


def test_shortest_tasks_that_are_longer_than_the_longest_are_refused() -> None:
    with pytest.raises(InputError, match=r"at most tasks\.length"):
        open_family(settings("copy", shortest=4), 0)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"of": "digits", "ways": 6}, r"tasks\.of: expected at least 6 classes, as tasks\.ways is 6; found 5\. Lower"),
        ({"of": "digits", "path": "mine.npz"}, r'tasks\.path: expected left out, .*; found "mine\.npz"\. Remove it'),
        ({"of": "alphabets", "instances": 21}, r"each \(instances\); found 20 in .* Lower tasks\.instances\.$"),
        ({"of": "alphabets", "train_instances": 21}, r"\(instances\); found 20 in .* Lower tasks\.train_instances\.$"),
        ({"of": "alphabets", "ways": 100}, r"at least 100 validation characters; found 87\. Lower tasks\.ways\.$"),
    ],
)  # fmt: skip
def test_what_images_cannot_give_is_told_by_keys_of_the_sequence(keys: dict[str, object], words: str) -> None:
    tasks = {"family": "sequence", **keys}
    with pytest.raises(InputError, match=words):
        open_family(load({"tasks": tasks}).config.tasks[0].settings, 0)


def test_all_images_of_a_class_may_come_in_a_sequence() -> None:
    """Where there is one more, a query takes part in the draw, and sequences are what they were."""
    family, tasks = drawn("sequence", of="alphabets", instances=20, train_instances=5, train_symmetries="turns")
    check_contract(family)
    assert family.support == {"train": 25, "validation": 100, "test": 100}
    assert hash_of(tasks) == "94d1f333de775465"  # as before that was so, of 19
    digits = drawn("sequence", split="test", instances=7)[1]
    assert hash_of(digits) == "90d0987565657715"


def hash_of(tasks: Tasks) -> str:
    return hashlib.sha256(tasks.support_x.tobytes() + tasks.support_y.tobytes()).hexdigest()[:16]
