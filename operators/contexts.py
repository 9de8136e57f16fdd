"""Layers of evolving topologies: context nodes that all of a layer reads, and layers that begin or cease to learn.

A *layer* are the nodes that read just what a node drawn reads, by enabled synapses: in a network that began as layers,
those of one. A *context node* (Zintgraf et al. 2019, CAVIA) is fed by the constant alone, by a weight of 0: it answers
0 at birth, and what it comes to in life is a parameter that many nodes share. For whole batches, as variation.py says.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from evometa.genetics.genes import ENABLED, I64, PLASTIC
from evometa.genetics.topologies import Topologies

from .markings import Markings
from .structure import with_nodes, with_synapses
from .variation import MOST_NODES, MOST_SYNAPSES, Bound, Chance, Generator, met


def layer(genes: Topologies, row: int, rng: Generator) -> I64:
    """Return the marks of the nodes of a layer of one topology, ascending."""
    cut = slice(genes.begins[row], genes.begins[row + 1])
    enabled = (genes.traits[cut] & ENABLED) > 0
    source, target = genes.source[cut][enabled], genes.target[cut][enabled]
    nodes = np.unique(target)
    read = {node: np.sort(source[target == node]).tobytes() for node in nodes.tolist()}
    drawn = int(nodes[int(rng.random() * len(nodes))])
    return np.array([node for node in nodes.tolist() if read[node] == read[drawn]], np.int64)


def add_contexts(
    genes: Topologies,
    markings: Markings,
    rng: Generator,
    chance: Chance,
    code: int,
    scale: float = 2.0,
    low: Bound = -1.0,
    high: Bound = 1.0,
    max_nodes: int = MOST_NODES,
    max_synapses: int = MOST_SYNAPSES,
) -> Topologies:
    """Let all of a layer read a new node of activation `code`, by weights from −scale to scale.

    Coefficients lie between `low` and `high` (of all, or f64[K]). Topologies without room for it stay as they are.
    """
    columns = genes.plasticity.shape[1]
    for row in met(genes, chance, rng).tolist():
        targets = layer(genes, row, rng)
        own = slice(genes.node_begins[row], genes.node_begins[row + 1])
        places = dict(zip(genes.node[own].tolist(), genes.place[own].tolist(), strict=True))
        place = 0.5 * min(places.get(target, 1.0) for target in targets.tolist())
        room = max_synapses - (genes.begins[row + 1] - genes.begins[row])
        if len(places) >= max_nodes or room < len(targets) + 1 or not place > 0.0:
            continue
        node = markings.contexts([int(targets[0])])
        if node[0] in places:
            continue
        source = np.append(genes.inputs, np.full(len(targets), node[0]))
        target = np.append(node, targets)
        weight = rng.uniform(-scale, scale, len(target)).astype(np.float32)
        weight[0] = 0.0
        parts: dict[str, Any] = {
            "mark": markings.synapses(source.tolist(), target.tolist()), "source": source, "target": target,
            "weight": weight, "plasticity": rng.uniform(low, high, (len(target), columns)).astype(np.float32),
            "traits": np.full(len(target), ENABLED | PLASTIC, np.uint8),
        }  # fmt: skip
        grown = with_synapses(genes, np.full(len(target), row), parts)
        genes = with_nodes(grown, np.array([row]), node, np.array([place]), np.array([code], np.uint8))
    return genes


def flip_layers(genes: Topologies, rng: Generator, chance: Chance) -> Topologies:
    """Let all synapses into a layer learn where most of them do not, or else cease to."""
    traits = genes.traits.copy()
    for row in met(genes, chance, rng).tolist():
        into = np.zeros(len(traits), bool)
        cut = slice(genes.begins[row], genes.begins[row + 1])
        into[cut] = np.isin(genes.target[cut], layer(genes, row, rng))
        learning = (traits[into] & PLASTIC) > 0
        begins = 2 * learning.sum() <= len(learning)
        traits[into] = traits[into] | np.uint8(PLASTIC) if begins else traits[into] & np.uint8(~PLASTIC & 0xFF)
    return replace(genes, traits=traits)
