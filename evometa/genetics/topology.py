"""Networks as general graphs: layers to `Graph`, canonical text and key, first weights.

Nodes are ordered inputs, the constant, hidden, outputs; synapses by target, then by source. Axis letters as
in the lifetime contract: N nodes, E synapses, I inputs, O outputs, L lanes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evometa.errors import InputError
from evometa.lifetime import F32, FIXED, I32, SILENT, Graph
from evometa.spec import ACTIVATIONS, GRU
from evometa.spec.arrays import U8

KINDS = ("input", "constant", "hidden", "output")
LAYERS = ("context", "hidden", "output")
"""Kinds of layers, in the order of their nodes."""


class Size(NamedTuple):
    """How large a graph is: enough to reckon memory before it is built."""

    inputs: int
    nodes: int
    synapses: int


def unit_of(activation: str) -> list[str]:
    """Return the activations of the nodes of a hidden unit, the last of which is what others read."""
    return ["tanh", "sigmoid", activation] if activation == "gru" else [activation]


def layered_size(inputs: int, hidden: Sequence[int], outputs: int, recurrent: bool = False, contexts: int = 0,
                 activation: str = "tanh") -> Size:  # fmt: skip
    """Return the size that the graph of `layered` would have."""
    widths, nodes = [inputs + contexts, *hidden, outputs], len(unit_of(activation))
    into = [(below + 1) * width for below, width in pairwise(widths)]
    back = sum(width * (width + 1) // 2 for width in hidden) if recurrent else 0
    synapses = max(nodes - 1, 1) * (sum(into[:-1]) + back) + into[-1]
    return Size(inputs, sum(widths) + 1 + (nodes - 1) * sum(hidden), contexts + synapses)


def layered(
    inputs: int, hidden: Sequence[int], outputs: int, activation: str = "tanh", recurrent: bool = False,
    contexts: int = 0, plastic: Collection[str] = LAYERS, bias: bool = True,
) -> Graph:  # fmt: skip
    """Return the graph of fully connected layers, each with biases from the constant node, or none without `bias`.

    Groups: 2·l are the weights into layer l, 2·l + 1 its biases (l counts hidden layers, then the outputs).
    `recurrent`: each hidden node also reads the previous activations of itself and of the nodes after it in
    its layer (a sweep goes from node to node, so only a synapse from the node itself or a later one can look
    back); these synapses have one more group for each hidden layer, after the others. Units of activation "gru" are of
    three nodes, a candidate, a gate, and the GRU, which has no synapses of its own; it alone is read. `contexts`: so
    many linear nodes that read the constant alone come before the first layer, which reads them as it does inputs
    (CAVIA, Zintgraf et al. 2019, ICML); their group is the last. `plastic`: those of LAYERS whose nodes' synapses
    learn; the others are FIXED. Without `bias` groups are numbered in the same order, with none left out.
    """
    widths, unit = [*hidden, outputs], unit_of(activation)
    sources: list[I32] = [np.full(contexts, inputs, np.int32)]
    groups: list[I32] = [np.full(contexts, 2 * len(widths) + (len(hidden) if recurrent else 0), np.int32)]
    fan_in = [np.zeros(inputs + 1, np.int64), np.ones(contexts, np.int64)]
    below, node = np.delete(np.arange(inputs + 1 + contexts, dtype=np.int32), inputs), inputs + 1 + contexts
    for layer, width in enumerate(widths):
        inner = layer < len(hidden)
        nodes = len(unit) if inner else 1
        own = np.arange(node, node + nodes * width, dtype=np.int32)[nodes - 1 :: nodes]
        # the constant follows the inputs, and precedes all other nodes
        row = np.insert(below, inputs if layer == 0 else 0, inputs)
        kinds = np.where(row == inputs, 2 * layer + 1, 2 * layer).astype(np.int32)
        past = own if recurrent and inner else own[:0]
        back = np.full(len(past), 2 * len(widths) + layer, np.int32)
        sources.append(_of_units(row, past, width, nodes))
        groups.append(_of_units(kinds, back, width, nodes))
        reads = len(row) + np.arange(len(past), len(past) - width, -1).clip(0)
        fan_in.append(np.stack([reads] * max(nodes - 1, 1) + [0 * reads] * (nodes > 1), axis=1).ravel())
        below, node = own, node + nodes * width
    activations = np.zeros(node, np.uint8)
    activations[inputs + 1 : inputs + 1 + contexts] = ACTIVATIONS.code("linear")
    activations[inputs + 1 + contexts : node - outputs] = [ACTIVATIONS.code(name) for name in unit] * sum(hidden)
    entering = np.concatenate(fan_in)
    ends = np.concatenate([[0], np.cumsum(entering)]).astype(np.int32)
    fixed = np.repeat([FIXED * (name not in plastic) for name in LAYERS], (contexts, len(unit) * sum(hidden), outputs))
    traits = np.repeat(fixed.astype(np.uint8), entering[inputs + 1 :])
    graph = Graph(inputs, outputs, ends, np.concatenate(sources), activations, np.concatenate(groups), traits)
    if bias:
        return graph
    graph = graph.without((graph.src == inputs) & (graph.dst > inputs + contexts))
    return replace(graph, group=np.unique(graph.group, return_inverse=True)[1].astype(np.int32))


def _of_units(row: I32, past: I32, width: int, nodes: int) -> I32:
    """Return what the nodes of a layer's units have, one behind the other: a row, and of the past what begins at them.

    A unit is one node, or several, of which all but the last have something.
    """
    each = max(nodes - 1, 1)
    if not len(past):
        return np.tile(row, width * each)
    return np.concatenate([part for j in range(width) for part in (row, past[j:]) * each])


def depths(graph: Graph) -> NDArray[np.int64]:
    """Return how many synapses the longest way from the inputs to each node has, recurrent ones left out: i64[N].

    From a candidate and a gate a way of 1 leads to their GRU.
    """
    found = np.zeros(graph.nodes, np.int64)
    for node in range(graph.inputs + 1, graph.nodes):
        sources = graph.src[graph.ptr[node] : graph.ptr[node + 1]]
        behind = found[sources[sources < node]]
        if graph.activation[node] == GRU:
            behind = np.append(behind, found[node - 2 : node])
        found[node] = 1 + max(behind, default=0)
    return found


def with_plastic(graph: Graph, plastic: U8) -> Graph:
    """Return a graph in which those synapses learn that `plastic u8[E]` says (1), and no others."""
    traits = graph.traits & ~np.uint8(FIXED) | np.uint8(FIXED) * (plastic == 0)
    return replace(graph, traits=traits.astype(np.uint8))


def group_count(graph: Graph) -> int:
    """Return the number of groups of synapses that may share plasticity."""
    return int(graph.group.max()) + 1 if len(graph.group) else 0


def graph_json(graph: Graph) -> str:
    """Return the graph's canonical text: the same graph always gives the same characters."""
    data = {
        "activation": [graph.activation_of(node) for node in range(graph.nodes)],
        "group": graph.group.tolist(),
        "inputs": graph.inputs,
        "outputs": graph.outputs,
        "ptr": graph.ptr.tolist(),
        "src": graph.src.tolist(),
    }
    if graph.traits.any():
        data["traits"] = graph.traits.tolist()
    return json.dumps(data, separators=(",", ":"))


