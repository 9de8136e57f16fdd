"""Whether genes of topologies are valid: each mark once, known ends, places in order, outputs that something feeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from evometa.errors import InputError
from evometa.spec import ACTIVATIONS, GRU

if TYPE_CHECKING:
    from evometa.genetics.topologies import Topologies

MOST_SYNAPSES = 1_000_000  # of one network
MOST_MARK = 1 << 28  # of nodes: tables by it stay small enough
MOST_SYNAPSE_MARK = 1 << 40
Fault = tuple[Any, Any, str, str]  # where it is so, rows of it, what was expected, what was found


def check(genes: Topologies, where: str, recurrent: bool = True) -> None:
    """Raise InputError, naming the first fault, where genes are not valid; `recurrent`: synapses may go back."""
    _check_sizes(genes, where)
    synapse_row = np.repeat(np.arange(len(genes)), np.diff(genes.begins))
    node_row = np.repeat(np.arange(len(genes)), np.diff(genes.node_begins))
    first, fixed = genes.inputs + 1, genes.inputs + 1 + genes.outputs
    step = np.diff(genes.place)
    next_node = (node_row[1:] > node_row[:-1]) | (step > 0) | ((step == 0) & (np.diff(genes.node) > 0))
    next_mark = (synapse_row[1:] > synapse_row[:-1]) | (np.diff(genes.mark) > 0)
    nodes = np.sort(node_row * MOST_MARK + genes.node)
    pairs = np.lexsort((genes.target, genes.source, synapse_row))
    again = [np.diff(each[pairs]) == 0 for each in (synapse_row, genes.source, genes.target)]
    unknown = [(end < 0) | (end >= fixed) & ~_among(nodes, synapse_row, end) for end in (genes.source, genes.target)]
    within = (genes.place > 0) & (genes.place < 1)
    _refuse(
        where,
        len(genes),
        ((genes.node < fixed) | (genes.node >= MOST_MARK), node_row, "marks of hidden nodes behind those of outputs",
         "another"),
        (~within, node_row, "places of hidden nodes between 0 and 1", "others"),
        (~next_node, node_row[1:], "hidden nodes ascending by place, then mark", "another order"),
        (np.diff(nodes) == 0, np.sort(node_row)[1:], "each node mark once", "one twice"),
        (genes.activation >= len(ACTIVATIONS.names), node_row, "known activations", "another"),
        ((genes.mark < 0) | (genes.mark >= MOST_SYNAPSE_MARK), synapse_row, "marks from 0 on", "another"),
        (genes.traits > 3, synapse_row, "known traits", "others"),
        (~next_mark, synapse_row[1:], "each synapse mark once, in ascending order", "a duplicate, or another order"),
        (unknown[0] | unknown[1], synapse_row, "synapses between nodes of the network", "one of an unknown node"),
        (genes.target < first, synapse_row, "synapses to hidden nodes and outputs", "one to an input"),
        ((genes.source >= first) & (genes.source < genes.target) & (genes.target < fixed), synapse_row,
         "no synapse from an output to a later one, as the head makes all answers at once", "one"),
        (again[0] & again[1] & again[2], synapse_row[pairs][1:], "one synapse from node to node", "two"),
    )  # fmt: skip
    if not recurrent:
        found = "a cycle, or one that goes back"
        _refuse(where, len(genes), (recurs(genes), synapse_row, "synapses that go forward", found))
    expected = "outputs that an enabled way leads to from an input or the constant"
    lost = ~fed(genes).all(axis=1)
    _refuse(where, len(genes), (lost, np.arange(len(genes)), expected, "one that nothing reaches"))


def recurs(genes: Topologies) -> NDArray[np.bool_]:
    """Tell which synapse genes are recurrent, bool[E]: their source does not come before their target."""
    source, target = _ends(genes)
    outputs = np.tile(np.arange(genes.inputs + 1 + genes.outputs) > genes.inputs, len(genes))
    place = np.concatenate([outputs.astype(np.float64), genes.place])
    return (place[source] > place[target]) | ((place[source] == place[target]) & (genes.source >= genes.target))


def fed(genes: Topologies) -> NDArray[np.bool_]:
    """Tell which outputs an enabled way leads to from an input or the constant, bool[T, O]."""
    fixed = genes.inputs + 1 + genes.outputs
    reached = np.zeros(len(genes) * fixed + len(genes.node), bool)
    table = reached[: len(genes) * fixed].reshape(len(genes), fixed)
    table[:, : genes.inputs + 1] = True
    enabled = (genes.traits & 1) > 0
    source, target = (
        np.concatenate([end[enabled], more]) for end, more in zip(_ends(genes), _read_by_grus(genes), strict=True)
    )
    while True:
        onward = reached[source] & ~reached[target]
        if not onward.any():
            return table[:, genes.inputs + 1 :]
        reached[target[onward]] = True


def _read_by_grus(genes: Topologies) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return what GRUs read, as `_ends` numbers nodes: the two before each, or the constant in their place."""
    fixed, gru = genes.inputs + 1 + genes.outputs, np.flatnonzero(genes.activation == GRU)
    row = np.repeat(np.arange(len(genes)), np.diff(genes.node_begins))[gru]
    own = len(genes) * fixed + gru
    before = [np.where(gru - n >= genes.node_begins[row], own - n, row * fixed + genes.inputs) for n in (1, 2)]
    return np.concatenate(before), np.tile(own, 2)


