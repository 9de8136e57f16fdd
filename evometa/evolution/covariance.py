"""An evolution strategy with a covariance matrix whose bits depend on no processor.

DEAP's leaves products and eigenvectors to BLAS and LAPACK, which choose their instructions by the processor: last bits,
and signs of eigenvectors, differed from one to the next, and with them all that came of a run.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from deap import cma
from numpy.typing import NDArray

from evometa.system.jit import njit

F64 = NDArray[np.float64]
LEAST = 1e-20  # share of the largest variance that is left in any direction
SWEEPS = 60  # of rotations; ten are enough for any matrix that was ever seen


class Strategy(cma.Strategy):  # type: ignore[misc]
    """CMA-ES (Hansen & Ostermeier 2001, Evolutionary Computation 9) with DEAP's parameters."""

    centroid: F64
    ps: F64
    pc: F64
    C: F64
    B: F64
    diagD: F64
    sigma: float

    def __init__(self, centroid: F64, sigma: float, rng: np.random.Generator, **known: Any) -> None:
        super().__init__(centroid, sigma, **known)
        self.rng = rng

    def generate(self, ind_init: Callable[[list[float]], Any]) -> list[Any]:
        """Draw points."""
        drawn = self.rng.standard_normal((self.lambda_, self.dim))
        return [ind_init(point) for point in (self.centroid + self.sigma * product(drawn, self.BD.T)).tolist()]

    def update(self, population: list[Any]) -> None:
        """Take up what points are worth, as DEAP's strategy does."""
        population.sort(key=lambda one: one.fitness, reverse=True)
        best, before = np.array(population[: self.mu]), self.centroid
        self.centroid = product(self.weights[None], best)[0]
        moved = (self.centroid - before) / self.sigma
        turned = product(self.B, product(self.B.T, moved[:, None]) / self.diagD[:, None])[:, 0]
        self.ps = (1 - self.cs) * self.ps + math.sqrt(self.cs * (2 - self.cs) * self.mueff) * turned
        self.update_count += 1
        length = math.sqrt(math.fsum(self.ps * self.ps)) / self.chiN
        usual = math.sqrt(1 - (1 - self.cs) ** (2 * self.update_count))
        short = float(length / usual < 1.4 + 2 / (self.dim + 1))
        self.pc = (1 - self.cc) * self.pc + short * math.sqrt(self.cc * (2 - self.cc) * self.mueff) * moved
        steps = (best - before) / self.sigma
        rest = 1 - self.ccov1 - self.ccovmu + (1 - short) * self.ccov1 * self.cc * (2 - self.cc)
        self.C = rest * self.C + self.ccov1 * self.pc[:, None] * self.pc
        self.C += self.ccovmu * product(self.weights * steps.T, steps)
        self.sigma *= math.exp((length - 1) * self.cs / self.damps)
        values, vectors = eigen(self.C.copy(), SWEEPS)
        order = np.argsort(values, kind="stable")
        self.diagD, self.B = np.sqrt(np.maximum(values[order], LEAST * values.max())), vectors[:, order]
        self.BD = self.B * self.diagD


def product(a: F64, b: F64) -> F64:
    """Return the product of two matrices, each sum added from its first term to its last."""
    return np.add.reduce(a[:, :, None] * b[None], axis=1)


@njit(cache=True)
def eigen(a: Any, sweeps: int) -> Any:
    """Return the eigenvalues f64[n] of a symmetric matrix f64[n, n], and its eigenvectors in columns f64[n, n].

    Jacobi's rotations, row after row, until none is needed (Golub & Van Loan 2013, section 8.5). `a` is overwritten.
    """
    n = len(a)
    vectors = np.eye(n)
    for _ in range(sweeps):
        turned = False
        for p in range(n - 1):
            for q in range(p + 1, n):
                if abs(a[p, q]) <= 1e-17 * math.sqrt(abs(a[p, p] * a[q, q])):
                    continue
                turned = True
                theta = (a[q, q] - a[p, p]) / (2.0 * a[p, q])
                tangent = 1.0 / (abs(theta) + math.sqrt(theta * theta + 1.0))
                if theta < 0.0:
                    tangent = -tangent
                cosine = 1.0 / math.sqrt(tangent * tangent + 1.0)
                sine = tangent * cosine
                for i in range(n):
                    first, second = a[i, p], a[i, q]
                    a[i, p], a[i, q] = cosine * first - sine * second, sine * first + cosine * second
                for i in range(n):
                    first, second = a[p, i], a[q, i]
                    a[p, i], a[q, i] = cosine * first - sine * second, sine * first + cosine * second
                    first, second = vectors[i, p], vectors[i, q]
                    vectors[i, p], vectors[i, q] = cosine * first - sine * second, sine * first + cosine * second
        if not turned:
            break
    return np.diag(a).copy(), vectors