def graph_key(graph: Graph) -> str:
    """Return the SHA-256 of the graph's canonical text in hexadecimal, computed once for each object."""
    if (known := vars(graph).get("_key")) is None:
        known = vars(graph)["_key"] = hashlib.sha256(graph_json(graph).encode()).hexdigest()
    return known


def graph_from_json(text: str, where: str = "a stored topology") -> Graph:
    """Return the graph of a canonical text; InputError where the text is not one of a valid graph."""
    try:
        data = json.loads(text)
        ptr, src, group = (_integers(data[name]) for name in ("ptr", "src", "group"))
        activation = np.array([ACTIVATIONS.code(name) for name in data["activation"]], np.uint8)
        traits = np.array(_integers(data.get("traits", [0] * len(src))).tolist(), np.uint8)
        graph = Graph(int(data["inputs"]), int(data["outputs"]), ptr, src, activation, group, traits)
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise InputError("the text of a graph", f"{type(error).__name__}: {error}", where) from None
    check_graph(graph, where)
    return graph


def _integers(values: list[int]) -> np.ndarray[Any, np.dtype[np.int32]]:
    if not all(type(value) is int for value in values):
        raise TypeError("a list of whole numbers expected")
    return np.array(values, np.int32)


def check_graph(graph: Graph, where: str) -> None:
    """Refuse a graph that a lifetime could not run, with InputError."""
    nodes, first = graph.nodes, graph.inputs + 1
    rises = np.diff(graph.ptr)
    sound = graph.inputs >= 1 and graph.outputs >= 1 and nodes >= first + graph.outputs
    sound = sound and len(graph.activation) == nodes and len(graph.group) == len(graph.traits) == graph.synapses
    sound = sound and bool((graph.traits <= FIXED | SILENT).all())
    sound = sound and graph.ptr[0] == 0 and graph.ptr[-1] == graph.synapses and bool((rises >= 0).all())
    sound = sound and bool((rises[:first] == 0).all())
    if sound and graph.synapses:
        inside = (graph.src >= 0) & (graph.src < nodes) & (graph.group >= 0)
        ascending = (np.diff(graph.src) > 0) | (np.diff(graph.dst) > 0)
        sound = bool(inside.all()) and bool(ascending.all())
    if not sound:
        raise InputError(
            "nodes ordered inputs, constant, hidden, outputs, and synapses by target, then source, each once",
            f"{nodes} nodes, {graph.synapses} synapses that do not fit", where,
        )  # fmt: skip
    ahead = np.flatnonzero((graph.src >= nodes - graph.outputs) & (graph.src < graph.dst))
    if len(ahead):
        first = nodes - graph.outputs - 1
        raise InputError(
            "no synapse from an output to a later one, as the head makes all answers at once",
            f"one from output {graph.src[ahead[0]] - first} to output {graph.dst[ahead[0]] - first}", where,
            "Leave it out; from a later output to an earlier one, a recurrent synapse carries the answer before.",
        )  # fmt: skip


