"""Elementary functions are the C library's."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evometa import elementary


def test_they_are_what_they_are_called() -> None:
    x = np.random.default_rng(0).standard_normal((3, 4))
    for mine, numpys in (
        (elementary.exp(x), np.exp(x)),
        (elementary.log(np.abs(x)), np.log(np.abs(x))),
        (elementary.power(3.0, x), 3.0**x),
    ):
        assert mine.shape == x.shape
        np.testing.assert_allclose(mine, numpys, rtol=1e-14)
    assert elementary.exp(1.0) == math.e
    assert elementary.log(math.inf) == math.inf


@pytest.mark.parametrize("large", [710.0, 1e300, math.inf])
def test_a_large_power_stays_a_number(large: float) -> None:
    assert elementary.exp(large) == math.exp(elementary.MOST) < math.inf


def test_what_is_not_a_number_stays_none() -> None:
    assert math.isnan(elementary.log(math.nan))
    assert math.isnan(elementary.exp(math.nan))
