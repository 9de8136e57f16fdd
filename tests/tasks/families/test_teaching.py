"""Students of tic-tac-toe as a family of tasks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from evometa.errors import InputError
from evometa.lifetime.teaching import TeachingLives
from evometa.tasks.families.teaching import TeachingTasks


def opened(splits: tuple[str, ...] = ("train", "validation", "test"), **settings: Any) -> Any:
    return TeachingTasks.model_validate({"lessons": 5, **settings}).open(0, splits, Path())


def test_students_are_drawn_anew_and_splits_do_not_meet() -> None:
    family = opened()
    one, again, other = (family.sample(split, 3, np.random.default_rng(4)) for split in ("train", "train", "test"))
    assert isinstance(one, TeachingLives)
    assert one.offset.tobytes() == again.offset.tobytes() != other.offset.tobytes()
    assert (one.lanes, one.ticks, len(one.candidates)) == (3, 5, 371)
    assert family.inputs == 27
    assert family.outputs == 9
    assert family.support == dict.fromkeys(("train", "validation", "test"), 5)


def test_boards_as_they_are_have_more_positions() -> None:
    assert len(opened(view="board").sample("train", 1, np.random.default_rng(0)).candidates) == 2755


def test_further_tests_have_what_is_other_about_them() -> None:
    family = opened(other_tests={"wide": {"hidden": (64,)}, "raw": {"view": "board", "rule": {"update": "-0.2*grad"}}})
    assert family.others["wide"].hidden == (64,)
    assert not family.others["wide"].rule
    assert len(family.others["raw"].game.ply) == 4520
    assert {slot: str(tree) for slot, tree in family.others["raw"].rule.items()} == {"update": "mul(-0.2, grad)"}


@pytest.mark.parametrize("settings, words", [
    ({"other_tests": {"x": {"rule": {"modulator": "1"}}}}, "slots of a student"),
    ({"other_tests": {"x": {"rule": {"update": "gap"}}}}, "gap"),
    ({"splits": ("train",), "other_tests": {"x": {}}}, "does not serve for test"),
])  # fmt: skip
def test_bad_further_tests_are_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        opened(**settings)


@pytest.mark.parametrize("settings", [{"view": "upside down"}, {"lessons": 0}])
def test_bad_settings_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        opened(**settings)
