"""What examples are compared with, in plain NumPy, and what goes back through it (names: reference_comparison.py)."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from evometa.language.native import fmaf, in_order, select
from evometa.spec.arrays import F32


class Keys(Protocol):
    """Keys `v f32[D, M, L]`, made of examples.

    A `way` is the derivative along a direction; what `back` and `back_way` return has what keys make of these examples
    and of the penalty of ridge regression added to it.
    """

    v: F32

    def way(self, u_dot: F32) -> F32:
        """Return v̇ along u̇."""
        ...

    def back(self, v_bar: F32, u_bar: F32, penalty_bar: F32) -> tuple[F32, F32]:
        """Return ū and the adjoint of the penalty, f32[L], with what v̄ adds."""
        ...

    def back_way(self, v_bar_dot: F32, u_bar: F32, penalty_bar: F32) -> tuple[F32, F32]:
        """Return the same with the derivative of what v̄ adds, where v̄ changes by `v_bar_dot`, and examples by u̇."""
        ...


class Examples:
    """A key for each example: itself."""

    def __init__(self, u: F32) -> None:
        self.v = u

    def way(self, u_dot: F32) -> F32:
        """Return v̇."""
        return u_dot

    def back(self, v_bar: F32, u_bar: F32, penalty_bar: F32) -> tuple[F32, F32]:
        """Return ū with what is added."""
        return u_bar + v_bar, penalty_bar

    back_way = back


class Means:
    """A key for each class: the mean of its examples."""

    def __init__(self, u: F32, t: F32) -> None:
        self.t, count = t, in_order(t.swapaxes(0, 1))
        self.shares = np.float32(1) / select(count < 1, np.float32(1), count)
        self.v = self.way(u)

    def way(self, u_dot: F32) -> F32:
        """Return v̇."""
        totals = np.zeros((len(u_dot), len(self.t), u_dot.shape[2]), np.float32)
        for b in range(u_dot.shape[1]):
            totals = fmaf(self.t[None, :, b], u_dot[:, None, b], totals)
        return totals * self.shares

    def back(self, v_bar: F32, u_bar: F32, penalty_bar: F32) -> tuple[F32, F32]:
        """Return ū with what is added."""
        for k in range(len(self.t)):
            u_bar = fmaf(self.t[k] * self.shares[k], v_bar[:, k, None], u_bar)
        return u_bar, penalty_bar

    back_way = back


def members(t: F32) -> list[NDArray[np.bool_]]:
    """Return of each example which class it is of, bool[A, 1, L]."""
    return [np.greater(t[:, b, None], 0) for b in range(t.shape[1])]


def of_class(member: NDArray[np.bool_], values: F32) -> F32:
    """Return the value f32[B, L] of an example's class, of f32[A, B, L]; 0 where it has none (member bool[A, 1, L])."""
    found = np.zeros(values.shape[1:], np.float32)
    for own, value in zip(member, values, strict=True):
        found = select(own, value, found)
    return found
