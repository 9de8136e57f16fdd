"""The strategy with a covariance matrix is DEAP's, but for its bits, which depend on no processor."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from deap import cma
from hypothesis import given
from hypothesis import strategies as st

from evometa.evolution.covariance import SWEEPS, Strategy, eigen, product
from evometa.evolution.tuning import Point


def ended(points: list[list[float]]) -> list[Point]:
    """Return points with what they are worth."""
    made = [Point(point) for point in points]
    for point in made:
        point.fitness = -sum((i + 1) * value * value for i, value in enumerate(point))
    return made


@given(seed=st.integers(0, 10**6), size=st.integers(1, 12), spread=st.floats(0.0, 8.0))
def test_eigenvectors_are_lapacks(seed: int, size: int, spread: float) -> None:
    rng = np.random.default_rng(seed)
    turned, _ = np.linalg.qr(rng.standard_normal((size, size)))
    matrix = turned * 10.0 ** (spread * rng.random(size)) @ turned.T
    matrix = (matrix + matrix.T) / 2
    values, vectors = eigen(matrix.copy(), SWEEPS)
    scale = np.abs(matrix).max()
    np.testing.assert_allclose(np.sort(values), np.linalg.eigvalsh(matrix), atol=1e-12 * scale)
    np.testing.assert_allclose(vectors * values @ vectors.T, matrix, atol=1e-12 * scale)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(size), atol=1e-12)


@pytest.mark.parametrize("size", [1, 2, 5, 9])
def test_updates_are_deaps(size: int) -> None:
    ours, rng = Strategy(np.zeros(size), 0.5, np.random.default_rng(0)), np.random.default_rng(1)
    theirs = cma.Strategy(np.zeros(size), 0.5)
    for _ in range(20):
        points = (theirs.centroid + theirs.sigma * rng.standard_normal((theirs.lambda_, size)) @ theirs.BD.T).tolist()
        ours.update(ended(points))
        theirs.update(ended(points))
    for name in ("centroid", "sigma", "ps", "pc", "C", "diagD"):
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-6, atol=1e-12, err_msg=name)


def test_sums_are_added_in_order() -> None:
    a, b = np.array([[1e16, 1.0, -1e16]]), np.ones((3, 1))
    assert product(a, b) == 0.0  # 1e16 + 1 is 1e16


CODE = """
import numpy as np
from evometa import elementary
from evometa.evolution.covariance import Strategy
from tests.evolution.test_covariance import ended
own = Strategy(np.zeros(11), 0.5, np.random.default_rng(0))
for _ in range(25):
    own.update(ended(own.generate(list)))
x = np.random.default_rng(1).standard_normal(1000)
print(own.centroid.tobytes().hex(), elementary.exp(x).tobytes().hex(), elementary.log(np.abs(x)).tobytes().hex())
"""


def test_bits_do_not_depend_on_the_instructions_of_a_processor() -> None:
    told = set()
    for features in ({}, {"OPENBLAS_CORETYPE": "Prescott", "NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3 AVX512F"}):
        command = [sys.executable, "-W", "ignore", "-c", CODE]
        told.add(subprocess.run(command, env=os.environ | features, capture_output=True, text=True, check=True).stdout)
    assert len(told) == 1
    assert len(told.pop()) > 1000
