"""Ridge regression on embeddings in plain NumPy; formulas and their order: evometa/lifetime/comparison.py.

Embeddings as compared `u f32[D, B, L]`, targets `t f32[A, B, L]`, weights of classes `v f32[D, A, L]`; what belongs to
examples and classes f32[B, A, L]. A name with `_bar` is an adjoint, with `_dot` the derivative along a direction.
"""

from __future__ import annotations

import numpy as np

from evometa.language.native import fmaf, select, sqrt
from evometa.spec.arrays import F32
from evometa.spec.comparisons import ROUNDING


class Ridge:
    """The linear map from embeddings to targets, f32[D, A, L] `v`, with the least squared error and λ·|v|²."""

    def __init__(self, u: F32, t: F32, penalty: np.float32) -> None:
        self.u = u
        self.factor(along(u, u), penalty)
        self.shares = self.solve(t.swapaxes(0, 1))
        self.v = across(u, self.shares)

    def factor(self, gram: F32, penalty: np.float32) -> None:
        """Set the Cholesky factor of `gram` + λ, below its diagonal, and the reciprocals of that, f32[B, L]."""
        rest, self.lower, self.inverse = gram.copy(), np.zeros_like(gram), np.empty(gram.shape[1:], np.float32)
        share = np.float32(ROUNDING) * np.float32(len(gram))
        for j in range(len(gram)):
            added = fmaf(share, gram[j, j], penalty)
            self.inverse[j] = np.float32(1) / sqrt(added + select(rest[j, j] < 0, np.float32(0), rest[j, j]))
            self.lower[j + 1 :, j] = column = rest[j + 1 :, j] * self.inverse[j]
            rest[j + 1 :, j + 1 :] = fmaf(-column[:, None], column[None], rest[j + 1 :, j + 1 :])

    def solve(self, given: F32) -> F32:
        """Return what gives `given`, f32[B, A, L], if multiplied by the matrix whose factor there is."""
        rest = given.copy()
        for i in range(len(rest)):
            rest[i] = rest[i] * self.inverse[i]
            rest[i + 1 :] = fmaf(-self.lower[i + 1 :, i, None], rest[i], rest[i + 1 :])
        for i in range(len(rest) - 1, -1, -1):
            rest[i] = rest[i] * self.inverse[i]
            rest[:i] = fmaf(-self.lower[i, :i, None], rest[i], rest[:i])
        return rest

    def way(self, u_dot: F32) -> F32:
        """Return v̇, and keep what `back_way` wants."""
        self.u_dot, part = u_dot, across(u_dot, self.shares)
        self.shares_dot = -self.solve(along(self.u, part, along(u_dot, self.v)))
        self.v_dot = across(self.u, self.shares_dot, part)
        return self.v_dot

    def back(self, v_bar: F32, u_bar: F32, penalty_bar: F32) -> tuple[F32, F32]:
        """Return ū and the adjoint of λ, f32[L], with what these weights add."""
        self.given = self.solve(along(self.u, v_bar))
        self.rest = across(self.u, -self.given, v_bar)
        for k in range(v_bar.shape[1]):
            u_bar = fmaf(self.rest[:, None, k], self.shares[None, :, k], u_bar)
            u_bar = fmaf(-self.v[:, None, k], self.given[None, :, k], u_bar)
        return u_bar, inner(-self.given, self.shares, penalty_bar)

    def back_way(self, v_bar_dot: F32, u_bar: F32, penalty_bar: F32) -> tuple[F32, F32]:
        """Return what `way` makes of what `back` has given, added to ū and to the adjoint of λ."""
        part = across(self.u_dot, -self.given, v_bar_dot)
        given_dot = self.solve(along(self.u, part, along(self.u_dot, self.rest)))
        rest_dot = across(self.u, -given_dot, part)
        for k in range(v_bar_dot.shape[1]):
            u_bar = fmaf(rest_dot[:, None, k], self.shares[None, :, k], u_bar)
            u_bar = fmaf(self.rest[:, None, k], self.shares_dot[None, :, k], u_bar)
            u_bar = fmaf(-self.v_dot[:, None, k], self.given[None, :, k], u_bar)
            u_bar = fmaf(-self.v[:, None, k], given_dot[None, :, k], u_bar)
        penalty_bar = inner(-given_dot, self.shares, penalty_bar)
        return u_bar, inner(-self.given, self.shares_dot, penalty_bar)


def across(u: F32, shares: F32, total: F32 | None = None) -> F32:
    """Return Σ_b u·shares, f32[D, A, L], added to a total."""
    found = np.zeros((len(u), *shares.shape[1:]), np.float32) if total is None else total
    for b in range(u.shape[1]):
        found = fmaf(u[:, b, None], shares[None, b], found)
    return found


def along(u: F32, v: F32, total: F32 | None = None) -> F32:
    """Return Σ_d u·v, f32[B, A, L], added to a total."""
    found = np.zeros((u.shape[1], *v.shape[1:]), np.float32) if total is None else total
    for own, other in zip(u, v, strict=True):
        found = fmaf(own[:, None], other[None], found)
    return found


def inner(a: F32, b: F32, total: F32) -> F32:
    """Return Σ_b Σ_k a·b, added to a total f32[L]."""
    for own, other in zip(a.reshape(-1, a.shape[-1]), b.reshape(-1, b.shape[-1]), strict=True):
        total = fmaf(own, other, total)
    return total
