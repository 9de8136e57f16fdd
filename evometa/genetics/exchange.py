"""Networks in and out: `Graph` to a networkx DiGraph and back (from files: network_files.py).

Nodes have the attributes `kind` (one of KINDS) and `activation`; edges `group`, `recurrent`, those of TRAITS that they
have, and numbers where there are any: `weight`, `p0`, …. All are plain, so that networkx can write them in any format.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from evometa.errors import InputError
from evometa.errors.text import legible
from evometa.genetics.topology import KINDS, check_graph
from evometa.language.signals import PLASTICITY
from evometa.lifetime import F32, FIXED, SILENT, Graph
from evometa.spec import ACTIVATIONS
from evometa.spec.arrays import U8

if TYPE_CHECKING:
    import networkx

MOST_SYNAPSES = MOST_NODES = 1_000_000
LARGEST = float(np.finfo(np.float32).max)
TRAITS = {"fixed": FIXED, "silent": SILENT}
OPPOSITES = {"fixed": "plastic", "silent": "enabled"}  # what genes say instead


def node_name(mark: int, inputs: int, outputs: int) -> str:
    """Return what a node is called by its mark: x1, … (inputs), 1 (the constant), y1, … (outputs), n and the mark."""
    if mark <= inputs:
        return "1" if mark == inputs else f"x{mark + 1}"
    return f"y{mark - inputs}" if mark <= inputs + outputs else f"n{mark}"


class WeightedGraph(NamedTuple):
    """A network with what its file says of single synapses: `weights f32[E]`, `plasticity f32[K, E]`, or None.

    `image`: height, width and channels of inputs that are pixels.
    """

    graph: Graph
    weights: F32 | None = None
    plasticity: F32 | None = None
    image: tuple[int, int, int] | None = None


def to_networkx(graph: Graph, numbers: Mapping[str, F32] | None = None) -> networkx.DiGraph:
    """Return the graph as a networkx DiGraph with nodes 0 … N−1; `numbers`: attributes of synapses by name, f32[E].

    What is not finite is left out, since neither JSON nor GraphML has it.
    """
    import networkx

    ends = np.cumsum([graph.inputs, 1, graph.nodes - graph.inputs - 1 - graph.outputs, graph.outputs])
    drawn = networkx.DiGraph(inputs=graph.inputs, outputs=graph.outputs)
    for node, place in enumerate(np.searchsorted(ends, np.arange(graph.nodes), side="right").tolist()):
        drawn.add_node(node, kind=KINDS[place], activation=graph.activation_of(node))
    pairs = list(zip(graph.src.tolist(), graph.dst.tolist(), strict=True))
    for (source, target), group, bits in zip(pairs, graph.group.tolist(), graph.traits.tolist(), strict=True):
        traits = {name: True for name, bit in TRAITS.items() if bits & bit}
        drawn.add_edge(source, target, group=group, recurrent=source >= target, **traits)
    for name, values in (numbers or {}).items():
        for (source, target), value in zip(pairs, values.tolist(), strict=True):
            if math.isfinite(value):
                drawn.edges[source, target][name] = value
    return drawn


def from_networkx(drawn: networkx.DiGraph, where: str = "a networkx graph") -> WeightedGraph:
    """Return the network of a DiGraph whose nodes have a `kind`; any names will do.

    Inputs and outputs stand in the order in which they are listed; hidden nodes so that synapses go forward, but for
    those with `recurrent`, which go back; where that leaves a choice, as listed. A missing constant is added. Raises
    InputError where there is no such order, and for whatever else is no network.
    """
    if drawn.is_multigraph() or not drawn.is_directed():
        found = "one with several edges between two nodes" if drawn.is_directed() else "one without directions"
        raise InputError("a directed graph with at most one synapse from each node to another", found, where)
    check_counts(drawn.number_of_nodes(), drawn.number_of_edges(), where)
    nodes = _ordered(drawn, where)
    place = {name: number for number, name in enumerate(nodes)}
    edges = sorted((place[b], place[a], data) for a, b, data in drawn.edges(data=True))
    above = len(nodes) - len(drawn) + sum(kind in KINDS[:2] for _, kind in drawn.nodes(data="kind"))
    for target, source, data in edges:
        if target < above:
            found = f"{named(nodes[source])} → {named(nodes[target])}"
            raise InputError("synapses into hidden nodes and outputs", found, where, "Leave it out.")
        back = data.get("recurrent", False)
        if back is not (source >= target):
            said = "marked as recurrent" if back else "not marked as recurrent"
            raise InputError(
                "synapses that go forward, and recurrent ones that do not",
                f"{named(nodes[source])} → {named(nodes[target])}, {said}", where,
                "Order the outputs accordingly, or give the edge recurrent = " + ("false." if back else "true."),
            )  # fmt: skip
    return _assembled(drawn, nodes, edges, where)


def check_counts(nodes: int, synapses: int, where: str) -> None:
    """Refuse more than can be a network, with InputError."""
    if nodes > MOST_NODES:
        raise InputError(f"at most {MOST_NODES:,} nodes", f"{nodes:,}", where)
    if synapses > MOST_SYNAPSES:
        raise InputError(f"at most {MOST_SYNAPSES:,} synapses", f"{synapses:,}", where)


def _assembled(drawn: networkx.DiGraph, nodes: list[Any], edges: list[Any], where: str) -> WeightedGraph:
    """Return the network of nodes in order and edges (target, source, attributes), ascending."""
    kinds = [drawn.nodes[node]["kind"] if node is not None else "constant" for node in nodes]
    names = [drawn.nodes[node].get("activation", "linear") if node is not None else "linear" for node in nodes]
    unknown = [name for name in names if name not in ACTIVATIONS]
    if unknown:
        raise InputError(f"activations among {', '.join(ACTIVATIONS)}", named(unknown[0]), where)
    groups = [data.get("group", 0) for _, _, data in edges]
    if wrong := [group for group in groups if type(group) is not int or not 0 <= group < 1 << 31]:
        raise InputError("groups that are whole numbers from 0 on", named(wrong[0]), where)
    targets = np.array([target for target, _, _ in edges], np.int64)
    graph = Graph(
        kinds.count("input"), kinds.count("output"),
        np.searchsorted(targets, np.arange(len(nodes) + 1)).astype(np.int32),
        np.array([source for _, source, _ in edges], np.int32),
        np.array([ACTIVATIONS.code(name) for name in names], np.uint8), np.array(groups, np.int32),
        _traits(edges, where),
    )  # fmt: skip
    check_graph(graph, where)
    rows = [_numbers(edges, name, where) for name in ("weight", *PLASTICITY)]
    known = [row for row in rows[1:] if row is not None]
    if any(row is not None for row in rows[1 + len(known) :]):
        raise InputError("per-synapse coefficients p0, p1, … without a gap", "some of them", where)
    return WeightedGraph(graph, rows[0], np.stack(known) if known else None)


def _traits(edges: list[Any], where: str) -> U8:
    """Return the traits u8[E] of edges, also as genes say them: plastic = false is fixed, enabled = false silent."""
    traits = np.zeros(len(edges), np.uint8)
    for e, (*_, data) in enumerate(edges):
        said = {name: data[name] for name in (*TRAITS, *OPPOSITES.values()) if name in data}
        if wrong := [value for value in said.values() if not isinstance(value, bool)]:
            expected = f"{', '.join(said)} = true or false of a synapse"
            raise InputError(expected, named(wrong[0]), where)
        for name, opposite in OPPOSITES.items():
            if name in said and said[name] is said.get(opposite):
                both = f"both {'true' if said[name] else 'false'}"
                raise InputError(f"synapses that are either {name} or {opposite}", both, where, "Say one of them.")
            said.setdefault(name, not said.get(opposite, True))
        traits[e] = sum(bit for name, bit in TRAITS.items() if said[name])
    return traits


def _ordered(drawn: networkx.DiGraph, where: str) -> list[Any]:
    """Return the nodes in the order of a `Graph` (None: the constant, where it is missing)."""
    listed: dict[str, list[Any]] = {kind: [] for kind in KINDS}
    for node, kind in drawn.nodes(data="kind"):
        if kind not in KINDS:
            found = f"a node {named(node)} of kind {named(kind)}"
            raise InputError(f"nodes that are described, of a kind among {', '.join(KINDS)}", found, where)
        listed[kind].append(node)
    inputs, constant, hidden, outputs = listed.values()
    if not inputs or not outputs or len(constant) > 1:
        found = f"{len(inputs)} inputs, {len(constant)} constants, {len(outputs)} outputs"
        raise InputError("inputs, outputs and at most one constant", found, where)
    return [*inputs, *(constant or [None]), *_forward(drawn, hidden, where), *outputs]


def _forward(drawn: networkx.DiGraph, hidden: list[Any], where: str) -> list[Any]:
    """Return the hidden nodes so that synapses among them go forward, and recurrent ones back."""
    import networkx

    rank = {node: place for place, node in enumerate(hidden)}
    before = networkx.DiGraph()
    before.add_nodes_from(hidden)
    for source, target, back in drawn.subgraph(hidden).edges(data="recurrent", default=False):
        if source != target or not back:
            before.add_edge(*((target, source) if back else (source, target)))
    try:
        return list(networkx.lexicographical_topological_sort(before, key=rank.__getitem__))
    except networkx.NetworkXUnfeasible:
        cycle = [named(source) for source, _ in networkx.find_cycle(before)]
        raise InputError(
            "synapses that go forward, but for those marked as recurrent", f"a cycle: {' → '.join(cycle[:8])}", where,
            "Give the edges that look back the attribute recurrent = true.",
        ) from None  # fmt: skip


def _numbers(edges: list[Any], name: str, where: str) -> F32 | None:
    """Return an attribute of all synapses f32[E], None where no synapse has it."""
    values = [data[name] for _, _, data in edges if name in data]
    wrong = [value for value in values if isinstance(value, bool) or not isinstance(value, int | float)]
    wrong = wrong or [value for value in values if not abs(value) <= LARGEST]
    if wrong or 0 < len(values) < len(edges):
        found = named(wrong[0]) if wrong else f"on {len(values):,} of {len(edges):,}"
        raise InputError(f"a finite number {name} (float32) on every synapse, or on none", found, where)
    return np.array(values, np.float32) if values else None


def named(value: object) -> str:
    """Return what somebody else's value is called in a message."""
    return legible(str(value))[:60]
