"""What goes back through comparisons, in plain NumPy: of queries, and of the errors of an update, twice over.

Names and shapes as in reference_comparison.py; a name with `_dot` is the derivative along a way of what has it without.
The order of operations is that of the contract (evometa/lifetime/slopes.py, evometa/lifetime/comparison.py).
"""

from __future__ import annotations

import numpy as np

from evometa.language.native import fmaf
from evometa.lifetime.reference_comparison import HALF, Comparison, dot
from evometa.lifetime.reference_keys import members, of_class
from evometa.lifetime.reference_ridge import along
from evometa.spec.arrays import F32


class QueryAdjoint:
    """What goes back from queries that are compared with support examples: embeddings `e f32[D, S, L]`, targets `t`.

    `metric`: adjoints of the scale, of the norm and of the log of the penalty, f32[L].
    """

    def __init__(self, comparison: Comparison, e: F32, t: F32) -> None:
        self.comparison, self.e, self.t = comparison, e, t
        self.keys = comparison.keys(comparison.unit(e), t)
        self.keys_bar = np.zeros_like(self.keys.v)
        self.metric = np.zeros((3, e.shape[2]), np.float32)

    def query(self, e: F32, z_bar: F32) -> F32:
        """Return ē of queries f32[D, B, L], and add to the adjoints of all else."""
        u = self.comparison.unit(e)
        _, pairs = self.comparison.net_inputs(u, self.keys.v, self.t)
        bars = self.comparison.back(u, self.keys.v, self.t, pairs, z_bar, self.keys_bar, self.metric[0])
        u_bar, self.keys_bar, self.metric[0] = bars
        e_bar, self.metric[1] = self.comparison.unit_back(e, u_bar, self.metric[1])
        return e_bar

    def support(self) -> F32:
        """Return ē of the support examples, when all queries are done."""
        u_bar, penalty_bar = self.keys.back(self.keys_bar, np.zeros_like(self.e), self.metric[2])
        self.metric[2] = self.comparison.ridge_back(penalty_bar)
        e_bar, self.metric[1] = self.comparison.unit_back(self.e, u_bar, self.metric[1])
        return e_bar


