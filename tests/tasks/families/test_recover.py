"""Searches for hidden rules: splits are apart, forms differ, bad settings are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evometa.config.load import load
from evometa.errors import InputError
from evometa.evolution.check import check_names, check_tasks
from evometa.evolution.check_search import check_search
from evometa.evolution.reckoning import reckoned
from evometa.lifetime.searches import Searches, SearchPlan
from evometa.operators import SCHEMES, SELECTIONS
from evometa.tasks.families.recover import FORMS, RecoverFamily, RecoverTasks
from evometa.tasks.location import Places, open_families
from operators.lives import live

FEW = {"train_rules": 4, "validation_rules": 3, "test_rules": 3}
SPLITS = ("train", "validation", "test")


def family(**keys: Any) -> RecoverFamily:
    return RecoverTasks.model_validate({"family": "recover", **FEW, **keys}).open(0, SPLITS, Path())


def checked(recipe: str, *settings: str) -> None:
    """Check a recipe as an engine does before it opens anything."""
    loaded = load(recipe, [*settings, *(f"tasks.{key}={count}" for key, count in FEW.items() if recipe == "habits")])
    check_names(loaded)
    check_search(loaded, SELECTIONS, SCHEMES)
    check_tasks(loaded, open_families(loaded.config, Places(Path())))


def drawn(own: RecoverFamily, split: str, count: int = 6, seed: int = 0) -> Searches:
    found = own.sample(split, count, np.random.default_rng(seed))
    assert isinstance(found, Searches)
    return found


def test_splits_never_share_a_rule() -> None:
    own = family()
    rules = {split: set(drawn(own, split, 12).rules.tolist()) for split in SPLITS}
    assert rules == {"train": {0, 1, 2, 3}, "validation": {4, 5, 6}, "test": {7, 8, 9}}
    likeness = np.abs(own.truths @ own.truths.T) - np.eye(10)
    assert likeness.max() < 0.99


def test_the_same_draws_give_the_same_bytes_and_their_units() -> None:
    one, same, other = (drawn(family(), "train", seed=seed) for seed in (5, 5, 6))
    assert (one.seeds == same.seeds).all()
    assert (one.truths == same.truths).all()
    assert (one.seeds != other.seeds).all()
    assert (family().units("train", 6, np.random.default_rng(5))[0] == one.rules).all()


@pytest.mark.parametrize("form", FORMS)
def test_forms(form: str) -> None:
    own = family(form=form)
    assert len(own.trees) == 10
    assert all(own.settings.least <= len(tree) <= own.settings.most for tree in own.trees)
    told = drawn(own, "test")
    assert (told.answers == told.truths).all() == (own.settings.noise == 0)


@pytest.mark.parametrize(
    "keys", [{"largest": 1e-30}, {"largest": 1e6}, {"immigrants": 0.0}, {"immigrants": 0.99}, {"noise": 100.0}]
)
def test_numbers_at_their_extremes_live(keys: dict[str, float]) -> None:
    told = drawn(family(**keys, search_population=6, search_generations=3), "test")
    found = live([{}], told, SearchPlan(np.array([3])))
    assert found.shape == (1, 3, 6)
    assert np.isfinite(found).all()


def test_answers_of_the_control_are_told_in_another_order() -> None:
    told = drawn(family(shuffled=True), "train")
    assert (np.sort(told.answers) == np.sort(told.truths)).all()
    assert (told.answers != told.truths).any()


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("tasks.signals=[pre, nothing]", "nothing"),
        ("tasks.primitives=[add, plus]", "plus"),
        ("tasks.least=20", "tasks.most"),
        ("tasks.max_nodes=8", "tasks.max_nodes"),
        ("tasks.probes=100", "multiple of 16"),
        ('tasks.other_tests={ F2 = { form = "F9" } }', "F9"),
        ("habits.mode=own", "evolved"),
        ("habits.depth=9", "depth"),
        ('rule.slots=["update"]', "update"),
        ('fitness.objectives=["adapted_loss"]', "adapted_loss"),
        ("weights.mode=evolved", "weights"),
        ("variation.mutate_block=0.1", "mutate_block"),
    ],
)
def test_bad_settings_are_told(setting: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        checked("habits", setting)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("habits.mode=evolved", "tasks.family"),
        ("habits.self=true", "habits.self"),
        ("habits.depth=3", "habits.depth"),
        ('rule.slots=["where"]', "rule.slots"),
    ],
)
def test_habits_do_not_evolve_with_other_tasks(setting: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        checked("delta", setting)


def test_depth_that_would_take_years_is_reckoned_and_refused() -> None:
    with pytest.raises(InputError, match=r"years.*habits\.depth"):
        checked("habits", "habits.depth=4", "run.generations=1000", "sampling.tasks=100")
    config = load("habits").config
    assert "depth 2: reckoned at" in reckoned(config, [family()])[0]