def _check_sizes(genes: Topologies, where: str) -> None:
    """Refuse numbers of nodes and synapses that are not those of networks."""
    if genes.inputs < 1 or genes.outputs < 1 or genes.inputs + genes.outputs >= MOST_MARK:
        raise InputError("an input or more, an output or more", f"{genes.inputs} and {genes.outputs}", where)
    synapses = {len(getattr(genes, name)) for name in ("mark", "source", "target", "weight", "plasticity", "traits")}
    nodes = {len(getattr(genes, name)) for name in ("node", "place", "activation")}
    ends = genes.begins[-1], genes.node_begins[-1]
    if synapses != {ends[0]} or nodes != {ends[1]} or len(genes.begins) != len(genes.node_begins):
        raise InputError("as many of each number as there are genes", "more, or fewer", where)
    rises = np.diff(genes.begins), np.diff(genes.node_begins)
    if genes.begins[0] or genes.node_begins[0] or any(rise.size and rise.min() < 0 for rise in rises):
        raise InputError("genes one topology behind the other", "another order", where)
    most = max((int(rise.max()) for rise in rises if rise.size), default=0)
    if most > MOST_SYNAPSES:
        raise InputError(f"at most {MOST_SYNAPSES} synapses of a network, and nodes", str(most), where)


def _refuse(where: str, count: int, *faults: Fault) -> None:
    for bad, rows, expected, found in faults:
        if bad.any():
            row = int(rows[bad][0])
            raise InputError(expected, found, where if count == 1 else f"{where}, topology {row}")


def _among(nodes: NDArray[np.int64], rows: NDArray[np.int64], marks: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which (row, mark) are among the sorted ones."""
    wanted = rows * MOST_MARK + np.clip(marks, 0, MOST_MARK - 1)
    at = np.searchsorted(nodes, wanted)
    return (marks < MOST_MARK) & (np.append(nodes, -1)[at] == wanted)


def _ends(genes: Topologies) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number the nodes of all topologies, inputs, constant and outputs first; return those of synapses' ends."""
    synapse_row = np.repeat(np.arange(len(genes)), np.diff(genes.begins))
    node_row = np.repeat(np.arange(len(genes)), np.diff(genes.node_begins))
    fixed = genes.inputs + 1 + genes.outputs
    order = np.lexsort((genes.node, node_row))
    nodes = (node_row * MOST_MARK + genes.node)[order]
    order = np.append(order, 0)

    def numbers(end: NDArray[np.int64]) -> NDArray[np.int64]:
        hidden = order[np.searchsorted(nodes, synapse_row * MOST_MARK + end)]
        return np.where(end < fixed, synapse_row * fixed + end, len(genes) * fixed + hidden)

    return numbers(genes.source), numbers(genes.target)