class UpdateAdjoint:
    """What goes back from errors and from answers of examples `e f32[D, B, L]` that were compared with one another.

    `metric`: adjoints of the scale, of the norm and of the log of the penalty, f32[L].
    """

    def __init__(self, comparison: Comparison, e: F32, t: F32) -> None:
        self.comparison, self.e, self.t = comparison, e, t
        self.u = comparison.unit(e)
        self.keys = comparison.keys(self.u, t)
        self.pairs = comparison.net_inputs(self.u, self.keys.v, t)[1]
        self.metric = np.zeros((3, e.shape[2]), np.float32)
        self.nothing = np.zeros(e.shape[2], np.float32)

    def answers(self, z_bar: F32) -> F32:
        """Return ē of the adjoint of net inputs."""
        u_bar, self.metric[0], penalty_bar = self._compared(z_bar, self.metric[0])
        self.metric[2] = self.comparison.ridge_back(penalty_bar)
        e_bar, self.metric[1] = self.comparison.unit_back(self.e, u_bar, self.metric[1])
        return e_bar

    def way(self, e_dot: F32) -> F32:
        """Return ż f32[A, B, L], which is the adjoint of z̄, if `e_dot` is that of errors."""
        one = self.comparison
        self.e_dot = e_dot
        self.u_dot = one.unit_back(self.e, e_dot, self.nothing)[0]
        self.keys_dot = self.keys.way(self.u_dot)
        self.h_dot = np.zeros_like(self.pairs.h)
        if one.solves:
            self.h_dot = along(self.u, self.keys_dot, along(self.u_dot, self.keys.v))
        else:
            for own, key, own_dot, key_dot in zip(self.u, self.keys.v, self.u_dot, self.keys_dot, strict=True):
                apart = own_dot[:, None] - key_dot[None]
                self.h_dot = fmaf(own[:, None] - key[None], apart, self.h_dot)
        self.g_dot = self.h_dot * one.slope
        if self.pairs.share is None:
            self.z_dot = one.by_key(self.t, self.pairs, self.g_dot.swapaxes(0, 1)).swapaxes(0, 1)
            return self.z_dot
        self.z_dot = np.zeros((len(self.t), *self.e.shape[1:]), np.float32)
        for b, member in enumerate(members(self.t)):
            more = fmaf(self.pairs.share[:, b], self.g_dot[:, b], self.z_dot)
            self.z_dot = np.where(member, more, self.z_dot)
        return self.z_dot

    def errors(self, z_bar: F32) -> F32:
        """Return ē of the adjoint of errors that `way` was told of; `z_bar`: of which the errors are made."""
        one = self.comparison
        g_bar = one.by_key(self.t, self.pairs, z_bar)
        compared, *_ = self._compared(z_bar, self.nothing)
        u_bar, keys_bar = np.zeros_like(self.u), np.zeros_like(self.keys.v)
        if one.solves:
            for q in range(self.u.shape[1]):
                for m in range(self.keys.v.shape[1]):
                    a = g_bar[q, m] * one.slope
                    u_bar[:, q] = fmaf(a, self.keys_dot[:, m], u_bar[:, q])
                    keys_bar[:, m] = fmaf(a, self.u_dot[:, q], keys_bar[:, m])
                    self.metric[0] = fmaf(g_bar[q, m], self.h_dot[q, m], self.metric[0])
        else:
            self._apart(g_bar, u_bar, keys_bar)
        u_bar, penalty_bar = self.keys.back_way(keys_bar, u_bar, self.metric[2])
        self.metric[2] = one.ridge_back(penalty_bar)
        e_bar, self.metric[1] = one.unit_back(self.e, u_bar, self.metric[1])
        return self._bend(e_bar, compared)

    def _apart(self, g_bar: F32, u_bar: F32, keys_bar: F32) -> None:
        """Add to the adjoints of what was compared and of keys, and to that of the scale, by way of distances."""
        curve, double = None, self.comparison.slope
        if self.pairs.share is not None:
            own = np.stack([of_class(member, self.z_dot) for member in members(self.t)], axis=1)
            curve = g_bar * (self.g_dot - own)
        for q in range(self.u.shape[1]):
            for m in range(self.keys.v.shape[1]):
                apart_dot = self.u_dot[:, q] - self.keys_dot[:, m]
                u_bar[:, q] = fmaf(g_bar[q, m] * double, apart_dot, u_bar[:, q])
                keys_bar[:, m] = fmaf(-(g_bar[q, m] * double), apart_dot, keys_bar[:, m])
                if curve is not None:
                    apart = self.u[:, q] - self.keys.v[:, m]
                    u_bar[:, q] = fmaf(curve[q, m] * double, apart, u_bar[:, q])
                    keys_bar[:, m] = fmaf(-(curve[q, m] * double), apart, keys_bar[:, m])
                self.metric[0] = fmaf(g_bar[q, m], self.h_dot[q, m] * np.float32(-2), self.metric[0])
                if curve is not None:
                    self.metric[0] = fmaf(curve[q, m], -self.pairs.h[q, m], self.metric[0])

    def _compared(self, z_bar: F32, s_bar: F32) -> tuple[F32, F32, F32]:
        """Return ū, through keys as well, and the adjoints of the scale and of the penalty with what is added."""
        one, nothing = self.comparison, np.zeros_like(self.keys.v)
        u_bar, keys_bar, s_bar = one.back(self.u, self.keys.v, self.t, self.pairs, z_bar, nothing, s_bar)
        u_bar, penalty_bar = self.keys.back(keys_bar, u_bar, self.nothing)
        return u_bar, s_bar, penalty_bar

    def _bend(self, e_bar: F32, u_bar: F32) -> F32:
        """Add what errors made of ū get as lengths change."""
        one = self.comparison
        if one.plain:
            return e_bar
        n, _, held, log = one.lengths(self.e)
        a, b, c = dot(u_bar, self.e_dot), dot(self.e_dot, self.e), dot(u_bar, self.e)
        part, log = (b * c) / n, log * -HALF
        middle, share = a - (one.norm + np.float32(2)) * part, (-one.norm * held) / n
        for more in held * (log * (a - one.norm * part) - part):
            self.metric[1] = self.metric[1] + more
        return fmaf(share, fmaf(self.e, middle, fmaf(u_bar, b, self.e_dot * c)), e_bar)
