"""What a lifetime comes to at a checkpoint, and what a lost one costs."""

from __future__ import annotations

import numpy as np
from hypothesis import given

from evometa.evolution.fitness import performance
from evometa.evolution.measures import LARGE
from evometa.lifetime import DIVERGED, OK, Outcomes
from tests.evolution.test_fitness import outcomes_of, wild_outcomes


def test_performance_at_a_checkpoint_forgives_what_came_later_and_nothing_else() -> None:
    nan = np.nan
    lives = outcomes_of([[[0.5, 0.25, nan, 0.5], [nan, 0.125, nan, 0.25]]], status=[[DIVERGED, OK, OK, DIVERGED]])
    assert performance(lives, "loss", 0).tolist() == [[0.5, 0.25, LARGE, 0.5]]
    assert (
        performance(lives, "loss").tolist() == performance(lives, "loss", 1).tolist() == [[LARGE, 0.125, LARGE, LARGE]]
    )
    assert performance(lives, "accuracy", 0).tolist() == [[0.5, 0.75, 0.0, 0.5]]
    assert performance(lives, "accuracy").tolist() == [[0.0, 0.875, 0.0, 0.0]]
    assert performance(lives, "closeness").tolist() == [[0.0, 1 - 0.0625, 0.0, 0.0]]


@given(wild_outcomes())
def test_performance_is_finite_and_of_lost_lives_the_worst(outcomes: Outcomes) -> None:
    for measure, worst in (("loss", LARGE), ("accuracy", 0.0), ("closeness", 0.0)):
        found = performance(outcomes, measure)
        assert np.isfinite(found).all()
        assert (found[outcomes.status != OK] == worst).all()
