"""In what order activations flow through graphs and errors flow back: stretches of independent nodes, ways onward.

Axis letters as in the contract; graphs are flat, as graphs.py has them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from evometa.spec import GRU
from evometa.spec.arrays import I32
from evometa.system.jit import njit


def flow_of(graphs: Any) -> tuple[I32, I32]:
    """Return the spans of graphs, i32[N], and the ways onward from each node.

    A span is a stretch of nodes of one activation, all hidden or all outputs, none of which reads another one's new
    activation, so that one sweep may take them all; a GRU stands alone. Of each node stands where its span ends.
    Ways onward of graph t, as `write_onward` has them, begin at `node_begins[t] + t + 2*begins[t]`. No array is empty.
    """
    spans = np.zeros(len(graphs.activation) + 1, np.int32)
    onward = np.zeros(len(graphs.ptr) + 2 * len(graphs.src) + 1, np.int32)
    place = np.zeros(int(graphs.nodes.max(initial=0)) + 1, np.int32)
    _write(graphs.inputs, graphs.outputs, graphs.begins, graphs.node_begins, graphs.ptr, graphs.src, graphs.activation,
           spans, onward, place)  # fmt: skip
    return spans, onward


@njit(cache=True)
def _write(inputs: Any, outputs: Any, begins: Any, node_begins: Any, ptrs: Any, sources: Any, activations: Any,
           spans: Any, onward: Any, place: Any) -> None:  # fmt: skip
    """Write the spans and the ways onward of each graph."""
    for t in range(len(inputs)):
        node, nodes = node_begins[t], node_begins[t + 1] - node_begins[t]
        ptr, src = ptrs[node + t : node + t + nodes + 1], sources[begins[t] : begins[t + 1]]
        first, last = inputs[t] + 1, nodes - outputs[t]
        _write_spans(ptr, src, activations[node : node + nodes], first, last, spans[node : node + nodes])
        write_onward(ptr, src, first, last, onward[node + t + 2 * begins[t] :], place[: nodes + 1])


@njit(cache=True)
def _write_spans(ptr: Any, src: Any, activation: Any, first: int, last: int, ends: Any) -> None:
    """Write where the span of each node from `first` on ends, each as long as can be; `last`: the first output."""
    begin, nodes = first, len(ends)
    for node in range(first, nodes):
        alike = activation[node] == activation[begin] and node != last and activation[node] != GRU
        e = ptr[node + 1] - 1
        while alike and e >= ptr[node] and src[e] >= begin:  # sources ascend
            alike = src[e] >= node  # recurrent: it reads the old activation
            e -= 1
        if not alike:
            for own in range(begin, node):
                ends[own] = node
            begin = node
    for own in range(begin, nodes):
        ends[own] = nodes


@njit(cache=True)
def write_onward(ptr: Any, src: Any, first: int, last: int, into: Any, place: Any) -> int:
    """Write the ends and pairs of the hidden nodes first … last−1; return how many numbers these are.

    Loops in place of slices, whose errors alone would take three seconds to compile.
    """
    nodes = len(ptr) - 1
    for node in range(nodes + 1):
        into[node] = 0
    for node in range(first, nodes):
        end = min(node, last)
        for e in range(ptr[node], ptr[node + 1]):
            source = src[e]
            if source >= end:  # sources ascend
                break
            if source >= first:
                into[source + 1] += 1
    for node in range(nodes):
        place[node] = nodes + 1 + 2 * into[node]
        into[node + 1] += into[node]
    for node in range(nodes - 1, first - 1, -1):
        end = min(node, last)
        for e in range(ptr[node], ptr[node + 1]):
            source = src[e]
            if source >= end:
                break
            if source >= first:
                at = place[source]
                into[at], into[at + 1], place[source] = e, node, at + 2
    return nodes + 1 + 2 * into[nodes]
