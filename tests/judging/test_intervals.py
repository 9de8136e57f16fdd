"""Intervals over what is independent, on planted data where the right answer is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from scipy.stats import t

from evometa.judging.intervals import F64, I64, jackknife, mean_interval, together

Drawn = tuple[F64, I64]


def test_mean_interval_is_students() -> None:
    mean, half = mean_interval([1.0, 2.0, 3.0, 4.0])
    assert mean == 2.5
    assert half == pytest.approx(3.182446 * np.sqrt(5 / 3) / 2, rel=1e-6)
    assert mean_interval(np.float32([3])) == (3.0, None)
    assert mean_interval(np.ones(5)) == (1.0, 0.0)


def test_of_groups_of_one_size_it_is_that_of_the_groups_means() -> None:
    rng = np.random.default_rng(0)
    values, groups = rng.normal(size=60), np.repeat(np.arange(6), 10)
    found = jackknife([values[None, None]], [groups[None]], [1.0])
    assert found == pytest.approx(mean_interval(values.reshape(6, 10).mean(axis=1)))


def test_names_of_units_and_order_of_tasks_do_not_matter() -> None:
    rng = np.random.default_rng(1)
    values, groups = rng.normal(size=30), rng.integers(0, 5, 30)
    order = rng.permutation(30)
    found = jackknife([values[None, None, order]], [100 - 7 * groups[None, order]], [1.0])
    assert found == pytest.approx(jackknife([values[None, None]], [groups[None]], [1.0]))


def test_a_difference_is_paired() -> None:
    rng = np.random.default_rng(2)
    luck, own = rng.normal(size=40), 0.01 * rng.normal(size=(2, 40))
    both = (luck + own)[:, None]
    mean, half = jackknife([both], [np.arange(40)[None]], [1.0, -1.0])
    assert (mean, half) == pytest.approx(mean_interval(own[0] - own[1]))
    alone = jackknife([both[:1]], [np.arange(40)[None]], [1.0])[1]
    assert half is not None
    assert alone is not None
    assert half < alone / 10


@pytest.mark.parametrize("units", [[[0, 0, 0]], [[0, 0, 0], [1, 2, 3]]])
def test_there_is_none_where_nothing_tells_units_apart(units: list[list[int]]) -> None:
    """A single unit, or one that has part in every task."""
    assert jackknife([np.float64([[[1, 2, 6]]])], [np.array(units)], [1.0]) == (3.0, None)


def test_several_sets_add_their_variances() -> None:
    rng = np.random.default_rng(3)
    sets = [rng.normal(5, 1, 20), rng.normal(3, 4, 20)]
    scores, members = [each[None, None] for each in sets], [np.arange(20)[None]] * 2
    mean, half = jackknife(scores, members, [1.0])
    variances = np.array([each.var(ddof=1) / 20 for each in sets]) / 4
    freedom = variances.sum() ** 2 / (variances**2 / 19).sum()  # Welch
    assert mean == pytest.approx(np.mean(sets))
    assert half == pytest.approx(t.ppf(0.975, freedom) * np.sqrt(variances.sum()), rel=1e-9)


def test_the_geometric_mean_has_the_interval_of_its_logarithm() -> None:
    """By the delta method: the relative error of √(ab) is half that of a and of b together."""
    rng = np.random.default_rng(4)
    sets = [rng.normal(100, 1, 400), rng.normal(1, 0.01, 400)]
    scores, members = [each[None, None] for each in sets], [np.arange(400)[None]] * 2
    mean, half = jackknife(scores, members, [1.0], geometric=True)
    assert mean == pytest.approx(np.sqrt(sets[0].mean() * sets[1].mean()))
    relative = np.sqrt(sum((each.std(ddof=1) / each.mean()) ** 2 / 400 for each in sets)) / 2
    assert half == pytest.approx(1.96 * relative * mean, rel=0.02)
    assert together(np.float64([0.0, 1.0]), geometric=True) == pytest.approx(1e-6)


def groups(rng: np.random.Generator, count: int = 7) -> Drawn:
    """200 tasks of a few groups, each of which has luck of its own, the mean of all being 0."""
    units = rng.integers(0, count, 200)
    return (rng.normal(size=count)[units] + rng.normal(size=200))[None, None], units[None]


def pairs(rng: np.random.Generator, count: int = 12) -> Drawn:
    """300 tasks of three of a dozen classes, each of which has luck of its own."""
    units = np.argsort(rng.random((count, 300)), axis=0)[:3]
    return (rng.normal(size=count)[units].sum(axis=0) + rng.normal(size=300))[None, None], units


def apart(rng: np.random.Generator, count: int = 5) -> Drawn:
    """100 tasks of the same five classes, asked class by class."""
    units = np.argsort(rng.random((count, 100)), axis=0)
    return (rng.normal(size=count)[units] + rng.normal(size=(count, 100)))[None], units


@pytest.mark.parametrize("draw", [groups, pairs, apart])
def test_of_a_hundred_intervals_ninety_five_hold_the_truth(draw: Callable[[np.random.Generator], Drawn]) -> None:
    """Those that take tasks for independent do not: of them (second figure) not half do."""
    rng, runs = np.random.default_rng(5), 600
    held = taken = 0
    for _ in range(runs):
        values, units = draw(rng)
        mean, half = jackknife([values], [units], [1.0])
        assert half is not None
        held += abs(mean) <= half
        taken += abs(mean) <= (mean_interval(values)[1] or 0.0)
    assert 0.92 <= held / runs <= 0.985
    assert taken / runs < 0.5


def episodes(rng: np.random.Generator) -> tuple[F64, I64, None]:
    """200 episodes of five of a hundred classes, whose own luck is little beside that of the episode."""
    units = np.argsort(rng.random((100, 200)), axis=0)[:5]
    return (0.1 * rng.normal(size=100)[units].mean(axis=0) + 0.15 * rng.normal(size=200))[None, None], units, None


def rows(rng: np.random.Generator) -> tuple[F64, I64, I64]:
    """200 tasks that ask about five of the fifteen rows of each of two of three classes, which are not equally hard."""
    kinds = np.argsort(rng.random((3, 200)), axis=0)[:2]
    of = np.argsort(rng.random((2, 15, 200)), axis=1)[:, :5]
    units, strata = (15 * kinds[:, None] + of).reshape(10, 200), np.repeat(kinds, 5, axis=0)
    hard = np.array([-0.2, 0.0, 0.2])[kinds].mean(axis=0)
    return (
        (0.2 * rng.normal(size=45)[units].mean(axis=0) + hard + 0.05 * rng.normal(size=200))[None, None],
        units,
        strata,
    )


@pytest.mark.parametrize("draw", [episodes, rows])
def test_tasks_that_share_units_have_intervals_as_wide_as_they_scatter(
    draw: Callable[[np.random.Generator], tuple[F64, I64, I64 | None]],
) -> None:
    """They hold the truth, 0, and are no wider than that takes: what leaves units out alone is wider by half."""
    rng, runs = np.random.default_rng(7), 400
    means, halves = np.empty(runs), np.empty(runs)
    for run in range(runs):
        values, units, strata = draw(rng)
        means[run], half = jackknife([values], [units], [1.0], strata=[strata])
        assert half is not None
        halves[run] = half
    assert np.mean(np.abs(means) <= halves) >= 0.93
    assert 0.95 < np.median(halves) / (1.96 * means.std()) < 1.35


def test_a_class_all_of_whose_rows_are_always_asked_about_leaves_rows_as_they_are() -> None:
    """Nothing would be left of it without one of them, so classes are left aside."""
    units, strata = np.array([[0, 0, 2, 3], [1, 1, 3, 4]]), np.array([[0, 0, 1, 1], [0, 0, 1, 1]])
    values = np.array([[[1.0, 2.0, 4.0, 6.0]]])
    assert jackknife([values], [units], [1.0], strata=[strata]) == jackknife([values], [units], [1.0])


def test_one_learner_needs_no_more_than_its_own_scores() -> None:
    """A contrast of one takes the same figure from a batch of learners as from itself alone."""
    rng = np.random.default_rng(6)
    values: Sequence[F64] = [rng.normal(size=(2, 1, 9))]
    members = [np.arange(9)[None]]
    assert jackknife(values, members, [1.0, 0.0]) == pytest.approx(jackknife([values[0][:1]], members, [1.0]))
