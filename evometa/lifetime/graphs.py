"""The networks of a batch as flat arrays: a sequence of `Graph`s, their keys, and how kernels take them.

Axis letters as in the contract, T graphs; behind one another lie the nodes and synapses of the first graph, the
second, …. What is made of them is made for all graphs in one compiled call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, NamedTuple, overload

import numpy as np

from evometa.lifetime.columns import LONGEST, NODES
from evometa.lifetime.flow import flow_of
from evometa.lifetime.graph import FIXED, GOLDEN, SILENT, Graph, first_half, second_half
from evometa.lifetime.lanes import as_taken
from evometa.lifetime.ragged import gathered
from evometa.spec import GRU
from evometa.spec.arrays import I32, I64, U8, arrays_of
from evometa.system.jit import njit

SCATTERED = -1  # a tile whose sources are not consecutive nodes
SHORT = 4  # runs of consecutive sources that are shorter in the mean are not worth a tile each


@dataclass(frozen=True, eq=False)
class Graphs(Sequence[Graph]):
    """T graphs, a sequence of views.

    Synapses of graph t are `begins[t]` to `begins[t + 1]`, nodes `node_begins[t]` to the next; `ptr` has one more for
    each graph before.
    """

    inputs: Annotated[I64, "T"]
    outputs: Annotated[I64, "T"]
    begins: Annotated[I64, "T+1"]
    node_begins: Annotated[I64, "T+1"]
    ptr: Annotated[I32, "*"]
    src: Annotated[I32, "*"]
    activation: Annotated[U8, "*"]
    group: Annotated[I32, "*"]
    traits: Annotated[U8, "*"]

    def __len__(self) -> int:
        return len(self.inputs)

    @overload
    def __getitem__(self, row: int) -> Graph: ...
    @overload
    def __getitem__(self, row: slice) -> Graphs: ...
    def __getitem__(self, row: int | slice) -> Graph | Graphs:
        if isinstance(row, slice):
            return self.take(np.arange(len(self))[row])
        t = range(len(self))[row]
        (first, last), (node, end) = self.begins[t : t + 2], self.node_begins[t : t + 2]
        return Graph(
            int(self.inputs[t]), int(self.outputs[t]), self.ptr[node + t : end + t + 1], self.src[first:last],
            self.activation[node:end], self.group[first:last], self.traits[first:last],
        )  # fmt: skip

    @classmethod
    def of(cls, graphs: Sequence[Graph]) -> Graphs:
        """Return graphs as flat arrays."""
        if isinstance(graphs, Graphs):
            return graphs
        sizes = np.array([(g.inputs, g.outputs, len(g.src), g.nodes) for g in graphs], np.int64).reshape(-1, 4)
        ends = np.concatenate([np.zeros((1, 2), np.int64), np.cumsum(sizes[:, 2:], axis=0)])
        arrays = [
            np.concatenate([getattr(g, name) for g in graphs] or [np.zeros(0, row.dtype)])
            for name, row in arrays_of(Graph).items()
        ]
        # contiguous: of other arrays, all that is compiled for graphs would be compiled once more
        return cls(*np.ascontiguousarray(sizes[:, :2].T), *np.ascontiguousarray(ends.T), *arrays)

    def take(self, rows: I64) -> Graphs:
        """Return the graphs at some rows, in that order; rows may repeat."""
        if len(rows) == len(self) and (rows == np.arange(len(self))).all():
            return self
        begins, synapses = gathered(self.begins, rows)
        node_begins, nodes = gathered(self.node_begins, rows)
        _, ends = gathered(self.node_begins + np.arange(len(self.node_begins)), rows)
        return Graphs(
            self.inputs[rows], self.outputs[rows], begins, node_begins, self.ptr[ends], self.src[synapses],
            self.activation[nodes], self.group[synapses], self.traits[synapses],
        )  # fmt: skip

    @property
    def nodes(self) -> I64:
        """Number of nodes of each graph, i64[T]."""
        return np.diff(self.node_begins)

    @property
    def synapses(self) -> I64:
        """Number of synapses of each graph, i64[T]."""
        return np.diff(self.begins)

    @cached_property
    def keys(self) -> list[bytes]:
        """The key of each graph (`Graph.key`)."""
        words = np.zeros((len(self), 2), np.uint64)
        _digest(*self._arrays, words)
        return words.view("V16").ravel().tolist() if len(words) else []

    @property
    def _arrays(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in arrays_of(Graphs))


class Walks(NamedTuple):
    """Kernel forms of graphs (none of the arrays empty), and the columns NODES to LONGEST of each.

    `src`: a recurrent synapse reads the rows of the previous trial, which lie behind this trial's N.
    `spans`, `onward`: see flow.py.
    `tiles i32[n, 4]`: target, first synapse, count, first source or SCATTERED; counted from the graph's own first.
    """

    columns: I64
    ptr: I32
    src: I32
    activation: U8
    spans: I32
    onward: I32
    traits: U8
    tiles: I32
    silent: Any  # bool[T]: whether any synapse of each graph is


def flat(graphs: Sequence[Graph], longest: int) -> Walks:
    """Return what kernels walk, with tiles of at most `longest` synapses (0: without any, spans and ways onward).

    Within a tile of consecutive sources a kernel reads `pre` in place; long runs get tiles of their own. A tile of
    recurrent synapses points behind this trial's nodes, one of both kinds is scattered. FIXED synapses are in none, as
    no rule changes them.
    """
    every = Graphs.of(graphs)
    src, traits = np.append(every.src, np.int32(0)), np.append(every.traits, np.uint8(0))
    columns = np.empty((len(every), LONGEST + 1 - NODES), np.int64)
    tiles = np.empty((len(src) if longest else 1, 4), np.int32)
    silent = np.empty(len(every), bool)
    spans, onward = flow_of(every) if longest else (np.zeros(1, np.int32), np.zeros(1, np.int32))
    top = _walk(every.inputs, every.outputs, every.begins, every.node_begins, every.ptr, every.activation, traits,
                longest, columns, src, tiles, silent)  # fmt: skip
    tiles[top] = 0
    ptr, activation = as_taken(every.ptr), as_taken(every.activation)
    return Walks(columns, ptr, src, activation, spans, onward, traits, tiles[: top + 1], silent)


_first, _second = njit(cache=True)(first_half), njit(cache=True)(second_half)


@njit(cache=True)
def _digest(inputs: Any, outputs: Any, begins: Any, node_begins: Any, ptr: Any, src: Any, activation: Any, group: Any,
            traits: Any, words: Any) -> None:  # fmt: skip
    """Write the two halves of each graph's key (Graph.key)."""
    sizes = np.zeros(4, np.int64)
    for t in range(len(inputs)):
        first, last, node, end = begins[t], begins[t + 1], node_begins[t], node_begins[t + 1]
        sizes[0], sizes[1], sizes[2], sizes[3] = inputs[t], outputs[t], end - node, last - first
        state = _added(sizes, (np.uint64(0), np.uint64(0), np.uint64(0)))
        state = _added(ptr[node + t : end + t + 1], state)
        state = _added(src[first:last], state)
        state = _added(activation[node:end], state)
        state = _added(group[first:last], state)
        state = _added(traits[first:last], state)
        words[t, 0], words[t, 1] = state[1], state[2]


