"""What goes back through an access to a memory, in plain NumPy (formulas, order: evometa/lifetime/memory.py)."""

from __future__ import annotations

import numpy as np

from evometa.language.generated_nodes import SLOPE
from evometa.language.generated_numpy import log_f
from evometa.language.native import fmaf, select
from evometa.lifetime.memory import HELD, LEAST
from evometa.lifetime.reference_memory import State, Storage, before, behind, held
from evometa.spec.arrays import F32

ZERO = np.float32(0)


class AccessAdjoint:
    """What goes back through one access; `state`: the memory before it, `z f32[W + 5, L]`: what was said to it.

    `bars`: adjoints of the memory, by name, which are those of what the access has left, and after `back` those of what
    it met; `z_bar f32[W + 5, L]`; `numbers f32[2, L]`: adjoints of the focus and of the sharpness.
    """

    def __init__(self, storage: Storage, state: State, z: F32, bars: State) -> None:
        self.storage, self.state, self.bars = storage, state, bars
        self.wishes = storage.wishes(z)
        self.after, self.way = storage.access(state, z)
        self.z_bar, self.numbers = np.zeros_like(z), np.zeros((2, z.shape[1]), np.float32)

    def back(self) -> None:
        """Go through the parts of the access, from the last to the first."""
        a_bar, cells_bar = self._read()
        f_bar = self._shift(self._sharpened(a_bar))
        a_bar, cells_bar, v_bar = self._jump(f_bar, cells_bar)
        a_bar, cells_bar = self._written(a_bar, cells_bar, v_bar)
        self.bars = {**self.bars, "cells": cells_bar, "attention": a_bar}

    def _read(self) -> tuple[F32, F32]:
        a_bar, cells_bar, after = self.bars["attention"], self.bars["cells"], self.after
        for k, r_bar in enumerate(self.bars["read"]):
            a_bar = fmaf(r_bar, after["cells"][:, k], a_bar)
        return a_bar, fmaf(after["attention"][:, None], self.bars["read"][None], cells_bar)

    def _sharpened(self, a_bar: F32) -> F32:
        """Return p̄ f32[M, L]."""
        attention, least, gamma = self.after["attention"], held(self.way.p), self.storage.sharpness
        log, share = log_f(least), attention * (a_bar - sums(a_bar, attention))
        low, high = (np.float32(bound) for bound in HELD)
        x_bar = select(gamma * log < low, ZERO, select(gamma * log > high, ZERO, share))
        self.numbers[1] = sums(x_bar, log)
        p_bar: F32 = select(self.way.p < np.float32(LEAST), ZERO, (gamma * x_bar) / least)
        return p_bar

    def _shift(self, p_bar: F32) -> F32:
        """Return f̄ f32[M, L]."""
        s, f = self.wishes.shifts, self.way.f
        s_bar = np.stack([sums(p_bar, each) for each in (behind(f), f, before(f))])
        self.z_bar[-3:] = s * (s_bar - sums(s_bar, s))
        f_bar: F32 = fmaf(s[2], behind(p_bar), fmaf(s[1], p_bar, s[0] * before(p_bar)))
        return f_bar

    def _jump(self, f_bar: F32, cells_bar: F32) -> tuple[F32, F32, F32]:
        """Return ā f32[M, L], m̄ f32[M, W, L] and v̄ f32[W, L]."""
        (v, _, j, _), (_, d, c, *_), beta = self.wishes, self.way, self.storage.focus
        self.z_bar[-4] = SLOPE["sigmoid"](j, sums(f_bar, c - self.state["attention"]))
        c_bar = j * f_bar
        h_bar = c * (c_bar - sums(c_bar, c))
        self.numbers[0] = sums(h_bar, -d)
        b, apart = h_bar * (beta * np.float32(-2)), self.after["cells"] - v
        v_bar = np.stack([sums(-b, each) for each in apart.swapaxes(0, 1)])
        return f_bar - c_bar, fmaf(b[:, None], apart, cells_bar), v_bar

    def _written(self, a_bar: F32, cells_bar: F32, v_bar: F32) -> tuple[F32, F32]:
        """Return ā f32[M, L] and m̄ f32[M, W, L]."""
        (v, g, *_), u, a = self.wishes, self.way.u, self.state["attention"]
        u_bar = np.stack([sums(own, v - cell) for own, cell in zip(cells_bar, self.state["cells"], strict=True)])
        for share, own in zip(u, cells_bar, strict=True):
            v_bar = fmaf(share, own, v_bar)
        self.z_bar[: len(v)] = SLOPE["tanh"](v, v_bar)
        self.z_bar[len(v)] = SLOPE["sigmoid"](g, sums(u_bar, a))
        return fmaf(u_bar, g, a_bar), fmaf(-u[:, None], cells_bar, cells_bar)


def sums(x: F32, y: F32) -> F32:
    """Return the sum of products over the first axis, one after another."""
    total = np.zeros(x.shape[1:], np.float32)
    for own, other in zip(x, y, strict=True):
        total = fmaf(own, other, total)
    return total
