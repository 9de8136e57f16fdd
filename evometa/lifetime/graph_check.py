"""Whether graphs can be swept: checked for all those of a batch in one compiled call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from evometa.lifetime.graph import FIXED, SILENT, Graph
from evometa.lifetime.graphs import Graphs
from evometa.lifetime.requirements import array_of, forbid, joined, require
from evometa.spec import ACTIVATIONS
from evometa.spec.arrays import arrays_of
from evometa.system.jit import njit

SIZES, ENDS, SYNAPSES, AHEAD, NODES = range(
    1, 6
)  # what can be wrong with a graph, in the order in which it is looked for
EXPECTED = {
    SIZES: "inputs, a constant, hidden nodes and outputs, each with its number",
    ENDS: "ptr that rises from 0 to E, behind the constant",
    SYNAPSES: "sources that ascend within each node, groups from 0 on, known traits",
    AHEAD: "no synapse from an output to a later one, as the head makes all answers at once",
    NODES: f"activations below {len(ACTIVATIONS)}",
}


def check_graphs(graphs: Sequence[Graph]) -> None:
    """Refuse graphs that are not as the contract says (ContractError names the first)."""
    if isinstance(graphs, Graphs):
        _check_flat(graphs)
        every, faults = graphs, np.zeros(len(graphs), np.uint8)
    else:
        for row in arrays_of(Graph).values():
            joined(graphs, row, "graphs")
        every = Graphs.of(graphs)
        apart = [len(g.activation) != g.nodes or not len(g.src) == len(g.group) == len(g.traits) for g in graphs]
        faults = np.where(apart, np.uint8(SIZES), np.uint8(0))
    few = (every.inputs < 1) | (every.outputs < 1) | (every.nodes < every.inputs + 1 + every.outputs)
    faults[few] = SIZES
    if not faults.any():  # else a look would go astray
        _look(every.inputs, every.outputs, every.begins, every.node_begins, every.ptr, every.src, every.activation,
              every.group, every.traits, len(ACTIVATIONS), faults)  # fmt: skip
    for fault, expected in EXPECTED.items():
        forbid(faults == fault, expected, "others", "graph")


def _check_flat(graphs: Graphs) -> None:
    """Refuse flat arrays of other types, or that end elsewhere than the last graph does."""
    for row in arrays_of(Graphs).values():
        array_of(getattr(graphs, row.name), row, f"{row.name} of the graphs")
    count, nodes, synapses = len(graphs), int(graphs.node_begins[-1]), int(graphs.begins[-1])
    rise = all(ends[0] == 0 and (np.diff(ends) >= 0).all() for ends in (graphs.begins, graphs.node_begins))
    found = [len(getattr(graphs, name)) for name in arrays_of(Graphs)]
    wanted = [count, count, count + 1, count + 1, nodes + count, synapses, nodes, synapses, synapses]
    require(rise and found == wanted, f"arrays of {wanted} numbers, begins that rise from 0", f"{found}", "graphs")


@njit(cache=True)
def _look(inputs: Any, outputs: Any, begins: Any, node_begins: Any, ptrs: Any, srcs: Any, activations: Any,
          groups: Any, every_traits: Any, known: int, faults: Any) -> None:  # fmt: skip
    """Write what is wrong with each graph first, ENDS to NODES. The loops over synapses become vector code."""
    for t in range(len(inputs)):
        node, first, last = node_begins[t], begins[t], begins[t + 1]
        nodes, count = node_begins[t + 1] - node, last - first
        ptr, src, activation = ptrs[node + t : node + t + nodes + 1], srcs[first:last], activations[node : node + nodes]
        group, traits = groups[first:last], every_traits[first:last]
        negative, falls, highest = 0, 0, 0
        for j in range(nodes):
            negative |= ptr[j + 1] - ptr[j]
        if negative < 0 or ptr[0] != 0 or ptr[inputs[t] + 1] != 0 or ptr[nodes] != count:
            faults[t] = ENDS
            continue
        for e in range(count):
            negative |= src[e] | (nodes - 1 - src[e]) | group[e]
        for e in range(count):
            highest |= traits[e]
        for e in range(1, count):
            falls += src[e] <= src[e - 1]
        for j in range(1, nodes):
            if ptr[j - 1] < ptr[j] < count:  # between two nodes they may
                falls -= src[ptr[j]] <= src[ptr[j] - 1]
        if negative < 0 or falls or highest > FIXED | SILENT:
            faults[t] = SYNAPSES
            continue
        if _leads_ahead(ptr, src, nodes - outputs[t]):
            faults[t] = AHEAD
            continue
        for j in range(nodes):
            if activation[j] >= known:
                faults[t] = NODES


@njit(cache=True)
def _leads_ahead(ptr: Any, src: Any, first_output: int) -> bool:
    """Tell whether a synapse leads from an output to a later one."""
    for j in range(first_output, len(ptr) - 1):
        for e in range(ptr[j], ptr[j + 1]):
            if first_output <= src[e] < j:
                return True
    return False
