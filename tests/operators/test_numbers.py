"""Operators on arrays: bounds, scales, shares; strategy."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from operators.numbers import cxArithmetic, cxUniform, initNumbers, mutBounded, mutGaussian
from operators.strategy import initStrategy, mutStep


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("log", [False, True])
def test_first_numbers_are_even_on_their_scale(log: bool) -> None:
    drawn = initNumbers(40_000, 0.01, 100.0, generator(), log)
    assert drawn.dtype == np.float32
    assert 0.01 <= drawn.min() < drawn.max() <= 100
    middle = 1.0 if log else 50.0
    assert (drawn < middle).mean() == pytest.approx(0.5, abs=0.01)


@given(st.integers(0, 10**6), st.floats(1e-3, 100), st.booleans())
def test_bounded_numbers_keep_their_bounds(seed: int, sigma: float, log: bool) -> None:
    rng = generator(seed)
    values = initNumbers(8, 0.1, 0.3, rng, log)
    for _ in range(3):
        (values,) = mutBounded(values, sigma, 0.1, 0.3, rng, log)
        assert values.dtype == np.float32
        assert (values >= np.float32(0.1)).all()
        assert (values <= np.float32(0.3)).all()


def test_bounded_numbers_take_values_from_outside_in() -> None:
    (values,) = mutBounded(np.array([0.0, 5.0], np.float32), 0.01, 0.1, 1.0, generator(), log=True, indpb=1.0)
    assert 0.1 <= values[0] < 0.15
    assert 0.9 < values[1] <= 1.0


def test_a_step_is_a_share_of_the_range() -> None:
    start = np.full(20_000, 1.0, np.float32)
    (linear,) = mutBounded(start, 0.1, 0.0, 2.0, generator(), indpb=1.0)
    assert (linear - 1).std() == pytest.approx(0.2, rel=0.02)
    (log,) = mutBounded(start, 0.1, 0.01, 100.0, generator(), log=True, indpb=1.0)
    assert np.log(log).std() == pytest.approx(0.1 * np.log(1e4), rel=0.02)


def test_each_number_may_have_a_range_of_its_own() -> None:
    low, high, rng = np.array([0.8, 10.0]), np.array([0.999, 1000.0]), generator()
    values = initNumbers((2000, 2), low, high, rng, log=True)
    assert ((low <= values) & (values <= high)).all()
    moved, steps = values[0], []
    for _ in range(500):
        (new,) = mutBounded(moved, 0.1, low, high, rng, log=True)
        steps.append(np.log(new / moved) / np.log(high / low))
        moved = new
    assert np.quantile(np.abs(steps), 0.5, axis=0) == pytest.approx(0.0674, rel=0.2)  # of N(0, 0.1)
    same = initNumbers((3, 2), 0.1, 0.3, generator(), log=True)  # bounds for all are bounds of each, bit for bit
    assert (initNumbers((3, 2), np.full(2, 0.1), np.full(2, 0.3), generator(), log=True) == same).all()
    (one,), (each,) = (
        mutBounded(same[0], 0.1, *b, generator(), log=True) for b in ((0.1, 0.3), np.array([[0.1] * 2, [0.3] * 2]))
    )
    assert (one == each).all()


def test_bounded_numbers_do_not_pile_up_at_the_bounds() -> None:
    values = initNumbers(20_000, 0.0, 1.0, generator())
    (moved,) = mutBounded(values, 0.3, 0.0, 1.0, generator(1), indpb=1.0)
    assert np.histogram(moved, 10, (0, 1))[0].min() > 1500
    assert (moved == 1.0).mean() < 0.02


def test_gaussian_noise_has_its_unit_and_leaves_the_parent_alone() -> None:
    parent = np.ones(40_000, np.float32)
    unit = np.where(np.arange(40_000) < 20_000, 1.0, 10.0).astype(np.float32)
    (child,) = mutGaussian(parent, 0.1, unit, generator())
    assert child.dtype == np.float32
    assert (parent == 1).all()
    assert (child - 1)[:20_000].std() == pytest.approx(0.1, rel=0.02)
    assert (child - 1)[20_000:].std() == pytest.approx(1.0, rel=0.02)


def test_a_probability_of_each_touches_so_many_and_never_none() -> None:
    parent = np.zeros(10_000, np.float32)
    (child,) = mutGaussian(parent, 1.0, 1.0, generator(), indpb=0.1)
    assert (child != 0).mean() == pytest.approx(0.1, abs=0.01)
    few = np.full(4, 0.5, np.float32)
    for seed in range(20):
        assert (mutGaussian(few, 1.0, 1.0, generator(seed), indpb=0.0)[0] != few).sum() == 1
        assert (mutBounded(few, 0.1, 0.0, 1.0, generator(seed), indpb=0.0)[0] != few).sum() == 1


def test_nothing_to_vary_stays_nothing() -> None:
    nothing = np.zeros(0, np.float32)
    assert mutBounded(nothing, 0.1, 0.0, 1.0, generator())[0].shape == (0,)
    assert mutGaussian(nothing, 0.1, 1.0, generator(), indpb=0.5)[0].shape == (0,)


@given(st.integers(0, 10**6))
def test_uniform_crossover_exchanges_number_by_number(seed: int) -> None:
    one, other = np.arange(50, dtype=np.float32), -np.arange(50, dtype=np.float32)
    first, second = cxUniform(one, other, generator(seed))
    assert (np.abs(first) == one).all()
    assert (first == -second).all()
    assert 5 < (first > 0).sum() < 45


@given(st.integers(0, 10**6))
def test_arithmetic_crossover_stays_on_the_line(seed: int) -> None:
    one, other = np.array([0.0, 10.0], np.float32), np.array([1.0, 30.0], np.float32)
    first, second = cxArithmetic(one, other, generator(seed))
    assert first.dtype == np.float32
    assert 10 + 20 * first[0] == pytest.approx(first[1], rel=1e-5)
    assert (first + second) == pytest.approx([1.0, 40.0], rel=1e-5)


def test_a_step_varies_log_normally_within_its_bounds_alone() -> None:
    start = initStrategy(4, 0.1)
    random.seed(3)
    steps = np.array([mutStep(start, 2, 0.2, 1e-4, 1.0)[0] for _ in range(4000)])
    assert (start == np.float32(0.1)).all()
    assert (steps[:, [0, 1, 3]] == np.float32(0.1)).all()
    assert np.log(steps[:, 2] / 0.1).std() == pytest.approx(0.2, rel=0.05)
    assert np.log(steps[:, 2] / 0.1).mean() == pytest.approx(0.0, abs=0.02)
    wild = np.array([mutStep(start, 0, 9.0, 0.05, 0.2)[0][0] for _ in range(200)])
    assert wild.min() == np.float32(0.05)
    assert wild.max() == np.float32(0.2)


def test_a_rate_of_zero_leaves_the_steps_alone() -> None:
    start = initStrategy(4, 0.1)
    assert mutStep(start, 0, 0.0, 1e-4, 1.0)[0] is start
