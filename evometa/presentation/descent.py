"""What became of one topology into another, gene by gene: “new node n17 (tanh); new x1 → n17; off x1 → y1”."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evometa.genetics.exchange import node_name
from evometa.genetics.genes import ENABLED, PLASTIC
from evometa.genetics.topologies import Topology
from evometa.lifetime import Graph
from evometa.spec import ACTIVATIONS
from evometa.spec.arrays import U8

FEW = 4  # nodes or synapses that are named


def changes(before: Topology, after: Topology) -> Iterator[str]:
    """Yield in words what differs in structure: nodes, synapses, activations, and what is switched or fixed."""
    old, new = _kinds(before), _kinds(after)
    yield from _listed("new node", [f"{_name(after, mark)} ({new[mark]})" for mark in new.keys() - old.keys()])
    yield from _listed("gone node", [_name(before, mark) for mark in old.keys() - new.keys()])
    for mark in sorted(old.keys() & new.keys()):
        if old[mark] != new[mark]:
            yield f"{_name(after, mark)} {old[mark]} → {new[mark]}"
    genes, own = dict(zip(before.mark.tolist(), range(len(before.mark)), strict=True)), after.mark.tolist()
    yield from _listed("new", [_synapse(after, e) for e, mark in enumerate(own) if mark not in genes])
    yield from _listed("gone", [_synapse(before, genes[mark]) for mark in genes.keys() - set(own)])
    both = [(genes[mark], e) for e, mark in enumerate(own) if mark in genes]
    for words, bit in (({True: "on", False: "off"}, ENABLED), ({True: "plastic", False: "fixed"}, PLASTIC)):
        for state, word in words.items():
            turned = [b for a, b in both if (before.traits[a] & bit > 0) != state == (after.traits[b] & bit > 0)]
            yield from _listed(word, [_synapse(after, e) for e in turned])


def turned(graph: Graph, before: U8 | None, after: U8 | None) -> Iterator[str]:
    """Yield which synapses of a network, u8[E], begin to learn (plastic), and which cease to (fixed)."""
    if before is None or after is None:
        return
    names = [_place(graph, node) for node in range(graph.nodes)]
    for word, state in (("plastic", 1), ("fixed", 0)):
        some = np.flatnonzero((before != after) & (after == state)).tolist()
        yield from _listed(word, [f"{names[graph.src[e]]} → {names[graph.dst[e]]}" for e in some])


def _place(graph: Graph, node: int) -> str:
    """Return what a node of a network that does not evolve is called, as `Connectome.name` has it."""
    first, inputs = graph.nodes - graph.outputs, graph.inputs
    if inputs < node < first:
        return f"n{node}"
    return node_name(node if node <= inputs else node - first + inputs + 1, inputs, graph.outputs)


def pairs(before: Topology, after: Topology) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], ...]:
    """Return where the genes that both have stand in each, ascending by mark."""
    _, one, other = np.intersect1d(before.mark, after.mark, assume_unique=True, return_indices=True)
    return one, other


def _kinds(genes: Topology) -> dict[int, str]:
    """Return the activation of each hidden node by its mark."""
    names = [ACTIVATIONS.names[code] for code in genes.activation]
    return dict(zip(genes.node.tolist(), names, strict=True))


def _name(genes: Topology, mark: int) -> str:
    return node_name(mark, genes.inputs, genes.outputs)


def _synapse(genes: Topology, e: int) -> str:
    return f"{_name(genes, int(genes.source[e]))} → {_name(genes, int(genes.target[e]))}"


def _listed(what: str, names: list[str]) -> Iterator[str]:
    """Name a few, count many."""
    if names:
        rest = f" and {len(names) - FEW} more" if len(names) > FEW else ""
        yield f"{what} {', '.join(sorted(names)[:FEW])}{rest}"
