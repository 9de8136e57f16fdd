"""Sinusoid regression, and the sine that it is made of."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from evometa.tasks import open_family
from evometa.tasks.families.sinusoid import SinusoidTasks
from evometa.tasks.sine import sine
from tests.tasks.contract import check_contract, lane_bytes


@given(st.floats(-1e5, 1e5))
def test_sine_is_within_an_ulp_of_the_library(x: float) -> None:
    assert abs(float(sine(np.array([x]))[0]) - math.sin(x)) <= 4e-16


def test_contract() -> None:
    check_contract(open_family(SinusoidTasks(), 0))
    check_contract(open_family(SinusoidTasks(test_queries="random", shots=5, queries=3), 0))


def test_queries_of_test_are_a_grid_of_100_points_and_those_of_train_random() -> None:
    family = open_family(SinusoidTasks(), 0)
    assert family.queries == {"train": 10, "validation": 100, "test": 100}
    for split in ("validation", "test"):
        grid = family.sample(split, 3, np.random.default_rng(0)).query_x
        assert np.allclose(grid, np.linspace(-5, 5, 100)[:, None, None])
    assert len(np.unique(family.sample("train", 3, np.random.default_rng(0)).query_x)) == 30


def test_points_lie_on_one_sinusoid_of_the_published_ranges() -> None:
    tasks = open_family(SinusoidTasks(), 0).sample("train", 400, np.random.default_rng(0))
    amplitudes, phases = [], []
    for lane in range(400):
        x, y = (np.concatenate([s, q])[:, 0, lane].astype(float) for s, q in
                ((tasks.support_x, tasks.query_x), (tasks.support_y, tasks.query_y)))  # fmt: skip
        (a, b), residual, *_ = np.linalg.lstsq(np.stack([np.sin(x), -np.cos(x)], axis=1), y, rcond=None)
        assert residual[0] < 1e-9
        amplitudes.append(math.hypot(a, b))
        phases.append(math.atan2(b, a))
    assert 0.1 <= min(amplitudes) < 0.3
    assert 4.8 < max(amplitudes) <= 5.0 + 1e-6
    assert -1e-6 <= min(phases) < 0.1
    assert 3.0 < max(phases) <= math.pi + 1e-6
    assert -5 <= tasks.support_x.min() < -4.9
    assert 4.9 < tasks.support_x.max() <= 5


def test_no_task_is_in_two_splits() -> None:
    family = open_family(SinusoidTasks(test_queries="random"), 0)
    drawn = [lane_bytes(family.sample(s, 300, np.random.default_rng(9)).support_y) for s in family.splits]
    assert len(set.union(*drawn)) == 900


def test_shifts_lie_outside_of_what_is_drawn_and_more_examples_are_of_the_same_tasks() -> None:
    family, rng = open_family(SinusoidTasks(), 0), np.random.default_rng
    plain = family.sample("test", 60, rng(1))
    shifted = {name: one.sample("test", 60, rng(1)) for name, one in family.shifts().items()}
    large, late, fast = (shifted[name] for name in shifted)
    assert list(shifted) == ["amplitudes from 5 to 10", "phases from π to 2π", "frequencies from 0.8 to 1.2"]
    top = np.abs(large.query_y).max(axis=(0, 1))
    assert (top > 4.9).all()
    assert (top < 10.01).all()
    assert np.allclose(late.query_y, -plain.query_y, atol=1e-5)  # half a turn later
    assert np.array_equal(fast.query_x, plain.query_x)
    assert not np.allclose(fast.query_y, plain.query_y, atol=0.1)
    richer = family.richer(3)
    assert richer is not None
    more = richer.sample("test", 60, rng(1))
    assert len(more.support_x) == 3 * len(plain.support_x)
    assert np.array_equal(more.query_y, plain.query_y)  # on a grid, of the same amplitudes and phases
    assert family.sample("test", 60, rng(1)).query_y.tobytes() == plain.query_y.tobytes()
