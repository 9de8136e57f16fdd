"""How the teams of a GPU block share one network's work: levels of nodes, synapses that leave a node, tiles.

Nodes of one level depend on none of each other, so that a block computes them at once; a barrier ends a level.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evometa.lifetime import FIXED, Graph
from evometa.lifetime.packing import Pool
from evometa.system.jit import njit

I32 = NDArray[np.int32]

TILE = 8  # synapses to one dispatched instruction; half of it where a tile is not longer than that


def levels_of(graph: Graph) -> I32:
    """Return each node's level, i32[N]: 0 for inputs and the constant, else one more than the highest it reads now.

    Recurrent synapses read the trial before, and so wait for nobody.
    """
    level = np.zeros(graph.nodes, np.int32)
    _raise_levels(graph.ptr, graph.src, graph.inputs + 1, level)
    return level


@njit(cache=True)
def _raise_levels(ptr: Any, src: Any, first: int, level: Any) -> None:
    """Write the levels of nodes first … N−1, one after another."""
    for node in range(first, len(level)):
        highest = 0
        for e in range(ptr[node], ptr[node + 1]):
            if src[e] < node:
                highest = max(highest, level[src[e]])
        level[node] = highest + 1


def schedule_of(graph: Graph) -> tuple[I32, I32]:
    """Return the nodes behind the constant by level, and where each level begins, i32[levels + 1]."""
    level = levels_of(graph)[graph.inputs + 1 :]
    order = np.argsort(level, kind="stable").astype(np.int32)
    begins = np.searchsorted(level[order], np.arange(1, level.max(initial=0) + 2)).astype(np.int32)
    return order + np.int32(graph.inputs + 1), begins


def onward_of(graph: Graph) -> tuple[I32, I32]:
    """Return the synapses through which errors flow back to each hidden node.

    `ends i32[N + 1]`: rows `ends[j]` to `ends[j + 1]` of `pairs i32[n, 2]` are (synapse, target) of node j, the last
    target first, which is the order of a backward sweep over all nodes.
    """
    target = graph.dst
    hidden = (graph.src > graph.inputs) & (graph.src < np.minimum(target, graph.nodes - graph.outputs))
    synapses = np.flatnonzero(hidden)
    source = graph.src[synapses]
    order = np.lexsort((synapses, -target[synapses], source))
    pairs = np.stack([synapses[order], target[synapses[order]]], axis=1).astype(np.int32)
    return np.searchsorted(source[order], np.arange(graph.nodes + 1)).astype(np.int32), pairs


def even_tiles(graph: Graph) -> I32:
    """Cut each node's synapses into tiles of nearly equal length, at most TILE: i32[n, 3] of (target, first, count).

    FIXED synapses are in none: no rule changes them.
    """
    plastic = np.flatnonzero(graph.traits & FIXED == 0)
    target = graph.dst[plastic]
    starts = np.flatnonzero((np.diff(plastic, prepend=-2) != 1) | (np.diff(target, prepend=-1) != 0))  # of runs
    length = np.diff(starts, append=len(plastic))
    pieces = -(-length // TILE)
    run = np.repeat(np.arange(len(starts)), pieces)
    number = np.arange(len(run)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    first, last = (length[run] * (number + k) // pieces[run] for k in (0, 1))
    return np.stack([target[starts[run]], plastic[starts[run]] + first, last - first], axis=1).astype(np.int32)


class Schedules:
    """The schedules of a batch's graphs as flat arrays, each graph once."""

    COLUMNS = ("SCHEDULE", "LEVELS", "LEVEL_COUNT", "ONWARD", "TILES", "TILE_COUNT")

    def __init__(self) -> None:
        self.schedule, self.onward, self.tiles = Pool(np.int32), Pool(np.int32), Pool(np.int32, 3)
        self.widest = 1  # nodes of one level, at most

    def add(self, graph: Graph) -> list[int]:
        """Append one graph; return its columns (COLUMNS): where its parts begin, and how many there are."""
        order, begins = schedule_of(graph)
        ends, pairs = onward_of(graph)
        tiles = even_tiles(graph)
        self.widest = max(self.widest, int(np.diff(begins).max(initial=1)))
        start = self.schedule.add(np.concatenate([order, begins]))
        return [
            start, start + len(order), len(begins) - 1,
            self.onward.add(np.concatenate([ends, pairs.reshape(-1)])),
            self.tiles.add(tiles), len(tiles),
        ]  # fmt: skip

    def arrays(self) -> dict[str, Any]:
        """Return the flat arrays by the names of the kernel's arguments."""
        return {"schedule": self.schedule.array(), "onward": self.onward.array(), "tiles": self.tiles.array()}
