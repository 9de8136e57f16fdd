"""How the teams of a GPU block share one network's work: levels of nodes, synapses that leave a node, tiles.

Nodes of one level depend on none of each other, so that a block computes them at once; a barrier ends a level.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from evometa.lifetime import FIXED, Graph
from evometa.lifetime.flow import write_onward
from evometa.lifetime.graphs import Graphs
from evometa.spec import GRU
from evometa.spec.arrays import I32
from evometa.system.jit import njit

TILE = 8  # synapses to one dispatched instruction; half of it where a tile is not longer than that


def levels_of(graph: Graph) -> I32:
    """Return each node's level, i32[N]: 0 for inputs and the constant, else one more than the highest it reads now.

    A GRU reads the two nodes before it.
    Recurrent synapses read the trial before, and so wait for nobody.
    """
    level = np.zeros(graph.nodes, np.int32)
    _levels(graph.ptr, graph.src, graph.activation, graph.inputs + 1, level)
    return level


@njit(cache=True)
def _levels(ptr: Any, src: Any, activation: Any, first: int, level: Any) -> None:
    """Write the levels of nodes first … N−1, one after another."""
    level[:] = 0
    for node in range(first, len(level)):
        highest = max(level[node - 1], level[node - 2]) if activation[node] == GRU else 0
        for e in range(ptr[node], ptr[node + 1]):
            if src[e] < node:
                highest = max(highest, level[src[e]])
        level[node] = highest + 1


class Schedules:
    """The schedules of a batch's graphs as flat arrays; `columns i64[T, 6]`: where each graph's parts begin (COLUMNS).

    `schedule`: the nodes behind the constant by level, then where each level begins. `onward`: `ends i32[N + 1]`, then
    `pairs i32[n, 2]`; pairs `ends[j]` to `ends[j + 1]` are the (synapse, target) through which errors flow back to
    hidden node j, the last target first, which is the order of a backward sweep over all nodes. `tiles i32[n, 3]`:
    (target, first, count) of a node's synapses that learn, cut into nearly equal lengths of at most TILE.
    """

    COLUMNS = ("SCHEDULE", "LEVELS", "LEVEL_COUNT", "ONWARD", "TILES", "TILE_COUNT")

    def __init__(self, graphs: Sequence[Graph]) -> None:
        every = Graphs.of(graphs)
        nodes, synapses = int(every.node_begins[-1]), int(every.begins[-1])
        self.columns = np.zeros((len(every), len(self.COLUMNS)), np.int64)
        self.schedule = np.zeros(2 * nodes + len(every) + 1, np.int32)
        self.onward = np.zeros(nodes + len(every) + 2 * synapses + 1, np.int32)
        self.tiles = np.zeros((synapses + 1, 3), np.int32)
        room = np.zeros((2, int(every.nodes.max(initial=0)) + 2), np.int32)
        tops = np.zeros(4, np.int64)
        _schedule(every.inputs, every.outputs, every.begins, every.node_begins, every.ptr, every.src, every.activation,
                  every.traits, self.columns, self.schedule, self.onward, self.tiles, room, tops)  # fmt: skip
        self.widest = max(1, int(tops[3]))  # nodes of one level, at most

    def arrays(self) -> dict[str, Any]:
        """Return the flat arrays by the names of the kernel's arguments."""
        return {"schedule": self.schedule, "onward": self.onward, "tiles": self.tiles}


@njit(cache=True)
def _schedule(inputs: Any, outputs: Any, begins: Any, node_begins: Any, ptrs: Any, srcs: Any, activations: Any,
              traits: Any, columns: Any, schedule: Any, onward: Any, tiles: Any, room: Any,
              tops: Any) -> None:  # fmt: skip
    """Write the schedules of graphs; `tops`: how long each array is by then, and the widest level."""
    for t in range(len(inputs)):
        node, count, first = node_begins[t], node_begins[t + 1] - node_begins[t], begins[t]
        ptr, src = ptrs[node + t : node + t + count + 1], srcs[first : begins[t + 1]]
        level, begin = room[0, :count], inputs[t] + 1
        _levels(ptr, src, activations[node : node + count], begin, level)
        columns[t, 0], columns[t, 1] = tops[0], tops[0] + count - begin
        columns[t, 2] = _by_level(level, begin, schedule[tops[0] :], room[1], tops)
        tops[0] += count - begin + columns[t, 2] + 1
        columns[t, 3] = tops[1]
        tops[1] += write_onward(ptr, src, begin, count - outputs[t], onward[tops[1] :], room[1, : count + 1])
        columns[t, 4] = tops[2]
        columns[t, 5] = _even_tiles(ptr, traits[first:], begin, tiles[tops[2] :])
        tops[2] += columns[t, 5]


@njit(cache=True)
def _by_level(level: Any, first: int, into: Any, place: Any, tops: Any) -> int:
    """Write the nodes from `first` on by level, and where each level begins; return the number of levels."""
    count, levels = len(level) - first, level.max()
    begins = into[count : count + levels + 1]
    begins[:] = 0
    for node in range(first, len(level)):
        begins[level[node]] += 1
    for number in range(1, levels + 1):
        tops[3] = max(tops[3], begins[number])
        begins[number] += begins[number - 1]
        place[number] = begins[number - 1]
    for node in range(first, len(level)):
        into[place[level[node]]] = node
        place[level[node]] += 1
    return levels


@njit(cache=True)
def _even_tiles(ptr: Any, traits: Any, first: int, into: Any) -> int:
    """Cut each stretch of a node's synapses that learn into tiles; return their number."""
    top = 0
    for node in range(first, len(ptr) - 1):
        low, end = ptr[node], ptr[node + 1]
        while low < end:
            high = low
            while high < end and not traits[high] & FIXED:
                high += 1
            pieces = (high - low + TILE - 1) // TILE
            least, rest = divmod(high - low, max(pieces, 1))
            owed = 0
            for _ in range(pieces):
                owed += rest  # so that the i-th tile begins at i / pieces of the stretch, rounded down
                count = least + (owed >= pieces)
                owed -= pieces * (owed >= pieces)
                into[top, 0], into[top, 1], into[top, 2] = node, low, count
                low += count
                top += 1
            low = high + 1
    return top
