"""What a recipe and its networks say of the shapes of a genome's arrays.

Axis letters: E synapses, K per-synapse coefficients.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from evometa.errors import InputError
from evometa.genetics.exchange import WeightedGraph
from evometa.genetics.topology import Spread, first_weights, graph_key, group_count, spread
from evometa.lifetime import F32, FIXED, Graph
from evometa.seeding import stream
from evometa.spec.arrays import U8


class Shapes(NamedTuple):
    """What the network and the recipe say of a genome's arrays; operators know no more of networks than this.

    `topology`: stored in every genome, or None. `weights`: how innate weights f32[E] scatter at first, or
    None where they are not inherited. `columns`: of the plasticity (groups or E). `plasticity`: f32[K,
    columns] where it is the same for all genomes, else None. `start`: what topologies that evolve begin with.
    `plastic u8[E]`: which synapses may learn at first (1), where that evolves on a network that does not, else None.
    """

    topology: Graph | None = None
    weights: Spread | None = None
    columns: int = 0
    plasticity: F32 | None = None
    start: WeightedGraph | None = None
    plastic: U8 | None = None

    def draw_weights(self, rng: np.random.Generator) -> F32 | None:
        """Draw innate weights f32[E], or None where they are not inherited."""
        return None if self.weights is None else first_weights(self.weights, rng)


def shapes_of(settings: Any, graphs: Sequence[Graph], start: WeightedGraph | None = None) -> Shapes:
    """Return what a recipe's task sets, each with its network, say of a genome's arrays.

    `start`: what topologies that evolve begin with; these hold all numbers of synapses. Else a genome carries its
    topology where it has numbers for each synapse. InputError where the networks differ then.
    """
    if start is not None:
        return Shapes(start=start)
    graph, w, p = graphs[0], settings.weights, settings.plasticity
    alike = all(graph_key(other) == graph_key(graph) for other in graphs)
    tied = p.tie == "group"
    switched = settings.topology.plastic == "evolved"
    if not alike and (w.mode == "evolved" or switched or (p.count and not tied)):
        found = ", ".join(f"{other.nodes} nodes and {other.synapses} synapses" for other in graphs)
        raise InputError("one network for all task sets, as numbers of each synapse are inherited", found, "network")
    if not alike and p.count and len({group_count(other) for other in graphs}) > 1:
        raise InputError("as many layers in each network, as plasticity is tied by layer", "different ones", "network")
    columns = group_count(graph) if tied else graph.synapses
    fixed = None
    if p.count and p.mode == "fixed":
        rng = stream(settings.seed, 0, "fixed plasticity")
        low, high = np.array(p.ranges)[:, :, None]
        fixed = rng.uniform(low, high, (p.count, columns)).astype(np.float32)
    inherited = spread(graph, w.init, w.scale) if w.mode == "evolved" else None
    bound = inherited is not None or switched or (p.count and not tied)
    plastic = (graph.traits & FIXED == 0).astype(np.uint8) if switched else None
    return Shapes(graph if bound else None, inherited, columns, fixed, plastic=plastic)
