"""Coefficients with ranges of their own: as first drawn, as bred, and as what may be 0."""

from __future__ import annotations

import numpy as np

from operators.terms import numbers_of
from operators.vocabulary import Vocabulary
from tests.searching import recipe


def test_what_may_join_a_rule_by_a_coefficient_is_one_whose_range_has_a_zero() -> None:
    numbers = {"count": 3, "low": [-1.0, 0.1, 0.0], "high": [1.0, 1.0, 2.0], "scale": "linear"}
    assert numbers_of(recipe(coefficients=numbers), Vocabulary(("c0", "c1", "c2"), ("add",))) == ["c0", "c2"]


def test_coefficients_of_a_run_keep_each_to_its_own_range() -> None:
    from evometa.config.load import load
    from evometa.engine import new_evolution
    from evometa.evolution.courses import open_courses
    from tests.small import DELTA
    from tests.small import recipe as changed

    low, high = np.array([0.9, 10.0], np.float32), np.array([0.99, 1000.0], np.float32)
    numbers = {"count": 2, "low": low.tolist(), "high": high.tolist()}
    config = load(changed(DELTA, coefficients=numbers, variation={"mutate_coefficients": 50})).config
    evolution = new_evolution(config, [course.network for course in open_courses(config)])
    seen = []
    for _ in range(4):
        everyone = evolution.ask()
        seen += [one.genome.coefficients for one in everyone]
        for one in everyone:
            one.fitness.values = (0.0,) * len(one.fitness.weights)
        evolution.tell(everyone)
    found = np.array(seen)
    assert ((low <= found) & (found <= high)).all()
    assert (np.ptp(np.log(found), axis=0) > 0.3 * np.log(high / low)).all()
