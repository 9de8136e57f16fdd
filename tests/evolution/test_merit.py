"""Merits: records that add up, drawn towards what is usual, with their standard errors."""

from __future__ import annotations

import numpy as np
import pytest

from evometa.evolution.merit import Records, seen

RNG = np.random.default_rng(3)
WEIGHTS = np.array([0.25, 0.75])
DIFFERENCES = [RNG.normal(0.1, 0.3, (4, 12)), RNG.normal(-0.2, 0.1, (4, 9))]


def test_the_record_of_two_generations_is_the_sum_of_theirs() -> None:
    whole = seen(DIFFERENCES, np.full(4, 3.0))
    early = seen([each[:, :5] for each in DIFFERENCES], np.full(4, 1.0))
    late = seen([each[:, 5:] for each in DIFFERENCES], np.full(4, 2.0))
    np.testing.assert_allclose(early + late, whole, rtol=1e-12)
    gaps = [np.where(np.arange(each.shape[1]) < 5, each, np.nan) for each in DIFFERENCES]
    assert np.array_equal(seen(gaps, np.full(4, 1.0)), early)  # tasks not met do not count


def test_means_and_errors_are_those_of_the_differences() -> None:
    records = Records(seen(DIFFERENCES, np.zeros(4)), WEIGHTS)
    means = [each.mean(axis=1) for each in DIFFERENCES]
    variances = [each.var(axis=1, ddof=1) / each.shape[1] for each in DIFFERENCES]
    np.testing.assert_allclose(records.means, WEIGHTS @ means)
    np.testing.assert_allclose(records.errors(0.0), np.sqrt(WEIGHTS**2 @ variances))
    assert records.tasks.tolist() == [9.0] * 4
    np.testing.assert_allclose(records.merits(5.0, 0.0), records.means)
    np.testing.assert_allclose(records.merits(5.0, 9.0), (records.means + 5.0) / 2)
    assert (records.errors(9.0) < records.errors(0.0)).all()


def test_luck_on_a_few_tasks_does_not_win_against_what_is_known_of_many() -> None:
    lucky, proven = np.full((1, 128), np.nan), np.full((1, 128), 0.05)
    lucky[0, :8] = 0.12
    records = Records(seen([np.concatenate([lucky, proven])], np.zeros(2)), np.ones(1))
    means, merits = records.means, records.merits(0.0, 32.0)
    assert means[0] > means[1]
    assert merits[0] < merits[1]


def test_estimates_drawn_towards_what_is_usual_are_nearer_to_the_truth() -> None:
    truth, luck = RNG.normal(0.0, 0.1, (400, 1)), RNG.normal(0.0, 0.3, (400, 9))
    records = Records(seen([truth + luck], np.zeros(400)), np.ones(1))
    plain, drawn = records.means - truth[:, 0], records.merits(0.0, 9.0) - truth[:, 0]
    assert (drawn**2).mean() < 0.6 * (plain**2).mean()
    best = int(records.means.argmax())
    assert plain[best] > 2 * abs(drawn[best])  # the best of 400 owes most to luck


@pytest.mark.parametrize("met", [1, 2])
def test_alike_on_all_tasks_is_no_error_and_one_task_none_either(met: int) -> None:
    records = Records(seen([np.full((1, met), 0.3)], np.zeros(1)), np.ones(1))
    assert records.errors(0.0) == pytest.approx(0.0, abs=1e-8)
