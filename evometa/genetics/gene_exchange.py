"""Topologies in and out: genes to a networkx DiGraph and back, every number exact.

Nodes are named by their marks and have `kind`, `activation`, and `place` where they are hidden; edges are genes with
`mark`, `weight`, `p0`, …, `enabled` and `plastic`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evometa.errors import InputError
from evometa.genetics.exchange import check_counts, named
from evometa.genetics.float_text import whole_numbers
from evometa.genetics.genes import ENABLED, PLASTIC
from evometa.genetics.topologies import Topologies, Topology
from evometa.genetics.validity import check
from evometa.language.signals import PLASTICITY
from evometa.spec import ACTIVATIONS

if TYPE_CHECKING:
    import networkx


def topology_to_networkx(one: Topology) -> networkx.DiGraph:
    """Return the genes as a networkx DiGraph of plain attributes: networkx writes it as node-link JSON or GraphML."""
    import networkx

    first = one.inputs + 1
    drawn = networkx.DiGraph(inputs=one.inputs, outputs=one.outputs)
    for mark in range(first + one.outputs):
        drawn.add_node(mark, kind="input" if mark < one.inputs else "constant" if mark < first else "output")
    for mark, place, code in zip(one.node.tolist(), one.place.tolist(), one.activation.tolist(), strict=True):
        drawn.add_node(mark, kind="hidden", activation=ACTIVATIONS.names[code], place=place)
    for e, mark in enumerate(one.mark.tolist()):
        traits = int(one.traits[e])
        numbers = {name: float(value) for name, value in zip(PLASTICITY, one.plasticity[e], strict=False)}
        drawn.add_edge(
            int(one.source[e]), int(one.target[e]), mark=mark, weight=float(one.weight[e]), **numbers,
            enabled=bool(traits & ENABLED), plastic=bool(traits & PLASTIC),
        )  # fmt: skip
    return drawn


def topology_from_networkx(drawn: networkx.DiGraph, where: str = "a networkx graph") -> Topology:
    """Return the topology of what `topology_to_networkx` gives; InputError where the genes are not valid."""
    check_counts(drawn.number_of_nodes(), drawn.number_of_edges(), where)
    try:
        nodes = {int(name): data for name, data in drawn.nodes(data=True)}
        edges = sorted(drawn.edges(data=True), key=lambda edge: edge[2]["mark"])
        hidden = sorted((data["place"], mark) for mark, data in nodes.items() if data["kind"] == "hidden")
        count = sum(name in edges[0][2] for name in PLASTICITY) if edges else 0
        kinds = [data["kind"] for _, data in sorted(nodes.items()) if data["kind"] != "hidden"]
        genes = Topologies(
            kinds.count("input"), kinds.count("output"), np.array([0, len(edges)]),
            whole_numbers([data["mark"] for *_, data in edges]), whole_numbers([int(source) for source, *_ in edges]),
            whole_numbers([int(target) for _, target, _ in edges]),
            np.array([float(data["weight"]) for *_, data in edges], np.float32),
            np.array([[data[name] for name in PLASTICITY[:count]] for *_, data in edges], np.float32)
            .reshape(len(edges), count),
            np.array([ENABLED * (data["enabled"] is True) | PLASTIC * (data["plastic"] is True) for *_, data in edges],
                     np.uint8),
            np.array([0, len(hidden)]), whole_numbers([mark for _, mark in hidden]),
            np.array([place for place, _ in hidden], float),
            np.array([ACTIVATIONS.code(nodes[mark]["activation"]) for _, mark in hidden], np.uint8),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise InputError("the genes of a topology", f"{type(error).__name__}: {named(error)}", where) from None
    if kinds != ["input"] * genes.inputs + ["constant"] + ["output"] * genes.outputs or drawn.is_multigraph():
        raise InputError("nodes marked inputs, one constant, outputs, then hidden ones", str(kinds[:8]), where)
    if not (np.isfinite(genes.weight).all() and np.isfinite(genes.plasticity).all()):
        raise InputError("finite numbers (float32) of each synapse", "others", where)
    check(genes, where)
    return genes[0]