@njit(cache=True)
def _added(values: Any, state: Any) -> Any:
    """Return a key's state, place and two halves, with some numbers more; the loop becomes vector code."""
    place, one, other = state
    for i in range(len(values)):
        word = _first(np.uint64(np.int64(values[i])) + place + np.uint64(i + 1) * GOLDEN)
        one, other = one + word, other + _second(word)
    return place + np.uint64(len(values)) * GOLDEN, one, other


@njit(cache=True)
def _walk(inputs: Any, outputs: Any, begins: Any, node_begins: Any, ptrs: Any, activations: Any, all_traits: Any,
          longest: int, columns: Any, sources: Any, tiles: Any, silent: Any) -> int:  # fmt: skip
    """Point recurrent synapses to the trial before, cut tiles, write the columns; return the number of tiles.

    A graph is recurrent where a synapse or a GRU is.
    """
    top = 0
    for t in range(len(begins) - 1):
        first, count, own = begins[t], begins[t + 1] - begins[t], node_begins[t] + t
        nodes, begin, recurrent, marks = node_begins[t + 1] - node_begins[t], top, 0, 0
        ptr, src = ptrs[own : own + nodes + 1], sources[first : first + count]
        traits = all_traits[first : first + count]
        for e in range(count):
            marks |= traits[e]
        for node in range(nodes):
            recurrent |= activations[node_begins[t] + node] == GRU
            low, end = np.int64(ptr[node]), np.int64(ptr[node + 1])
            for e in range(end - 1, low - 1, -1):
                if src[e] < node:  # and so are those before: sources ascend
                    break
                src[e] += nodes
                recurrent = 1
            while longest and low < end:
                high = end
                if marks & FIXED:  # up to there all learn
                    high = low
                    while high < end and not traits[high] & FIXED:
                        high += 1
                top = _cut(src, low, high, node, nodes, longest, tiles, top)
                low = high + 1
        most = max(1, min(longest, count))
        columns[t, 0], columns[t, 1], columns[t, 2], columns[t, 3] = nodes, count, inputs[t], outputs[t]
        columns[t, 4], columns[t, 5], columns[t, 6], columns[t, 7] = recurrent, own, first, node_begins[t]
        columns[t, 8], columns[t, 9], columns[t, 10] = begin, top - begin, most
        silent[t] = marks & SILENT > 0
    return top


@njit(cache=True)
def _cut(src: Any, low: int, high: int, node: int, nodes: int, longest: int, tiles: Any, top: int) -> int:
    """Cut a stretch of a node's synapses into tiles, which stand from `top` on; return where they end."""
    runs = 1  # of consecutive sources
    for e in range(low + 1, high):
        runs += _breaks(src, e, nodes)
    whole = runs == 1 or high - low < SHORT * runs
    while low < high:
        last = high if whole else low + 1
        while last < high and not _breaks(src, last, nodes):
            last += 1
        for e in range(low, last, longest):
            count = min(longest, last - e)
            alike = src[e + count - 1] - src[e] == count - 1
            tiles[top, 0], tiles[top, 1], tiles[top, 2] = node, e, count
            tiles[top, 3] = src[e] if alike else SCATTERED
            top += 1
        low = last
    return top


@njit(cache=True)
def _breaks(src: Any, e: int, nodes: int) -> int:
    """Return whether the source of synapse e is not the node behind that of the synapse before (1, else 0)."""
    step = src[e] - src[e - 1]
    return int(step != 1 and step != nodes + 1)  # where the second one alone is recurrent


def synapses_of(graphs: Sequence[Any]) -> Sequence[int] | I64:
    """Return how many synapses each of the graphs has; of each what has `synapses` of its own will do."""
    return graphs.synapses if isinstance(graphs, Graphs) else [graph.synapses for graph in graphs]
