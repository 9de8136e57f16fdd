"""Lives: measures of a whole batch, beside those of one lane after the other."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from evometa.evolution.measures import MEASURES, Lives
from evometa.lifetime import Outcomes
from tests.evolution.outcomes import wild_outcomes


@given(
    wild_outcomes(),
    st.sampled_from(sorted(name for name, row in MEASURES.items() if not (row.acts or row.searches))),
    st.booleans(),
)
def test_a_measure_of_a_batch_is_that_of_each_lane(outcomes: Outcomes, name: str, lost: bool) -> None:
    lives, row = Lives(outcomes), MEASURES[name]
    values = lives.after(name) if lost else lives.before(name)
    means = lives.adapted(name) if lost else lives.innate(name)
    scores = outcomes.score(row.score)[:, -1 if lost else 0].astype(np.float64)
    for g, lanes in enumerate(scores.tolist()):
        total = -0.0
        for lane, score in enumerate(lanes):
            value = 1.0 - score if row.complement else score
            bad = not math.isfinite(value) or (lost and bool(lives.bad[g, lane]))
            expected = row.worst if bad else min(max(value, row.low), row.high)
            assert values[g, lane] == expected
            total += expected
        assert means[g] == total / len(lanes)
