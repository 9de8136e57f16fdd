"""The fitness of Hinton and Nowlan, against all orders of trials."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.evolution.extents import Extents
from evometa.evolution.fitness import judge
from evometa.evolution.objectives import objectives_of
from tests.evolution.outcomes import outcomes_of


@given(st.lists(st.booleans(), min_size=1, max_size=6))
def test_trials_left_are_the_mean_over_all_orders(right: list[bool]) -> None:
    errors = [0.0 if one else 2.0 for one in right]
    ones = np.ones(1)
    judged = judge(
        outcomes_of([[[2.0] * len(right), errors]]), Extents(ones, ones, ones), objectives_of(["trials_left"])
    )
    left = [len(right) - order.index(True) if any(order) else 0 for order in permutations(right)]
    assert judged.values[0, 0] == pytest.approx(1 + 19 * np.mean(left) / len(right))
