"""Searches side by side: none depends on others beside it; the better habits find more."""

from __future__ import annotations

import numpy as np

from evometa.language.habits import Habits, fixed_habits
from evometa.language.signals import HABIT_SLOTS
from evometa.language.text import parse
from evometa.lifetime.searches import Searches, SearchPlan, recovery
from evometa.tasks.families.recover import RecoverTasks
from operators.lives import life, live
from operators.searches import Sharing

PLAN = SearchPlan(np.array([1, 6]))
KEYS = {
    "search_population": 12,
    "search_generations": 6,
    "train_rules": 4,
    "validation_rules": 2,
    "test_rules": 2,
    "probes": 16,
}


def searches(count: int = 3) -> Searches:
    family = RecoverTasks.model_validate({"family": "recover", **KEYS}).open(0, ("train",), None)  # type: ignore[arg-type]
    drawn = family.sample("train", count, np.random.default_rng(1))
    assert isinstance(drawn, Searches)
    return drawn


def habits(**texts: str) -> Habits:
    return {**fixed_habits(5), **{slot: parse(t, HABIT_SLOTS[slot].signals, where=slot) for slot, t in texts.items()}}


def test_lanes_are_apart() -> None:
    own = habits(
        where="size + 0.1*gauss", step="gauss*rank", pick="rank + square(gauss)", which_node="1 + square(gauss)"
    )
    whole = live([own], searches(), PLAN)[0]
    for lane in range(3):
        assert (live([own], searches().take(np.array([lane])), PLAN)[0][:, 0] == whole[:, lane]).all()


def test_habits_side_by_side_are_apart() -> None:
    both = [habits(step="gauss*rank", which_insert="3"), habits(where="size", keep="-size"), {}]
    together = live(both, searches(), PLAN)
    assert all((live([one], searches(), PLAN)[0] == found).all() for one, found in zip(both, together, strict=True))


def test_the_best_never_gets_worse_by_fixed_habits() -> None:
    curve = live([fixed_habits(5)], searches(), PLAN)[0]
    assert curve.shape == (6, 3)
    assert (np.diff(curve, axis=0) >= 0).all()
    assert (curve[-1] > curve[0]).any()


def test_a_missing_slot_is_fixed() -> None:
    assert (
        live([{}], searches(), PLAN) == live([habits(pick="mul(square(rank), square(rank))")], searches(), PLAN)
    ).all()


def test_habits_that_weigh_everything_0_are_the_fixed_ones() -> None:
    none = {f"which_{name}": "0" for name in ("crossover", "subtree", "node", "insert", "shrink", "constant")}
    nothing = habits(**none, where="0", pick="-1", keep="2")
    assert (live([nothing], searches(), PLAN) == live([fixed_habits(5)], searches(), PLAN)).all()


def test_depth_3_is_the_same_function_once_more() -> None:
    plan = SearchPlan(np.array([2]), depth=3, population=2, generations=2, tasks=2)
    nested = Searches(**{**vars(searches(4)), "group": 2})
    found = life(Sharing([fixed_habits(5)], np.zeros(2, int)), nested, plan)
    assert found.curve.shape == (2, 2)
    assert len(found.trees) == len(HABIT_SLOTS)
    again = life(Sharing([fixed_habits(5)], np.zeros(1, int)), nested.take(np.array([1])), plan)
    assert (again.curve[:, 0] == found.curve[:, 1]).all()
    assert plan.lives == 10


def test_recovery_counts_digits() -> None:
    assert np.allclose(recovery(np.array([0.0, 0.9, 0.999, 1.0])), [0.0, 1 / 6, 0.5, 1.0], atol=1e-3)
