"""One tick of lives whose world lies outside, for all genomes and pieces of lanes: the parts of `kernel.act`."""

from __future__ import annotations

from typing import Any

from evometa.language.worlds.program import FIRST_NOISE
from evometa.lifetime.numba.acting import kernel
from evometa.lifetime.numba.acting import layout as w
from evometa.lifetime.numba.vector import LANES, address, addresses, at, load, number, store
from evometa.system.jit import njit


@njit(error_model="numpy", nogil=True, cache=True)
def begin(items: Any, packed: Any, stage: Any, width: int, arenas: Any, scratches: Any) -> None:
    """Begin the life of each item (genome, piece of lanes), in an arena and a scratch of its own."""
    for item in range(len(items)):
        kernel.begin(items[item, 0], items[item, 1], packed, stage, width, arenas[item], scratches[item])


@njit(error_model="numpy", nogil=True, cache=True)
def advance(items: Any, packed: Any, stage: Any, width: int, arenas: Any, scratches: Any, given: Any, tick: int,
            window: int, actions: Any, results: Any) -> None:  # fmt: skip
    """Finish the tick before by what the world has given, f32[item, R, width], and think in this one.

    `window`: the one that the tick before ends, -1 for none; `actions f32[G, L]`: what is chosen. Behind the last tick
    lives are judged.
    """
    b, s, ticks = addresses(packed), addresses(stage), stage.sizes[w.TICKS]
    late = stage.sizes[w.NEXT_TICK] > 0
    for item in range(len(items)):
        g, piece = items[item]
        m, arena, scratch = address(packed.genomes[g]), arenas[item], scratches[item]
        q, floats = address(scratch[kernel.Q]), address(arena)
        put_in(q, floats, address(given[item]), given.shape[1] * width, width)
        if tick > 0:
            kernel.after(s, q, arena, scratch, piece, tick - 1, width)
            if not late:
                kernel.adapt(b, s, m, g, arena, scratch, tick - 1, width)
        if window >= 0:
            first = piece * width
            kernel.report(q, floats, width, results.measures[:, g, window], results.status[g], first)
        if tick < ticks or late:
            kernel.think(b, s, m, arena, scratch, piece, tick, width)
            if late:
                kernel.adapt(b, s, m, g, arena, scratch, tick, width)
        for lane in range(width):
            actions[g, piece * width + lane] = number(floats, at(q, w.Q_ACTION) + lane)
        if tick == ticks:
            kernel.conclude_life(g, piece, packed, width, arena, scratch, results)


@njit(error_model="numpy", nogil=True, cache=True)
def put_in(q: Any, arena: Any, given: Any, count: int, width: int) -> None:
    """Put what the world has given into the rows of its states, behind its clock and the action."""
    begin = at(q, w.Q_WORLD) + FIRST_NOISE * width
    for i in range(0, count, LANES):
        store(arena, begin + i, load(given, i))
