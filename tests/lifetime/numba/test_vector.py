"""The vector type has NumPy's bits: each operator and intrinsic on special values, at addresses of any alignment."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evometa.language import native
from evometa.lifetime.numba.vector import (
    LANES,
    F,
    address,
    at,
    exponent,
    fabs,
    fmaf,
    gather,
    lanes_of,
    load,
    mantissa,
    number,
    pow2,
    put,
    select,
    skip,
    sqrt,
    store,
)  # fmt: skip
from evometa.system.jit import njit
from tests.lifetime.test_parity import same_bits

MOST = np.finfo(np.float32).max
SPECIAL = np.array(
    [0.0, -0.0, 1e-45, -1e-45, 1.17549421e-38, 1.17549435e-38, -2.3e-38, 1.0, 1.0000001, -0.99999994, 0.1, 3.0, -7.7,
     16777217.0, 1.8e19, MOST, -MOST, np.inf, -np.inf, np.nan],
    np.float32,
)  # fmt: skip
ONE, ZERO = np.float32(1), np.float32(0)


def chosen(condition: Any) -> Any:
    return np.where(condition, ONE, ZERO)


# What `run_all` writes, row after row.
EXPECTED: dict[str, Callable[..., Any]] = {
    "x + y": lambda x, y, z: x + y,
    "x - y": lambda x, y, z: x - y,
    "x * y": lambda x, y, z: x * y,
    "x / y": lambda x, y, z: x / y,
    "-x": lambda x, y, z: -x,
    "x < y": lambda x, y, z: chosen(x < y),
    "x > y": lambda x, y, z: chosen(x > y),
    "x <= y": lambda x, y, z: chosen(x <= y),
    "x >= y": lambda x, y, z: chosen(x >= y),
    "x == y": lambda x, y, z: chosen(x == y),
    "x != y": lambda x, y, z: chosen(x != y),
    "select": lambda x, y, z: np.where(x < y, z, x),
    "sqrt": lambda x, y, z: np.sqrt(x),
    "fabs": lambda x, y, z: np.abs(x),
    "fmaf": native.fmaf,
    "x * y + z": lambda x, y, z: x * y + z,
}


@njit(error_model="numpy")
def run_all(x: Any, y: Any, z: Any, out: Any) -> None:
    """Write one row of `out f32[operations, P]` for each of EXPECTED, 16 points at a time."""
    rows, xs, ys, zs = address(out), address(x), address(y), address(z)
    n = len(x)
    for i in range(0, n, LANES):
        a, b, c = load(xs, i), load(ys, i), load(zs, i)
        store(rows, i, a + b)
        store(rows, n + i, a - b)
        store(rows, 2 * n + i, a * b)
        store(rows, 3 * n + i, a / b)
        store(rows, 4 * n + i, -a)
        store(rows, 5 * n + i, select(a < b, F(1.0), F(0.0)))
        store(rows, 6 * n + i, select(a > b, F(1.0), F(0.0)))
        store(rows, 7 * n + i, select(a <= b, F(1.0), F(0.0)))
        store(rows, 8 * n + i, select(a >= b, F(1.0), F(0.0)))
        store(rows, 9 * n + i, select(a == b, F(1.0), F(0.0)))
        store(rows, 10 * n + i, select(a != b, F(1.0), F(0.0)))
        store(rows, 11 * n + i, select(a < b, c, a))
        store(rows, 12 * n + i, sqrt(a))
        store(rows, 13 * n + i, fabs(a))
        store(rows, 14 * n + i, fmaf(a, b, c))
        store(rows, 15 * n + i, a * b + c)


@pytest.fixture(scope="module")
def results() -> tuple[np.ndarray, np.ndarray]:
    """All triples of SPECIAL, f32[3, P], and what the vector type makes of them, f32[operations, P]."""
    points = np.array(list(product(SPECIAL, repeat=3)), np.float32).T.copy()
    assert points.shape[1] % LANES == 0
    out = np.zeros((len(EXPECTED), points.shape[1]), np.float32)
    with np.errstate(all="ignore"):
        run_all(*points, out)
    return points, out


@pytest.mark.parametrize("row, name", list(enumerate(EXPECTED)))
def test_an_operation_has_numpy_s_bits(row: int, name: str, results: tuple[np.ndarray, np.ndarray]) -> None:
    points, out = results
    with np.errstate(all="ignore"):
        expected = np.asarray(EXPECTED[name](*points), np.float32)
    assert same_bits(out[row], expected)


def test_fused_and_apart_differ(results: tuple[np.ndarray, np.ndarray]) -> None:
    """Nothing was fused but what says so: else this test would see one and the same."""
    _, out = results
    names = list(EXPECTED)
    assert not same_bits(out[names.index("fmaf")], out[names.index("x * y + z")])


@njit(error_model="numpy")
def run_bits(powers: Any, numbers: Any, out: Any) -> None:
    """Write pow2 of `powers`, exponent and mantissa of `numbers`, f32[3, P]."""
    n = len(powers)
    rows, p, x = address(out), address(powers), address(numbers)
    for i in range(0, n, LANES):
        store(rows, i, pow2(load(p, i)))
        store(rows, n + i, exponent(load(x, i)))
        store(rows, 2 * n + i, mantissa(load(x, i)))


def test_bit_functions_take_numbers_apart() -> None:
    powers = np.arange(-126, 130, dtype=np.float32)
    powers[powers > 127] = 127
    rng = np.random.default_rng(3)
    numbers = np.ldexp(rng.uniform(1, 2, 256).astype(np.float32), rng.integers(-126, 127, 256)).astype(np.float32)
    numbers[:3] = np.finfo(np.float32).tiny, MOST, 1.0
    out = np.zeros((3, 256), np.float32)
    run_bits(powers, numbers, out)
    assert np.array_equal(out[0], np.ldexp(ONE, powers.astype(int)))
    fraction, power = np.frexp(numbers)
    assert np.array_equal(out[1], power - 1)
    assert np.array_equal(out[2], 2 * fraction)


@njit(error_model="numpy")
def move(source: Any, start: int, target: Any, end: int) -> None:
    """Copy 16 floats from anywhere to anywhere, by both ways to say where."""
    store(skip(address(target), end), 0, load(skip(address(source), 1), start - 1))


@pytest.mark.parametrize("start, end", [(1, 0), (3, 5), (7, 9), (16, 1), (33, 30)])
def test_any_address_is_read_and_written_and_nothing_beside_it(start: int, end: int) -> None:
    source, target = np.arange(64, dtype=np.float32), np.full(64, -1, np.float32)
    move(source, start, target, end)
    expected = np.full(64, -1, np.float32)
    expected[end : end + LANES] = source[start : start + LANES]
    assert np.array_equal(target, expected)


@njit(error_model="numpy")
def pick(source: Any, start: int, places: Any, step: int, out: Any) -> None:
    store(address(out), 0, gather(address(source), start, address(places), step))


@given(st.lists(st.integers(0, 5), min_size=LANES, max_size=LANES), st.integers(0, 9), st.sampled_from([16, 17, 40]))
def test_each_lane_gathers_its_own_place(places: list[int], start: int, step: int) -> None:
    source, out = np.arange(260, dtype=np.float32), np.zeros(LANES, np.float32)
    pick(source, start, np.array(places, np.int32), step, out)
    assert out.tolist() == [start + lane + place * step for lane, place in enumerate(places)]


@njit(error_model="numpy")
def read(array: Any, out: Any) -> None:
    """Copy integers of any type to int64 by `at` and `put`."""
    for i in range(len(out)):
        put(address(out), i, at(address(array), i))


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.int64])
def test_integers_of_every_width_keep_their_sign(dtype: Any) -> None:
    info = np.iinfo(dtype)
    numbers = np.array([info.min, info.max, 0, 1, info.max - 1, info.min // 2], dtype)
    out = np.zeros(6, np.int64)
    read(numbers, out)
    assert out.tolist() == numbers.tolist()


@njit(error_model="numpy")
def repeat(source: Any, index: int, out: Any) -> None:
    store(address(out), 0, F(number(address(source), index)))
    store(address(out), LANES, F(0.1))


def test_one_number_fills_all_lanes_rounded_to_float32() -> None:
    out = np.zeros(2 * LANES, np.float32)
    repeat(SPECIAL, 4, out)
    assert (out[:LANES] == SPECIAL[4]).all()
    assert (out[LANES:] == np.float32(0.1)).all()


@given(st.integers(0, 2**31))
def test_lanes_are_rounded_up_to_whole_vectors(count: int) -> None:
    found = lanes_of(count)
    assert found % LANES == 0
    assert 0 <= found - count < LANES
