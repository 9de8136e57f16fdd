"""Comparisons in plain NumPy: slow, obvious, and the judge; formulas and their order: evometa/lifetime/comparison.py.

Of one learner: embeddings `e`, as compared `u`, f32[D, B, L]; targets `t f32[A, B, L]`; keys `v f32[D, M, L]`; whatever
is of pairs f32[B, M, L]. A name with `_bar` is the adjoint of what has it without.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from evometa.language.generated_numpy import exp_f, log_f
from evometa.language.native import fmaf, in_order, select
from evometa.lifetime.comparison import Metric
from evometa.lifetime.reference_keys import Examples, Keys, Means, members, of_class
from evometa.lifetime.reference_ridge import Ridge
from evometa.spec.arrays import F32
from evometa.spec.comparisons import ABSENT, COMPARISONS, EPSILON

ZERO, ONE, HALF = np.float32(0), np.float32(1), np.float32(0.5)
LEAST, MOST = np.float32(-87), np.float32(88)  # where exp_f is held


class Pairs(NamedTuple):
    """What a comparison has of each example and key: distance or product `h`; of matching, the `share` in its class."""

    h: F32
    share: F32 | None


class Comparison:
    """How a learner with these coefficients compares, by a row of COMPARISONS."""

    def __init__(self, name: str, metric: Metric, coefficients: F32) -> None:
        self.by_class, self.solves = COMPARISONS[name].keys == "class", COMPARISONS[name].solves
        self.plain = metric.plain
        self.scale = np.float32(metric.scale) if metric.scale_by < 0 else coefficients[metric.scale_by]
        self.norm = np.float32(metric.norm) if metric.norm_by < 0 else coefficients[metric.norm_by]
        self.log_ridge = np.float32(metric.log_ridge) if metric.ridge_by < 0 else coefficients[metric.ridge_by]
        self.slope = self.scale if self.solves else self.scale * np.float32(-2)  # of what is added to net inputs

    @property
    def penalty(self) -> np.float32:
        """The penalty λ of ridge regression."""
        penalty: np.float32 = exp_f(self.log_ridge)
        return penalty

    @property
    def sums(self) -> bool:
        """Whether of each class the sum of its examples says all that others are compared with."""
        return self.by_class and not self.solves

    @property
    def numbers(self) -> dict[str, np.float32]:
        """The numbers that it goes by, by name."""
        found = {"scale": self.scale, "norm": self.norm}
        return found | ({"log_ridge": self.log_ridge} if self.solves else {})

    def unit(self, e: F32) -> F32:
        """Return embeddings as they are compared."""
        return e if self.plain else e * exp_f(self._exponent(self._length(e)))

    def keys(self, u: F32, t: F32) -> Keys:
        """Return what others are compared with, made of examples."""
        if self.solves:
            return Ridge(u, t, self.penalty)
        return Means(u, t) if self.by_class else Examples(u)

    def net_inputs(self, u: F32, v: F32, t: F32) -> tuple[F32, Pairs]:
        """Return z f32[A, B, L] of examples; `t`: of those that the keys are made of."""
        h = np.zeros((u.shape[1], *v.shape[1:]), np.float32)
        for own, key in zip(u, v, strict=True):
            apart = own[:, None] - key[None]
            h = fmaf(own[:, None], key[None], h) if self.solves else fmaf(apart, apart, h)
        g, count = h * (self.scale if self.solves else -self.scale), in_order(t.swapaxes(0, 1))
        if self.by_class:
            return select(count[:, None] > 0, g.swapaxes(0, 1), np.float32(ABSENT)), Pairs(h, None)
        of = members(t)
        top = np.full((len(t), len(u[0]), u.shape[2]), ABSENT, np.float32)
        for b, member in enumerate(of):
            top = select(member & (g[:, b] > top), g[:, b], top)
        p, total = np.empty_like(g), np.zeros_like(top)
        for b, member in enumerate(of):
            p[:, b] = exp_f(g[:, b] - of_class(member, top))
            total = select(member, total + p[:, b], total)
        z = select(count[:, None] > 0, top + log_f(total), np.float32(ABSENT))
        share = np.stack([p[:, b] / of_class(member, total) for b, member in enumerate(of)], axis=1)
        return z, Pairs(h, share)

    def back(self, u: F32, v: F32, t: F32, pairs: Pairs, z_bar: F32, v_bar: F32, s_bar: F32) -> tuple[F32, F32, F32]:
        """Return ū, and v̄ and the adjoint of the scale, f32[L], with what these examples add; `t` as above."""
        g_bar = self.by_key(t, pairs, z_bar)
        a = g_bar * self.slope
        u_bar, v_bar = np.zeros_like(u), v_bar.copy()
        for d in range(len(u)):
            apart = u[d][:, None] - v[d][None]
            for m in range(v.shape[1]):
                u_bar[d] = fmaf(a[:, m], v[d, m] if self.solves else apart[:, m], u_bar[d])
            for q in range(u.shape[1]):
                v_bar[d] = fmaf(a[q], u[d, q], v_bar[d]) if self.solves else fmaf(-a[q], apart[q], v_bar[d])
        for q in range(u.shape[1]):
            for m in range(v.shape[1]):
                s_bar = fmaf(g_bar[q, m], pairs.h[q, m] if self.solves else -pairs.h[q, m], s_bar)
        return u_bar, v_bar, s_bar

    def by_key(self, t: F32, pairs: Pairs, z_bar: F32) -> F32:
        """Return ḡ f32[B, M, L] of z̄ f32[A, B, L]."""
        if pairs.share is None:
            return select(in_order(t.swapaxes(0, 1))[:, None] > 0, z_bar, ZERO).swapaxes(0, 1)
        of = members(t)
        own = np.stack([of_class(member, z_bar) for member in of], axis=1)
        return select(np.stack([member.any(axis=0) for member in of], axis=1), own * pairs.share, ZERO)

    def unit_back(self, e: F32, u_bar: F32, norm_bar: F32) -> tuple[F32, F32]:
        """Return ē, and the adjoint of the norm, f32[L], with what these examples add."""
        if self.plain:
            return u_bar, norm_bar
        n, f, held, log = self.lengths(e)
        phi = dot(u_bar, e)
        for own in phi * held * (log * -HALF):
            norm_bar = norm_bar + own
        return fmaf((-self.norm * phi * held) / n, e, f * u_bar), norm_bar

    def errors(self, e: F32, t: F32, z_bar: F32) -> F32:
        """Return ē of examples that are compared with one another, f32[D, B, L]."""
        u, nothing = self.unit(e), np.zeros(e.shape[2], np.float32)
        keys = self.keys(u, t)
        _, pairs = self.net_inputs(u, keys.v, t)
        u_bar, v_bar, _ = self.back(u, keys.v, t, pairs, z_bar, np.zeros_like(keys.v), nothing)
        return self.unit_back(e, keys.back(v_bar, u_bar, nothing)[0], nothing)[0]

    def ridge_back(self, penalty_bar: F32) -> F32:
        """Return the adjoint of the log of λ, f32[L], of that of λ."""
        x = self.log_ridge
        return penalty_bar * select(x < LEAST, ZERO, select(x > MOST, ZERO, exp_f(x)))

    def lengths(self, e: F32) -> tuple[F32, F32, F32, F32]:
        """Return n, f, f' and log n of embeddings, f32[B, L]."""
        n = self._length(e)
        x = self._exponent(n)
        f = exp_f(x)
        return n, f, select(x < LEAST, ZERO, select(x > MOST, ZERO, f)), log_f(n)

    def _length(self, e: F32) -> F32:
        """Return the squares of lengths, f32[B, L]."""
        n = np.full(e.shape[1:], EPSILON, np.float32)
        for row in e:
            n = fmaf(row, row, n)
        return n

    def _exponent(self, n: F32) -> F32:
        return (self.norm * -HALF) * log_f(n)


def dot(a: F32, b: F32) -> F32:
    """Return Σ_d a·b, f32[B, L]."""
    total = np.zeros(a.shape[1:], np.float32)
    for own, other in zip(a, b, strict=True):
        total = fmaf(own, other, total)
    return total
