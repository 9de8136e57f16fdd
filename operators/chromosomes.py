"""Children with all chromosomes at once, where the topology evolves: crossover of all together, then mutations of each.

A child comes from a crossover of two parents, in which every chromosome takes part, or from one parent; then each of
its chromosomes may mutate, by a chance of its own. NEAT's paper knows weights and structure alone. Of the rule and
other numbers the child of a crossover has those of the fitter parent, in half of the crossovers recombined with the
other's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evometa import elementary
from evometa.genetics.exchange import WeightedGraph
from evometa.genetics.genes import I64, PLASTIC
from evometa.genetics.genome import STEPS
from evometa.genetics.genomes import Genomes
from evometa.genetics.starts import local, scaled, sparse, topologies_of
from evometa.genetics.topologies import Topologies
from evometa.seeding import Draws
from evometa.spec import ACTIVATIONS
from evometa.spec.arrays import F32

from . import contexts, rewiring, structure, terms, variation
from .breeding import met
from .markings import Markings

CONTEXTS = ("linear", "tanh")  # activations of context nodes: 0 at 0, with a slope there; the first that there is


class Pairs(NamedTuple):
    """Parents of children, by their place among others: `first` the fitter, `second` (−1: none), whether `equal`."""

    first: I64
    second: I64
    equal: NDArray[np.bool_]


def first_topologies(settings: Any, start: WeightedGraph, count: int, rng: np.random.Generator) -> Topologies:
    """Return topologies of one network for so many new genomes, with weights and coefficients of their own."""
    synapses, p = start.graph.synapses, settings.plasticity
    weights = np.zeros((count, synapses), np.float32)
    if start.weights is not None:
        weights[:] = start.weights
    elif settings.weights.mode == "evolved":
        scale = settings.weights.scale
        drawn = rng.uniform(-scale, scale, weights.shape)
        weights[:] = drawn if settings.weights.init == "uniform" else rng.normal(0.0, scale, weights.shape)
    plasticity = np.zeros((count, p.count, synapses), np.float32)
    if start.plasticity is not None:
        plasticity[:] = start.plasticity
    elif p.count:
        low, high = np.array(p.ranges)[:, :, None]
        plasticity[:] = rng.uniform(low, high, plasticity.shape)
    genes = topologies_of(start.graph, weights, plasticity)
    if settings.topology.plastic_share < 1.0:
        still = rng.random(len(genes.traits)) >= settings.topology.plastic_share
        genes = replace(genes, traits=genes.traits & ~(np.uint8(PLASTIC) * still))
    if start.image is not None:
        genes = local(genes, start.image, settings.topology.side, settings.topology.density, rng)
    elif settings.topology.start == "sparse":
        genes = sparse(genes, settings.topology.density, rng)
    evolved = start.weights is None and settings.weights.mode == "evolved"
    return scaled(genes, settings.weights.init) if evolved else genes


@dataclass(frozen=True)
class Variations:
    """What may become of a child's chromosomes; `others`: the ways to vary those besides the topology.

    `settings`: the recipe's sections; `adapt`: see `genomes`.
    """

    settings: Any
    others: Sequence[Any]

    def children(
        self, parents: Genomes, pairs: Pairs, markings: Markings, rng: Draws, mutating: NDArray[np.bool_]
    ) -> Genomes:
        """Return the children of pairs of genomes; those alone mutate that are `mutating`."""
        topology = self.settings.topology
        genes = variation.crossed(
            _topologies(parents), *pairs, rng.arrays, topology.inherit_disabled, topology.average,
            topology.max_nodes, topology.max_synapses,
        )  # fmt: skip
        born = self._others(parents, pairs, rng, mutating)
        if self.settings.strategy.mode == "evolved":
            adapted = self._adapted(born.strategy, rng.arrays)
            born = born.replace(strategy=np.where(mutating[:, None], adapted, born.strategy))
        if self.settings.variation.mutate_term:
            others = np.where(pairs.second < 0, pairs.first, pairs.second)
            genes = terms.silenced(genes, born, [parents.take(pairs.first), parents.take(others)])
        return born.replace(topology=self._mutated(genes, born.strategy, markings, rng.arrays, mutating))

    def _mutated(
        self,
        genes: Topologies,
        steps: F32,
        markings: Markings,
        rng: np.random.Generator,
        mutating: NDArray[np.bool_],
    ) -> Topologies:
        """Return topologies after the mutations that meet them; `steps f32[T, 4]`: each genome's own."""
        s, t = self.settings, self.settings.topology
        p, codes = s.plasticity, [ACTIVATIONS.code(name) for name in t.activations or (s.network.activation,)]
        scale = s.weights.scale * (1.0 if s.weights.init == "uniform" else 3**0.5)  # of the same deviation
        bound = s.lifetime.bound / t.gain  # weights beyond could not live
        most = {"max_synapses": t.max_synapses, "neutral": t.neutral}
        if s.weights.mode == "evolved":
            step = scale * steps[:, STEPS.index("weights")].astype(np.float64)
            chance = s.variation.mutate_weights * mutating
            genes = variation.change_weights(genes, rng, chance, t.replace_weight, step, scale, bound)
        low, high = np.array(p.ranges)
        if p.count:
            step = steps[:, STEPS.index("plasticity")].astype(np.float64)[:, None] * (high - low)
            chance = s.variation.mutate_plasticity * mutating
            genes = variation.change_plasticity(genes, rng, chance, t.replace_weight, step, low, high)
        genes = structure.add_nodes(genes, markings, rng, t.add_node * mutating, codes, t.max_nodes, **most)
        genes = structure.add_synapses(
            genes, markings, rng, t.add_synapse * mutating, t.recurrent, scale, low, high, **most
        )
        if t.rewire:
            genes = rewiring.rewire(genes, markings, rng, t.rewire * mutating, t.rewire_share, scale, t.neutral)
        if t.add_context:
            code = ACTIVATIONS.code(next(name for name in CONTEXTS if ACTIVATIONS.code(name) in codes))
            genes = contexts.add_contexts(
                genes, markings, rng, t.add_context * mutating, code, scale, low, high, t.max_nodes, t.max_synapses
            )
        for change, chance in (
            (structure.remove_nodes, t.remove_node), (structure.remove_synapses, t.remove_synapse),
            (variation.toggle, t.toggle), (variation.flip_plastic, t.mutate_plastic),
            (contexts.flip_layers, t.mutate_plastic_layer),
        ):  # fmt: skip
            genes = change(genes, rng, chance * mutating) if chance else genes
        if t.mutate_activation:
            genes = variation.change_activations(genes, rng, t.mutate_activation * mutating, codes)
        return genes

    def _adapted(self, steps: F32, rng: np.random.Generator) -> F32:
        """Return steps after each has mutated (Schwefel 1981), those of what lies in genes."""
        s = self.settings.strategy
        columns = [STEPS.index("weights"), STEPS.index("plasticity")]
        new = steps.copy()
        moved = steps[:, columns] * elementary.exp(s.tau * rng.standard_normal((len(steps), 2)))
        new[:, columns] = np.clip(moved, s.low, s.high)
        return new

    def _others(self, parents: Genomes, pairs: Pairs, rng: Draws, mutating: NDArray[np.bool_]) -> Genomes:
        """Return the fitter parents, with their chromosomes besides the topology recombined and mutated."""
        return met(self.others, parents.take(pairs.first), parents, pairs.second, rng, mutating)[0]


def _topologies(genomes: Genomes) -> Topologies:
    assert isinstance(genomes.topology, Topologies), "genomes without genes for networks"
    return genomes.topology
