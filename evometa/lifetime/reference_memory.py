"""The memory of a life in plain NumPy: slow, obvious, and the judge (formulas, order: evometa/lifetime/memory.py)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from evometa.language.generated_numpy import exp_f, log_f, sigmoid_f, tanh_f
from evometa.language.native import fmaf, in_order, largest, select
from evometa.lifetime.memory import LEAST, Memory
from evometa.spec.arrays import F32

ONE = np.float32(1)


class Wishes(NamedTuple):
    """What a network says of its memory: `written f32[W, L]`, `share f32[L]`, `jump f32[L]`, `shifts f32[3, L]`."""

    written: F32
    share: F32
    jump: F32
    shifts: F32


class Access(NamedTuple):
    """What an access has made on its way, f32[M, L] each: see the contract."""

    u: F32
    d: F32
    c: F32
    f: F32
    p: F32
    q: F32


State = dict[str, F32]
"""`cells f32[M, W, L]`, `attention f32[M, L]`, and what was `read f32[W, L]`."""


def empty(memory: Memory, lanes: int) -> State:
    """Return a memory in which nothing is; no arrays for none."""
    slots, cells, *_ = memory
    if not cells:
        return {}
    attention = np.zeros((slots, lanes), np.float32)
    attention[0] = ONE
    return {
        "cells": np.zeros((slots, cells, lanes), np.float32), "attention": attention,
        "read": np.zeros((cells, lanes), np.float32),
    }  # fmt: skip


class Storage:
    """How a learner with these coefficients accesses its memory."""

    def __init__(self, memory: Memory, coefficients: F32) -> None:
        self.memory = memory
        self.focus = np.float32(memory.focus) if memory.focus_by < 0 else coefficients[memory.focus_by]
        sharpness, by = memory.sharpness, memory.sharpness_by
        self.sharpness = np.float32(sharpness) if by < 0 else coefficients[by]

    def wishes(self, z: F32) -> Wishes:
        """Return what activations f32[W + 5, L] say."""
        cells = self.memory.cells
        return Wishes(tanh_f(z[:cells]), sigmoid_f(z[cells]), sigmoid_f(z[cells + 1]), shares(z[cells + 2 :]))

    def access(self, state: State, z: F32) -> tuple[State, Access]:
        """Return what a memory becomes, and what was made on the way."""
        (v, g, j, s), a = self.wishes(z), state["attention"]
        u = a * g
        cells = fmaf(u[:, None], v - state["cells"], state["cells"])
        d = np.zeros_like(a)
        for k in range(len(v)):
            apart = cells[:, k] - v[k]
            d = fmaf(apart, apart, d)
        c = shares(d * -self.focus)
        f = fmaf(j, c - a, a)
        p = fmaf(s[2], before(f), fmaf(s[1], f, s[0] * behind(f)))
        q = exp_f(self.sharpness * log_f(held(p)))
        attention = q / in_order(q)
        read = np.zeros_like(v)
        for own, slot in zip(attention, cells, strict=True):
            read = fmaf(own, slot, read)
        return {"cells": cells, "attention": attention, "read": read}, Access(u, d, c, f, p, q)


def before(rows: F32) -> F32:
    """Return of each slot the row of the one before it, which of the first is the last."""
    return np.roll(rows, 1, axis=0)


def behind(rows: F32) -> F32:
    """Return of each slot the row of the one behind it."""
    return np.roll(rows, -1, axis=0)


def held(p: F32) -> F32:
    """Return attention, LEAST where it is less."""
    found: F32 = select(p < np.float32(LEAST), np.float32(LEAST), p)
    return found


def shares(z: F32) -> F32:
    """Return the softmax over the first axis."""
    e = exp_f(z - largest(z))
    found: F32 = e / in_order(e)
    return found
