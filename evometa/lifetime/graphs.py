"""The networks of a batch as flat arrays, and their synapses cut into tiles, all graphs of it at once.

Axis letters as in the contract; behind one another lie the nodes, synapses and tiles of the first graph, the second, ….
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evometa.lifetime import FIXED, Graph

I32 = NDArray[np.int32]
I64 = NDArray[np.int64]
Flags = NDArray[np.bool_]

SCATTERED = -1  # a tile whose sources are not consecutive nodes
SHORT = 4  # runs of consecutive sources that are shorter in the mean are not worth a tile each


class Graphs(NamedTuple):
    """Kernel forms of graphs (none of the arrays empty), and the columns NODES to LONGEST of each.

    `src`: a recurrent synapse reads the rows of the previous trial, which lie behind this trial's N.
    `tiles i32[n, 4]`: target, first synapse, count, first source or SCATTERED; counted from the graph's own first.
    """

    columns: I64
    ptr: I32
    src: I32
    activation: NDArray[np.uint8]
    tiles: I32


def flat(graphs: Sequence[Graph], longest: int) -> Graphs:
    """Return graphs as flat arrays, with tiles of at most `longest` synapses (0: without any)."""
    sizes = np.array([(len(g.ptr) - 1, len(g.src), g.inputs, g.outputs) for g in graphs], np.int64).reshape(-1, 4)
    nodes, synapses = sizes[:, 0], sizes[:, 1]
    ptr, src = (_joined([getattr(g, name) for g in graphs], np.int32) for name in ("ptr", "src"))
    number = np.arange(len(graphs), dtype=np.int32)
    begins = _begins(nodes)
    fan_in = np.delete(np.diff(ptr[:-1]), begins[1:] + number[:-1])  # of each node, without the steps between graphs
    node = np.arange(len(fan_in), dtype=np.int32) - np.repeat(begins, nodes).astype(np.int32)
    target, owner = np.repeat(node, fan_in), np.repeat(number, synapses)
    recurrent = src[:-1] >= target
    behind = np.where(recurrent, nodes.astype(np.int32)[owner], np.int32(0))  # how far the trial before lies
    tiles = np.zeros((0, 4), np.int32)
    count, most = np.zeros((2, len(graphs)), np.int64)
    if longest:
        learning = np.flatnonzero(np.concatenate([g.traits & FIXED == 0 for g in graphs] or [[]]))
        entered = np.repeat(np.arange(len(fan_in)), fan_in)[learning]
        first = (np.diff(learning, prepend=-2) != 1) | (np.diff(entered, prepend=-1) != 0)
        tiles, place = _tiles(src[:-1][learning], recurrent[learning], first, longest, behind[learning])
        place = learning[place]
        of = owner[place]
        tiles[:, 0], tiles[:, 1] = target[place], place - _begins(synapses)[of]
        count = np.bincount(of, minlength=len(graphs))
        np.maximum.at(most, of, tiles[:, 2])
    back = np.zeros(len(graphs), bool)
    back[owner[recurrent]] = True
    src[:-1] += behind
    starts = [_begins(each) for each in (nodes + 1, synapses, nodes, count)]
    columns = np.stack([*sizes.T, back, *starts, count, np.maximum(most, 1)], axis=1)
    kinds = _joined([g.activation for g in graphs], np.uint8)
    return Graphs(columns, ptr, src, kinds, np.append(tiles, np.zeros((1, 4), np.int32), axis=0))


def _tiles(src: I32, recurrent: Flags, first: Flags, longest: int, behind: I32) -> tuple[I32, I64]:
    """Cut synapses into tiles; return counts and sources of the tiles, and the first synapse of each.

    `first`: those with which a stretch of one node's synapses begins that all learn. No rule changes FIXED ones.

    Within a tile of consecutive sources a kernel reads `pre` in place; long runs get tiles of their own. A tile of
    recurrent synapses points `behind` this trial's nodes, one of both kinds is scattered.
    """
    starts = first.copy()  # a run
    starts[1:] |= np.diff(src) != 1
    runs = np.add.reduceat(starts, np.flatnonzero(first)) if len(src) else np.zeros(0, np.int64)
    inside = np.diff(np.flatnonzero(first), append=len(src))
    whole = np.repeat((runs > 1) & (inside < SHORT * runs), inside)
    begin = np.flatnonzero(np.where(whole, first, starts))
    length = np.diff(begin, append=len(src))
    consecutive = src[begin + length - 1] - src[begin] == length - 1
    pieces = -(-length // longest)
    run = np.repeat(np.arange(len(begin)), pieces)
    offset = longest * (np.arange(len(run)) - np.repeat(_begins(pieces), pieces))
    place, count = begin[run] + offset, np.minimum(longest, length[run] - offset)
    back = np.add.reduceat(recurrent, place) if len(place) else np.zeros(0, np.int64)
    alike = consecutive[run] & ((back == 0) | (back == count))
    source = np.where(alike, src[place] + behind[place], SCATTERED)
    return np.stack([count, count, count, source], axis=1).astype(np.int32), place


def _begins(sizes: I64) -> I64:
    """Return where each of some parts begins that lie one behind the other."""
    return np.cumsum(sizes) - sizes


def _joined(parts: Sequence[Any], dtype: Any) -> Any:
    """Return arrays one behind the other, and a zero, so that a kernel may take the address of what is empty."""
    return np.concatenate([*parts, np.zeros(1, dtype)], dtype=dtype)