class Spread(NamedTuple):
    """How first weights scatter around 0: `deviation f32[E]`, evenly or normally; `unit f32[E]`: a step.

    `binary`: they are 0 or that, evenly.
    """

    deviation: F32
    uniform: bool
    unit: F32
    binary: bool = False


def spread(graph: Graph, init: str, scale: float) -> Spread:
    """Return how the first weights of each synapse scatter.

    "normal": deviation `scale`; "uniform": half width `scale`; "he": scale·√(2/fan in) (He 2015); "glorot":
    scale·√(2/(fan in + fan out)) (Glorot & Bengio 2010); "zeros"; "binary": 0 or `scale`. The last four
    start biases at 0. The unit is the deviation, or that of "he" (without the factor 2) where first weights are 0.
    """
    targets, bias = graph.dst, graph.src == graph.inputs
    fan_in = np.maximum(np.bincount(targets[~bias], minlength=graph.nodes), 1)[targets]
    fan_out = np.maximum(np.bincount(graph.src, minlength=graph.nodes), 1)[graph.src]
    everywhere = {
        "normal": np.full(graph.synapses, scale),
        "uniform": np.full(graph.synapses, scale / np.sqrt(3)),
        "he": scale * np.sqrt(2 / fan_in),
        "glorot": scale * np.sqrt(2 / (fan_in + fan_out)),
        "zeros": np.zeros(graph.synapses),
        "binary": np.full(graph.synapses, scale),
    }[init]
    deviation = everywhere if init in ("normal", "uniform") else np.where(bias, 0.0, everywhere)
    unit = np.where(deviation > 0, deviation, 1 / np.sqrt(fan_in))
    return Spread(deviation.astype(np.float32), init == "uniform", unit.astype(np.float32), init == "binary")


def first_weights(shape: Spread, rng: np.random.Generator, lanes: int | None = None) -> F32:
    """Draw first weights: f32[E], or f32[E, L] for `lanes` lifetimes (in float64, then rounded)."""
    size = (len(shape.deviation),) if lanes is None else (len(shape.deviation), lanes)
    deviation = shape.deviation if lanes is None else shape.deviation[:, None]
    if shape.binary:
        return rng.integers(0, 2, size).astype(np.float32) * deviation
    if shape.uniform:
        return rng.uniform(-np.sqrt(3.0), np.sqrt(3.0), size).astype(np.float32) * deviation
    return rng.standard_normal(size).astype(np.float32) * deviation
