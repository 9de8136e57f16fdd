"""The native vocabulary: fused multiply-add rounds once, bit functions have their stated bits."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.language import native
from tests.language.samples import SPECIAL, same_bits
from tests.properties import examples

ANY = st.floats(width=32)


def rounded(exact: Fraction) -> float:
    """Round a fraction to float32, ties to even; float32 numbers are k·2^e with e ≥ -149."""
    if exact == 0:
        return 0.0
    size = abs(exact)
    power = max(math.floor(math.log2(size.numerator) - math.log2(size.denominator)) - 24, -149)
    step = Fraction(2) ** power
    while size / step >= 2**24:
        step *= 2
    whole = round(size / step)
    result = whole * step
    return math.copysign(float("inf") if result >= Fraction(2) ** 128 else float(result), exact)


@given(ANY, ANY, ANY)
@examples(500)
def test_fmaf_rounds_once(x: float, y: float, z: float) -> None:
    found = native.fmaf(np.float32(x), np.float32(y), np.float32(z))
    assert type(found) is np.float32
    if not all(map(math.isfinite, (x, y, z))):
        with np.errstate(all="ignore"):
            expected = np.float32(np.float64(x) * np.float64(y) + np.float64(z))
        assert same_bits(found, expected)
        return
    exact = Fraction(x) * Fraction(y) + Fraction(z)
    if exact:
        assert same_bits(found, rounded(exact))
    else:
        assert same_bits(found, np.float64(x) * np.float64(y) + np.float64(z))


@given(st.floats(1, 2, width=32), st.floats(1, 2, width=32), st.integers(-200, 40))
@examples(500)
def test_fmaf_of_numbers_near_the_tie(x: float, y: float, power: int) -> None:
    z = np.float32(math.ldexp(1.0, max(power, -149)))
    exact = Fraction(x) * Fraction(y) + Fraction(float(z))
    assert same_bits(native.fmaf(np.float32(x), np.float32(y), z), rounded(exact))


def test_fmaf_is_not_multiply_then_add() -> None:
    x = np.float32(1 + 2**-12)
    assert native.fmaf(x, x, np.float32(-1 - 2**-11)) == np.float32(2**-24)
    assert x * x - np.float32(1 + 2**-11) == 0


def test_fmaf_works_elementwise() -> None:
    x = np.arange(12, dtype=np.float32).reshape(3, 4)
    found = native.fmaf(x, x, np.float32(1))
    assert found.dtype == np.float32
    assert np.array_equal(found, x * x + 1)


def test_exponent_and_mantissa_take_a_number_apart() -> None:
    x = np.array([1.1754944e-38, 1e-3, 1.0, 1.5, 2.0, 3.4028235e38], np.float32)
    assert np.array_equal(native.mantissa(x) * native.pow2(native.exponent(x)), x)
    assert np.all((native.mantissa(x) >= 1) & (native.mantissa(x) < 2))


@pytest.mark.parametrize("n", [-126, -1, 0, 1, 127])
def test_pow2(n: int) -> None:
    assert native.pow2(np.float32(n)) == np.float32(2.0**n)


def test_select_takes_the_second_for_nan_conditions() -> None:
    chosen = native.select(SPECIAL > 0, np.float32(1), SPECIAL)
    assert chosen.dtype == np.float32
    assert same_bits(chosen, np.where(SPECIAL > 0, np.float32(1), SPECIAL))
    assert type(native.select(np.bool_(True), np.float32(1), np.float32(2))) is np.float32
