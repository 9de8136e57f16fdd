"""How far the formulas are from the functions they stand for, over a sample of all float32 in their range."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from evometa.language import generated_numpy as apply
from evometa.language.formulas import HELPERS
from tests.language.samples import SPECIAL, same_bits


def every(low: float, high: float, stride: int) -> np.ndarray:
    """Every `stride`-th float32 between two positive numbers."""
    ends = np.array([low, high], np.float32).view(np.uint32).astype(np.int64)
    return np.arange(ends[0], ends[1], stride).astype(np.uint32).view(np.float32)


def logistic(x: np.ndarray) -> np.ndarray:
    """The sigmoid in float64."""
    return 1 / (1 + np.exp(-x))


CASES: list[tuple[str, Callable[[np.ndarray], np.ndarray], float, float, float]] = [
    ("exp_f", np.exp, 1e-20, 87.0, 1.0),
    ("tanh_f", np.tanh, 1e-44, 20.0, 5.3),
    ("sigmoid_f", logistic, 1e-20, 87.0, 2.5),
    ("sin_f", np.sin, 1e-37, 100.0, 1.6),
    ("cos_f", np.cos, 1e-37, 100.0, 1.6),
]


@pytest.mark.parametrize(("name", "exact", "low", "high", "ulps"), CASES, ids=[c[0] for c in CASES])
def test_error_in_ulps(
    name: str, exact: Callable[[np.ndarray], np.ndarray], low: float, high: float, ulps: float
) -> None:
    size = every(low, high, 1499)
    x = np.concatenate([size, -size])
    truth = exact(x.astype(np.float64))
    unit = np.spacing(np.abs(truth).astype(np.float32)).astype(np.float64)
    error = np.abs(getattr(apply, name)(x) - truth) / unit
    assert error.max() <= ulps, f"{error.max()} ulp at {x[error.argmax()]}"
    assert f"within {ulps:g} ulp" in HELPERS[name].meaning


def test_logarithm() -> None:
    x = every(1.1754944e-38, 3.4e38, 2999)
    truth = np.log(x.astype(np.float64))
    error = np.abs(apply.log_f(x) - truth) / np.spacing(np.abs(truth).astype(np.float32))
    assert error.max() <= 1.0
    assert same_bits(apply.log_f(-x), apply.log_f(x))


@pytest.mark.parametrize("name", ["sin_f", "cos_f"])
def test_far_out_sines_stay_close(name: str) -> None:
    x = every(100.0, 32768.0, 499)
    truth = getattr(np, name.removesuffix("_f"))(x.astype(np.float64))
    assert np.abs(getattr(apply, name)(x) - truth).max() <= 5e-7


def test_tanh_is_odd_and_within_one() -> None:
    x = np.concatenate([every(1e-45, 3.4e38, 9999), SPECIAL])
    assert same_bits(apply.tanh_f(-x), -apply.tanh_f(x))
    finite = apply.tanh_f(x[~np.isnan(x)])
    assert 0.9999999 < np.abs(finite).max() <= 1.0


@pytest.mark.parametrize("name", HELPERS)
def test_nan_stays_nan(name: str) -> None:
    assert np.isnan(getattr(apply, name)(np.float32(np.nan)))


def test_bounds() -> None:
    inf, zero = np.float32(np.inf), np.float32(0)
    assert apply.exp_f(inf) == apply.exp_f(np.float32(88)) < inf
    assert apply.exp_f(-inf) == apply.exp_f(np.float32(-87)) > 0
    assert apply.log_f(zero) == apply.log_f(np.float32(1.1754944e-38)) == apply.log_f(np.float32(1e-45))
    assert apply.log_f(inf) == apply.log_f(-inf) == inf
    assert apply.sin_f(inf) == apply.sin_f(np.float32(32768))
