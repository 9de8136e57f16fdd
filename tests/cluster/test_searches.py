"""Searches by habits on several machines come to what they come to here, bit for bit."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from evometa.operators.lives import Searcher, live

from evometa.cluster.search_batches import SearchBatch
from evometa.cluster.slices import costs, cuts, joined, split, whole
from evometa.config.load import load
from evometa.language.habits import fixed_habits
from evometa.language.signals import HABIT_SLOTS
from evometa.language.text import parse
from evometa.lifetime.searches import Searches, SearchPlan
from evometa.tasks.families.recover import RecoverTasks
from tests.cluster.in_process import Workers
from tests.cluster.test_dispatch import answer, cluster

PLAN = SearchPlan(np.array([1, 2], np.int64))
OWN = {"pick": parse("rank", HABIT_SLOTS["pick"].signals)}
HABITS = [fixed_habits(5), {**fixed_habits(5), **OWN}, fixed_habits(3)]


def searches(count: int = 3) -> Searches:
    family = RecoverTasks.model_validate({"family": "recover"}).open(0, ("test",), Path())
    drawn = family.sample("test", count, np.random.default_rng(3))
    assert isinstance(drawn, Searches)
    return drawn


def sent(worker: str, function: Callable[..., Any], given: tuple[Any, ...]) -> Any:
    """Answer as a worker of another machine does: what it is given, and what it gives, travels."""
    return pickle.loads(pickle.dumps(answer(worker, function, pickle.loads(pickle.dumps(given)))))


def test_habits_lived_elsewhere_find_what_they_find_here() -> None:
    pool = Workers({"a", "b"}, answer=sent)
    own = cluster(pool, slices=3)
    found = Searcher(lambda rng, count: [], own.search)(HABITS, searches(), PLAN)
    assert np.array_equal(found, live(HABITS, searches(), PLAN))
    assert not np.array_equal(found[0], found[1])
    assert set(pool.ended) == {"a", "b"}


def test_a_batch_comes_apart_and_together() -> None:
    one = SearchBatch(HABITS, searches(2), PLAN, live)
    shared, parts = split(one, cuts(costs(one), 2))
    assert [len(part) for part in parts] == [1, 2]
    whole_again = [whole(shared, part) for part in parts]
    assert [tree for each in whole_again for tree in each.habits] == HABITS  # type: ignore[union-attr]
    assert np.array_equal(joined([np.ones((2, 1, 1)), np.zeros((1, 1, 1))])[:, 0, 0], [1, 1, 0])


def test_deeper_searches_cost_more() -> None:
    flat, deep = (
        costs(SearchBatch(HABITS, searches(2), SearchPlan(PLAN.checkpoints, depth), live)) for depth in (2, 3)
    )
    assert (deep > 20 * flat).all()


def test_a_recipe_of_habits_may_name_another_machine() -> None:
    assert load("habits", ["run.on=dask://localhost:1"]).config.run.on == "dask://localhost:1"
