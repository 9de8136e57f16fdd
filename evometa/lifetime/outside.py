"""Worlds that lie outside: what they give is put into the rows of a world without equations, tick by tick."""

from __future__ import annotations

import numpy as np

from evometa.language.worlds.program import FIRST_NOISE, WorldProgram
from evometa.lifetime import NONE
from evometa.spec.arrays import F32, I32


def outside(inputs: int, actions: int, ticks: int, ids: int = 0, *, afterstates: bool = False) -> WorldProgram:
    """Return a world whose states are what another one gives: `given_rows` says in which order.

    Numbers of states below `ids`, where there are such. `afterstates`: `inputs` are seen of each action in turn.
    """
    shown = inputs * actions if afterstates else inputs
    nothing, states = np.zeros(0, np.int32), shown + actions + (ids > 0) + 3
    rows: I32 = np.arange(FIRST_NOISE, FIRST_NOISE + states, dtype=np.int32)
    reward, done, over = rows[-3:]
    zero = FIRST_NOISE + states  # the register of the only constant
    return WorldProgram(
        np.zeros((0, 5), np.int32), 0, 0, np.zeros(1, np.float32), 0, 0, noise=0, states=states, parameters=0,
        actions=actions, ticks=ticks, ids=ids, observe=rows[:shown], legal=rows[shown : shown + actions],
        id=int(rows[shown + actions]) if ids else NONE,
        step=np.array([reward, reward, zero, zero, done, over], np.int32), after=rows, born=rows,
        tables=np.zeros(0, np.float32), lengths=nothing, afterstates=afterstates,
    )  # fmt: skip


def given_rows(world: WorldProgram, x: F32, reward: F32, ended: F32, cut: F32, legal: F32 | None, ids: F32 | None
               ) -> F32:  # fmt: skip
    """Return the rows f32[R, …] of `outside` for x f32[I, …], the rest f32[…], legal f32[A, …] (None: everything).

    With afterstates x is f32[A·I, …].
    """
    over = (np.asarray(ended) > 0) | (np.asarray(cut) > 0)
    allowed = np.ones((world.actions, *x.shape[1:]), np.float32) if legal is None else legal
    number = [] if world.id == NONE else [np.zeros_like(x[0]) if ids is None else ids]
    with np.errstate(over="ignore"):  # what float32 cannot hold is infinite, and a fault of that world
        rows = [np.asarray(row, np.float32)[None] for row in (*number, reward, ended, over)]
        return np.concatenate([np.asarray(x, np.float32), np.asarray(allowed, np.float32), *rows])
